"""The one writer of the archive."""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.archive.chunk import Chunk
from ingest.archive.log import LogWriter, read_log
from ingest.archive.reading import end_of
from ingest.archive.retention import Limits, outlived
from ingest.archive.sealed import seal
from ingest.archive.segment import SEGMENT_NS, Segment, StreamKey, segments, unsealed
from ingest.errors import ArchiveError

_IDLE_NS = 600_000_000_000  # without a chunk for so long a segment is closed: the sensor is off

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Open:
    """The segment that a stream is being appended to; `end` is the number after its last sample."""

    segment: Segment
    log: LogWriter
    end: int
    appended_ns: int


class Archive:
    """Keeps raw signal, each sample once, and lets the oldest go.

    `append` is called before the journal says that the samples are stored; after a crash in between they
    come again, and what is on disk already is left out. It never raises: the journal goes on in any case.

    Args:
        root: Its folder.
        limits: How much is kept.
        free_bytes: Says how much room is left where a path lies.
    """

    def __init__(
        self,
        root: Path,
        limits: Limits,
        *,
        free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:
        self.root = root
        self._limits = limits
        self._free_bytes = free_bytes
        self._open: dict[StreamKey, _Open] = {}
        self._lock = threading.Lock()  # the writer appends while another thread tends
        self._troubles: dict[str, str] = {}

    @property
    def problem(self) -> str:
        """Why signal is not being kept as it should, in a sentence; empty when all is well."""
        return "; ".join(self._troubles.values())

    def append(self, chunks: Iterable[Chunk]) -> None:
        """Keep these; when it returns they survive a power cut, or `problem` says why not."""
        with self._telling("raw signal is not being archived"):
            self._see_that_there_is_room()
            with self._lock:
                for chunk in chunks:
                    self._append(chunk)

    def tend(self, now_ns: int) -> None:
        """Close what is idle, seal what is closed, let go what has outlived its time."""
        with self._lock:
            self._close_idle()
            being_written = {opened.segment.path for opened in self._open.values()}
        with self._telling("not all of the archive can be sealed"), ExitStack() as stack:
            for segment in unsealed(self.root):
                if segment.path not in being_written:
                    stack.callback(self._seal, segment)  # each has its turn, also when another fails
        with self._telling("the archive cannot let go what is too old or too much"):
            self._let_go(being_written, now_ns)

    def close(self) -> None:
        """Close the files; what is not sealed will be when the archive is tended again."""
        with self._lock:
            for opened in self._open.values():
                opened.log.close()
            self._open.clear()

    def _see_that_there_is_room(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        free, wanted = self._free_bytes(self.root), self._limits.leave_free_bytes
        if free < wanted:
            raise ArchiveError(
                self.root,
                f"the disk has {free / 1e9:.2f} GB left, and {wanted / 1e9:.2f} GB are left to the journal",
            )

    def _append(self, chunk: Chunk) -> None:
        source = chunk.source
        key = StreamKey(source.device, source.boot_id, source.stream.stream_id)
        opened = self._open.get(key)
        end = opened.end if opened else self._end_on_disk(key)
        if chunk.end <= end:
            return
        if chunk.start < end:
            chunk = chunk.since(end)
        if opened is None or self._is_over(opened, chunk):
            opened = self._begin(key, chunk)
        opened.log.append(chunk)
        opened.end, opened.appended_ns = chunk.end, time.monotonic_ns()

    def _begin(self, key: StreamKey, chunk: Chunk) -> _Open:
        if key in self._open:
            self._open.pop(key).log.close()
        segment = Segment.new(self.root, key, chunk.start, chunk.start_ns)
        opened = _Open(segment, LogWriter(segment.path, chunk.source), chunk.start, time.monotonic_ns())
        self._open[key] = opened
        return opened

    def _is_over(self, opened: _Open, chunk: Chunk) -> bool:
        return chunk.source != opened.log.source or (
            abs(chunk.start_ns - opened.segment.start_ns) >= SEGMENT_NS
        )

    def _end_on_disk(self, key: StreamKey) -> int:
        """Up to where a stream was kept before this archive was opened."""
        found = segments(key.folder(self.root))
        if not found:
            return 0
        try:
            return end_of(found[-1])
        except ArchiveError:  # what cannot be read cannot be doubled
            return found[-1].start

    def _close_idle(self) -> None:
        now_ns = time.monotonic_ns()
        idle = [key for key, opened in self._open.items() if now_ns - opened.appended_ns > _IDLE_NS]
        for key in idle:
            self._open.pop(key).log.close()

    def _seal(self, segment: Segment) -> None:
        """Turn an append file into Parquet. One that was torn before its first chunk was whole only goes."""
        sealed = segment.sealed().path
        with segment.path.open("rb") as file:
            if not sealed.exists() and (log := read_log(file)) is not None:
                seal(sealed, *log)
        with self._lock:  # a file without a chunk may have been begun anew meanwhile
            if segment.path not in {opened.segment.path for opened in self._open.values()}:
                segment.path.unlink()

    def _let_go(self, being_written: set[Path], now_ns: int) -> None:
        sized = [
            (segment, segment.path.stat().st_size)
            for segment in segments(self.root)
            if segment.path not in being_written
        ]
        for segment in outlived(sized, self._limits, now_ns):
            segment.path.unlink()
            _remove_empty(segment.path.parent, self.root)

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Turn whatever goes wrong within this into a `problem`."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 -- nothing here may ever stop the journal
            trouble = f"{what}: {error}"
            if trouble != self._troubles.get(what):
                _log.error("%s", trouble, exc_info=not isinstance(error, (OSError, ArchiveError)))
            self._troubles[what] = trouble
        else:
            if self._troubles.pop(what, ""):
                _log.warning("%s: this is over: %s", self.root, what)


def _remove_empty(folder: Path, root: Path) -> None:
    """Remove a folder and those above it, up to `root`, as far as nothing is in them."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
