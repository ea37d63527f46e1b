"""Runs of samples to chunks: no longer than told, none over a gap, and time that does not turn back."""

from collections.abc import Callable

import numpy as np
import pytest

from ingest.archive.chunk import Source
from ingest.archive.cutter import ChunkCutter

MS = 1_000_000


@pytest.fixture
def off_ns() -> list[int]:
    """By how much the clock tells times otherwise than at first; a test may change it."""
    return [0]


@pytest.fixture
def push(source: Source, off_ns: list[int]) -> Callable[..., ChunkCutter]:
    cutter = ChunkCutter(source, lambda sample: sample * MS + off_ns[0], lambda _: 7)

    def push(start: int, end: int, step: int = 28) -> ChunkCutter:
        for first in range(start, end, step):
            last = min(first + step, end)
            cutter.push(first, np.arange(first, last, dtype=np.int32)[np.newaxis].repeat(2, 0))
        return cutter

    return push


def test_runs_are_joined(push: Callable[..., ChunkCutter]) -> None:
    [chunk] = push(100, 1100).take()
    assert (chunk.start, chunk.end, chunk.start_ns, chunk.end_ns) == (100, 1100, 100 * MS, 1100 * MS)
    assert chunk.codes[1].tolist() == list(range(100, 1100))
    assert chunk.codes.dtype == np.int16


def test_a_gap_ends_a_chunk(push: Callable[..., ChunkCutter]) -> None:
    push(0, 100)
    assert [(chunk.start, chunk.end) for chunk in push(150, 200).take()] == [(0, 100), (150, 200)]


def test_a_backlog_is_cut_every_five_seconds(push: Callable[..., ChunkCutter]) -> None:
    chunks = push(0, 12_000, step=100).take()
    assert [(chunk.start, chunk.end) for chunk in chunks] == [(0, 5000), (5000, 10_000), (10_000, 12_000)]


def test_what_was_taken_is_not_given_again(push: Callable[..., ChunkCutter]) -> None:
    cutter = push(0, 100)
    assert len(cutter.take()) == 1
    assert cutter.take() == []


def test_a_better_fit_of_the_clock_does_not_turn_time_back(
    push: Callable[..., ChunkCutter], off_ns: list[int]
) -> None:
    [before] = push(0, 1000).take()
    off_ns[0] = -20 * MS
    [after] = push(1000, 2000).take()
    assert after.start_ns == before.end_ns
    assert after.end_ns == 1980 * MS


def test_a_host_clock_that_was_set_moves_the_next_chunk_as_a_whole(
    push: Callable[..., ChunkCutter], off_ns: list[int]
) -> None:
    push(0, 1000).take()
    off_ns[0] = -3_600_000 * MS
    [after] = push(1000, 2000).take()
    assert after.end_ns - after.start_ns == 1000 * MS
