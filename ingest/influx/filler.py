"""Filling one bucket from the journal, from where it was left off."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from ingest.errors import InfluxError
from ingest.influx.copied import Feed
from ingest.influx.cursor import Progress
from ingest.influx.feeds import Batch
from ingest.influx.refused import RefusedPoints
from ingest.influx.server import InfluxServer
from ingest.reader import JournalReader

REQUEST_LINES = 2_000  # below 1 MB: a larger body would hold the event loop up while it is sent

_log = logging.getLogger(__name__)


class BucketFiller:
    """Sends what is new, batch by batch. A batch counts as sent only when the server has stored it.

    Attributes:
        progress: How far it came.
    """

    def __init__(
        self,
        server: InfluxServer,
        reader: JournalReader,
        refused: RefusedPoints,
        progress: Progress,
        *,
        retention_s: int = 0,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        self.progress = progress
        self._server = server
        self._reader = reader
        self._refused = refused
        self._retention_ns = retention_s * 10**9
        self._now_ns = now_ns

    async def send_next(self, feed: Feed) -> bool:
        """Send a feed's next batch; return whether more is waiting.

        Raises:
            InfluxError: The server is away or lets nobody in; the batch will be sent again.
            JournalError: The journal cannot be read.
        """
        cursor = self.progress.cursors.get(feed.name, 0)
        batch = await self._read(feed, cursor)
        for erasure in batch.erased:
            await self._server.erase(erasure)
        lines = self._kept(batch.lines)
        for start in range(0, len(lines), REQUEST_LINES):
            await self._store(lines[start : start + REQUEST_LINES])
            self.progress.stored_ns = self._now_ns()
        self.progress.cursors[feed.name] = batch.cursor
        return not batch.is_last

    async def _read(self, feed: Feed, cursor: int) -> Batch:
        reading = asyncio.create_task(asyncio.to_thread(feed.read, self._reader, cursor))
        try:
            return await asyncio.shield(reading)
        finally:
            await asyncio.wait(
                [reading]
            )  # if cancelled: the journal must not be closed while it is being read

    def _kept(self, lines: Sequence[str]) -> Sequence[str]:
        """Leave out what the bucket would drop as too old, and count as an error."""
        if not self._retention_ns:
            return lines
        oldest_ns = self._now_ns() - self._retention_ns
        return [line for line in lines if int(line.rpartition(" ")[2]) > oldest_ns]

    async def _store(self, lines: Sequence[str]) -> None:
        """Store points; those that the server refuses are found by halving and set aside."""
        try:
            await self._server.write(lines)
        except InfluxError as error:
            if not error.is_refusal:
                raise
            if len(lines) == 1:
                await asyncio.to_thread(self._set_aside, lines[0], error)
                return
            half = len(lines) // 2
            await self._store(lines[:half])
            await self._store(lines[half:])

    def _set_aside(self, line: str, error: InfluxError) -> None:
        if not self.progress.set_aside:
            _log.warning("a point is set aside in %s: %s", self._refused.path, error)
        self._refused.add(line, str(error))
        self.progress.set_aside += 1
        self.progress.last_refusal = str(error)
