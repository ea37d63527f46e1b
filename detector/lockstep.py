"""Common interference: twitches that come in the same minutes in several body regions."""

import numpy as np
from numpy.typing import NDArray

from detector.grid import MINUTES_AN_HOUR, MinuteGrid

WHOLE_MINUTE_S = 30.0  # rest that makes a minute comparable: half of it
FEWEST_MINUTES = 20  # comparable in both: as many as make an hour valid
FEWEST_SHARED = 3  # minutes with twitches in both: one or two meet by chance
STEP = 0.7  # correlation over the minutes of an hour: half the variance is common; chance stays below 0.5


def lockstep(grid: MinuteGrid) -> NDArray[np.bool_]:
    """Which hours of which series run in step with a site of another body region, shape (series, hours).

    Muscles of different regions have different nerves: they do not twitch more in the same minutes of an hour
    and less in the same others. Mains, a radio or one pulled cable does that to all of them.
    """
    shape = (len(grid.series), grid.hours, MINUTES_AN_HOUR)
    rest_s = grid.rest_s.reshape(shape).swapaxes(0, 1)
    count = grid.count_rest.reshape(shape).swapaxes(0, 1)
    whole = (rest_s >= WHOLE_MINUTE_S).astype(np.float32)
    per_rest = np.divide(count, rest_s, out=np.zeros_like(rest_s), where=whole > 0)
    minutes = whole.sum(2, keepdims=True)
    deviation = (per_rest - per_rest.sum(2, keepdims=True) / np.maximum(minutes, 1)) * whole
    active = (count > 0) * whole
    together = _pairs(deviation, deviation)
    alone = _pairs(deviation**2, whole)
    in_step = together > STEP * np.sqrt(alone * alone.swapaxes(1, 2))
    comparable = (_pairs(whole, whole) >= FEWEST_MINUTES) & (_pairs(active, active) >= FEWEST_SHARED)
    regions = np.array([series.region for series in grid.series])
    apart = regions[:, None] != regions[None, :]
    return np.asarray((in_step & comparable & apart).any(axis=2).T)


def _pairs(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Products of each series with each other, summed over the minutes: (hours, series, series)."""
    return one @ other.swapaxes(1, 2)
