"""Schedules: random, repeatable, never overlapping, open to questions in any order."""

from itertools import pairwise

import numpy as np
import pytest

from ingest.simulated.schedule import Schedule


def schedule(seed=1, **changes):
    given = {"per_minute": 10, "duration_s": (0.5, 2.0), "apart_s": 1.0}
    return Schedule((seed,), **(given | changes))


def test_any_stretch_can_be_asked_for_in_any_order():
    forward, backward = schedule(), schedule()
    stretches = [(start_s, start_s + 7) for start_s in range(0, 600, 7)]
    asked = {stretch: backward.between(*stretch) for stretch in reversed(stretches)}
    assert all(forward.between(*stretch) == asked[stretch] for stretch in stretches)


def test_happenings_keep_their_distance_and_duration():
    happenings = schedule().between(0, 3600)
    assert all(0.5 <= h.end_s - h.start_s <= 2.0 for h in happenings)
    assert all(b.start_s - a.end_s >= 1.0 - 1e-9 for a, b in pairwise(happenings))


def test_rare_happenings_come_as_often_as_asked():
    assert len(schedule(per_minute=0.5).between(0, 36_000)) == pytest.approx(300, rel=0.15)


def test_none_a_minute_is_none():
    assert schedule(per_minute=0).between(0, 3600) == []


def test_no_two_share_their_randomness():
    keys = [happening.key for happening in schedule().between(0, 600)]
    assert len(set(keys)) == len(keys)


def test_what_happens_at_a_time_is_what_lies_around_it():
    one = schedule()
    times_s = np.arange(0, 120, 0.25)
    assert [one.happens_at(t) for t in times_s] == [
        any(h.start_s <= t < h.end_s for h in one.between(0, 120)) for t in times_s
    ]


def test_a_happening_longer_than_half_a_window_is_refused():
    with pytest.raises(ValueError, match="30 s at most"):
        schedule(duration_s=(1.0, 40.0))
