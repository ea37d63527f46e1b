"""Reads the page's overview from the journal, often and cheaply."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby
from pathlib import Path
from threading import Lock

from dashboards.web.days import LocalDay, last_days
from dashboards.web.overview import Day, Found, Overview, Place, Run, head_to_foot
from dashboards.web.site_now import SiteNow, main_state
from detector.event import Kind, State
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader, StoredEvent
from ingest.summary import Observation, latest_minute, observations

DAYS = 14  # what glucose reports ask for before they speak of a usual day (AGP)
SLOT_MINUTES = 5  # a day of slots is as many as a phone's screen has pixels to tell them apart
RECENT = 30  # rows of the list of what was found and noted
BEGUN_MINUTES = 2  # the first minute of a slot is written about a minute after the slot has begun
DAY_MINUTES = 1440
SHARED_NS = 500_000_000  # 0.5 s: several open pages share one reading

Key = tuple[str, str]  # site and modality


class OverviewReader:
    """One journal and one wearer, read again and again, from any thread."""

    def __init__(self, journal: Path, wearer: str) -> None:
        self._journal = journal
        self._wearer = wearer
        self._lock = Lock()
        self._newest: Overview | None = None
        self._past: dict[LocalDay, _PastDay] = {}
        self._sites_now: defaultdict[Key, SiteNow] = defaultdict(SiteNow)

    def read(self, now_ns: int, zone: tzinfo) -> Overview:
        """What there is to show at `now_ns`, UTC, to somebody in that zone.

        Raises:
            JournalError: The journal cannot be read.
        """
        with self._lock:
            newest = self._newest
            if newest is None or newest.zone != zone or not 0 <= now_ns - newest.now_ns < SHARED_NS:
                with JournalReader(self._journal) as reader, reader.snapshot():
                    newest = self._newest = self._read(reader, now_ns, zone)
            return newest

    def _read(self, reader: JournalReader, now_ns: int, zone: tzinfo) -> Overview:
        days = last_days(now_ns, zone, DAYS)
        span = _last_day(days[-1], now_ns // MINUTE_NS)
        return Overview(
            now_ns=now_ns,
            zone=zone,
            timeline=(span.start, span.stop),
            places=self._places(reader, days, span, now_ns),
            devices=tuple(row for row in reader.devices() if row.wearer == self._wearer),
            twitches=_found(reader.events(wearer=self._wearer, kind=Kind.TWITCH, newest=2 * RECENT)),
            notes=tuple(
                reversed(reader.notes(wearer=self._wearer, since_ns=days[0].start * MINUTE_NS)[-RECENT:])
            ),
        )

    def _places(
        self, reader: JournalReader, days: list[LocalDay], span: range, now_ns: int
    ) -> tuple[Place, ...]:
        *before, today = days
        past = self._past_days(reader, before, now_ns // MINUTE_NS)
        slots: defaultdict[Key, list[Observation]] = defaultdict(list)
        for slot in observations(
            reader,
            wearer=self._wearer,
            since_minute=min(span.start, today.start),
            until_minute=span.stop,
            step_minutes=SLOT_MINUTES,
        ):
            slots[slot.site, slot.modality].append(slot)
        return tuple(
            Place(
                *key,
                *self._now(reader, key, now_ns),
                days=tuple(
                    Day(day, found or Observation(*key, day.start), day.elapsed_s(now_ns))
                    for day, found in zip(
                        days, [*(day.get(key) for day in past), _total(key, today, slots[key])], strict=True
                    )
                ),
                runs=_runs(slots[key], span),
                busy=tuple((s.minute, s.count) for s in slots[key] if s.count and s.minute >= span.start),
            )
            for key in sorted(set(slots).union(*past), key=lambda key: head_to_foot(*key))
        )

    def _now(self, reader: JournalReader, key: Key, now_ns: int) -> tuple[State, int | None]:
        site, modality = key
        latest = latest_minute(reader, wearer=self._wearer, site=site, modality=modality)
        return self._sites_now[key].update(latest, now_ns)

    def _past_days(
        self, reader: JournalReader, days: list[LocalDay], minute: int
    ) -> list[dict[Key, Observation]]:
        """Sums of days gone by. Only samples that come late change them, so they are not read every time."""
        self._past = {
            day: self._past[day]
            for day in days
            if day in self._past and minute - self._past[day].read_minute < _rereading_minutes(day, minute)
        }
        for day in days:
            if day not in self._past:
                found = observations(
                    reader, wearer=self._wearer, since_minute=day.start, until_minute=day.end
                )
                self._past[day] = _PastDay(minute, {(o.site, o.modality): o for o in found})
        return [self._past[day].sums for day in days]


def _found(events: Sequence[StoredEvent]) -> tuple[Found, ...]:
    """The newest of them, newest first; what two sensors saw is one."""
    wholes = {event.id for event in events if event.part_of is None}
    views: defaultdict[int | None, list[StoredEvent]] = defaultdict(list)
    for event in events:
        views[event.part_of].append(event)
    return tuple(
        Found(event.row, tuple(view.row for view in views[event.id]))
        for event in reversed(events)
        if event.part_of not in wholes
    )[:RECENT]


@dataclass(frozen=True, slots=True)
class _PastDay:
    read_minute: int
    sums: dict[Key, Observation]


def _rereading_minutes(day: LocalDay, minute: int) -> int:
    return 1 if minute - day.end < DAY_MINUTES else 60  # sensors hold back minutes, not days


def _total(key: Key, day: LocalDay, slots: Sequence[Observation]) -> Observation:
    of_day = [slot for slot in slots if slot.minute >= day.start]
    return Observation(
        *key,
        day.start,
        rest_s=sum(slot.rest_s for slot in of_day),
        movement_s=sum(slot.movement_s for slot in of_day),
        not_worn_s=sum(slot.not_worn_s for slot in of_day),
        bad_contact_s=sum(slot.bad_contact_s for slot in of_day),
        missing_s=sum(slot.missing_s for slot in of_day),
        count=sum(slot.count for slot in of_day),
        count_rest=sum(slot.count_rest for slot in of_day),
    )


def _last_day(today: LocalDay, now_minute: int) -> range:
    """The last 24 hours and the slot that is running, on slots that begin with the day."""
    begun = (now_minute - today.start) // SLOT_MINUTES * SLOT_MINUTES + today.start
    return range(begun + SLOT_MINUTES - DAY_MINUTES, now_minute + 1, SLOT_MINUTES)


def _runs(slots: Sequence[Observation], span: range) -> tuple[Run, ...]:
    """Neighbouring slots of one state as one run; a slot without any minute on record is missing too."""
    states = {slot.minute: main_state(slot) for slot in slots}
    minutes = list(span)
    if minutes[-1] not in states and span.stop - minutes[-1] <= BEGUN_MINUTES:
        minutes.pop()  # the slot has only begun: its first minute is still to be written
    runs = []
    for state, group in groupby(minutes, key=lambda minute: states.get(minute, State.MISSING)):
        members = list(group)
        runs.append(Run(state, members[0], min(members[-1] + SLOT_MINUTES, span.stop)))
    return tuple(runs)
