"""All channels of one EMG stream from whole hops of raw samples on: filter, match, examine, tell."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.activity import Activity
from detector.bank import Matches, bank
from detector.candidate import LOOK_AT, Candidate, Candidates
from detector.contract import StateValue
from detector.event import Event, Findings, Kind
from detector.examine import Examiner
from detector.filters import FrontEnd
from detector.finding import Finding
from detector.heartbeat import LEARNT_S
from detector.mains import Mains
from detector.noise import NoiseFloor
from detector.page import PAGE_HOPS, Grid
from detector.quality import Quality, run_lengths
from detector.recall import Recall
from detector.settings import EmgSettings
from detector.spans import ORDER, Spans
from detector.splice import Splice
from detector.threshold import Threshold

SETTLE_HOPS = 12  # 300 ms after bad contact: filters and electrode come to rest
TOLD = (Kind.TWITCH, Kind.BURST, Kind.ARTEFACT)  # a contraction is told as a state


class Sites:
    """Takes pieces of whole hops that lie within one page. See `detector.emg` for the stream around them."""

    def __init__(
        self, grid: Grid, channels: int, settings: EmgSettings, saturation_uv: tuple[float, float] | None
    ) -> None:
        self._grid, self._channels = grid, channels
        self._bank = bank(grid.raw_rate_hz, grid.hop)
        self._examiners = [Examiner(grid.raw_rate_hz, grid.rate_hz) for _ in range(channels)]
        self._before, self._after = self._examiners[0].before, self._examiners[0].after
        self._front = FrontEnd(grid.raw_rate_hz, grid.hop, channels)
        self._quality = Quality(channels, saturation_uv)
        self._mains = Mains(grid.raw_rate_hz, grid.raw_hop, channels)
        self._floor = NoiseFloor(self._bank.noise_bias, channels)
        self._threshold = Threshold(settings, self._bank.crossings_hz, channels)
        self._activity = Activity(channels)
        self._splice = Splice(channels)
        self._candidates = Candidates(grid.rate_hz, channels, self._after, self._after - self._bank.length)
        self._spans = Spans(channels, grid.raw_hop, grid.hop / grid.rate_hz)
        self._hops = 0  # of the whole stream: pages go on over gaps
        self._good_run = np.zeros(channels, dtype=np.int64)
        self.begin(0)

    @property
    def wait(self) -> int:
        """Working samples after the last real one until everything is decided."""
        return self._after + 2 * self._bank.length

    @property
    def hops_left(self) -> int:
        """Until the page ends."""
        return PAGE_HOPS - self._hops % PAGE_HOPS

    def begin(self, start: int) -> None:
        """A segment without gaps begins at this raw instant."""
        self._origin, self._segment_hops = start, 0
        self._good_run[:] = 0
        self._spans.begin(start)
        self._candidates.clear()
        self._activity.clear()
        self._recall = Recall(
            self._channels, round(LEARNT_S * self._grid.rate_hz), PAGE_HOPS * self._grid.hop
        )

    def prime(self, raw: NDArray[np.float32]) -> None:
        """Look at the first page (hops, n, channels) in advance: it shows the mains and the noise floor."""
        grid = self._grid
        bad = Quality(self._channels, None).judge(raw)
        clean = np.where(bad[:, None], 0.0, raw)
        mains = Mains(grid.raw_rate_hz, grid.raw_hop, self._channels)
        mains.measure(clean, 0)
        mains.turn_page()
        self._front.set_mains(mains.found_hz)
        front = FrontEnd(grid.raw_rate_hz, grid.hop, self._channels)
        front.set_mains(mains.found_hz)
        front.settle(clean[0, 0])
        before = np.zeros((self._bank.length - 1, self._channels), dtype=np.float32)
        powers = self._bank.scan(np.concatenate([before, front.filter(clean)])).powers.transpose(0, 2, 1)
        powers[bad] = np.inf
        self._floor.prime(powers)

    def work(self, raw: NDArray[np.float32], *, real: bool = True) -> Findings:
        """One piece (hops, n, channels) within a page; `real` is False for padding after the last sample."""
        findings = Findings()
        hops = len(raw)
        bad = self._quality.judge(raw) if real else np.zeros((hops, self._channels), dtype=np.bool_)
        if self._segment_hops == 0:
            self._front.settle(self._splice.begin(raw, bad))
        mended = self._splice.mend(raw, bad)
        floor_rms = np.sqrt(self._floor.power[:, 0])
        hum = self._mains.measure(mended, self._hops)
        unusable = bad | self._quality.floating(hum, floor_rms, self._hops, hops)
        self._recall.write(self._front.filter(mended))
        matches = self._bank.scan(self._recall.latest(hops * self._grid.hop + self._bank.length - 1))
        good_run = run_lengths(~unusable, self._good_run)
        self._good_run = good_run[-1]
        usable = (good_run > SETTLE_HOPS) & real
        self._look(matches, usable)
        codes = self._activity.add(matches.powers[:, 0], self._floor.rest[:, 0], unusable)
        if real:
            findings.spans.extend(self._spans.add(codes, floor_rms))
        self._floor.learn(matches.powers.transpose(0, 2, 1), usable)
        self._hops += hops
        self._segment_hops += hops
        self._examine(findings)
        if self._hops % PAGE_HOPS == 0:
            self._turn_page(findings)
        return findings

    def finish(self, end: int) -> Findings:
        """The segment ended at this raw instant."""
        findings = Findings(spans=self._spans.finish(end))
        for channel, examiner in enumerate(self._examiners):
            self._tell(channel, examiner.finish(), findings)
        return findings

    def _turn_page(self, findings: Findings) -> None:
        now = self._segment_hops * self._grid.hop
        for channel, examiner in enumerate(self._examiners):
            if self._activity.troubled(channel, PAGE_HOPS, 1):
                examiner.startle(now)
            self._tell(channel, examiner.turn_page(partial(self._recall.read, channel), now), findings)
        self._mains.turn_page()
        self._quality.turn_page()
        self._front.set_mains(self._mains.found_hz)
        self._threshold.turn_page()

    def _look(self, matches: Matches, usable: NDArray[np.bool_]) -> None:
        """Keep as candidates the best instant of every hop that has one above LOOK_AT."""
        inverse = (1 / self._floor.power[:, 1:].T).astype(np.float32)
        above = (matches.peaks * inverse > np.float32(LOOK_AT**2)).any(axis=1) & usable
        if not above.any():
            return
        hops, channels = np.nonzero(above)
        relative = matches.squares[hops, :, :, channels] * inverse[:, channels].T[:, None]
        relative = relative.reshape(len(hops), -1)
        best = relative.argmax(axis=1)
        z = np.sqrt(relative[np.arange(len(hops)), best]).tolist()
        places, templates = np.divmod(best, len(inverse))
        ends = (self._segment_hops + hops) * self._grid.hop + places
        begins = (ends - (self._bank.length - 1) + self._bank.begins[templates]).tolist()
        noise, rest = (
            np.sqrt(power[channels, 0]).tolist() for power in (self._floor.power, self._floor.rest)
        )
        for found in zip(channels.tolist(), begins, z, noise, rest, strict=True):
            self._candidates.add(Candidate(*found))

    def _examine(self, findings: Findings) -> None:
        """Examine every candidate whose surroundings are complete."""
        now = self._segment_hops * self._grid.hop
        for one, following in self._candidates.due(now):
            if self._activity.troubled(
                one.channel, self._hops_ago(one.at) + 1, self._hops_ago(one.at + self._after) + 1
            ):
                continue
            around = self._recall.around(one.channel, one.at - self._before, one.at + self._after)
            recent = self._activity.before(one.channel, self._hops_ago(one.at))
            recall = partial(self._recall.read, one.channel)
            threshold = float(self._threshold.z[one.channel])
            found = self._examiners[one.channel].examine(one, around, following, recent, recall, threshold)
            self._tell(one.channel, found, findings)

    def _tell(self, channel: int, found: list[Finding], findings: Findings) -> None:
        """Make events of what is to be told."""
        for finding in found:
            if finding.kind in (Kind.TWITCH, Kind.BURST):
                self._threshold.count(channel, finding.z)
            if finding.kind in TOLD:
                findings.events.append(self._event(channel, finding))

    def _hops_ago(self, at: int) -> int:
        return self._segment_hops - at // self._grid.hop

    def _event(self, channel: int, finding: Finding) -> Event:
        return Event(
            channel=channel,
            onset=self._origin + finding.onset * self._grid.thinning,
            duration_ms=finding.length * 1000 / self._grid.rate_hz,
            amplitude=finding.amplitude,
            snr=finding.snr,
            kind=finding.kind,
            confidence=finding.probability,
            state=ORDER[self._activity.code(channel, self._hops_ago(finding.onset))],
            reason=finding.reason,
            unit=finding.unit,
        )

    def state(self) -> dict[str, StateValue]:
        return {
            **{name: part.state() for name, part in self._parts().items()},
            "examiners": [examiner.state() for examiner in self._examiners],
            "good_run": self._good_run.copy(),
            "hops": self._hops,
            "segment_hops": self._segment_hops,
            "origin": self._origin,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        for name, part in self._parts().items():
            part.restore(state[name])
        for examiner, saved in zip(self._examiners, state["examiners"], strict=True):
            examiner.restore(saved)
        self._good_run = np.array(state["good_run"])
        self._hops, self._segment_hops = state["hops"], state["segment_hops"]
        self._origin = state["origin"]

    def _parts(self) -> dict[str, Any]:
        return {
            "front": self._front,
            "quality": self._quality,
            "mains": self._mains,
            "floor": self._floor,
            "threshold": self._threshold,
            "activity": self._activity,
            "splice": self._splice,
            "candidates": self._candidates,
            "spans": self._spans,
            "recall": self._recall,
        }
