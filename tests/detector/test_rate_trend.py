import numpy as np
import pytest
from numpy.typing import ArrayLike

from detector.trend import Trend, trend

TRIALS = 300  # a true coverage of 95 % stays above 90 % with odds of 10,000 to 1


def one(counts: ArrayLike, observed_h: ArrayLike) -> Trend:
    result = trend(counts, observed_h)
    assert result is not None
    return result


def test_fewer_days_than_a_week_tell_no_trend() -> None:
    assert trend([5] * 6, [8] * 6) is None


def test_days_not_observed_are_no_days() -> None:
    assert trend([5] * 6 + [0] * 10, [8] * 6 + [0] * 10) is None


def test_no_twitch_at_all_tells_no_trend() -> None:
    assert trend([0] * 14, [8] * 14) is None


def test_a_steady_rate_multiplies_by_one() -> None:
    steady = one([40] * 14, [8] * 14)
    assert steady.times_a_week == pytest.approx(1)
    assert steady.low < 1 < steady.high


def test_less_time_observed_is_not_a_fall() -> None:
    hours = np.linspace(10, 2, 14)
    assert one(np.round(20 * hours), hours).times_a_week == pytest.approx(1, abs=0.02)


def test_doubling_each_week_is_told_as_two() -> None:
    counts = np.round(100 * 2 ** (np.arange(21) / 7))
    doubling = one(counts, np.full(21, 8))
    assert doubling.times_a_week == pytest.approx(2, abs=0.02)
    assert doubling.low > 1


def test_twitches_on_the_last_day_alone_leave_the_trend_finite_and_unsure() -> None:
    last = one([0] * 13 + [9], [5] * 14)
    assert last.low < 1 < last.high < np.inf


@pytest.mark.parametrize("shape", [1, 3, 100])
@pytest.mark.parametrize("times_a_week", [0.8, 1, 1.3])
def test_the_interval_holds_the_truth_as_often_as_it_says(shape: float, times_a_week: float) -> None:
    rng = np.random.default_rng(2029)
    mean = 20 * times_a_week ** (np.arange(70) / 7)
    trends = [one(rng.poisson(rng.gamma(shape, mean / shape)), np.ones(70)) for _ in range(TRIALS)]
    assert np.mean([found.low <= times_a_week <= found.high for found in trends]) > 0.9
