"""The minutes of several series side by side on one axis of time."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.minute import Minute

MINUTES_AN_HOUR = 60


@dataclass(frozen=True, slots=True, order=True)
class Series:
    """What is counted on its own: one kind of sensor at one site."""

    site: str
    region: str
    modality: str


@dataclass(frozen=True, slots=True)
class MinuteGrid:
    """Minute rows as arrays of shape (series, minutes), whole hours, zero where there is no row.

    Attributes:
        series: Which series each row of the arrays belongs to.
        first_hour: Hours since the epoch of the first column.
        rest_s: Seconds judged at rest.
        movement_s: Seconds judged while moving.
        count: Twitches.
        count_rest: Twitches at rest.
    """

    series: tuple[Series, ...]
    first_hour: int
    rest_s: NDArray[np.float32]
    movement_s: NDArray[np.float32]
    count: NDArray[np.int32]
    count_rest: NDArray[np.int32]

    @property
    def hours(self) -> int:
        return int(self.rest_s.shape[1]) // MINUTES_AN_HOUR


def minute_grid(rows: Iterable[Minute]) -> MinuteGrid:
    """Minute rows of any order laid out in a grid. Of two rows for the same minute the later one holds."""
    minutes = list(rows)
    series = sorted({Series(row.site, row.region, row.modality) for row in minutes})
    index = {(one.site, one.modality): number for number, one in enumerate(series)}
    hours = [row.minute // MINUTES_AN_HOUR for row in minutes]
    first_hour = min(hours, default=0)
    shape = (len(series), (max(hours, default=-1) + 1 - first_hour) * MINUTES_AN_HOUR)
    at = (
        np.array([index[row.site, row.modality] for row in minutes], dtype=np.intp),
        np.array([row.minute for row in minutes], dtype=np.intp) - first_hour * MINUTES_AN_HOUR,
    )
    rest_s, movement_s = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    count, count_rest = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
    rest_s[at] = [row.rest_s for row in minutes]
    movement_s[at] = [row.movement_s for row in minutes]
    count[at] = [row.count for row in minutes]
    count_rest[at] = [row.count_rest for row in minutes]
    return MinuteGrid(tuple(series), first_hour, rest_s, movement_s, count, count_rest)
