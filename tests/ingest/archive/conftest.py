"""Signal for the archive: chunks of numbers that tell where they belong, and reading all of it back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from ingest.archive.archive import Archive
from ingest.archive.chunk import Chunk, Source
from ingest.archive.reading import chunks, streams
from ingest.archive.retention import Limits
from ingest.messages import Modality, Stream, Unit

START_NS = 1_800_000_000_000_000_000
STREAM = Stream(0, Modality.EMG, Unit.MICROVOLT, 2, 2, 1_000_000, 0.5, -32768, 32767, 0, 0, ())
FOREVER_NS = 2**62


@pytest.fixture
def source() -> Source:
    return Source.of("me", "00a1b2c3d4e5f600", 7, STREAM, ("biceps-left", "biceps-right"))


@pytest.fixture
def make(source: Source) -> Callable[..., Chunk]:
    """Make the chunk [start, end) at 1 kHz; every code can be told from every other nearby."""

    def make(start: int, end: int, of: Source = source) -> Chunk:
        numbers = np.arange(start, end) % 30_000
        codes = np.stack([numbers * (1 - 2 * channel) for channel in range(of.stream.channels)])
        times_ns = (START_NS + start * 1_000_000, START_NS + end * 1_000_000)
        return Chunk(of, start, codes.astype(of.code_type), *times_ns, uncertainty_ns=1_500_000)

    return make


@pytest.fixture
def open_archive(tmp_path: Path) -> Iterator[Callable[..., Archive]]:
    """Open the archive anew, as after a crash; by default it keeps everything."""

    opened: list[Archive] = []

    def open_archive(
        *, keep_ns: int = FOREVER_NS, keep_bytes: int = 10**12, free_bytes: int = 10**12
    ) -> Archive:
        limits = Limits(keep_ns, keep_bytes, leave_free_bytes=10**9)
        opened.append(Archive(tmp_path / "archive", limits, free_bytes=lambda _: free_bytes))
        return opened[-1]

    yield open_archive
    for archive in opened:
        archive.close()


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[], list[int]]:
    """Read the numbers of all kept samples of the only stream, checking the codes against them."""

    def kept() -> list[int]:
        numbers: list[int] = []
        for _, held in streams(tmp_path / "archive", 0, FOREVER_NS):
            for segment in held:
                for chunk in chunks(segment):
                    here = np.arange(chunk.start, chunk.end)
                    assert np.array_equal(chunk.codes[0], here % 30_000)
                    assert chunk.time_ns(chunk.start) == START_NS + chunk.start * 1_000_000
                    numbers += here.tolist()
        return numbers

    return kept
