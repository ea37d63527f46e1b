"""The forwarder: follows the journal for as long as the service runs, and never holds it up."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path

from ingest.errors import InfluxError, JournalError
from ingest.influx.cursor import ProgressKeeper, load_progress
from ingest.influx.destination import Destination
from ingest.influx.feeds import Feed, RollupFeed, row_feeds
from ingest.influx.filler import BucketFiller
from ingest.influx.refused import RefusedPoints
from ingest.influx.server import InfluxServer
from ingest.reader import JournalReader

POLL_S = 2.0  # what is new is in InfluxDB within 5 s, and looking more often would cost a card's rest
ROLLUP_EVERY_S = 60.0  # hours and days change no faster than minutes
BUCKET_EVERY_S = 60.0  # how often to see that it is still the same bucket: one made anew is empty
BACK_OFF_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  # the last for good: a server that is back is met in a minute

_log = logging.getLogger(__name__)


class Forwarder:
    """Copies the journal to one bucket until cancelled.

    Attributes:
        problem: Why nothing is being sent, in a sentence; empty when all is well.
    """

    def __init__(
        self,
        to: Destination,
        journal: Path,
        *,
        zone: tzinfo | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.problem = ""
        self._to = to
        self._journal = journal
        self._zone = zone
        self._jitter = jitter
        self._failures = 0

    async def run(self) -> None:
        """Follow until cancelled; an outage ends when the server is back, and nothing is lost by it."""
        while True:
            asked_s = None
            try:
                async with InfluxServer(self._to) as server:
                    await self._follow(server)
            except InfluxError as error:
                self._tell(str(error))
                asked_s = error.retry_after_s
            except JournalError as error:
                self._tell(str(error))
            await asyncio.sleep(asked_s or self._back_off_s())

    async def _follow(self, server: InfluxServer) -> None:
        """Send what comes, until the bucket is another one."""
        bucket = await server.bucket()
        keeper = ProgressKeeper(self._journal, bucket.id)
        rollups = RollupFeed(self._zone)
        with JournalReader(self._journal) as reader:
            progress = load_progress(reader, bucket.id)
            filler = BucketFiller(
                server, reader, RefusedPoints(self._journal), progress, retention_s=bucket.retention_s
            )
            rolled_s, asked_s = 0.0, time.monotonic()
            try:
                while True:
                    due: list[Feed] = [*row_feeds()]
                    if time.monotonic() - rolled_s >= ROLLUP_EVERY_S:
                        due.append(rollups)
                    more = [feed for feed in due if await filler.send_next(feed)]
                    if rollups in due and rollups not in more:
                        rolled_s = time.monotonic()
                    self._all_is_well()
                    await asyncio.to_thread(keeper.save, progress)
                    if time.monotonic() - asked_s >= BUCKET_EVERY_S:
                        if (await server.bucket()).id != bucket.id:
                            return
                        asked_s = time.monotonic()
                    if not more:
                        await asyncio.sleep(POLL_S)
            finally:
                keeper.save(progress, at_once=True)

    def _all_is_well(self) -> None:
        if self.problem:
            _log.warning("%s: sending to InfluxDB again", self._to.url)
        self.problem = ""
        self._failures = 0

    def _tell(self, problem: str) -> None:
        if problem != self.problem:
            _log.warning("%s", problem)
        self.problem = problem

    def _back_off_s(self) -> float:
        """Longer after each failure, and up to half of it at random, so that several do not come at once."""
        longest_s = BACK_OFF_S[min(self._failures, len(BACK_OFF_S) - 1)]
        self._failures += 1
        return longest_s * (1 - self._jitter() / 2)
