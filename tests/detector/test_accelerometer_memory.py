"""What is learned of a site: the noise floor of its filters, its skin's direction, whether it is in use."""

import numpy as np
import pytest

from detector.axis import SkinAxis
from detector.movement import Motion
from detector.power import PowerFloor


def floor_of(powers: np.ndarray, *, calm: bool = True) -> PowerFloor:
    floor = PowerFloor((1,), memory=1500, ready=50, least=1e-6)
    for power in powers:
        floor.learn(np.array([power]), calm=calm)
    return floor


class TestPowerFloor:
    def test_it_is_the_mean_of_noise(self) -> None:
        powers = np.random.default_rng(1).exponential(4.0, 1500)
        assert floor_of(powers).mean[0] == pytest.approx(4.0, rel=0.12)

    def test_events_in_a_third_of_the_time_hardly_move_it(self) -> None:
        rng = np.random.default_rng(2)
        powers = rng.exponential(4.0, 1500)
        powers[rng.random(1500) < 0.33] = 1000
        assert floor_of(powers).mean[0] < 1.8 * 4.0

    def test_while_something_goes_on_it_does_not_learn(self) -> None:
        floor = floor_of(np.random.default_rng(3).exponential(4.0, 1500))
        before = floor.mean[0]
        for _ in range(500):
            floor.learn(np.array([1000.0]), calm=False)
        assert floor.mean[0] == before

    def test_what_is_always_there_becomes_the_floor(self) -> None:
        rng = np.random.default_rng(4)
        floor = floor_of(rng.exponential(4.0, 1500))
        for power in rng.exponential(40.0, 3200):
            floor.learn(np.array([power]), calm=False)
        assert floor.mean[0] == pytest.approx(40.0, rel=0.15)


class TestMotion:
    def test_a_limb_is_at_rest_half_a_second_after_a_movement(self) -> None:
        motion = Motion(100.0)
        motion.go_on(1000)
        assert motion.until == 1050

    def test_a_limb_that_moved_three_times_has_to_be_still_for_three_seconds(self) -> None:
        motion = Motion(100.0)
        for end in (1000, 1400, 1800):
            motion.go_on(end)
        assert motion.until == 2100

    def test_one_long_movement_is_one(self) -> None:
        motion = Motion(100.0)
        for end in range(1000, 1800, 4):
            motion.go_on(end)
        assert motion.until == 1796 + 50


class TestSkinAxis:
    def test_twitches_in_one_direction_tell_it_up_to_its_sign(self) -> None:
        axis = SkinAxis()
        for sign in (1, -1, 1, 1, -1, 1):
            axis.learn(sign * np.array([0.6, 0.0, 0.8]))
        assert axis.direction is not None
        assert np.abs(axis.direction) == pytest.approx([0.6, 0.0, 0.8])

    def test_a_few_twitches_do_not_tell_it(self) -> None:
        axis = SkinAxis()
        for _ in range(5):
            axis.learn(np.array([0.0, 0.0, 1.0]))
        assert axis.direction is None

    def test_directions_by_chance_are_none(self) -> None:
        axis, rng = SkinAxis(), np.random.default_rng(6)
        for _ in range(60):
            direction = rng.standard_normal(3)
            axis.learn(direction / np.linalg.norm(direction))
        assert axis.direction is None
