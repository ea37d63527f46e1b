"""At what time of day a site twitches."""

import numpy as np
from numpy.typing import ArrayLike

from detector.rate import LEVEL, Rate, rate

HOURS_A_DAY = 24


def hour_of_day(counts: ArrayLike, observed_h: ArrayLike, level: float = LEVEL) -> list[Rate | None]:
    """The rate in each of the 24 hours of the day; None for an hour that was never observed.

    Args:
        counts: Twitches by day and hour of the day, shape (days, 24), in the wearer's local time.
        observed_h: Hours observed, the same shape.
        level: Probability that each interval shall hold the truth.
    """
    by_hour = zip(np.transpose(counts), np.transpose(observed_h), strict=True)
    return [rate(hour_counts, hour_h, level) for hour_counts, hour_h in by_hour]
