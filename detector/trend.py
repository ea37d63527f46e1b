"""Whether a rate rises or falls over days."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from detector.dispersion import dispersion
from detector.rate import LEVEL

FEWEST_DAYS = 7  # a week: with fewer days a weekday or two decide
STEPS = 50  # of Newton's method; it takes about five
SETTLED = 1e-9  # change of a coefficient that no longer matters
PRIOR_TWITCHES = 1.0  # spread over all days: keeps the slope finite where only the last day had twitches


@dataclass(frozen=True, slots=True)
class Trend:
    """By how much a rate multiplies each week.

    Attributes:
        times_a_week: 1 is steady, 2 is doubling.
        low: Lower bound of the interval.
        high: Upper bound.
        days: Days observed.
    """

    times_a_week: float
    low: float
    high: float
    days: int


def trend(counts: ArrayLike, observed_h: ArrayLike, level: float = LEVEL) -> Trend | None:
    """The trend behind counts on consecutive days; None with fewer than a week of observed days or no twitch.

    A log-linear regression with a quasi-Poisson's variance (McCullagh and Nelder, Generalized Linear Models,
    2nd ed. 1989, sections 6.2 and 9.2).

    Args:
        counts: Twitches on each day, in order.
        observed_h: Hours observed on each; 0 for a day without.
        level: Probability that the interval shall hold the truth.
    """
    day_counts = np.asarray(counts, dtype=np.float64)
    hours = np.asarray(observed_h, dtype=np.float64)
    days = int((hours > 0).sum())
    if days < FEWEST_DAYS or day_counts.sum() == 0:
        return None
    slope, expected = _fit(day_counts + PRIOR_TWITCHES * hours / hours.sum(), hours)
    error, freedom = _error(day_counts, expected)
    reach = error * float(special.stdtrit(freedom, 0.5 + level / 2))
    return Trend(math.exp(slope), math.exp(slope - reach), math.exp(slope + reach), days)


def _fit(counts: NDArray[np.float64], hours: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Slope a week and expected counts of the likeliest log-linear rate, by Newton's method."""
    weeks = np.arange(hours.size) / 7
    design = np.column_stack((np.ones_like(weeks), weeks - np.average(weeks, weights=hours)))
    coefficients = np.array([math.log(counts.sum() / hours.sum()), 0.0])
    expected = hours * np.exp(design @ coefficients)
    for _ in range(STEPS):
        step = np.linalg.solve(design.T @ (design * expected[:, None]), design.T @ (counts - expected))
        coefficients += step / max(1.0, float(np.abs(step).max()))  # at most e-fold: no overshoot
        expected = hours * np.exp(design @ coefficients)
        if np.abs(step).max() < SETTLED:
            break
    return float(coefficients[1]), expected


def _error(counts: NDArray[np.float64], expected: NDArray[np.float64]) -> tuple[float, float]:
    """Standard error of the slope a week and its degrees of freedom."""
    weeks = np.arange(counts.size) / 7
    information = float((expected * (weeks - np.average(weeks, weights=expected)) ** 2).sum())
    spread = dispersion(counts, expected, fitted=2)
    return math.sqrt(float(spread.factor) / information), float(spread.freedom)
