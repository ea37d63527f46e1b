"""Whatever the order in which samples come: each once, in order, every gap to the sample."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.messages import Samples
from ingest.reassembly import Gap, Reassembly, Run


def samples(start: int, n: int = 10) -> Samples:
    codes = np.arange(start, start + n).astype(np.int32)[np.newaxis]
    return Samples(0, start % 2**32, start * 1000 % 2**32, 2, codes)


def read(delivered: list[Run | Gap]) -> list[tuple[str, int, int]]:
    for item in delivered:
        if isinstance(item, Run):
            assert np.array_equal(item.codes[0], np.arange(item.start, item.end).astype(np.int32))
    return [(type(item).__name__, item.start, item.end) for item in delivered]


def test_samples_in_order_pass_through() -> None:
    reassembly = Reassembly(0, can_resend=True, hold_limit=1000)
    assert read(reassembly.add(samples(0))) == [("Run", 0, 10)]
    assert read(reassembly.add(samples(10))) == [("Run", 10, 20)]
    assert reassembly.holes() == []


def test_a_hole_is_held_open_until_it_is_filled() -> None:
    reassembly = Reassembly(0, can_resend=True, hold_limit=1000)
    assert reassembly.add(samples(20)) == []
    assert reassembly.holes() == [(0, 20)]
    assert read(reassembly.add(samples(0))) == [("Run", 0, 10)]
    assert read(reassembly.add(samples(10))) == [("Run", 10, 20), ("Run", 20, 30)]
    assert reassembly.resent == 20


def test_a_device_that_cannot_resend_leaves_a_gap_to_the_sample_at_once() -> None:
    reassembly = Reassembly(0, can_resend=False, hold_limit=1000)
    reassembly.add(samples(0))
    assert read(reassembly.add(samples(13))) == [("Gap", 10, 13), ("Run", 13, 23)]


def test_repeats_are_counted_and_dropped_overlaps_cut() -> None:
    reassembly = Reassembly(0, can_resend=True, hold_limit=1000)
    reassembly.add(samples(0))
    assert reassembly.add(samples(0)) == []
    assert reassembly.doubled == 10
    [run] = reassembly.add(samples(5))
    assert read([run]) == [("Run", 10, 15)]
    assert isinstance(run, Run)
    assert (run.timed, run.time_us) == (5, 5000)
    assert reassembly.doubled == 15


def test_what_the_device_no_longer_holds_becomes_a_gap() -> None:
    reassembly = Reassembly(0, can_resend=True, hold_limit=1000)
    reassembly.add(samples(30))
    assert read(reassembly.gone(0, 25)) == [("Gap", 0, 25)]
    assert reassembly.holes() == [(25, 30)]
    assert read(reassembly.add(samples(25, 5))) == [("Run", 25, 30), ("Run", 30, 40)]


def test_samples_that_came_are_not_lost_to_a_gone_that_spans_them() -> None:
    reassembly = Reassembly(0, can_resend=True, hold_limit=1000)
    reassembly.add(samples(10))
    assert read(reassembly.gone(0, 40)) == [("Gap", 0, 10), ("Run", 10, 20), ("Gap", 20, 40)]


def test_a_hole_that_nobody_fills_is_given_up_at_the_limit() -> None:
    reassembly = Reassembly(0, can_resend=True, hold_limit=25)
    for start in (10, 20):
        assert reassembly.add(samples(start)) == []
    assert read(reassembly.add(samples(30))) == [
        ("Gap", 0, 10), ("Run", 10, 20), ("Run", 20, 30), ("Run", 30, 40),
    ]  # fmt: skip


def test_closing_gives_what_is_held_with_its_holes() -> None:
    reassembly = Reassembly(0, can_resend=True, hold_limit=1000)
    reassembly.add(samples(10))
    reassembly.add(samples(30))
    assert read(reassembly.close("restart")) == [
        ("Gap", 0, 10), ("Run", 10, 20), ("Gap", 20, 30), ("Run", 30, 40),
    ]  # fmt: skip


def test_what_the_device_announces_and_does_not_send_is_a_hole() -> None:
    reassembly = Reassembly(5, can_resend=True, hold_limit=1000)
    reassembly.announce(40)
    assert reassembly.holes() == [(5, 40)]


def test_sequence_numbers_go_on_where_the_wire_wraps() -> None:
    start = 2**32 - 5
    reassembly = Reassembly(start, can_resend=True, hold_limit=1000)
    assert read(reassembly.add(samples(start))) == [("Run", start, start + 10)]
    assert read(reassembly.add(samples(start + 10))) == [("Run", start + 10, start + 20)]


@pytest.mark.parametrize("can_resend", [True, False])
@given(
    order=st.lists(st.tuples(st.integers(0, 200), st.integers(1, 30)), max_size=40),
    gone=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 40)), max_size=5),
)
def test_runs_and_gaps_follow_each_other_exactly(
    can_resend: bool, order: list[tuple[int, int]], gone: list[tuple[int, int]]
) -> None:
    reassembly = Reassembly(0, can_resend=can_resend, hold_limit=60)
    delivered = []
    for start, n in order:
        delivered += reassembly.add(samples(start, n))
        if gone:
            first, length = gone.pop()
            delivered += reassembly.gone(first, first + length)
    delivered += reassembly.close("end")
    at = 0
    for _, start, end in read(delivered):
        assert start == at
        assert end > start
        at = end
    assert at == reassembly.expected
