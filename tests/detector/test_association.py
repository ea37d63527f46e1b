import numpy as np
import pytest
from numpy.typing import NDArray

from detector.association import Association, associate

DAYS = 40
AWAKE = slice(8, 23)
TRIALS = 200  # a true coverage of 95 % stays above 89 % with odds of 10,000 to 1


def rest(days: int = DAYS) -> NDArray[np.float64]:
    """Half of every waking hour at rest."""
    rest_h = np.zeros((days, 24))
    rest_h[:, AWAKE] = 0.5
    return rest_h


def diary(rng: np.random.Generator, occasions: int, days: int = DAYS) -> list[int]:
    """One occasion on each of so many days, some time in the morning or afternoon."""
    return (rng.choice(days, occasions, replace=False) * 24 + rng.integers(8, 17, occasions)).tolist()


def twitches(
    rng: np.random.Generator, rest_h: NDArray[np.float64], occasions: list[int], times: float
) -> NDArray[np.float64]:
    """Clustered twitches, more on some days, `times` as many in the four hours after each occasion."""
    mean = 20 * rest_h * rng.gamma(6, 1 / 6, (len(rest_h), 1))
    for occasion in occasions:
        mean.ravel()[occasion + 1 : occasion + 5] *= times
    return rng.poisson(rng.gamma(3, mean / 3)).astype(np.float64)


def seen(seed: int, times: float, occasions: int = 15) -> Association:
    rng = np.random.default_rng(seed)
    noted = diary(rng, occasions)
    return associate(twitches(rng, rest(), noted, times), rest(), noted, rng)


def test_fewer_than_five_occasions_are_too_few_to_say() -> None:
    few = seen(1, 3, occasions=4)
    assert few.occasions == 4
    assert (few.times, few.low, few.high, few.by_chance) == (None, None, None, None)


def test_five_occasions_are_enough() -> None:
    assert seen(1, 3, occasions=5).times is not None


def test_occasions_without_observed_hours_after_them_do_not_count() -> None:
    rng = np.random.default_rng(2)
    at_night = [day * 24 for day in range(10)]
    unseen = associate(rng.poisson(5.0, (DAYS, 24)) * (rest() > 0), rest(), at_night, rng)
    assert (unseen.occasions, unseen.times) == (0, None)


def test_cups_within_one_anothers_hours_are_one_occasion() -> None:
    rng = np.random.default_rng(3)
    cups = [day * 24 + hour for day in range(6) for hour in (9, 11, 13)]
    assert associate(np.ones((DAYS, 24)), rest(), cups, rng).occasions == 6


def test_something_noted_every_day_leaves_nothing_to_compare_with() -> None:
    rng = np.random.default_rng(4)
    daily = [day * 24 + 9 for day in range(DAYS)]
    always = associate(np.ones((DAYS, 24)), rest(), daily, rng)
    assert (always.days_without, always.times) == (0, None)


def test_hours_are_compared_with_the_same_hours_of_other_days() -> None:
    """Busy evenings and an evening habit are no link."""
    counts = np.where(np.arange(24) >= 18, 30.0, 1.0) * (rest() > 0)
    evenings = [day * 24 + 17 for day in range(0, DAYS, 3)]
    habit = associate(counts, rest(), evenings, np.random.default_rng(5))
    assert habit.times == pytest.approx(1, abs=0.05)


def test_a_link_is_told_with_its_size() -> None:
    link = seen(6, 3)
    assert link.times is not None
    assert link.low is not None
    assert link.times == pytest.approx(3, rel=0.3)
    assert link.low > 1
    assert link.by_chance == 1 / 200  # none of the shuffled diaries comes near


def test_a_site_that_never_twitches_has_no_link() -> None:
    rng = np.random.default_rng(7)
    silent = associate(np.zeros((DAYS, 24)), rest(), diary(rng, 12), rng)
    assert (silent.times, silent.by_chance) == (1, 1)


@pytest.mark.parametrize("times", [1, 2])
def test_the_interval_holds_the_truth_as_often_as_it_says(times: float) -> None:
    links = [seen(seed, times) for seed in range(TRIALS)]
    assert np.mean([link.low <= times <= link.high for link in links]) > 0.89  # type: ignore[operator]


def test_where_there_is_no_link_shuffled_diaries_look_alike() -> None:
    by_chance = [seen(seed, 1).by_chance for seed in range(TRIALS)]
    assert np.mean([share is not None and share <= 0.05 for share in by_chance]) < 0.1
