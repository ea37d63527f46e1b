"""Twitches an observed hour, with an interval that knows that twitches cluster."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from detector.dispersion import dispersion, tail

LEVEL = 0.95  # of every interval that is shown: what readers of medical figures expect


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a site twitched, and between which bounds the truth lies.

    Attributes:
        per_hour: Twitches an observed hour.
        low: Lower bound of the interval.
        high: Upper bound.
        count: Twitches counted.
        observed_h: Hours in which they were looked for.
        dispersion: Variance over mean of the counts, 1 or more.
        freedom: Degrees of freedom behind the dispersion.
    """

    per_hour: float
    low: float
    high: float
    count: int
    observed_h: float
    dispersion: float
    freedom: float


def rate(counts: ArrayLike, observed_h: ArrayLike, level: float = LEVEL) -> Rate | None:
    """The rate behind counts in consecutive blocks of time; None where nothing was observed.

    The interval is Garwood's (Biometrika 28, 1936) for as many clusters as the dispersion makes of the count:
    from the lower bound under a prior flat in the rate's logarithm to the upper under one flat in the rate.

    Args:
        counts: Twitches in each block, in time order; a block should last longer than the usual spell.
        observed_h: Hours observed in each; 0 keeps the place of a block that could not be judged.
        level: Probability that the interval shall hold the truth.

    >>> calm = rate([3, 5, 4, 2, 6, 4], [1, 1, 1, 1, 1, 1])
    >>> f"{calm.per_hour:.1f} an hour ({calm.low:.1f} to {calm.high:.1f})"
    '4.0 an hour (1.5 to 8.7)'
    """
    block_counts = np.asarray(counts, dtype=np.float64)
    block_hours = np.asarray(observed_h, dtype=np.float64)
    count, hours = float(block_counts.sum()), float(block_hours.sum())
    if hours <= 0:
        return None
    spread = dispersion(block_counts, count / hours * block_hours)
    factor, freedom = float(spread.factor), float(spread.freedom)
    one_sided = tail(level, freedom)
    return Rate(
        per_hour=count / hours,
        low=lower_bound(count, hours, factor, one_sided),
        high=factor / hours * float(special.gammaincinv(count / factor + 1, one_sided)),
        count=round(count),
        observed_h=hours,
        dispersion=factor,
        freedom=freedom,
    )


def lower_bound(count: float, observed_h: float, factor: float, one_sided: float) -> float:
    """The rate an hour that the truth exceeds with probability `one_sided`, its dispersion being `factor`.

    It rises with the count, and falls when count and time shrink together: less evidence, less said.
    """
    if count <= 0:
        return 0.0
    return factor / observed_h * float(special.gammaincinv(count / factor, 1 - one_sided))


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as often as something else, and between which bounds the truth lies.

    Attributes:
        times: One rate over the other; infinite where the other saw no twitch, NaN where neither did.
        low: Lower bound of the interval.
        high: Upper bound; infinite where the other rate may be nothing.
    """

    times: float
    low: float
    high: float


def ratio(one: Rate, other: Rate, level: float = LEVEL) -> Ratio:
    """How many times as often `one` is as `other`.

    Given their sum, two counts share it binomially: the bounds are Clopper and Pearson's (Biometrika 26,
    1934) for the numbers of clusters, their odds turned back into rates.
    """
    clusters, others = one.count / one.dispersion, other.count / other.dispersion
    one_sided = tail(level, min(one.freedom, other.freedom))
    scale = one.dispersion * other.observed_h / (other.dispersion * one.observed_h)
    low = float(special.betaincinv(clusters, others + 1, 1 - one_sided)) if clusters else 0.0
    high = float(special.betaincinv(clusters + 1, others, one_sided)) if others else 1.0
    times = one.per_hour / other.per_hour if others else math.inf if clusters else math.nan
    return Ratio(times, low / (1 - low) * scale, high / (1 - high) * scale if high < 1 else math.inf)
