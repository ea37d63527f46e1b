"""One hour of one site: the step in which persistence is judged."""

from dataclasses import dataclass

import numpy as np

from detector.dispersion import dispersion
from detector.grid import MINUTES_AN_HOUR, MinuteGrid, Series
from detector.lockstep import lockstep

BLOCKS = 12  # of an hour, five minutes each: longer than most spells, enough of them to see clusters
S_AN_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Hour:
    """What one hour of one series came to.

    Attributes:
        series: Site, region and modality.
        hour: Hours since the epoch, UTC.
        rest_h: Hours judged at rest.
        movement_h: Hours judged while moving.
        count: Twitches.
        count_rest: Twitches at rest.
        dispersion: Variance over mean of the counts at rest within the hour.
        in_step: Its twitches came in the same minutes as those of another body region.
    """

    series: Series
    hour: int
    rest_h: float
    movement_h: float
    count: int
    count_rest: int
    dispersion: float
    in_step: bool


def hours(grid: MinuteGrid) -> list[Hour]:
    """The hours of a grid in which something could be judged, in order of time and then of series."""
    shape = (len(grid.series), grid.hours, BLOCKS, MINUTES_AN_HOUR // BLOCKS)
    block_rest_h = grid.rest_s.reshape(shape).sum(3, dtype=np.float64) / S_AN_HOUR
    block_count = grid.count_rest.reshape(shape).sum(3, dtype=np.float64)
    rest_h, count_rest = block_rest_h.sum(2), block_count.sum(2)
    movement_h = grid.movement_s.reshape(shape).sum((2, 3), dtype=np.float64) / S_AN_HOUR
    count = grid.count.reshape(shape).sum((2, 3))
    per_hour = np.divide(count_rest, rest_h, out=np.zeros_like(rest_h), where=rest_h > 0)
    factor = dispersion(block_count, per_hour[:, :, None] * block_rest_h).factor
    in_step = lockstep(grid)
    judged = np.argwhere((rest_h + movement_h).T > 0)
    return [
        Hour(
            series=grid.series[row],
            hour=grid.first_hour + column,
            rest_h=float(rest_h[row, column]),
            movement_h=float(movement_h[row, column]),
            count=int(count[row, column]),
            count_rest=int(count_rest[row, column]),
            dispersion=float(factor[row, column]),
            in_step=bool(in_step[row, column]),
        )
        for column, row in judged.tolist()
    ]
