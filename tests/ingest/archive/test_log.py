"""The append file: whole chunks, wherever it is torn."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from ingest.archive.chunk import Chunk, Source
from ingest.archive.log import LogWriter, read_log


@pytest.fixture
def written(tmp_path: Path, source: Source, make: Callable[..., Chunk]) -> tuple[bytes, list[int]]:
    """The bytes of a log of three chunks, and where in it each of them ends."""
    path = tmp_path / "x.log"
    log = LogWriter(path, source)
    ends = [path.stat().st_size]
    for start in (0, 10, 30):
        log.append(make(start, start + 10))
        ends.append(path.stat().st_size)
    log.close()
    return path.read_bytes(), ends


def starts(content: bytes) -> list[int]:
    log = read_log(BytesIO(content))
    return [] if log is None else [chunk.start for chunk in log[1]]


def test_chunks_come_back_as_they_were_appended(
    written: tuple[bytes, list[int]], source: Source, make: Callable[..., Chunk]
) -> None:
    log = read_log(BytesIO(written[0]))
    assert log is not None
    found, chunks = log[0], list(log[1])
    assert found == source
    for chunk, start in zip(chunks, (0, 10, 30), strict=True):
        expected = make(start, start + 10)
        assert np.array_equal(chunk.codes, expected.codes)
        assert (chunk.start, chunk.start_ns, chunk.end_ns, chunk.uncertainty_ns) == (
            expected.start, expected.start_ns, expected.end_ns, expected.uncertainty_ns,
        )  # fmt: skip


def test_torn_at_any_byte_it_ends_with_the_last_whole_chunk(written: tuple[bytes, list[int]]) -> None:
    content, ends = written
    for length in range(len(content)):
        whole = sum(end <= length for end in ends[1:])
        assert starts(content[:length]) == [0, 10, 30][:whole]


def test_torn_and_filled_with_zeros_it_ends_with_the_last_whole_chunk(
    written: tuple[bytes, list[int]],
) -> None:
    content, ends = written
    for length in range(ends[0], len(content) - 1):
        zeroed = content[:length] + bytes(len(content) - length)
        if zeroed != content:
            assert starts(zeroed) == [0, 10, 30][: len(starts(zeroed))]
            assert len(starts(zeroed)) < 3


def test_a_flipped_bit_ends_it_before_the_damage(written: tuple[bytes, list[int]]) -> None:
    content, ends = written
    for place in range(ends[1], ends[2]):
        damaged = bytearray(content)
        damaged[place] ^= 0x10
        assert starts(bytes(damaged)) == [0]
