"""The EMG detector: samples of all channels in, twitches and the state of every channel out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.bank import bank
from detector.block import Block
from detector.candidate import Candidate, Candidates, runs
from detector.contract import StateValue
from detector.event import Event, Findings, Kind, Span, State
from detector.filters import FrontEnd, thinning
from detector.heartbeat import Heartbeat
from detector.judge import Judge, Verdict
from detector.mains import Mains
from detector.noise import NoiseFloor
from detector.page import HOP_S, PAGE_HOPS
from detector.quality import Quality, run_lengths
from detector.restless import Restless
from detector.settings import EmgSettings
from detector.spans import BAD_CONTACT, MOVEMENT, NOT_WORN, ORDER, REST, Spans
from detector.threshold import Threshold

SETTLE_HOPS = 12  # 300 ms after bad contact: filters and electrode come to rest
LOUD = 3.0  # times the resting floor's rms in most of 200 ms: the muscle is at work
LOUD_OF, LOUD_HOPS = 8, 5  # so many of the last hops; dense twitching fills fewer
HOLD_HOPS = 20  # 500 ms: a contraction dies away
NOT_WORN_HOPS = 2400  # 60 s of bad contact: nobody is wearing this
LOOK_AT = 4.0  # standard deviations: below the threshold; what lies between tells of rhythms
WAVE_MS = 45.0  # either side of a potential's middle: what is compared when two are compared
SMOOTH_MS = 4.0  # a potential has little above 150 Hz, the noise a lot
MEMORY_HOPS = 40  # of the recent hops' states: longer than a candidate waits for its verdict


OWN_STATE = (
    "_primed", "_hops", "_end", "_raw", "_origin", "_segment_hops", "_signal", "_held", "_shift",
    "_since_bad", "_bad_run", "_loud", "_codes",
)  # fmt: skip


class EmgDetector:
    """Finds twitches in surface EMG by matched filters. See docs/detector.md for how and why.

    Args:
        rate_hz: 200 to 4000.
        channels: Rows of every block.
        settings: What can be chosen.
        saturation_uv: The lowest and the highest value that the converter can give, if known.

    Raises:
        ValueError: The rate is outside its range or there is no channel.
    """

    version = "emg-1"

    def __init__(
        self,
        rate_hz: float,
        channels: int,
        settings: EmgSettings = EmgSettings(),  # noqa: B008 -- frozen
        saturation_uv: tuple[float, float] | None = None,
    ) -> None:
        if not 200 <= rate_hz <= 4000:
            raise ValueError(f"an EMG stream has 200 to 4000 samples a second, not {rate_hz:g}")
        if channels < 1:
            raise ValueError(f"an EMG stream has at least one channel, not {channels}")
        self._rate_hz, self._channels = rate_hz, channels
        self._thinning = thinning(rate_hz)
        working_hz = rate_hz / self._thinning
        self._hop = max(4, round(HOP_S * working_hz))
        self._raw_hop = self._hop * self._thinning
        self._bank = bank(rate_hz, self._hop)
        self._front = FrontEnd(rate_hz, channels)
        self._quality = Quality(channels, saturation_uv)
        self._mains = Mains(rate_hz, self._raw_hop, channels)
        self._floor = NoiseFloor(self._bank.noise_bias, channels)
        self._judge = Judge(self._bank, working_hz)
        self._threshold = Threshold(settings, self._bank.crossings_hz, channels)
        self._candidates = Candidates(working_hz, channels, self._judge.after)
        self._spans = Spans(channels, self._raw_hop, self._hop / working_hz)
        self._hearts = [Heartbeat(working_hz) for _ in range(channels)]
        self._restless = [Restless(working_hz) for _ in range(channels)]
        self._wave = round(WAVE_MS * working_hz / 1000)
        self._taper = np.hanning(2 * self._wave)
        self._smooth = max(1, round(SMOOTH_MS * working_hz / 1000))
        self._working_hz = working_hz
        self._history = (
            self._judge.before + self._judge.after + 2 * self._bank.length + round(0.4 * working_hz)
        )
        self._primed = False
        self._hops = 0  # of the whole stream: the grid of pages goes on over gaps
        self._end: int | None = None
        self._raw = np.empty((channels, 0), dtype=np.float32)
        self._begin(0)

    def _begin(self, start: int) -> None:
        """A segment without gaps starts at this raw instant."""
        self._origin = start
        self._segment_hops = 0
        self._signal = np.zeros((self._channels, self._history))
        self._held = np.full(self._channels, np.nan)
        self._shift = np.zeros(self._channels)
        self._since_bad = np.full(self._channels, 0, dtype=np.int64)
        self._bad_run = np.zeros(self._channels, dtype=np.int64)
        self._loud = np.zeros((self._channels, LOUD_OF + HOLD_HOPS - 1), dtype=np.bool_)
        self._codes = np.full((self._channels, MEMORY_HOPS), REST, dtype=np.int8)
        self._spans.begin(start)
        self._candidates.clear()

    def update(self, block: Block) -> Findings:
        """See `detector.contract.Detector`."""
        samples = np.asarray(block.samples, dtype=np.float32)
        if samples.ndim != 2 or len(samples) != self._channels:
            raise ValueError(f"a block of {self._channels} channels was expected, not {samples.shape}")
        findings = Findings()
        if self._end is None:
            self._begin(block.start)
        elif block.start < self._end:
            raise ValueError(f"block starts at {block.start}, before the end of the last one at {self._end}")
        elif block.start > self._end:
            self._close(findings)
            gap = (self._end, block.start)
            findings.spans.extend(Span(c, *gap, State.MISSING, np.nan) for c in range(self._channels))
            self._begin(block.start)
        self._end = block.end
        self._raw = np.concatenate([self._raw, samples], axis=1)
        if not self._primed and self._raw.shape[1] >= PAGE_HOPS * self._raw_hop:
            self._prime()
        if self._primed:
            self._consume(findings)
        return findings

    def finish(self) -> Findings:
        """See `detector.contract.Detector`."""
        findings = Findings()
        if self._end is not None:
            self._close(findings)
        return findings

    def _close(self, findings: Findings) -> None:
        """Work off what is left of the segment, padded with rest so that everything pending is decided."""
        if not self._primed:
            self._prime()
        assert self._end is not None
        left = self._raw.shape[1]
        if left or self._segment_hops:
            wait = self._judge.after + 2 * self._bank.length + 2 * self._hop
            padding = -(-(left + wait * self._thinning) // self._raw_hop) * self._raw_hop - left
            last = self._raw[:, -1:] if left else self._held[:, None].astype(np.float32)
            self._raw = np.concatenate([self._raw, np.repeat(last, padding, axis=1)], axis=1)
            real_hops = -(-left // self._raw_hop)
            self._consume(findings, real_hops)
            findings.spans.extend(self._spans.finish(self._end))
        self._raw = self._raw[:, :0]

    def _prime(self) -> None:
        """Look at the first page in advance: it shows the mains and the noise floor."""
        hops = min(max(1, self._raw.shape[1] // self._raw_hop), PAGE_HOPS)
        raw = np.zeros((self._channels, hops * self._raw_hop))
        seen = min(self._raw.shape[1], raw.shape[1])
        raw[:, :seen] = self._raw[:, :seen]
        hops_of = raw.reshape(self._channels, hops, self._raw_hop)
        bad = Quality(self._channels, None).judge(hops_of)
        raw = np.where(np.repeat(bad, self._raw_hop, axis=1), 0.0, raw)
        mains = Mains(self._rate_hz, self._raw_hop, self._channels)
        mains.measure(raw.reshape(hops_of.shape), 0)
        mains.turn_page()
        front = FrontEnd(self._rate_hz, self._channels)
        front.settle(raw[:, 0])
        front.set_mains(mains.found_hz)
        signal = np.concatenate(
            [np.zeros((self._channels, self._bank.length - 1)), front.filter(raw)], axis=1
        )
        powers = self._bank.hop_powers(signal, self._bank.correlate(signal))
        powers[bad.T] = np.inf
        self._floor.prime(powers)
        self._front.set_mains(mains.found_hz)
        self._primed = True

    def _consume(self, findings: Findings, real_hops: int | None = None) -> None:
        """Work through all whole hops at hand, in pieces that end where pages end."""
        hops = self._raw.shape[1] // self._raw_hop
        done = 0
        while done < hops:
            count = min(hops - done, PAGE_HOPS - self._hops % PAGE_HOPS)
            if real_hops is not None and done < real_hops:
                count = min(count, real_hops - done)
            piece = self._raw[:, done * self._raw_hop : (done + count) * self._raw_hop]
            real = real_hops is None or done < real_hops
            self._work(piece.astype(np.float64), count, findings, real=real)
            done += count
            if self._hops % PAGE_HOPS == 0:
                self._turn_page()
        self._raw = self._raw[:, hops * self._raw_hop :]

    def _turn_page(self) -> None:
        self._mains.turn_page()
        self._quality.turn_page()
        self._front.set_mains(self._mains.found_hz)
        self._threshold.turn_page()

    def _work(self, raw: NDArray[np.float64], hops: int, findings: Findings, *, real: bool) -> None:
        """One piece: raw (channels, hops * raw_hop), all within one page."""
        shaped = raw.reshape(self._channels, hops, self._raw_hop)
        bad = self._quality.judge(shaped) if real else np.zeros((self._channels, hops), dtype=np.bool_)
        if self._segment_hops == 0:
            self._held = np.where(bad[:, 0], 0.0, raw[:, 0])
            self._front.settle(self._held)
        self._splice(shaped, bad)
        floor_rms = np.sqrt(self._floor.power[:, 0])
        hum = self._mains.measure(shaped, self._hops)
        floating = self._quality.floating(hum, floor_rms, self._hops, hops)
        signal = self._front.filter(shaped.reshape(self._channels, -1))
        self._signal = np.concatenate([self._signal[:, -self._history :], signal], axis=1)
        recent = self._signal[:, -(hops * self._hop + self._bank.length - 1) :]
        found = self._bank.correlate(recent)
        powers = self._bank.hop_powers(recent, found)
        unusable = bad | floating
        usable = self._settled(unusable) & real
        self._look(found, usable)
        codes = self._states(powers[:, :, 0].T, unusable)
        if real:
            findings.spans.extend(self._spans.add(codes, np.where(np.isfinite(floor_rms), floor_rms, np.nan)))
        self._floor.learn(powers, usable.T)
        self._hops += hops
        self._segment_hops += hops
        self._decide(findings)

    def _splice(self, shaped: NDArray[np.float64], bad: NDArray[np.bool_]) -> None:
        """Hold the last good level through bad hops and go on from it, so that the filters see no step."""
        if not bad.any() and not self._shift.any():
            self._held = shaped[:, -1, -1].copy()
            return
        for channel in range(self._channels):
            for hop in range(shaped.shape[1]):
                if bad[channel, hop]:
                    shaped[channel, hop] = self._held[channel]
                    self._shift[channel] = np.nan
                    continue
                if np.isnan(self._shift[channel]):
                    self._shift[channel] = self._held[channel] - shaped[channel, hop, 0]
                shaped[channel, hop] += self._shift[channel]
                self._held[channel] = shaped[channel, hop, -1]

    def _settled(self, unusable: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which hops come long enough after bad contact, and after the start of the segment."""
        runs_good = run_lengths(~unusable, self._since_bad)
        self._since_bad = runs_good[:, -1]
        return np.asarray(runs_good > SETTLE_HOPS)

    def _look(self, found: NDArray[np.float32], usable: NDArray[np.bool_]) -> None:
        inverse = (1 / self._floor.power[:, 1:]).astype(np.float32)
        match = (found * found * inverse[:, :, None]).max(axis=2)
        above = (match > np.float32(LOOK_AT**2)) & usable.T[:, :, None]
        if not above.any():
            return
        start = self._segment_hops * self._hop - (self._bank.length - 1)
        noise, rest = np.sqrt(self._floor.power[:, 0]), np.sqrt(self._floor.rest[:, 0])
        for row, first, end in runs(above.reshape(-1, self._hop)):
            hop, channel = divmod(row, self._channels)
            best = first + int(np.argmax(match[hop, channel, first:end]))
            template = int(np.argmax(found[hop, channel, :, best] ** 2 * inverse[channel]))
            self._candidates.add(
                Candidate(
                    channel=channel,
                    at=start + hop * self._hop + best,
                    z=float(np.sqrt(match[hop, channel, best])),
                    template=template,
                    noise=float(noise[channel]),
                    rest=float(rest[channel]),
                )
            )

    def _states(self, powers: NDArray[np.float32], unusable: NDArray[np.bool_]) -> NDArray[np.int8]:
        """State codes (channels, hops)."""
        loud = powers > LOUD**2 * self._floor.rest[:, :1]
        loud = np.concatenate([self._loud, loud], axis=1)
        ahead = loud.shape[1] - unusable.shape[1]
        sums = np.cumsum(np.pad(loud, ((0, 0), (1, 0))), axis=1)
        working = sums[:, LOUD_OF:] - sums[:, :-LOUD_OF] >= LOUD_HOPS
        held = np.cumsum(np.pad(working, ((0, 0), (1, 0))), axis=1)
        moving = held[:, HOLD_HOPS + 1 :] - held[:, : -HOLD_HOPS - 1] > 0
        self._loud = loud[:, -ahead:]
        runs_bad = run_lengths(unusable, self._bad_run)
        self._bad_run = runs_bad[:, -1]
        codes = np.where(moving, MOVEMENT, REST).astype(np.int8)
        codes[unusable] = BAD_CONTACT
        codes[runs_bad >= NOT_WORN_HOPS] = NOT_WORN
        self._codes = np.concatenate([self._codes, codes], axis=1)[:, -MEMORY_HOPS:]
        return codes

    def _decide(self, findings: Findings) -> None:
        """Judge every candidate whose surroundings are complete."""
        now = self._segment_hops * self._hop
        for candidate in self._candidates.due(now):
            start = candidate.at - self._judge.before - now + self._signal.shape[1]
            around = self._signal[candidate.channel, start : start + self._judge.before + self._judge.after]
            verdict = self._judge.judge(candidate, around, float(self._threshold.z[candidate.channel]))
            self._tell(candidate, verdict, around, findings)

    def _tell(
        self, candidate: Candidate, verdict: Verdict, around: NDArray[np.float64], findings: Findings
    ) -> None:
        channel = candidate.channel
        centre = self._judge.before + self._judge.half(candidate.template)
        wave = around[centre - self._wave : centre + self._wave]
        active = verdict.kind is Kind.CONTRACTION
        if not active and self._hearts[channel].is_beat(
            candidate.at - self._judge.before + centre, self._smoothed(wave)
        ):
            return
        if self._restless[channel].is_restless(candidate.at, candidate.z, verdict.restless, active=active):
            return
        if verdict.z < self._threshold.z[candidate.channel]:
            return
        if verdict.kind is Kind.TWITCH:
            self._threshold.count(candidate.channel, verdict.z)
        hop = verdict.onset // self._hop - self._segment_hops
        state = ORDER[self._codes[candidate.channel, max(-MEMORY_HOPS, min(-1, hop))]]
        findings.events.append(
            Event(
                channel=candidate.channel,
                onset=self._origin + verdict.onset * self._thinning,
                duration_ms=(verdict.end - verdict.onset) * 1000 / self._working_hz,
                amplitude=verdict.amplitude,
                snr=verdict.snr,
                kind=verdict.kind,
                confidence=float(1 / (1 + np.exp(self._threshold.z[candidate.channel] - 1 - verdict.z))),
                state=state,
                reason=verdict.reason,
            )
        )

    def _smoothed(self, wave: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.convolve(wave, np.full(self._smooth, 1 / self._smooth), "same") * self._taper

    def state(self) -> dict[str, StateValue]:
        """See `detector.contract.Detector`."""
        parts: dict[str, StateValue] = {name: part.state() for name, part in self._parts().items()}
        own = {name: getattr(self, name) for name in OWN_STATE}
        return {
            "version": self.version,
            **parts,
            **{name: value.copy() if isinstance(value, np.ndarray) else value for name, value in own.items()},
            "hearts": [heart.state() for heart in self._hearts],
            "restless": [restless.state() for restless in self._restless],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """See `detector.contract.Detector`."""
        if state.get("version") != self.version:
            raise ValueError(f"a state of {state.get('version')!r} does not fit {self.version!r}")
        for name, part in self._parts().items():
            part.restore(state[name])
        for name in OWN_STATE:
            value = state[name]
            setattr(self, name, np.array(value) if isinstance(value, np.ndarray) else value)
        for heart, saved in zip(self._hearts, state["hearts"], strict=True):
            heart.restore(saved)
        for restless, saved in zip(self._restless, state["restless"], strict=True):
            restless.restore(saved)

    def _parts(self) -> dict[str, Any]:
        return {
            "front": self._front,
            "quality": self._quality,
            "mains": self._mains,
            "floor": self._floor,
            "threshold": self._threshold,
            "candidates": self._candidates,
            "spans": self._spans,
        }
