"""The files of the archive, by their names; the names and the files themselves are the only index.

    device=00a1b2c3d4e5f600/boot=7/stream=0/000000123000-20261120T081500Z.parquet

A name holds the first sample and when it was. `.log` is being appended to, or was when the service ended;
`.parquet` is sealed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

LOG, SEALED = ".log", ".parquet"
SEGMENT_NS = 3_600_000_000_000  # how long one lasts: few files, and a crash leaves little unsealed

_NAME = re.compile(
    r"device=(?P<device>[0-9a-f]+)/boot=(?P<boot>\d+)/stream=(?P<stream>\d+)"
    r"/(?P<start>\d+)-(?P<time>\d{8}T\d{6}Z)(?P<suffix>\.log|\.parquet)$"
)
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, order=True)
class StreamKey:
    """One stream of one boot of one device: what sample numbers count in."""

    device: str
    boot_id: int
    stream: int

    def folder(self, root: Path) -> Path:
        """Where its segments lie."""
        return root / f"device={self.device}" / f"boot={self.boot_id}" / f"stream={self.stream}"


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One file of one stream; they sort by stream, then by sample.

    Attributes:
        key: Its stream.
        start: First sample.
        start_ns: When that was, UTC, to the second.
        path: Where it is.
    """

    key: StreamKey
    start: int
    start_ns: int
    path: Path

    @classmethod
    def new(cls, root: Path, key: StreamKey, start: int, start_ns: int) -> "Segment":
        """Name an append file that begins with sample `start`."""
        at = datetime.fromtimestamp(start_ns // 1_000_000_000, UTC)
        path = key.folder(root) / f"{start:012d}-{at.strftime(_TIME)}{LOG}"
        return cls(key, start, int(at.timestamp()) * 1_000_000_000, path)

    @classmethod
    def parse(cls, path: Path) -> "Segment | None":
        """Read the name of a file; None if it is not of the archive."""
        match = _NAME.search(path.as_posix())
        if match is None:
            return None
        key = StreamKey(match["device"], int(match["boot"]), int(match["stream"]))
        at = datetime.strptime(match["time"], _TIME).replace(tzinfo=UTC)
        return cls(key, int(match["start"]), int(at.timestamp()) * 1_000_000_000, path)

    @property
    def is_sealed(self) -> bool:
        """Whether it is Parquet already."""
        return self.path.suffix == SEALED

    def sealed(self) -> "Segment":
        """What it is called once sealed."""
        return replace(self, path=self.path.with_suffix(SEALED))


def segments(folder: Path) -> list[Segment]:
    """Every segment in `folder`, by stream and sample; of one that is there in both forms, the sealed."""
    both = [*unsealed(folder), *_files(folder, SEALED)]
    return sorted({segment.path.with_suffix(""): segment for segment in both}.values())


def unsealed(folder: Path) -> list[Segment]:
    """Every append file in `folder`."""
    return sorted(_files(folder, LOG))


def _files(folder: Path, suffix: str) -> Iterator[Segment]:
    for path in folder.rglob(f"*{suffix}"):
        if segment := Segment.parse(path):
            yield segment
