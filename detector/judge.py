"""What a candidate is, once its surroundings are known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.bank import Bank
from detector.candidate import Candidate
from detector.event import Kind

BEFORE_MS = 250.0  # looked at ahead of a candidate
AFTER_MS = 165.0  # looked at behind its start: what can be waited for
BLOCK_MS = 10.0  # local noise is the median over blocks of this length
ASIDE_MS = 12.0  # kept free between an event and what counts as its surroundings
RESTLESS = 1.5  # times the floor: from here on the surroundings' own noise is what counts
LONGEST_MS = 90.0  # of what may pass for a twitch: 60 ms of the skin's potential and the filters' ringing
FAINT = 12.0  # times the noise: above, the envelope shows onset and end better than the template does
EDGE_SHARE = 0.05  # of the peak: where a potential begins and ends
EDGE_NOISE = 3.0  # times the noise: the same where the noise hides that
EDGE_GAP_MS = 6.0  # a potential may cross zero for so long


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a candidate was found to be; instants in working samples."""

    kind: Kind
    onset: int
    end: int
    amplitude: float
    snr: float
    z: float
    restless: float
    reason: str


class Judge:
    """Judges candidates from the signal around them."""

    def __init__(self, bank: Bank, rate_hz: float) -> None:
        self._bank, self._rate_hz = bank, rate_hz
        self.before = self._samples(BEFORE_MS)
        self.after = self._samples(AFTER_MS)
        self._durations = np.maximum(3, np.round(bank.durations_ms * rate_hz / 1000)).astype(int)

    def _samples(self, time_ms: float) -> int:
        return max(1, round(time_ms * self._rate_hz / 1000))

    def half(self, template: int) -> int:
        """Samples from the start of a template to its middle."""
        return int(self._durations[template]) // 2

    def judge(self, candidate: Candidate, around: NDArray[np.float64], threshold: float) -> Verdict:
        """`around` is the signal from `before` samples ahead of `candidate.at` to `after` behind it."""
        onset, end = self._extent(candidate, around)
        shape = around[onset:end]
        local = self._local_noise(around, onset, end)
        restless = local / candidate.noise
        z = candidate.z / restless if restless > RESTLESS else candidate.z
        kind, reason = self._kind(around, end - onset, stands_out=z >= min(threshold, candidate.z))
        return Verdict(
            kind=kind,
            onset=candidate.at - self.before + onset,
            end=candidate.at - self.before + end,
            amplitude=float(np.ptp(shape)),
            snr=float(np.abs(shape).max() / candidate.noise),
            z=z,
            restless=restless,
            reason=reason,
        )

    def _kind(self, around: NDArray[np.float64], length: int, *, stands_out: bool) -> tuple[Kind, str]:
        if not stands_out:
            return Kind.CONTRACTION, "no stronger than the activity around it"
        if length > self._samples(LONGEST_MS):
            return Kind.CONTRACTION, "too long for a twitch"
        if self._is_pop(around):
            return Kind.ARTEFACT, "a step that decays: the electrode slipped"
        return Kind.TWITCH, "a short potential with quiet on both sides"

    def _is_pop(self, around: NDArray[np.float64]) -> bool:
        reach = self._bank.length
        start = self.before - self._samples(20.0)
        span = around[start : start + reach + 2 * self._samples(20.0)]
        pops = np.abs([np.correlate(span, pop, "valid") for pop in self._bank.pops]).max()
        twitches = np.abs([np.correlate(span, twitch, "valid") for twitch in self._bank.templates]).max()
        return bool(pops > twitches)

    def _extent(self, candidate: Candidate, around: NDArray[np.float64]) -> tuple[int, int]:
        onset, length = self.before, int(self._durations[candidate.template])
        peak_at = onset + int(np.argmax(np.abs(around[onset : onset + length])))
        peak = abs(around[peak_at])
        if peak < FAINT * candidate.noise:
            return onset, onset + length
        above = np.abs(around) > max(EDGE_NOISE * candidate.noise, EDGE_SHARE * peak)
        where, gap = np.flatnonzero(above), self._samples(EDGE_GAP_MS)
        breaks = np.flatnonzero(np.diff(where) > gap)
        here = int(np.searchsorted(where, peak_at))
        first = breaks[breaks < here].max(initial=-1) + 1
        last = breaks[breaks >= here].min(initial=len(where) - 1)
        return int(where[first]), int(where[last]) + 1

    def _local_noise(self, around: NDArray[np.float64], onset: int, end: int) -> float:
        aside, block = self._samples(ASIDE_MS), max(4, self._samples(BLOCK_MS))
        return max(_typical_rms(around[: onset - aside], block), _typical_rms(around[end + aside :], block))


def _typical_rms(signal: NDArray[np.float64], block: int) -> float:
    """Median over blocks; 0 where there is too little of it."""
    count = len(signal) // block
    if count < 3:
        return 0.0
    powers = (signal[: count * block].reshape(count, block) ** 2).mean(axis=1)
    return float(np.sqrt(np.median(powers)))
