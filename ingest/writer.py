"""The one way into the journal: a bounded queue before a thread, so that a slow disk never blocks a link."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from ingest.archive.archive import Archive
from ingest.errors import JournalError
from ingest.journal import Journal
from ingest.schema import ARCHIVE_PROBLEM, Records

QUEUE_LIMIT = 256  # batches: some 25 s of 10 devices; a full queue stops reading, and boards then buffer
_RETRY_S = (0.2, 0.5, 1.0, 2.0, 5.0)  # after a failed write: a full disk is not mended in less

_log = logging.getLogger(__name__)


class JournalWriter:
    """Writes batches in the order they were given; what fails is tried until it is in.

    The signal of a batch is archived before the batch is written: what the journal says is stored, is.

    Attributes:
        problem: Why the last write failed, in a sentence; empty when all is well.
    """

    def __init__(
        self,
        journal: Journal,
        archive: Archive | None = None,
        *,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.problem = ""
        self._journal = journal
        self._archive = archive
        self._archive_problem: str | None = None  # as the journal tells it; None: not known
        self._now_ns = now_ns
        self._give_up_s: float | None = None
        self._queue: asyncio.Queue[tuple[Records, asyncio.Future[None]]] = asyncio.Queue(QUEUE_LIMIT)

    async def put(self, records: Records) -> asyncio.Future[None]:
        """Queue a batch, waiting for room; the future is done when the batch is in the journal."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put((records, written))
        return written

    async def write(self, records: Records) -> None:
        """Return when the batch is in the journal."""
        await (await self.put(records))

    @property
    def waiting(self) -> int:
        """Batches not written yet."""
        return self._queue.qsize()

    def give_up_within(self, seconds: float) -> None:
        """We are being stopped: a journal that cannot be written is not waited for any longer than this.

        What is given up was not acknowledged; a board with a buffer still holds it.
        """
        if self._give_up_s is None:
            self._give_up_s = time.monotonic() + seconds

    async def drain(self) -> None:
        """Return when everything queued is in the journal."""
        await self._queue.join()

    async def run(self) -> None:
        """Write what comes until cancelled; what waits goes together, so that many sensors share an fsync."""
        while True:
            taken = [await self._queue.get()]
            while not self._queue.empty():
                taken.append(self._queue.get_nowait())
            kept = await self._insist([records for records, _ in taken])
            await self._tell_of_archive()
            for _, written in taken:
                if not kept:
                    written.cancel()
                elif not written.done():
                    written.set_result(None)
                self._queue.task_done()

    async def _tell_of_archive(self) -> None:
        """Let whoever reads the journal know whether signal is being archived."""
        problem = self._archive.problem if self._archive else ""
        if problem != self._archive_problem:
            with suppress(JournalError):  # it is told with the next batch
                await asyncio.to_thread(self._journal.set_meta, ARCHIVE_PROBLEM, problem)
                self._archive_problem = problem

    async def _insist(self, batches: list[Records]) -> bool:
        """Write batches, however often it takes; return False if they were given up."""
        tries = 0
        while True:
            try:
                await asyncio.to_thread(self._store, batches)
            except JournalError as error:
                if not self.problem:
                    _log.error("%s; trying until it succeeds", error)
                self.problem = str(error)
                if self._give_up_s is not None and time.monotonic() > self._give_up_s:
                    _log.error("%s; stopping without what could not be written", error)
                    return False
                await asyncio.sleep(_RETRY_S[min(tries, len(_RETRY_S) - 1)])
                tries += 1
            else:
                if self.problem:
                    _log.warning("%s: writing again", self._journal.path)
                self.problem = ""
                return True

    def _store(self, batches: list[Records]) -> None:
        """Archive and write batches, in a thread; tried again, it archives nothing twice."""
        signal = [chunk for records in batches for chunk in records.signal]
        if self._archive and signal:
            self._archive.append(signal)
        self._journal.write(*map(self._stamped, batches))

    def _stamped(self, records: Records) -> Records:
        now_ns = self._now_ns()
        return replace(records, events=[replace(event, recorded_ns=now_ns) for event in records.events])
