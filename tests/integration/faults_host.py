"""A host in virtual time: pipeline, journal and archive as the service wires them, without its event loop."""

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

from ingest.archive.archive import Archive
from ingest.archive.retention import Limits
from ingest.assignment import Assignment
from ingest.errors import JournalError
from ingest.hostclock import HostClock
from ingest.journal import Journal
from ingest.listener import RECONNECT_S, STALE_AFTER_NS
from ingest.messages import Hello
from ingest.pipeline import Pipeline, Watcher
from ingest.schema import Records

SITE = "biceps-left"
EVERYTHING = Limits(2**62, 10**12, 1)


def assign(hello: Hello) -> Assignment:
    return Assignment("me", "sensor", {hello.streams[0].stream_id: (SITE,)})


class PowerCutError(Exception):
    """The host is no more."""


class Host:
    """One run of the service, from its start to its end or its death.

    Args:
        folder: Holds journal and archive; another run goes on with them.
        clock: What it takes for UTC.
        watcher: Is shown the samples.
        open_link: Whether the sensor's port can be opened now.

    Attributes:
        tear: If set, the next write to the archive is torn at a random byte, and the host dies of it.
    """

    def __init__(
        self, folder: Path, clock: HostClock, watcher: Watcher, open_link: Callable[[], bool]
    ) -> None:
        self.journal = Journal(folder / "journal.sqlite3")
        self.archive = Archive(folder / "archive", EVERYTHING, free_bytes=lambda _: 1)
        self._clock, self._watcher, self._open_link = clock, watcher, open_link
        clock.on_step[:] = [self._stepped]
        self._pipeline: Pipeline | None = None
        self._stepped_ns = 0
        self.tear: np.random.Generator | None = None
        self._unwritten: deque[tuple[Records, Pipeline]] = deque()
        self._failures = 0
        self._try_at_ns = 0

    def hear(self, data: bytes, at_ns: int) -> bytes:
        """Take what came by now (`at_ns` is nobody's clock); return what it answers."""
        now_ns = self._clock.now_ns()
        if self._pipeline is None:
            self._reopen(at_ns)
        if (pipeline := self._pipeline) is None:
            return b""
        if data:
            self._keep(pipeline.feed(data, now_ns), pipeline)
        self._write()
        if pipeline.is_silent(now_ns, STALE_AFTER_NS):
            self.lose_link(at_ns)
            return b""
        return pipeline.replies(now_ns)

    def lose_link(self, at_ns: int) -> None:
        """The port is gone: it will be opened again, with the service's patience."""
        if self._pipeline is not None:
            last = self._pipeline.close(self._clock.now_ns())
            if last.checkpoint is not None:
                self._stepped_ns = 0
            self._keep(last, self._pipeline)
            self._pipeline = None
        self._try_at_ns = at_ns + int(RECONNECT_S[1] * 1e9)
        self._failures = 1

    def end(self) -> None:
        """End as it should."""
        self.lose_link(0)
        self._write()
        assert not self._unwritten
        self.die()

    def die(self, data: bytes = b"", stage: int = 0) -> None:
        """End at once: before what `data` brings is archived, after that, or once it is in the journal."""
        if self._pipeline is not None and data:
            records = self._pipeline.feed(data, self._clock.now_ns())
            if stage > 0:
                self.archive.append(records.signal)
            if stage > 1:
                self.journal.write(records)
        self.archive.close()
        self.journal.close()

    @property
    def is_behind(self) -> bool:
        """Whether something waits to be written."""
        return bool(self._unwritten)

    def _keep(self, records: Records, pipeline: Pipeline) -> None:
        if records:
            self._unwritten.append((records, pipeline))
            if self.tear and records.signal:
                self._archive_torn(records, self.tear)
            self.archive.append(records.signal)
        self._write()

    def _archive_torn(self, records: Records, rng: np.random.Generator) -> None:
        before = {path: path.stat().st_size for path in self.archive.root.rglob("*.log")}
        self.archive.append(records.signal)
        for path in self.archive.root.rglob("*.log"):
            if (size := path.stat().st_size) > before.get(path, 0):
                os.truncate(path, int(rng.integers(before.get(path, 0), size)))
        self.die()
        raise PowerCutError

    def _write(self) -> None:
        """Write what waits, in order, as far as the disk allows."""
        with suppress(JournalError):
            while self._unwritten:
                records, pipeline = self._unwritten[0]
                self.journal.write(records)
                self._unwritten.popleft()
                pipeline.committed(records)

    def _reopen(self, at_ns: int) -> None:
        if at_ns < self._try_at_ns:
            return
        if self._open_link():
            self._pipeline = Pipeline(
                assign=assign,
                load=self.journal.checkpoints,
                link="wire",
                watcher=self._watcher,
                stepped_ns=self._stepped_ns,
            )
            return
        self._failures = min(self._failures + 1, len(RECONNECT_S) - 1)
        self._try_at_ns = at_ns + int(RECONNECT_S[self._failures] * 1e9)

    def _stepped(self, step_ns: int) -> None:
        self._stepped_ns += step_ns
        if self._pipeline is not None:
            self._pipeline.host_stepped(step_ns)
