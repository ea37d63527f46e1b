"""The quiet check: some minutes of keeping still, after which it is known how often the set-up is wrong."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from ingest.errors import FasciwatchError
from ingest.minutes import MINUTE_NS
from ingest.quiet import CHECK_MIN, SETTLED_S, check_quiet

_log = logging.getLogger(__name__)


class QuietCheck:
    """One wearer's, whichever of the open pages began it; it goes on when that page is closed.

    Args:
        journal: Where the result is kept.
        wearer: Who keeps still.
        now_ns: Tells UTC.
        sleep: Waits for so many seconds.

    Attributes:
        ends_ns: When the stretch that is being waited for is over, UTC; None if there is none.
    """

    def __init__(
        self,
        journal: Path,
        wearer: str,
        *,
        now_ns: Callable[[], int] = time.time_ns,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.ends_ns: int | None = None
        self._journal, self._wearer = journal, wearer
        self._now_ns, self._sleep = now_ns, sleep
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Begin with the next whole minute; one that runs already goes on."""
        if self.ends_ns is None:
            self.ends_ns = (self._now_ns() // MINUTE_NS + 1 + CHECK_MIN) * MINUTE_NS
            self._task = asyncio.create_task(self._run(self.ends_ns), name="quiet check")

    async def _run(self, ends_ns: int) -> None:
        end = ends_ns // MINUTE_NS
        try:
            await self._sleep((ends_ns - self._now_ns()) / 1e9 + SETTLED_S)
            await asyncio.to_thread(
                check_quiet, self._journal, self._wearer, end - CHECK_MIN, end, now_ns=self._now_ns()
            )
        except FasciwatchError as error:
            _log.warning("the quiet check came to nothing: %s", error)
        finally:
            self.ends_ns = None
