"""What the archive lets go: the too old, then the oldest of what is too much."""

from pathlib import Path

from ingest.archive.retention import Limits, outlived
from ingest.archive.segment import Segment, StreamKey

KEY = StreamKey("00a1", 7, 0)


def segments(*starts_ns: int) -> list[Segment]:
    return [Segment(KEY, start_ns, start_ns, Path(str(start_ns))) for start_ns in starts_ns]


def test_what_is_older_than_the_limit_goes() -> None:
    sized = [(segment, 10) for segment in segments(100, 200, 300)]
    gone = outlived(sized, Limits(keep_ns=150, keep_bytes=1000, leave_free_bytes=0), now_ns=400)
    assert [segment.start_ns for segment in gone] == [100, 200]


def test_what_is_too_much_goes_oldest_first() -> None:
    sized = [(segment, 10) for segment in segments(300, 100, 200)]
    gone = outlived(sized, Limits(keep_ns=1000, keep_bytes=20, leave_free_bytes=0), now_ns=400)
    assert [segment.start_ns for segment in gone] == [100]


def test_within_the_limits_nothing_goes() -> None:
    sized = [(segment, 10) for segment in segments(100, 200)]
    assert outlived(sized, Limits(keep_ns=300, keep_bytes=20, leave_free_bytes=0), now_ns=400) == []
