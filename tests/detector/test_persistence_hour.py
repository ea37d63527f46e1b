"""Minute rows to hours: what is added up, and what is set aside as common interference."""

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.grid import MinuteGrid, Series, minute_grid
from detector.hour import hours
from detector.minute import Minute

HOUR = 480_000
SERIES = (
    Series("biceps-left", "cervical", "emg"),
    Series("deltoid-left", "cervical", "emg"),
    Series("gastrocnemius-left", "lumbosacral", "emg"),
)


def minute(number: int, *, site: str = "biceps-left", rest_s: float = 40, count_rest: int = 1) -> Minute:
    return Minute(
        site=site,
        region="cervical",
        modality="emg",
        minute=HOUR * 60 + number,
        rest_s=rest_s,
        movement_s=15,
        not_worn_s=0,
        bad_contact_s=60 - 15 - rest_s,
        missing_s=0,
        count=count_rest + 2,
        count_rest=count_rest,
        duration_ms=40.0,
        noise_floor=5.0,
    )


def grid(count: NDArray[np.int64], rest_s: float = 60) -> MinuteGrid:
    """One hour of the three sites."""
    rest = np.full(count.shape, rest_s, np.float32)
    whole = count.astype(np.int32)
    return MinuteGrid(SERIES, HOUR, rest, np.zeros_like(rest), whole, whole)


def in_step(count: NDArray[np.int64], rest_s: float = 60) -> list[bool]:
    return [hour.in_step for hour in hours(grid(count, rest_s))]


def test_no_row_is_no_hour() -> None:
    assert hours(minute_grid([])) == []


def test_an_hour_adds_up_its_minutes() -> None:
    (hour,) = hours(minute_grid([minute(0), minute(30), minute(59)]))
    assert (hour.series, hour.hour) == (SERIES[0], HOUR)
    assert (hour.rest_h, hour.movement_h) == (pytest.approx(120 / 3600), pytest.approx(45 / 3600))
    assert (hour.count, hour.count_rest) == (9, 3)


def test_hours_come_in_order_of_time_whatever_the_order_of_rows() -> None:
    rows = [minute(number, site=site) for site in ("b", "a") for number in (130, 10, 70)]
    assert [(hour.hour - HOUR, hour.series.site) for hour in hours(minute_grid(rows))] == [
        (0, "a"),
        (0, "b"),
        (1, "a"),
        (1, "b"),
        (2, "a"),
        (2, "b"),
    ]


def test_an_hour_in_which_nothing_was_judged_is_left_out() -> None:
    rows = [minute(number) for number in (0, 130)]
    assert [hour.hour - HOUR for hour in hours(minute_grid(rows))] == [0, 2]


def test_of_two_rows_for_one_minute_the_later_holds() -> None:
    (hour,) = hours(minute_grid([minute(0, count_rest=1), minute(0, count_rest=5)]))
    assert hour.count_rest == 5


def test_an_hour_tells_how_its_twitches_cluster() -> None:
    even, clustered = np.ones((3, 60), np.int64), np.zeros((3, 60), np.int64)
    clustered[:, ::20] = 20
    assert hours(grid(clustered))[0].dispersion > 3 * hours(grid(even))[0].dispersion


def test_twitches_in_the_same_minutes_of_two_regions_are_in_step() -> None:
    rng = np.random.default_rng(1)
    count = rng.poisson(0.2, (3, 60))
    count[[0, 2]] += rng.poisson(5, 60) * (rng.random(60) < 0.3)
    assert in_step(count) == [True, False, True]


def test_twitches_in_the_same_minutes_of_one_region_are_not() -> None:
    rng = np.random.default_rng(2)
    count = rng.poisson(0.2, (3, 60))
    count[[0, 1]] += rng.poisson(5, 60) * (rng.random(60) < 0.3)
    assert in_step(count) == [False, False, False]


def test_one_common_minute_is_chance() -> None:
    count = np.zeros((3, 60), np.int64)
    count[:, 17] = 20
    assert in_step(count) == [False, False, False]


def test_minutes_without_rest_are_not_compared() -> None:
    rng = np.random.default_rng(3)
    common = rng.poisson(5, (1, 60)).repeat(3, axis=0)
    assert in_step(common, rest_s=20) == [False, False, False]


@pytest.mark.parametrize("per_minute", [0.1, 1, 5])
def test_independent_twitching_is_seldom_taken_for_common(per_minute: float) -> None:
    rng = np.random.default_rng(4)
    clusters = rng.poisson(per_minute / 3, (3, 500 * 60)) * rng.geometric(1 / 3, (3, 500 * 60))
    assert np.mean(in_step(clusters)) < 0.01
