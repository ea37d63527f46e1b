"""The law that the accelerometer's threshold rests on."""

import numpy as np
import pytest
from scipy.integrate import quad

from detector.crossing import Density, along_any_direction, along_one_direction, crossing_rate_hz, threshold


@pytest.mark.parametrize("density", [along_any_direction, along_one_direction])
def test_a_density_integrates_to_one(density: Density) -> None:
    assert quad(density, 0, 80)[0] == pytest.approx(1)


def test_power_along_the_best_direction_is_as_the_density_says() -> None:
    rng = np.random.default_rng(5)
    axes = (rng.standard_normal((200_000, 3)) + 1j * rng.standard_normal((200_000, 3))) / np.sqrt(2)
    best = (np.square(np.abs(axes)).sum(axis=1) + np.abs((axes**2).sum(axis=1))) / 2
    for score in (2.0, 4.0, 6.0):
        assert (best > score).mean() == pytest.approx(quad(along_any_direction, score, 80)[0], rel=0.06)


@pytest.mark.parametrize("density", [along_any_direction, along_one_direction])
def test_noise_passes_a_threshold_as_often_as_was_wished(density: Density) -> None:
    assert 3600 * crossing_rate_hz(threshold(2.5, density, 50.0), density, 50.0) == pytest.approx(2.5)


def test_fewer_false_alarms_ask_for_a_higher_threshold() -> None:
    scores = [threshold(per_hour, along_any_direction, 50.0) for per_hour in (10.0, 1.0, 0.1)]
    assert scores == sorted(scores)


def test_a_known_direction_asks_for_a_lower_threshold() -> None:
    assert threshold(1.0, along_one_direction, 50.0) < threshold(1.0, along_any_direction, 50.0)
