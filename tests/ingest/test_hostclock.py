"""The host's clock notices being set, and being suspended is not being set."""

import pytest

from ingest.hostclock import HostClock

SECOND_NS = 10**9


class Hands:
    """Two clocks that a test can turn."""

    utc_ns = 1_800_000_000 * SECOND_NS
    steady_ns = 5 * SECOND_NS

    def go(self, seconds: float) -> None:
        self.utc_ns += int(seconds * SECOND_NS)
        self.steady_ns += int(seconds * SECOND_NS)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def steps() -> list[int]:
    return []


@pytest.fixture
def clock(hands: Hands, steps: list[int]) -> HostClock:
    clock = HostClock(lambda: hands.utc_ns, lambda: hands.steady_ns)
    clock.on_step.append(steps.append)
    return clock


def test_time_that_goes_by_is_no_step(clock: HostClock, hands: Hands, steps: list[int]) -> None:
    hands.go(3600)  # an hour of suspend goes by on both
    assert clock.now_ns() == hands.utc_ns
    assert steps == []


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_is_told_once(
    clock: HostClock, hands: Hands, steps: list[int], hours: int
) -> None:
    hands.utc_ns += hours * 3600 * SECOND_NS
    assert clock.now_ns() == hands.utc_ns
    clock.now_ns()
    assert steps == [hours * 3600 * SECOND_NS]


def test_a_clock_that_is_slewed_is_followed(clock: HostClock, hands: Hands, steps: list[int]) -> None:
    for _ in range(1000):
        hands.go(1)
        hands.utc_ns += 500_000  # the 500 ppm that adjtime allows
        clock.now_ns()
    assert steps == []
