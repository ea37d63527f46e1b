"""Reading the archive, also while the service writes it."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from ingest.archive.chunk import Chunk
from ingest.archive.log import read_log
from ingest.archive.sealed import end_of_sealed, read_sealed
from ingest.archive.segment import Segment, StreamKey, segments
from ingest.errors import ArchiveError


def streams(root: Path, since_ns: int, until_ns: int) -> Iterator[tuple[StreamKey, list[Segment]]]:
    """Yield each stream with its segments, in order, that hold something of [since, until), UTC."""
    for key, group in groupby(segments(root), lambda segment: segment.key):
        found = list(group)
        ends_ns = [after.start_ns for after in found[1:]] + [until_ns]
        held = [
            segment
            for segment, end_ns in zip(found, ends_ns, strict=True)
            if segment.start_ns < until_ns and (end_ns > since_ns or segment is found[-1])
        ]
        if held:
            yield key, held


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
