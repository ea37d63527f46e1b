"""The task that looks once a minute: at the set-up, and at the twitching when its hour has come."""

import asyncio
import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from threading import Event

from ingest.alerts.alarm import Alarm, Kind, Rule, Standing, Verdict
from ingest.alerts.desk import Desk
from ingest.alerts.facts import Facts, LinkFacts, WatchedSites, read_facts
from ingest.alerts.ledger import Ledger, read_ledger, watched_key
from ingest.alerts.message import compose
from ingest.alerts.news import REMIND_NS, News, Urgency
from ingest.alerts.persistence import verdict
from ingest.alerts.settings import figures_of, hours_of
from ingest.alerts.system import look
from ingest.alerts.twitching import HISTORY_HOURS, HOUR_NS, TwitchingFollower
from ingest.config import Config
from ingest.errors import JournalError
from ingest.hostclock import HostClock
from ingest.journal import Journal
from ingest.notify.outbox import Send, deliver
from ingest.reader import JournalReader

FIRST_LOOK_S = 120.0  # after a start or a sleep: by then every link that can be had is there
ASLEEP_NS = 180 * 10**9  # between two looks: one takes seconds, so the machine or its clock has jumped
LOOK_EVERY_S = 60.0  # a minute's row is the finest that is judged

_log = logging.getLogger(__name__)


class Watchman:
    """Looks after one wearer for as long as the service runs.

    Args:
        config: The whole configuration.
        addresses: Who is told, by name.
        send: Sends a message to an address and returns why it could not.
        links: How the configured sensors are just now.
        journal_problem: Why the journal cannot be written; empty when it can.
        clock: Tells UTC, and when it was set.
    """

    def __init__(
        self,
        config: Config,
        addresses: Mapping[str, str],
        send: Send,
        *,
        links: Callable[[], Sequence[LinkFacts]],
        journal_problem: Callable[[], str] = str,
        clock: HostClock | None = None,
    ) -> None:
        self._config, self._addresses, self._send = config, addresses, send
        self._links, self._journal_problem = links, journal_problem
        self._journal, self._wearer = config.journal.path, config.wearer
        self._hours = hours_of(config)
        self._desk = Desk(self._journal, self._wearer, self._hours, list(addresses))
        self._clock = clock or HostClock()
        self._clock.on_step.append(self._stepped)
        self._started_ns = self._clock.now_ns()
        self._step: tuple[int, int] | None = None
        self._sites = WatchedSites(config.wearer, config.sites)
        self._follower: TwitchingFollower | None = None
        self._cried_ns: int | None = None

    async def run(self) -> None:
        """Look until cancelled, in a thread of its own: whatever hangs in the service does not hang here."""
        ended = Event()
        try:
            await asyncio.to_thread(self._look_until, ended)
        finally:
            ended.set()

    def _look_until(self, ended: Event) -> None:
        """Look every minute; after a start or a sleep of the machine links get time to come back."""
        looked_ns = 0
        while not ended.is_set():
            if self._clock.now_ns() - looked_ns > ASLEEP_NS and ended.wait(FIRST_LOOK_S):
                return
            looked_ns = now_ns = self._clock.now_ns()
            try:
                self.look(now_ns, self._links())
            except JournalError as error:
                _log.warning("%s", error)
                self._cry(str(error), now_ns)
            ended.wait(LOOK_EVERY_S)

    def look(self, now_ns: int, links: Sequence[LinkFacts]) -> None:
        """Look once, put on record what has changed, and send what is due.

        Raises:
            JournalError: The journal cannot be read or written.
        """
        with JournalReader(self._journal) as reader:
            ledger = read_ledger(reader, self._wearer)
            verdicts = look(self._facts(reader, links, now_ns), ledger.levels, self._hours.zone)
            verdicts += _dropped(ledger, verdicts)
            looked_hour = self._twitching(reader, now_ns, verdicts)
            self._desk.take(reader, verdicts, now_ns)
        seen = {watched_key(self._wearer): now_ns}
        if looked_hour is not None:
            seen[self._looked_key] = looked_hour
        with Journal(self._journal) as journal:
            journal.change(
                ("INSERT OR REPLACE INTO meta VALUES (?, ?)", (k, str(v))) for k, v in seen.items()
            )
        for one in deliver(self._journal, self._wearer, self._addresses, self._send, now_ns):
            _log.warning("a message to %s was not taken; trying again", one.address)

    def _facts(self, reader: JournalReader, links: Sequence[LinkFacts], now_ns: int) -> Facts:
        watched = self._sites.read(reader, now_ns)
        recorded = read_facts(reader, self._wearer, watched, links, now_ns)
        return Facts(
            now_ns=now_ns,
            started_ns=self._started_ns,
            recorded=recorded,
            stepped=self._step,
            free_bytes=shutil.disk_usage(self._journal.parent).free,
            journal_problem=self._journal_problem(),
            forwards=self._config.influx is not None,
        )

    def _twitching(self, reader: JournalReader, now_ns: int, verdicts: list[Verdict]) -> int | None:
        """Add the latest look at the twitching, and return its hour, unless it was taken before."""
        if self._follower is None:
            since_hour = now_ns // HOUR_NS - HISTORY_HOURS
            figures = figures_of(self._config, now_ns)
            self._follower = TwitchingFollower(self._wearer, figures, since_hour=since_hour)
        looked = int(reader.meta(self._looked_key) or 0)
        newest = max(self._follower.read(reader, now_ns), key=lambda one: one.hour, default=None)
        if newest is None or newest.hour <= looked:
            return None
        verdicts.append(verdict(reader, self._wearer, newest))
        return newest.hour

    @property
    def _looked_key(self) -> str:
        return f"looked {self._wearer}"

    def _stepped(self, step_ns: int) -> None:
        self._step = self._clock.now_ns(), step_ns

    def _cry(self, problem: str, now_ns: int) -> None:
        """Say without a journal that there is none: once a day, and to every address that listens."""
        recently = self._cried_ns is not None and 0 <= now_ns - self._cried_ns < REMIND_NS
        if recently or self._hours.is_quiet(now_ns):
            return
        self._cried_ns = now_ns
        standing = Standing(Verdict(Rule(Kind.JOURNAL), Alarm.ACT, problem), now_ns)
        message = compose([News(standing, Urgency.NOW)])
        for address in self._addresses.values():
            self._send(address, message)


def _dropped(ledger: Ledger, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """What stands and is not looked at any more, such as a sensor that is gone for good."""
    looked_at = {str(one.rule) for one in verdicts}
    return [
        Verdict(standing.verdict.rule, Alarm.FINE, "It is not watched any more.")
        for rule, standing in ledger.standing.items()
        if rule not in looked_at and isinstance(standing.verdict.level, Alarm) and standing.verdict.level
    ]
