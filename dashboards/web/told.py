"""What the page tells beside the measurements: alerts that stand, and what the diary goes with."""

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from threading import Lock

from dashboards.report.felt import felt
from dashboards.report.hourly import read_hours
from dashboards.report.model import Felt, Trigger
from dashboards.report.period import Period
from dashboards.report.triggers import triggers
from dashboards.report.twitches import read_twitches
from dashboards.web.days import last_days
from ingest.alerts.alarm import Standing
from ingest.alerts.ledger import is_watched, pressing_first, read_ledger
from ingest.notify.outbox import waiting
from ingest.reader import JournalReader
from ingest.schema import ARCHIVE_PROBLEM

DAYS = 14  # as the report that the page links to
DIARY_EVERY_NS = 300_000_000_000  # 5 min: it reads two weeks, and a note more changes little
ALERTS_EVERY_NS = 5_000_000_000  # 5 s: the rules are looked at once a minute


@dataclass(frozen=True, slots=True)
class Diary:
    """What the last days' notes go with; see `dashboards.report.model`."""

    felt: Felt | None
    triggers: list[Trigger]


@dataclass(frozen=True, slots=True)
class Told:
    """Everything that is told at one moment.

    Attributes:
        now_ns: That moment, UTC.
        standing: Alerts that stand, the most pressing first.
        silenced: The rules among them that the wearer has silenced.
        is_watched: Somebody looks at the rules, so that it means something if none stands.
        unsent: Messages that no address has taken yet.
        archive_problem: Why raw signal is not being kept, in a sentence; empty when it is.
        diary: Of the last days.
    """

    now_ns: int
    standing: tuple[Standing, ...]
    silenced: frozenset[str]
    is_watched: bool
    unsent: int
    archive_problem: str
    diary: Diary


class ToldReader:
    """One journal and one wearer, read again and again, from any thread; open pages share one reading."""

    def __init__(self, journal: Path, wearer: str) -> None:
        self._journal, self._wearer = journal, wearer
        self._lock = Lock()
        self._newest: Told | None = None
        self._diary: tuple[int, tzinfo, Diary] | None = None

    def read(self, now_ns: int, zone: tzinfo) -> Told:
        """What is told at `now_ns`, UTC, to somebody in that zone.

        Raises:
            JournalError: The journal cannot be read.
        """
        with self._lock:
            newest = self._newest
            if newest is None or not 0 <= now_ns - newest.now_ns < ALERTS_EVERY_NS:
                with JournalReader(self._journal) as reader, reader.snapshot():
                    newest = self._newest = self._read(reader, now_ns, zone)
            return newest

    def _read(self, reader: JournalReader, now_ns: int, zone: tzinfo) -> Told:
        if self._diary is None or zone != self._diary[1] or now_ns - self._diary[0] >= DIARY_EVERY_NS:
            self._diary = now_ns, zone, _diary(reader, self._wearer, now_ns, zone)
        ledger = read_ledger(reader, self._wearer)
        return Told(
            now_ns=now_ns,
            standing=pressing_first(ledger),
            silenced=frozenset(
                rule
                for rule, one in ledger.standing.items()
                if ledger.is_silenced(rule, one.verdict.level, now_ns)
            ),
            is_watched=is_watched(reader, self._wearer, now_ns),
            unsent=len(waiting(reader, self._wearer, now_ns=now_ns)),
            archive_problem=reader.meta(ARCHIVE_PROBLEM) or "",
            diary=self._diary[2],
        )


def _diary(reader: JournalReader, wearer: str, now_ns: int, zone: tzinfo) -> Diary:
    days = last_days(now_ns, zone, DAYS)
    period = Period.of(days[0].day, days[-1].day, zone, now_ns)
    notes = reader.notes(wearer=wearer, since_ns=period.start_ns, until_ns=period.end_ns)
    if not notes:
        return Diary(None, [])
    hours = read_hours(reader, wearer, period)
    twitches = [read_twitches(reader, wearer, *key, period) for key in hours]
    return Diary(felt(reader, wearer, notes, twitches), triggers(notes, hours.values(), period))
