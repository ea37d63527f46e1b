"""How what was found compares with what was planted."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

TOLERANCE_S = 0.05  # between a planted onset and the onset found for it
SNR_EDGES = (2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Matches:
    """Which planted event belongs to which found one: indices (pairs,) into both."""

    planted: NDArray[np.int64]
    found: NDArray[np.int64]


def match(
    planted_s: NDArray[np.float64], found_s: NDArray[np.float64], tolerance_s: float = TOLERANCE_S
) -> Matches:
    """One to one: as many pairs within the tolerance as possible, and of those the closest.

    >>> match(np.array([1.0, 2.0]), np.array([0.98, 1.01, 5.0])).found.tolist()
    [1]
    """
    planted, found = np.argsort(planted_s), np.argsort(found_s)
    pairs: list[tuple[int, int]] = []
    for group_planted, group_found in _groups(planted_s[planted], found_s[found], tolerance_s):
        apart = np.abs(planted_s[planted[group_planted]][:, None] - found_s[found[group_found]][None])
        cost = np.where(apart <= tolerance_s, apart, 1e6)  # far dearer than any number of close pairs
        for row, column in zip(*linear_sum_assignment(cost), strict=True):
            if apart[row, column] <= tolerance_s:
                pairs.append((int(planted[group_planted[row]]), int(found[group_found[column]])))
    pairs.sort()
    both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return Matches(both[:, 0], both[:, 1])


def _groups(
    planted_s: NDArray[np.float64], found_s: NDArray[np.float64], tolerance_s: float
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Stretches that cannot share a pair with their neighbours, so that each is solved by itself."""
    times = np.concatenate([planted_s, found_s])
    if not len(times):
        return []
    order = np.argsort(times, kind="stable")
    cuts = np.flatnonzero(np.diff(times[order]) > tolerance_s) + 1
    split = [(group[group < len(planted_s)], group[group >= len(planted_s)] - len(planted_s))
             for group in np.split(order, cuts)]  # fmt: skip
    return [(planted, found) for planted, found in split if len(planted) and len(found)]


@dataclass(slots=True)
class Score:
    """Counts of one tool in one scenario; scores of several scenes add up."""

    planted: int = 0
    found: int = 0
    hits: int = 0
    seconds: float = 0.0
    snr: list[float] = field(default_factory=list)
    hit: list[bool] = field(default_factory=list)

    def add(
        self,
        planted_s: NDArray[np.float64],
        snr: NDArray[np.float64],
        found_s: NDArray[np.float64],
        seconds: float,
    ) -> Matches:
        pairs = match(planted_s, found_s)
        hit = np.zeros(len(planted_s), dtype=np.bool_)
        hit[pairs.planted] = True
        self.planted += len(planted_s)
        self.found += len(found_s)
        self.hits += len(pairs.planted)
        self.seconds += seconds
        self.snr += snr.tolist()
        self.hit += hit.tolist()
        return pairs

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(1, self.planted + self.found)

    @property
    def recall(self) -> float:
        return self.hits / max(1, self.planted)

    @property
    def precision(self) -> float:
        return self.hits / max(1, self.found)

    @property
    def false_per_minute(self) -> float:
        return (self.found - self.hits) * 60 / max(self.seconds, 1e-9)

    def recall_between(self, low: float, high: float) -> float:
        """Of the planted with an SNR in [low, high)."""
        chosen = [hit for hit, snr in zip(self.hit, self.snr, strict=True) if low <= snr < high]
        return float(np.mean(chosen)) if chosen else float("nan")

    def by_snr(self) -> list[float]:
        return [self.recall_between(a, b) for a, b in pairwise(SNR_EDGES)]
