"""What the alerts about the set-up are judged on: one moment's facts, read cheaply."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader
from ingest.schema import ARCHIVE_PROBLEM, DeviceRow, NoteKind
from ingest.summary import latest_minute

LOOK_BACK_MIN = 30  # minutes that contact and noise are judged on
SITES_EVERY_NS = 60 * MINUTE_NS  # a site that is new is on the page at once, and missed within the hour
WATCHED_DAYS = 7  # a site of which nothing is on record for so long is not worn any more

SiteKey = tuple[str, str]  # site and modality


@dataclass(frozen=True, slots=True)
class Minute:
    """What of one minute of a site was received, and what of that with bad contact."""

    received_s: float
    bad_contact_s: float
    noise_floor: float | None


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """How one site is doing.

    Attributes:
        key: Site and modality.
        received_ns: End of the newest minute in which anything was received; None if nothing ever was.
        judged_ns: The same for twitches: end of the newest minute in which they could be seen.
        minutes: The latest `LOOK_BACK_MIN` on record, oldest first.
        heard_ns: When the sensor on it last said how it is; None where no link reads it now.
        problem: Why its link does not read it, in a sentence; empty where that is not known.
    """

    key: SiteKey
    received_ns: int | None
    judged_ns: int | None = None
    minutes: tuple[Minute, ...] = ()
    heard_ns: int | None = None
    problem: str = ""

    @property
    def noise_floor(self) -> float | None:
        known = [minute.noise_floor for minute in self.minutes if minute.noise_floor is not None]
        return median(known) if known else None


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """One configured sensor: the sites that it is to watch, which device answers there, and what is wrong."""

    sites: frozenset[SiteKey]
    device: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the journal knows.

    Attributes:
        sites: Every watched site.
        devices: The newest row of each device heard of in the last days.
        off_ns: When the wearer last noted that it is off on purpose.
        archive_problem: Why raw signal is not archived; empty when it is.
        forwarded_ns: When InfluxDB last took something; 0 if never.
    """

    sites: tuple[SiteFacts, ...] = ()
    devices: tuple[DeviceRow, ...] = ()
    off_ns: int | None = None
    archive_problem: str = ""
    forwarded_ns: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything at one moment.

    Attributes:
        now_ns: That moment, UTC.
        started_ns: Since when somebody looks.
        recorded: What the journal knows.
        stepped: The last time that the host's clock was set: when, and by how much, ns.
        free_bytes: Room on the journal's disk; None where it is not known.
        journal_problem: Why the journal cannot be written; empty when it can.
        forwards: There is an InfluxDB to follow the journal.
    """

    now_ns: int
    started_ns: int
    recorded: Recorded
    stepped: tuple[int, int] | None = None
    free_bytes: int | None = None
    journal_problem: str = ""
    forwards: bool = False


class WatchedSites:
    """The configured sites, and those worn in the last days: what was worn yesterday is missed today.

    Args:
        wearer: Whose.
        configured: Those that are named in the configuration.
    """

    def __init__(self, wearer: str, configured: Iterable[SiteKey]) -> None:
        self._wearer, self._configured = wearer, frozenset(configured)
        self._worn: set[SiteKey] = set()
        self._read_ns: int | None = None

    def read(self, reader: JournalReader, now_ns: int) -> set[SiteKey]:
        """All of them; the journal is asked once an hour, as that reads a week of rows."""
        if self._read_ns is None or not 0 <= now_ns - self._read_ns < SITES_EVERY_NS:
            rows = reader.ask(
                "SELECT DISTINCT site, modality FROM minute WHERE wearer = ? AND minute > ?"
                " AND rest_s + movement_s + not_worn_s + bad_contact_s > 0",
                (self._wearer, now_ns // MINUTE_NS - WATCHED_DAYS * 1440),
            )
            self._worn, self._read_ns = set(rows), now_ns
        return self._worn | self._configured


def read_facts(
    reader: JournalReader, wearer: str, watched: Iterable[SiteKey], links: Sequence[LinkFacts], now_ns: int
) -> Recorded:
    """What the journal knows of these sites, of those that a link reads, and of the devices.

    Raises:
        JournalError: The journal cannot be read.
    """
    since_ns = now_ns - WATCHED_DAYS * 1440 * MINUTE_NS
    devices = [row for row in reader.devices() if row.wearer == wearer and row.time_ns > since_ns]
    heard_ns = {row.device: row.time_ns for row in devices if row.state == "streaming"}
    keys = set(watched).union(*(link.sites for link in links))
    return Recorded(
        sites=tuple(_site(reader, wearer, key, links, heard_ns, now_ns) for key in sorted(keys)),
        devices=tuple(devices),
        off_ns=_off(reader, wearer),
        archive_problem=reader.meta(ARCHIVE_PROBLEM) or "",
        forwarded_ns=_forwarded(reader),
    )


def _site(
    reader: JournalReader,
    wearer: str,
    key: SiteKey,
    links: Sequence[LinkFacts],
    heard_ns: dict[str, int],
    now_ns: int,
) -> SiteFacts:
    site, modality = key
    latest = latest_minute(reader, wearer=wearer, site=site, modality=modality)
    rows = reader.minutes(
        wearer=wearer, site=site, modality=modality, since_minute=now_ns // MINUTE_NS - LOOK_BACK_MIN
    )
    reading = [link for link in links if key in link.sites]
    heard = [heard_ns[link.device] for link in reading if link.device in heard_ns]
    return SiteFacts(
        key,
        received_ns=(latest.minute + 1) * MINUTE_NS if latest else None,
        judged_ns=_judged(reader, wearer, key),
        minutes=tuple(
            Minute(
                row.rest_s + row.movement_s + row.not_worn_s + row.bad_contact_s,
                row.bad_contact_s,
                row.noise_floor,
            )
            for row in rows
        ),
        heard_ns=max(heard, default=None),
        problem=next((link.problem for link in reading if link.problem), ""),
    )


def _judged(reader: JournalReader, wearer: str, key: SiteKey) -> int | None:
    rows = reader.ask(
        "SELECT minute FROM minute WHERE wearer = ? AND site = ? AND modality = ?"
        " AND rest_s + movement_s > 0 ORDER BY minute DESC LIMIT 1",
        (wearer, *key),
    )
    return (rows[0][0] + 1) * MINUTE_NS if rows else None


def _off(reader: JournalReader, wearer: str) -> int | None:
    [(off_ns,)] = reader.ask(
        "SELECT max(time_ns) FROM note WHERE wearer = ? AND kind = ?", (wearer, NoteKind.OFF)
    )
    return None if off_ns is None else int(off_ns)


def _forwarded(reader: JournalReader) -> int:
    """When any bucket of InfluxDB last took points; see `ingest.influx.cursor`."""
    kept = reader.ask("SELECT value FROM meta WHERE key GLOB 'influx *'")
    return max((int(json.loads(value)["stored_ns"]) for (value,) in kept), default=0)
