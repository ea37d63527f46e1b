"""Whether instants follow each other like heartbeats."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHORTEST_S, LONGEST_S = 0.38, 1.6  # between beats: 158 down to 38 a minute
STEADY = 0.18  # by how much one interval may differ from the mean: sinus arrhythmia at rest stays within
FEWEST = 6  # beats: so many at equal intervals hardly happen by chance
SPREAD = (
    0.1  # standard deviation of the intervals over their mean, at most; chance fills all that STEADY allows
)
SEEN = 0.6  # of the beats that would fill the span; a contraction may hide the others
SINCE, MANY = 0.8, 8  # or so much of the time since the first beat, with so many: the electrode came on then
MISSING = 0.3  # beats that may be hidden in noise, for each one seen
STRAY = 0.35  # like instants off the rhythm for each one on it: more, and it is no rhythm


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A chain of instants at nearly equal intervals, s."""

    interval_s: float
    beats: NDArray[np.float64]


def find_rhythm(times_s: NDArray[np.float64], span_s: float) -> Rhythm | None:
    """The longest chain in instants (n,), in order, of a span of time; None if it is no heart's."""
    best, best_mean = _longest_chain(times_s.tolist())
    if len(best) < FEWEST or not _fills(times_s[best], best_mean, span_s):
        return None
    span = times_s[best[-1]] - times_s[best[0]]
    expected = round(span / best_mean) + 1
    inside = best[-1] - best[0] + 1
    if expected - len(best) > MISSING * len(best) or inside - len(best) > STRAY * len(best):
        return None
    steps = np.diff(times_s[best])
    steps /= np.maximum(1.0, np.round(steps / best_mean))
    if steps.std() > SPREAD * best_mean:
        return None
    return Rhythm(best_mean, times_s[best])


def _fills(beats_s: NDArray[np.float64], interval_s: float, span_s: float) -> bool:
    """Whether there are enough beats for the time there was."""
    since = (span_s - beats_s[0]) / interval_s
    return bool(
        len(beats_s) > SEEN * span_s / interval_s or (len(beats_s) >= MANY and len(beats_s) > SINCE * since)
    )


def _longest_chain(times_s: list[float]) -> tuple[list[int], float]:
    """Its places among the instants and its mean interval; the first of equally long ones."""
    best: list[int] = []
    best_mean, count = 0.0, len(times_s)
    for first in range(count - FEWEST + 1):
        for second in range(first + 1, count):
            mean = times_s[second] - times_s[first]
            if mean > LONGEST_S or count - second < len(best):  # too far, or no room for a longer one
                break
            if mean >= SHORTEST_S:
                chain, mean = _follow(times_s, first, second)
                if len(chain) > len(best):
                    best, best_mean = chain, mean
    return best, best_mean


def _follow(times_s: list[float], first: int, second: int) -> tuple[list[int], float]:
    """The chain that begins with these two; one beat in between may be missing."""
    chain, last = [first, second], second
    mean = times_s[second] - times_s[first]
    while True:
        for skip in (1, 2):
            expected = times_s[last] + skip * mean
            nearest = _nearest(times_s, expected, last)
            if nearest > last and abs(times_s[nearest] - expected) < STEADY * mean:
                mean += ((times_s[nearest] - times_s[last]) / skip - mean) / len(chain)
                last = nearest
                chain.append(last)
                break
        else:
            return chain, mean


def _nearest(times_s: list[float], wanted_s: float, least: int) -> int:
    """The place of the instant nearest to one, from `least` on; of two equally near the first."""
    behind = bisect_left(times_s, wanted_s, least)
    if behind == len(times_s) or (
        behind > least and wanted_s - times_s[behind - 1] <= times_s[behind] - wanted_s
    ):
        behind -= 1
    return behind
