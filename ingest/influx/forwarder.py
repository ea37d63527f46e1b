"""The forwarder: follows the journal for as long as the service runs, and never holds it up."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path

from ingest.errors import InfluxError, JournalError
from ingest.influx.checks import retention
from ingest.influx.copied import row_feeds
from ingest.influx.cursor import ProgressKeeper, load_progress
from ingest.influx.destination import Destination
from ingest.influx.feeds import RollupFeed
from ingest.influx.filler import BucketFiller
from ingest.influx.refused import RefusedPoints
from ingest.influx.server import InfluxServer
from ingest.reader import JournalReader

POLL_S = 2.0  # what is new is in InfluxDB within 5 s, and looking more often would cost a card's rest
ROUND_S = 60.0  # how often to sum hours and days up, and to see that the bucket is not one made anew
BACK_OFF_S = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  # the last for good: a server that is back is met in a minute

_log = logging.getLogger(__name__)


class Forwarder:
    """Copies the journal to one bucket until cancelled.

    `to` is asked before each connection, so that a new token is taken up without a restart.

    Attributes:
        problem: Why nothing is being sent, in a sentence; empty when all is well.
    """

    def __init__(
        self,
        to: Callable[[], Destination],
        journal: Path,
        *,
        zone: tzinfo | None = None,
        jitter: Callable[[], float] = random.random,
        poll_s: float = POLL_S,
        round_s: float = ROUND_S,
    ) -> None:
        self.problem = ""
        self._to = to
        self._journal = journal
        self._zone = zone
        self._jitter = jitter
        self._poll_s = poll_s
        self._round_s = round_s
        self._failures = 0

    async def run(self) -> None:
        """Follow until cancelled; an outage ends when the server is back, and nothing is lost by it."""
        while True:
            asked_s = None
            try:
                async with InfluxServer(self._to()) as server:
                    await self._follow(server)
            except InfluxError as error:
                self._tell(str(error))
                asked_s = error.retry_after_s
            except JournalError as error:
                self._tell(str(error))
            except Exception:  # noqa: BLE001 -- whatever it is, recording goes on, and so does trying
                _log.exception("forwarding failed")
                self.problem = "forwarding to InfluxDB failed, see the log"
            await asyncio.sleep(asked_s or self._back_off_s())

    async def _follow(self, server: InfluxServer) -> None:
        """Send what comes, until the bucket is another one."""
        bucket = await server.bucket()
        await server.may_write()
        if not (kept := retention(server.destination, bucket)).ok:
            _log.warning("%s", kept.sentence)
        keeper = ProgressKeeper(self._journal, bucket.id)
        with JournalReader(self._journal) as reader:
            progress = load_progress(reader, bucket.id)
            refused = RefusedPoints(self._journal)
            filler = BucketFiller(server, reader, refused, progress, retention_s=bucket.retention_s)
            try:
                while (await server.bucket()).id == bucket.id:
                    await self._send(filler, keeper, for_s=self._round_s)
            finally:
                keeper.save(progress, at_once=True)

    async def _send(self, filler: BucketFiller, keeper: ProgressKeeper, *, for_s: float) -> None:
        """Send what comes for some time: rows at once, hours and days at the end."""
        end_s = time.monotonic() + for_s
        rows, rollups = row_feeds(), RollupFeed(self._zone)
        while time.monotonic() < end_s:
            more = [feed for feed in rows if await filler.send_next(feed)]
            self._all_is_well()
            await asyncio.to_thread(keeper.save, filler.progress)
            if not more:
                await asyncio.sleep(self._poll_s)
        while await filler.send_next(rollups):
            await asyncio.to_thread(keeper.save, filler.progress)

    def _all_is_well(self) -> None:
        if self.problem:
            _log.warning("sending to InfluxDB again")
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
