"""The rate of false events, and how sure it is."""

import math

import numpy as np
import pytest

from detector.event import Event, Kind, Span, State
from detector.false_alarms import FalseAlarms, false_alarms, hours_to_show

RATE_HZ = 1000.0
HOUR = 3_600_000  # samples


def event(kind: Kind) -> Event:
    return Event(0, 100, 12.0, 50.0, 6.0, kind, 0.9, State.REST, "made")


def test_twitches_and_bursts_are_false_alarms_and_what_is_called_an_artefact_is_none() -> None:
    events = [event(kind) for kind in (Kind.TWITCH, Kind.BURST, Kind.ARTEFACT, Kind.CONTRACTION)]
    assert false_alarms(events, [Span(0, 0, HOUR, State.REST, 5.0)], RATE_HZ).count == 2


def test_only_time_in_which_something_could_be_found_counts() -> None:
    states = (State.REST, State.MOVEMENT, State.NOT_WORN, State.BAD_CONTACT, State.MISSING)
    spans = [Span(0, place * HOUR, (place + 1) * HOUR, state, 5.0) for place, state in enumerate(states)]
    assert false_alarms([], spans, RATE_HZ).observed_h == pytest.approx(2)


def test_where_nothing_could_be_judged_nothing_is_said() -> None:
    check = FalseAlarms.of(0, 0.0)
    assert math.isnan(check.per_hour)
    assert (check.low, check.high) == (0.0, math.inf)


@pytest.mark.parametrize("per_hour", [0.5, 2.0, 10.0])
def test_the_interval_holds_the_truth_as_often_as_it_says(per_hour: float) -> None:
    counts = np.random.default_rng(3).poisson(per_hour * 2.0, 2000)
    checks = [FalseAlarms.of(int(count), 2.0) for count in counts]
    assert np.mean([check.low <= per_hour <= check.high for check in checks]) >= 0.95


def test_so_many_hours_without_any_show_that_there_are_fewer() -> None:
    assert FalseAlarms.of(0, hours_to_show(0.5)).high == pytest.approx(0.5)
