import math
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from detector.rate import Rate, lower_bound, rate, ratio

TRIALS = 400  # a true coverage of 95 % stays above 91 % with odds of 10,000 to 1


def one(counts: ArrayLike, observed_h: ArrayLike) -> Rate:
    result = rate(counts, observed_h)
    assert result is not None
    return result


def clustered(rng: np.random.Generator, mean: float, shape: float, blocks: int) -> NDArray[np.int64]:
    """Negative binomial counts: every block has a rate of its own, gamma distributed."""
    return rng.poisson(rng.gamma(shape, mean / shape, blocks))


def test_nothing_observed_is_no_rate() -> None:
    assert rate([0, 0], [0.0, 0.0]) is None


def test_no_twitch_in_observed_time_is_a_rate_of_zero_with_an_upper_bound() -> None:
    silent = one([0, 0, 0], [1, 1, 1])
    assert (silent.per_hour, silent.low) == (0, 0)
    assert 0 < silent.high < math.inf


def test_silence_observed_for_longer_says_more() -> None:
    assert one([0] * 24, [1] * 24).high < one([0] * 3, [1] * 3).high


def test_the_rate_is_counted_twitches_over_observed_hours() -> None:
    uneven = one([4, 1, 0], [1.0, 0.5, 0.0])
    assert uneven.per_hour == pytest.approx(5 / 1.5)
    assert (uneven.count, uneven.observed_h) == (5, 1.5)


def test_a_block_that_was_not_observed_changes_nothing() -> None:
    assert one([4, 9, 2, 0], [1, 1, 1, 0]).dispersion == pytest.approx(one([4, 9, 2], [1, 1, 1]).dispersion)


def test_clustered_twitches_have_a_wider_interval_than_even_ones() -> None:
    even, clusters = one([10] * 12, [1] * 12), one([0, 0, 30] * 4, [1] * 12)
    assert even.per_hour == clusters.per_hour
    assert clusters.high - clusters.low > 2 * (even.high - even.low)


def test_a_spell_over_neighbouring_blocks_widens_more_than_blocks_apart() -> None:
    together, apart = one([0] * 9 + [20] * 3, [1] * 12), one([0, 0, 0, 20] * 3, [1] * 12)
    assert together.high - together.low > apart.high - apart.low


@pytest.mark.parametrize("blocks", [6, 12, 48])
@pytest.mark.parametrize("mean", [0.5, 5, 50])
@pytest.mark.parametrize("shape", [1, 3, 100])
def test_the_interval_holds_the_truth_as_often_as_it_says(blocks: int, mean: float, shape: float) -> None:
    rng = np.random.default_rng(2027)
    rates = [one(clustered(rng, mean, shape, blocks), np.ones(blocks)) for _ in range(TRIALS)]
    assert np.mean([found.low <= mean <= found.high for found in rates]) > 0.91


@pytest.mark.parametrize("factor", [1.0, 3.0, 30.0])
def test_the_lower_bound_rises_with_every_twitch(factor: float) -> None:
    bounds = [lower_bound(count, 0.5, factor, 0.95) for count in range(200)]
    assert all(more > less for less, more in pairwise(bounds) if more > 1e-12)


def test_the_lower_bound_of_a_shorter_look_at_the_same_rate_is_lower() -> None:
    assert lower_bound(30, 0.5, 3, 0.95) < lower_bound(60, 1.0, 3, 0.95)


def test_a_ratio_of_a_rate_with_itself_is_one_within_its_bounds() -> None:
    some = one([3, 5, 4, 9, 2, 6], [1] * 6)
    same = ratio(some, some)
    assert same.times == 1
    assert same.low < 1 < same.high


def test_a_ratio_to_nothing_has_no_upper_bound() -> None:
    against_silence = ratio(one([3, 5, 4], [1] * 3), one([0, 0, 0], [1] * 3))
    assert (against_silence.times, against_silence.high) == (math.inf, math.inf)


def test_a_ratio_of_nothing_to_nothing_is_not_known() -> None:
    silent = one([0, 0, 0], [1] * 3)
    unknown = ratio(silent, silent)
    assert math.isnan(unknown.times)
    assert (unknown.low, unknown.high) == (0, math.inf)


@pytest.mark.parametrize("shape", [1, 3, 100])
@pytest.mark.parametrize("times", [1, 4])
def test_the_interval_of_a_ratio_holds_the_truth_as_often_as_it_says(shape: float, times: float) -> None:
    rng = np.random.default_rng(2028)
    ratios = [
        ratio(
            one(clustered(rng, 10 * times, shape, 12), np.full(12, 0.5)),
            one(clustered(rng, 20, shape, 24), np.ones(24)),
        )
        for _ in range(TRIALS)
    ]
    assert np.mean([found.low <= times <= found.high for found in ratios]) > 0.91
