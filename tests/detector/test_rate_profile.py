import numpy as np

from detector.profile import hour_of_day


def test_every_hour_of_the_day_has_the_rate_of_its_own_hours() -> None:
    counts, observed_h = np.zeros((5, 24)), np.full((5, 24), 0.5)
    counts[:, 21] = 6
    rates = hour_of_day(counts, observed_h)
    assert [found.per_hour for found in rates if found] == [0] * 21 + [12] + [0] * 2


def test_an_hour_that_was_never_observed_has_no_rate() -> None:
    observed_h = np.ones((5, 24))
    observed_h[:, 3] = 0
    rates = hour_of_day(np.zeros((5, 24)), observed_h)
    assert [hour for hour, found in enumerate(rates) if found is None] == [3]
