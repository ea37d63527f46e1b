"""All channels of one EMG stream from whole hops of raw samples on: filter, match, examine, tell."""

from collections.abc import Mapping
from functools import partial
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.activity import Activity
from detector.bank import bank
from detector.candidate import Candidate, Candidates
from detector.contract import StateValue
from detector.crest import Seen, crests
from detector.event import Event, Findings, Glimpse, Kind
from detector.examine import Examiner
from detector.finding import Finding
from detector.glimpse import Glimpses
from detector.heartbeat import LEARNT_S
from detector.intake import Intake
from detector.noise import NoiseFloor
from detector.page import PAGE_HOPS, Grid
from detector.recall import Recall
from detector.settings import EmgSettings
from detector.spans import ORDER, REST, Spans
from detector.threshold import Threshold

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
        self._intake = Intake(grid, channels, saturation_uv)
        self._floor = NoiseFloor(self._bank.noise_bias, channels)
        self._threshold = Threshold(settings, self._bank.crossings_hz, channels)
        self._activity = Activity(channels)
        self._candidates = Candidates(grid.rate_hz, channels, self._after, self._after - self._bank.length)
        self._glimpses = Glimpses(grid.rate_hz, channels)
        self._spans = Spans(channels, grid.raw_hop, grid.hop / grid.rate_hz)
        self._hops = 0  # of the whole stream: pages go on over gaps
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
        self._intake.begin()
        self._spans.begin(start)
        self._candidates.clear()
        self._glimpses.clear()
        self._activity.clear()
        self._recall = Recall(
            self._channels, round(LEARNT_S * self._grid.rate_hz), PAGE_HOPS * self._grid.hop
        )

    def prime(self, raw: NDArray[np.float32]) -> None:
        """Look at the first page (hops, n, channels) in advance: it shows the mains and the noise floor."""
        taken = self._intake.prime(raw)
        before = np.zeros((self._bank.length - 1, self._channels), dtype=np.float32)
        powers = self._bank.scan(np.concatenate([before, taken.signal])).powers.transpose(0, 2, 1)
        powers[taken.unusable] = np.inf
        self._floor.prime(powers)

    def work(self, raw: NDArray[np.float32], *, real: bool = True) -> Findings:
        """One piece (hops, n, channels) within a page; `real` is False for padding after the last sample."""
        findings = Findings()
        floor_rms = np.sqrt(self._floor.power[:, 0])
        taken = self._intake.take(raw, self._hops, floor_rms, real=real)
        self._recall.write(taken.signal)
        matches = self._bank.scan(self._recall.latest(len(taken.signal) + self._bank.length - 1))
        seen = crests(matches, self._bank, self._floor, taken.settled, self._segment_hops)
        codes = self._activity.add(matches.powers[:, 0], self._floor.rest[:, 0], taken.unusable)
        if real:
            findings.spans.extend(self._spans.add(codes, floor_rms))
        self._floor.learn(matches.powers.transpose(0, 2, 1), taken.settled)
        self._hops += len(raw)
        self._segment_hops += len(raw)
        self._decide(seen, findings)
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
        self._intake.turn_page()
        self._threshold.turn_page()

    def _decide(self, seen: list[Seen], findings: Findings) -> None:
        """Examine every candidate whose surroundings are complete and judge what was just seen.

        In order of the hops after which each is due, so that it does not matter how many came at once.
        """
        now, hop = self._segment_hops * self._grid.hop, self._grid.hop
        for one in seen:
            self._candidates.add(one.candidate)
        steps = [
            (-(-(one.at + self._after) // hop), partial(self._examine, one, following, findings))
            for one, following in self._candidates.due(now)
        ]
        steps += [(one.after, partial(self._glimpse, one.candidate, one.after, findings)) for one in seen]
        for _, step in sorted(steps, key=itemgetter(0)):
            step()

    def _glimpse(self, one: Candidate, after: int, findings: Findings) -> None:
        """Tell at once of a candidate that may be a twitch of a muscle at rest."""
        strong = one.z >= self._threshold.z[one.channel]
        if not strong or self._activity.code(one.channel, self._segment_hops - after + 1) != REST:
            return
        wave = self._recall.around(one.channel, one.at, one.at + one.length)
        if self._glimpses.is_one(one, wave, self._examiners[one.channel].heart):
            findings.glimpses.append(
                Glimpse(
                    channel=one.channel,
                    onset=self._origin + one.at * self._grid.thinning,
                    duration_ms=one.length * 1000 / self._grid.rate_hz,
                    snr=float(np.abs(wave).max() / one.noise),
                )
            )

    def _examine(self, one: Candidate, following: list[Candidate], findings: Findings) -> None:
        ago, until_ago = self._hops_ago(one.at), self._hops_ago(one.at + self._after)
        if self._activity.troubled(one.channel, ago + 1, until_ago + 1):
            return
        around = self._recall.around(one.channel, one.at - self._before, one.at + self._after)
        found = self._examiners[one.channel].examine(
            one,
            around,
            following,
            self._activity.before(one.channel, ago),
            partial(self._recall.read, one.channel),
            float(self._threshold.z[one.channel]),
        )
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
            "hops": self._hops,
            "segment_hops": self._segment_hops,
            "origin": self._origin,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        for name, part in self._parts().items():
            part.restore(state[name])
        for examiner, saved in zip(self._examiners, state["examiners"], strict=True):
            examiner.restore(saved)
        self._hops, self._segment_hops = state["hops"], state["segment_hops"]
        self._origin = state["origin"]

    def _parts(self) -> dict[str, Any]:
        return {
            "intake": self._intake,
            "floor": self._floor,
            "threshold": self._threshold,
            "activity": self._activity,
            "candidates": self._candidates,
            "glimpses": self._glimpses,
            "spans": self._spans,
            "recall": self._recall,
        }
