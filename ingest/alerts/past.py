"""What the alerts would have said of the past: the journal's minutes played through the same rules."""

import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector.persistence import Assessment
from ingest.alerts.alarm import Verdict
from ingest.alerts.desk import Desk
from ingest.alerts.facts import LOOK_BACK_MIN, WATCHED_DAYS, Facts, Minute, Recorded, SiteFacts, SiteKey
from ingest.alerts.ledger import read_ledger
from ingest.alerts.message import Message
from ingest.alerts.persistence import verdict
from ingest.alerts.settings import figures_of, hours_of
from ingest.alerts.system import look
from ingest.alerts.twitching import HISTORY_HOURS, HOUR_NS, SETTLE_NS, TwitchingFollower
from ingest.config import Config
from ingest.journal import Journal
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader
from ingest.schema import DeviceRow, NoteKind

STEP_MIN = 5  # between two looks: a third of the shortest limit

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that would have gone out, and when."""

    time_ns: int
    message: Message


def replay(reader: JournalReader, config: Config, since_ns: int, until_ns: int) -> Iterator[Sent]:
    """Every message that the alerts would have sent with since <= time < until.

    What the journal does not keep is left out: the disk, the clock of this machine, InfluxDB, snoozes.

    Raises:
        JournalError: The journal cannot be read.
    """
    past = _Past(reader, config.wearer, since_ns, until_ns)
    twitching = _twitching(reader, config, since_ns, until_ns)
    hours = hours_of(config)
    with tempfile.TemporaryDirectory(prefix="fasciwatch-replay-") as folder:
        path = Path(folder) / "journal.sqlite3"
        with Journal(path), JournalReader(path) as own:
            desk = Desk(path, config.wearer, hours, ["replay"])
            coming = next(twitching, None)
            for now_ns in range(since_ns, until_ns, STEP_MIN * MINUTE_NS):
                levels = read_ledger(own, config.wearer).levels
                verdicts = look(past.facts(now_ns, since_ns), levels, hours.zone)
                while coming is not None and coming[0] <= now_ns:
                    verdicts.append(coming[1])
                    coming = next(twitching, None)
                if message := desk.take(own, verdicts, now_ns):
                    yield Sent(now_ns, message)


def _twitching(
    reader: JournalReader, config: Config, since_ns: int, until_ns: int
) -> Iterator[tuple[int, Verdict]]:
    """Every look at the twitching, and when it was or would have been taken."""
    since_hour = since_ns // HOUR_NS - HISTORY_HOURS
    follower = TwitchingFollower(config.wearer, figures_of(config, until_ns), since_hour=since_hour)
    for assessment in follower.read(reader, until_ns):
        looked_ns = _looked_ns(assessment)
        if looked_ns >= since_ns:
            yield looked_ns, verdict(reader, config.wearer, assessment)


def _looked_ns(assessment: Assessment) -> int:
    return (assessment.hour + 1) * HOUR_NS + SETTLE_NS


class _Past:
    """The facts of any moment between two."""

    def __init__(self, reader: JournalReader, wearer: str, since_ns: int, until_ns: int) -> None:
        first, after = since_ns // MINUTE_NS - WATCHED_DAYS * 1440, until_ns // MINUTE_NS
        keys = reader.ask(
            "SELECT DISTINCT site, modality FROM minute WHERE wearer = ? AND minute >= ? AND minute < ?",
            (wearer, first, after),
        )
        self._sites = {key: _PastSite.read(reader, wearer, key, first, after) for key in keys}
        notes = reader.notes(wearer=wearer, until_ns=until_ns)
        self._offs_ns = [note.time_ns for note in notes if note.kind == NoteKind.OFF]
        names = [row.device for row in reader.devices() if row.wearer == wearer]
        self._devices = [_hourly(reader, name, since_ns) for name in names]

    def facts(self, now_ns: int, started_ns: int) -> Facts:
        """What was known at `now_ns` of sites and batteries."""
        sites = (site.facts(key, now_ns // MINUTE_NS) for key, site in self._sites.items())
        passed = [bisect_right(rows, now_ns, key=lambda row: row.time_ns) for rows in self._devices]
        offs = bisect_right(self._offs_ns, now_ns)
        recorded = Recorded(
            sites=tuple(site for site in sites if site is not None),
            devices=tuple(rows[n - 1] for rows, n in zip(self._devices, passed, strict=True) if n),
            off_ns=self._offs_ns[offs - 1] if offs else None,
        )
        return Facts(now_ns=now_ns, started_ns=started_ns, recorded=recorded)


@dataclass(frozen=True, slots=True)
class _PastSite:
    """One site's minutes on record, ascending; `received` and `judged` are the latest such up to each."""

    minute: Numbers
    received: Numbers
    judged: Numbers
    minutes: list[Minute]

    @staticmethod
    def read(reader: JournalReader, wearer: str, key: SiteKey, first: int, after: int) -> "_PastSite":
        rows = reader.ask(
            "SELECT minute, rest_s + movement_s + not_worn_s + bad_contact_s, bad_contact_s,"
            " rest_s + movement_s, noise_floor FROM minute"
            " WHERE wearer = ? AND site = ? AND modality = ? AND minute >= ? AND minute < ?",
            (wearer, *key, first, after),
        )
        minute, received_s, _, judged_s, _ = np.array(rows, dtype=np.float64).T
        return _PastSite(
            minute,
            np.maximum.accumulate(np.where(received_s > 0, minute, -np.inf)),
            np.maximum.accumulate(np.where(judged_s > 0, minute, -np.inf)),
            [Minute(received, bad, floor) for _, received, bad, _, floor in rows],
        )

    def facts(self, key: SiteKey, minute: int) -> SiteFacts | None:
        """How the site was before this minute; None where nothing was received in the days before."""
        count, begin = np.searchsorted(self.minute, (minute, minute - LOOK_BACK_MIN))
        received = self.received[count - 1] if count else -np.inf
        judged = self.judged[count - 1] if count else -np.inf
        if received < minute - WATCHED_DAYS * 1440:
            return None
        return SiteFacts(
            key,
            received_ns=(int(received) + 1) * MINUTE_NS,
            judged_ns=(int(judged) + 1) * MINUTE_NS if np.isfinite(judged) else None,
            minutes=tuple(self.minutes[begin:count]),
        )


def _hourly(reader: JournalReader, device: str, since_ns: int) -> list[DeviceRow]:
    """The last row of each hour of a device."""
    names = [field.name for field in fields(DeviceRow)]
    rows = reader.ask(
        f"SELECT {', '.join(names)}, max(time_ns) FROM device"  # noqa: S608 -- the names of our own columns
        " WHERE device = ? AND time_ns >= ? GROUP BY time_ns / ? ORDER BY time_ns",
        (device, since_ns, HOUR_NS),
    )
    return [DeviceRow(*row[:-1]) for row in rows]
