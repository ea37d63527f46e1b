"""What lies around a candidate, as figures that a classifier can weigh."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.candidate import Candidate
from detector.fit import Fit

BEFORE_MS = 250.0  # looked at ahead of a candidate
AFTER_MS = 165.0  # looked at from its start on: an event has to be told 200 ms after its end
BLOCK_MS = 10.0  # local noise is the median over blocks of this length
FEWEST_BLOCKS = 3  # of which a median says something
ASIDE_MS = 12.0  # kept free between an event and what counts as its surroundings
LEAST = 1e-6  # uV: keeps logarithms finite
PROFILE_MS = 15.0  # one step of the loudness profile around an event's onset
STEPS_BEFORE, STEPS_AFTER = 15, 9  # so many of them: all that is looked at, wherever the fit puts the onset
QUIETEST, LOUDEST = -1.5, 4.0  # logarithms of rms over noise: beyond these nothing changes
FEATURES = 26 + STEPS_BEFORE + STEPS_AFTER


@dataclass(frozen=True, slots=True)
class Company:
    """Other candidates of the channel and how busy it was.

    Attributes:
        before, after: The strongest other match within reach, over the candidate's own.
        count: Others in the second before; `next`: others so far after it.
        rivals: Those of the second before that were not much weaker; `crowd`: those of the four before.
        loud_s: Share of the hops before, over a quarter of a second, one and four, in which the signal was
            far above the resting floor.
        moved_s: Share of those over one and four seconds in which the muscle was at work.
        loudest: Power of the loudest of them over one and four seconds, over the resting floor's.
    """

    before: float
    after: float
    count: int
    next: int
    rivals: int
    crowd: int
    loud_s: tuple[float, float, float]
    moved_s: tuple[float, float]
    loudest: tuple[float, float]


def local_noise(around: NDArray[np.float64], onset: int, end: int, rate_hz: float) -> tuple[float, float]:
    """The typical rms ahead of and behind an event; what is too short to tell counts as none."""
    aside, block = round(ASIDE_MS * rate_hz / 1000), max(4, round(BLOCK_MS * rate_hz / 1000))
    return _typical_rms(around[: max(0, onset - aside)], block), _typical_rms(around[end + aside :], block)


def _typical_rms(signal: NDArray[np.float64], block: int) -> float:
    count = len(signal) // block
    if count < FEWEST_BLOCKS:
        return 0.0
    blocks = signal[: count * block].reshape(count, block)
    powers = np.sort(np.einsum("ij,ij->i", blocks, blocks))  # np.median would take five times as long
    return math.sqrt((powers[(count - 1) // 2] + powers[count // 2]) / (2 * block))


def features(
    candidate: Candidate, fit: Fit, around: NDArray[np.float64], at: int, company: Company, rate_hz: float
) -> NDArray[np.float64]:
    """(FEATURES,): logarithms and shares, all of the order of one. `around[at]` is the candidate's start."""
    onset, end = at + fit.onset, at + fit.onset + fit.length
    ahead, behind = local_noise(around, onset, end, rate_hz)
    aside = round(ASIDE_MS * rate_hz / 1000)
    peak = max(float(np.abs(around[onset:end]).max()), LEAST)
    noise = max(candidate.noise, LEAST)
    match = fit.match / noise
    before, after = _echoes(around, onset, end, aside)
    figures = [
        np.log(candidate.z),
        np.log((ahead + LEAST) / noise),
        np.log((behind + LEAST) / noise),
        np.log(noise / max(candidate.rest, LEAST)),
        min(company.before, 2.0),
        min(company.after, 2.0),
        np.log1p(company.count),
        np.log1p(company.next),
        np.log((fit.pop + LEAST) / (fit.match + LEAST)),
        fit.explained,
        np.log(fit.length * 50 / rate_hz),
        np.log(peak / noise) - np.log(candidate.z),
        np.log(match) - np.log(candidate.z),
        np.log1p(company.rivals),
        np.log1p(company.crowd),
        *company.loud_s,
        *company.moved_s,
        *np.log1p(company.loudest),
        np.log((np.abs(around[: onset - aside]).max(initial=0.0) + LEAST) / peak),
        np.log((np.abs(around[end + aside :]).max(initial=0.0) + LEAST) / peak),
        before,
        after,
    ]
    return np.concatenate([figures, profile(around, onset, noise, rate_hz)])


def profile(around: NDArray[np.float64], onset: int, noise: float, rate_hz: float) -> NDArray[np.float64]:
    """(STEPS_BEFORE + STEPS_AFTER,): logarithm of rms over noise, step by step around the onset."""
    steps = np.arange(-STEPS_BEFORE, STEPS_AFTER + 1) * (PROFILE_MS * rate_hz / 1000)
    edges = np.clip(onset + np.round(steps).astype(np.int64), 0, len(around) - 1)
    energy = np.add.reduceat(around * around, edges)[:-1] / np.maximum(np.diff(edges), 1)
    return np.asarray(np.clip(np.log(np.sqrt(energy) / noise + LEAST), QUIETEST, LOUDEST))


def _echoes(around: NDArray[np.float64], onset: int, end: int, aside: int) -> tuple[float, float]:
    """How much of the event's own wave comes again before it and after it: units at work fire in trains."""
    wave = around[onset:end]
    energy = float(wave @ wave) + LEAST
    ahead, behind = around[: max(0, onset - aside)], around[end + aside :]
    before = np.correlate(ahead, wave, "valid").max() / energy if len(ahead) >= len(wave) else 0.0
    after = np.correlate(behind, wave, "valid").max() / energy if len(behind) >= len(wave) else 0.0
    return min(float(before), 2.0), min(float(after), 2.0)
