"""The archive keeps each sample once, says when it cannot, and lets the oldest go."""

import os
import resource
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.archive.archive import Archive
from ingest.archive.chunk import Chunk, Source
from ingest.archive.reading import streams
from ingest.archive.segment import segments

START_NS = 1_800_000_000_000_000_000
HOUR = 3_600_000  # samples at 1 kHz
HOUR_NS = 3_600_000_000_000
Make = Callable[..., Chunk]
Open = Callable[..., Archive]
Kept = Callable[[], list[int]]


def files(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.rglob("*") if path.is_file())


def test_signal_is_there_as_soon_as_it_is_appended(open_archive: Open, make: Make, kept: Kept) -> None:
    open_archive().append([make(0, 100), make(100, 250)])
    assert kept() == list(range(250))


def test_sealed_it_is_the_same_signal(tmp_path: Path, open_archive: Open, make: Make, kept: Kept) -> None:
    archive = open_archive()
    archive.append([make(0, 100), make(120, 250)])
    archive.close()
    archive.tend(START_NS)
    assert archive.problem == ""
    assert files(tmp_path) == [".parquet"]
    assert kept() == [*range(100), *range(120, 250)]


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    """Within this, no file of this process grows beyond `size_bytes`: a write ends half-way, then fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("is_sealed", [False, True])
def test_what_comes_again_after_a_crash_is_there_once(
    open_archive: Open, make: Make, kept: Kept, *, is_sealed: bool
) -> None:
    open_archive().append([make(0, 100), make(100, 200)])
    after = open_archive()
    if is_sealed:
        after.tend(START_NS)
    after.append([make(100, 150), make(150, 300)])
    assert kept() == list(range(300))


def test_a_torn_file_goes_on_after_its_last_whole_chunk(
    tmp_path: Path, open_archive: Open, make: Make, kept: Kept
) -> None:
    open_archive().append([make(0, 100), make(100, 200)])
    [log] = tmp_path.rglob("*.log")
    os.truncate(log, log.stat().st_size - 7)
    after = open_archive()
    after.tend(START_NS)
    after.append([make(100, 300)])
    assert kept() == list(range(300))


def test_a_file_torn_before_its_first_chunk_is_begun_anew(
    tmp_path: Path, open_archive: Open, make: Make, kept: Kept
) -> None:
    open_archive().append([make(0, 100)])
    [log] = tmp_path.rglob("*.log")
    os.truncate(log, 5)
    after = open_archive()
    after.append([make(0, 100)])
    after.tend(START_NS)
    assert kept() == list(range(100))


def test_sealed_twice_because_of_a_crash_in_between_it_is_there_once(
    tmp_path: Path, open_archive: Open, make: Make, kept: Kept
) -> None:
    archive = open_archive()
    archive.append([make(0, 100)])
    archive.close()
    [log] = tmp_path.rglob("*.log")
    content = log.read_bytes()
    archive.tend(START_NS)
    log.write_bytes(content)
    assert kept() == list(range(100))
    archive.tend(START_NS)
    assert files(tmp_path) == [".parquet"]


def test_a_new_file_begins_every_hour_and_only_the_old_one_is_sealed(
    tmp_path: Path, open_archive: Open, make: Make
) -> None:
    archive = open_archive()
    archive.append([make(0, 100), make(HOUR, HOUR + 100)])
    archive.tend(START_NS + HOUR_NS)
    assert [(s.start, s.is_sealed) for s in segments(tmp_path)] == [(0, True), (HOUR, False)]


def test_a_new_site_begins_a_new_file(tmp_path: Path, open_archive: Open, make: Make, source: Source) -> None:
    archive = open_archive()
    moved = replace(source, sites=("tongue-middle", "biceps-right"))
    archive.append([make(0, 100), make(100, 200, moved)])
    assert [segment.start for segment in segments(tmp_path)] == [0, 100]


def test_boots_number_their_samples_apart(
    tmp_path: Path, open_archive: Open, make: Make, source: Source
) -> None:
    archive = open_archive()
    archive.append([make(0, 100), make(0, 50, replace(source, boot_id=8))])
    held = [(key.boot_id, len(found)) for key, found in streams(tmp_path, 0, 2**62)]
    assert held == [(7, 1), (8, 1)]


def test_only_the_time_asked_for_is_read(tmp_path: Path, open_archive: Open, make: Make) -> None:
    open_archive().append([make(hour * HOUR, hour * HOUR + 100) for hour in range(4)])
    [(_, held)] = streams(tmp_path, START_NS + HOUR_NS + 10**11, START_NS + 3 * HOUR_NS)
    assert [segment.start // HOUR for segment in held] == [1, 2]


def test_a_full_disk_stops_the_archive_with_a_sentence_until_there_is_room(
    open_archive: Open, make: Make, kept: Kept
) -> None:
    archive = open_archive(free_bytes=900_000_000)
    archive.append([make(0, 100)])
    assert "0.90 GB left" in archive.problem
    assert kept() == []
    archive = open_archive()
    archive.append([make(100, 200)])
    assert archive.problem == ""
    assert kept() == list(range(100, 200))


def test_a_chunk_that_is_written_half_is_a_gap_and_nothing_worse(
    tmp_path: Path, open_archive: Open, make: Make, kept: Kept
) -> None:
    archive = open_archive()
    archive.append([make(0, 50_000)])
    [log] = tmp_path.rglob("*.log")
    with largest_file(log.stat().st_size + 5000):
        archive.append([make(50_000, 60_000)])
    assert "not being archived" in archive.problem
    archive.append([make(60_000, 70_000)])
    assert archive.problem == ""
    assert kept() == [*range(50_000), *range(60_000, 70_000)]


def test_one_stream_that_cannot_be_read_any_more_goes_on(
    tmp_path: Path, open_archive: Open, make: Make
) -> None:
    archive = open_archive()
    archive.append([make(0, 100)])
    archive.close()
    archive.tend(START_NS)
    [sealed] = tmp_path.rglob("*.parquet")
    sealed.write_bytes(b"not any more")
    after = open_archive()
    after.append([make(100, 200)])
    assert after.problem == ""
    assert files(tmp_path) == [".log", ".parquet"]


def test_what_is_too_old_goes_with_its_folders_but_never_what_is_being_written(
    tmp_path: Path, open_archive: Open, make: Make, source: Source
) -> None:
    archive = open_archive(keep_ns=24 * HOUR_NS)
    archive.append([make(0, 100)])
    archive.close()
    archive.append([make(0, 100, replace(source, boot_id=8))])
    archive.tend(START_NS + 25 * HOUR_NS)
    assert archive.problem == ""
    assert [segment.key.boot_id for segment in segments(tmp_path)] == [8]
    assert not list(tmp_path.rglob("boot=7"))


def test_what_is_too_much_goes_oldest_first(tmp_path: Path, open_archive: Open, make: Make) -> None:
    archive = open_archive(keep_bytes=5000)
    archive.append([make(hour * HOUR, hour * HOUR + 100) for hour in range(4)])
    archive.close()
    archive.tend(START_NS)
    left = [segment.start // HOUR for segment in segments(tmp_path)]
    assert left
    assert left == list(range(4 - len(left), 4))
    assert sum(segment.path.stat().st_size for segment in segments(tmp_path)) <= 5000


def test_a_file_that_cannot_be_sealed_is_told_and_keeps_no_other_waiting(
    tmp_path: Path, open_archive: Open, make: Make, source: Source
) -> None:
    archive = open_archive()
    archive.append([make(0, 100), make(0, 100, replace(source, boot_id=8))])
    archive.close()
    [first, _] = sorted(tmp_path.rglob("*.log"))
    first.write_bytes(
        struct.pack("<II", 4, zlib.crc32(b"null")) + b"null"
    )  # a whole record that is no source
    archive.tend(START_NS)
    assert "not all of the archive can be sealed" in archive.problem
    assert files(tmp_path) == [".log", ".parquet"]
