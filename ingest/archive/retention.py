"""Which segments the archive lets go."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.archive.segment import Segment


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is kept.

    Attributes:
        keep_ns: Older signal goes.
        keep_bytes: If there is more, the oldest goes first.
        leave_free_bytes: The archive takes nothing in while the disk has less than this left, so that the
            journal still has room when the archive has stopped.
    """

    keep_ns: int
    keep_bytes: int
    leave_free_bytes: int


def outlived(sized: Sequence[tuple[Segment, int]], limits: Limits, now_ns: int) -> list[Segment]:
    """Return which of these segments, given with their bytes, are to go, oldest first."""
    by_age = sorted(sized, key=lambda pair: pair[0].start_ns)
    excess_bytes = sum(size for _, size in by_age) - limits.keep_bytes
    gone = []
    for segment, size in by_age:
        if excess_bytes <= 0 and now_ns - segment.start_ns <= limits.keep_ns:
            break
        gone.append(segment)
        excess_bytes -= size
    return gone
