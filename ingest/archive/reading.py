"""Reading the archive, also while the service writes it."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from ingest.archive.chunk import Chunk
from ingest.archive.log import read_log
from ingest.archive.sealed import end_of_sealed, read_sealed
from ingest.archive.segment import SEGMENT_NS, Segment, StreamKey, segments
from ingest.errors import ArchiveError

_LAST_CHUNK_NS = 60_000_000_000  # a segment ends with the chunk that begins before its hour is over


def streams(root: Path, since_ns: int, until_ns: int) -> Iterator[tuple[StreamKey, list[Segment]]]:
    """Yield each stream with its segments, in order, that may hold something of [since, until), UTC."""
    held = [
        segment
        for segment in segments(root)
        if segment.start_ns < until_ns and segment.start_ns + SEGMENT_NS + _LAST_CHUNK_NS > since_ns
    ]
    for key, group in groupby(held, lambda segment: segment.key):
        yield key, list(group)


def chunks(segment: Segment) -> Iterator[Chunk]:
    """Yield the signal of a segment in order; nothing if it has been let go meanwhile.

    Raises:
        ArchiveError: The file is damaged or cannot be read.
    """
    try:
        if segment.is_sealed:
            yield from read_sealed(segment.path)[1]
            return
        with segment.path.open("rb") as file:
            log = read_log(file)
            yield from log[1] if log else ()
    except FileNotFoundError:
        if not segment.is_sealed:  # has been sealed meanwhile
            yield from chunks(segment.sealed())
    except (OSError, ValueError) as error:
        raise ArchiveError(segment.path, f"this part of the archive cannot be read: {error}") from error


def end_of(segment: Segment) -> int:
    """Return the number after the last sample of a segment. Raises ArchiveError as `chunks` does."""
    if segment.is_sealed:
        try:
            return end_of_sealed(segment.path)
        except (OSError, ValueError) as error:
            raise ArchiveError(segment.path, f"this part of the archive cannot be read: {error}") from error
    return max((chunk.end for chunk in chunks(segment)), default=segment.start)
