"""Whoever watches sees the last half minute as it was: in place, with its holes, at any width."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.live import MARKS_KEPT, Columns, LiveSignal, Mark

MS = 1_000_000
RATE_HZ = 1000.0


def push(
    live: LiveSignal,
    samples: NDArray[np.float32],
    end_ms: int,
    rate_hz: float = RATE_HZ,
    marks: Sequence[Mark] = (),
) -> None:
    sites = [f"site-{n}" for n in range(samples.shape[0])]
    live.push(
        device="a1",
        stream=0,
        modality="emg",
        unit="uV",
        sites=sites,
        rate_hz=rate_hz,
        end_ns=end_ms * MS,
        samples=samples,
        marks=marks,
    )


def ramp(start: int, stop: int) -> NDArray[np.float32]:
    return np.arange(start, stop, dtype=np.float32)[None]


def columns(live: LiveSignal, since: int = 0, width_ms: int = 10) -> Columns:
    return live.columns("a1", 0, since=since, width_ns=width_ms * MS)


def test_a_column_holds_the_extremes_of_its_samples() -> None:
    live = LiveSignal()
    push(live, ramp(0, 30), end_ms=30)
    seen = columns(live)
    assert seen.numbers.tolist() == [0, 1, 2]
    assert seen.low[0].tolist() == [0, 10, 20]
    assert seen.high[0].tolist() == [9, 19, 29]


@pytest.mark.parametrize("size", [1, 7, 28, 1000])
def test_the_columns_do_not_depend_on_how_the_signal_was_cut(size: int) -> None:
    signal = np.random.default_rng(1).normal(size=(4, 3000)).astype(np.float32)
    whole, cut = LiveSignal(window_s=2), LiveSignal(window_s=2)
    push(whole, signal, end_ms=3000)
    for start in range(0, 3000, size):
        block = signal[:, start : start + size]
        push(cut, block, end_ms=start + block.shape[1])
    assert columns(cut).numbers.tolist() == list(range(100, 300))
    np.testing.assert_array_equal(columns(cut).low, columns(whole).low)
    np.testing.assert_array_equal(columns(cut).high, columns(whole).high)


def test_only_what_is_asked_for_is_returned() -> None:
    live = LiveSignal()
    push(live, ramp(0, 100), end_ms=100)
    assert columns(live, since=8).numbers.tolist() == [8, 9]
    assert columns(live, since=10).numbers.size == 0


def test_a_gap_stays_empty() -> None:
    live = LiveSignal()
    push(live, ramp(0, 100), end_ms=100)
    push(live, ramp(300, 400), end_ms=400)
    seen = columns(live, width_ms=100)
    assert np.isfinite(seen.low[0]).tolist() == [True, False, False, True]
    assert seen.low[0, 3] == 300


def test_a_gap_longer_than_the_window_leaves_nothing_of_before() -> None:
    live = LiveSignal(window_s=1)
    push(live, ramp(0, 100), end_ms=100)
    push(live, ramp(0, 100), end_ms=3_600_000)
    assert np.isfinite(columns(live, width_ms=100).low).sum() == 1


def test_the_clock_fit_may_move_the_time_a_little_without_tearing_the_wave() -> None:
    live = LiveSignal()
    push(live, ramp(0, 100), end_ms=100)
    push(live, ramp(100, 200), end_ms=203)
    assert np.isfinite(columns(live).low).all()


def test_samples_that_come_late_do_not_overwrite_newer_ones() -> None:
    live = LiveSignal()
    push(live, ramp(0, 1000), end_ms=1000)
    push(live, ramp(5000, 5100), end_ms=300)
    assert columns(live).high.max() == 999


def test_a_clock_set_back_starts_anew() -> None:
    live = LiveSignal()
    push(live, ramp(0, 100), end_ms=10_000_000)
    push(live, ramp(0, 100), end_ms=100)
    assert columns(live).numbers.tolist() == list(range(10))


def test_another_rate_starts_anew() -> None:
    live = LiveSignal()
    push(live, ramp(0, 100), end_ms=100)
    push(live, ramp(0, 100), end_ms=700, rate_hz=200)
    assert columns(live, width_ms=5).numbers.size == 100


def test_a_lane_tells_when_its_newest_sample_was_taken() -> None:
    live = LiveSignal()
    push(live, np.zeros((2, 5), np.float32), end_ms=42)
    [lane] = live.lanes()
    assert (lane.end_ns, lane.channels, lane.sites) == (42 * MS, 2, ("site-0", "site-1"))


def test_memory_does_not_grow_with_time() -> None:
    live = LiveSignal(window_s=1)
    push(live, ramp(0, 5000), end_ms=5000)
    [ring] = live._rings.values()
    before = ring._samples.nbytes
    for second in range(5, 50):
        push(live, ramp(0, 1000), end_ms=second * 1000 + 1000)
    assert ring._samples.nbytes == before
    assert columns(live).numbers.size == 100


def test_marks_are_given_to_each_watcher_from_where_it_was() -> None:
    live, marks = LiveSignal(), [Mark(0, at_ms * MS, 12.0) for at_ms in (10, 50, 90)]
    push(live, ramp(0, 60), end_ms=60, marks=marks[:2])
    assert live.marks("a1", 0, after=0) == (marks[:2], 2)
    push(live, ramp(60, 100), end_ms=100, marks=marks[2:])
    assert live.marks("a1", 0, after=2) == (marks[2:], 3)
    assert live.marks("a1", 0, after=3) == ([], 3)


def test_marks_do_not_grow_with_time() -> None:
    live = LiveSignal()
    for at_ms in range(2 * MARKS_KEPT):
        push(live, ramp(at_ms, at_ms + 1), end_ms=at_ms + 1, marks=[Mark(0, at_ms * MS, 12.0)])
    kept, count = live.marks("a1", 0, after=0)
    assert (len(kept), count) == (MARKS_KEPT, 2 * MARKS_KEPT)
    assert kept[-1].onset_ns == (2 * MARKS_KEPT - 1) * MS


def test_after_a_clock_was_set_back_marks_begin_anew() -> None:
    live, mark = LiveSignal(window_s=1), Mark(0, 0, 12.0)
    push(live, ramp(0, 100), end_ms=3_600_000, marks=[mark] * 5)
    push(live, ramp(0, 100), end_ms=100, marks=[mark])
    assert live.marks("a1", 0, after=5) == ([mark], 1)
