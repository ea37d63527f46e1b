"""Whether twitches go with something noted: the hours after it against the same hours of other days.

It tells what was seen together, never what made what.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from detector.profile import HOURS_A_DAY
from detector.rate import LEVEL

AFTER_H = 4  # hours after an occasion: about the half-life of caffeine, the commonest of them
FEWEST = 5  # occasions, and days without: with fewer there is too little to say
SHUFFLES = 199  # enough for a share as small as 1 in 200
HALF = 0.5  # of a twitch lent to either side: keeps the ratio finite where one saw none

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Association:
    """The rate after occasions against the rate without.

    Attributes:
        occasions: Occasions with observed hours after them; those within one another's hours are one.
        days_without: Days with observed hours at the same times and no occasion near.
        after_h: Hours observed after occasions.
        without_h: Hours observed without, at the same times of day.
        times: How many times as often as without; None where there is too little to say, as the next three.
        low: Lower bound of the interval.
        high: Upper bound.
        by_chance: Share of shuffled diaries, the same times on other days, with at least as strong a link.
    """

    occasions: int
    days_without: int
    after_h: float
    without_h: float
    times: float | None = None
    low: float | None = None
    high: float | None = None
    by_chance: float | None = None


@dataclass(frozen=True, slots=True)
class _Sides:
    """Counts and observed hours after occasions and without, each of shape (..., 24)."""

    after: Array
    after_h: Array
    without: Array
    without_h: Array

    def sum(self) -> "_Sides":
        """All days together."""
        return _Sides(self.after.sum(0), self.after_h.sum(0), self.without.sum(0), self.without_h.sum(0))

    def without_each_day(self) -> "_Sides":
        """All days but one, for each."""
        every = self.sum()
        return _Sides(
            every.after - self.after,
            every.after_h - self.after_h,
            every.without - self.without,
            every.without_h - self.without_h,
        )

    def log_times(self) -> Array:
        """Logarithm of Mantel and Haenszel's ratio of rates, hours of the day as strata."""
        hours = np.maximum(self.after_h + self.without_h, np.finfo(float).tiny)
        after = (self.after * self.without_h / hours).sum(-1)
        without = (self.without * self.after_h / hours).sum(-1)
        return np.asarray(np.log((after + HALF) / (without + HALF)))


def associate(
    counts: Array,
    rest_h: Array,
    occasions: Sequence[int],
    rng: np.random.Generator,
    *,
    hours_after: int = AFTER_H,
    level: float = LEVEL,
) -> Association:
    """How the rate in the hours after occasions compares with the same hours of the day without.

    The hours of the day are compared each with itself and pooled (Mantel and Haenszel, J. Natl. Cancer Inst.
    22, 1959, for rates). The interval comes from leaving out one day after the other (the jackknife: Efron
    and Stein, Ann. Statist. 9, 1981), because the hours of a day are alike.

    Args:
        counts: Twitches at rest by day and hour of the local day, shape (days, 24).
        rest_h: Hours judged at rest, the same shape.
        occasions: When it was noted, in hours since the first midnight. That hour itself is not looked at,
            and after those that are, as many again must pass before an hour counts as one without.
        rng: Where the shuffles come from.
        hours_after: How many hours after an occasion are looked at.
        level: Probability that the interval shall hold the truth.
    """
    sides = _sides(counts, rest_h, occasions, hours_after)
    compared = (sides.after_h.sum(0) > 0) & (sides.without_h.sum(0) > 0)  # hours of the day seen on both
    known = Association(
        occasions=_occasions_seen(sides.after_h * compared, occasions, hours_after),
        days_without=int((sides.without_h * compared).any(axis=1).sum()),
        after_h=float((sides.after_h * compared).sum()),
        without_h=float((sides.without_h * compared).sum()),
    )
    if min(known.occasions, known.days_without) < FEWEST:
        return known
    log_times = float(sides.sum().log_times())
    reach = _error(sides) * float(special.stdtrit(known.occasions - 1, 0.5 + level / 2))
    shuffled = _shuffled(counts, rest_h, occasions, hours_after, rng)
    return replace(
        known,
        times=math.exp(log_times),
        low=math.exp(log_times - reach),
        high=math.exp(log_times + reach),
        by_chance=(1 + int((np.abs(shuffled) >= abs(log_times)).sum())) / (1 + SHUFFLES),
    )


def _sides(counts: Array, rest_h: Array, occasions: Sequence[int], hours_after: int) -> _Sides:
    after = np.zeros(counts.size, dtype=np.bool_)
    near = np.zeros(counts.size, dtype=np.bool_)
    for occasion in occasions:
        after[_hours(occasion + 1, hours_after)] = True
        near[_hours(occasion, 1 + 2 * hours_after)] = True
    with_it, without = after.reshape(counts.shape), ~near.reshape(counts.shape)
    return _Sides(counts * with_it, rest_h * with_it, counts * without, rest_h * without)


def _hours(first: int, length: int) -> slice:
    """So many hours, cut at the first midnight."""
    return slice(max(first, 0), max(first + length, 0))


def _occasions_seen(after_h: Array, occasions: Sequence[int], hours_after: int) -> int:
    """Occasions with an observed hour after them; one whose hours overlap the one before belongs to it."""
    observed = after_h.ravel() > 0
    seen, seen_until = 0, 0
    for occasion in sorted(occasions):
        hours = _hours(occasion + 1, hours_after)
        if observed[hours].any():
            seen += hours.start >= seen_until
            seen_until = hours.stop
    return seen


def _error(sides: _Sides) -> float:
    """Standard error of the logarithm of the ratio, by the jackknife over days."""
    told = (sides.after_h + sides.without_h).any(axis=1)
    left_out = sides.without_each_day().log_times()[told]
    return math.sqrt((left_out.size - 1) * float(left_out.var()))


def _shuffled(
    counts: Array, rest_h: Array, occasions: Sequence[int], hours_after: int, rng: np.random.Generator
) -> Array:
    """The logarithm of the ratio for diaries with every occasion moved to another day, at the same hour."""
    days = len(counts)
    moves = rng.integers(1, days, (SHUFFLES, len(occasions))) * HOURS_A_DAY
    diaries = (np.asarray(occasions) + moves) % counts.size
    return np.array(
        [_sides(counts, rest_h, diary, hours_after).sum().log_times() for diary in diaries.tolist()]
    )
