"""The journal: SQLite in WAL mode, one writer. What is detected is here before anything else learns of it."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.errors import JournalError
from ingest.minutes import MINUTE_NS
from ingest.schema import (
    MIGRATIONS,
    VERSION,
    Amendment,
    CheckpointRow,
    DeviceRow,
    EventRow,
    GapRow,
    MinutePart,
    NoteRow,
    Records,
    RedetectionRow,
    SnippetRow,
)

_MinuteKey = tuple[str, str, str, int]  # wearer, site, modality, minute
_BUSY_TIMEOUT_S = 10.0  # longer than any transaction of ours on a slow card
_WAL_PAGES = 4000  # 16 MB until they are copied into the file: what changes often is then copied seldom
_APPLICATION_ID = 0x66617377  # "fasw": tells our journals from other people's databases

_ADD_MINUTE = """
    INSERT INTO minute VALUES (
        :wearer, :site, :modality, :minute, :rest_s, :movement_s, :not_worn_s, :bad_contact_s,
        max(0, :elapsed_s - :rest_s - :movement_s - :not_worn_s - :bad_contact_s), 0, 0, 0, :noise_floor, 0)
    ON CONFLICT DO UPDATE SET
        rest_s = rest_s + excluded.rest_s,
        movement_s = movement_s + excluded.movement_s,
        not_worn_s = not_worn_s + excluded.not_worn_s,
        bad_contact_s = bad_contact_s + excluded.bad_contact_s,
        missing_s = max(0,
            max(:elapsed_s, rest_s + movement_s + not_worn_s + bad_contact_s + missing_s)
            - rest_s - movement_s - not_worn_s - bad_contact_s
            - :rest_s - :movement_s - :not_worn_s - :bad_contact_s),
        noise_floor = coalesce(excluded.noise_floor, noise_floor)
"""

_COUNT_MINUTE = """
    UPDATE minute SET (count, count_rest, duration_ms, change) = (
        SELECT count(*), count(*) FILTER (WHERE state = 'rest'), coalesce(sum(e.duration_ms), 0),
            (SELECT max(change) + 1 FROM minute)
        FROM event e
        WHERE e.wearer = minute.wearer AND e.site = minute.site AND e.modality = minute.modality
            AND e.onset_ns >= minute.minute * 60000000000 AND e.onset_ns < (minute.minute + 1) * 60000000000
            AND e.kind = 'twitch')
    WHERE wearer = ? AND site = ? AND modality = ? AND minute = ?
"""


_EVENT_KEY = "ON CONFLICT (device, boot_id, stream, channel, onset_sample, detector) DO NOTHING"
_NOTE_KEY = "ON CONFLICT (wearer, time_ns, kind, text, source) DO NOTHING"
_IS_EVENT = "device = ? AND boot_id = ? AND stream = ? AND channel = ? AND onset_sample = ? AND detector = ?"
_ADD_SNIPPET = f"INSERT OR REPLACE INTO snippet SELECT id, ?, ?, ?, ?, ? FROM event WHERE {_IS_EVENT}"
_AMEND = f"""
    UPDATE event SET kind = ?, confidence = ?, reason = ?, part_of = (SELECT id FROM event WHERE {_IS_EVENT}),
        amended = (SELECT coalesce(max(amended), 0) + 1 FROM event WHERE amended IS NOT NULL)
    WHERE {_IS_EVENT} RETURNING wearer, site, modality, onset_ns / 60000000000
"""
_NO_EVENT = (None,) * 6  # is no event's key
_LEAST_BYTES = 512  # of an SQLite file, one page; what is smaller it would take for an empty one
_NO_JOURNAL = "this file is no journal; name another, or move it away"
_STREAM = "detector = ? AND device = ? AND boot_id = ? AND stream = ?"


@cache
def _names(row: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(row))


@cache
def _values(row: type) -> Callable[[object], tuple[object, ...]]:
    return attrgetter(*_names(row))  # a twentieth of what dataclasses.astuple takes, which copies deeply


@cache
def _insert(table: str, row: type, verb: str, on_conflict: str) -> str:
    names = _names(row)
    places = ", ".join("?" * len(names))
    return f"{verb} INTO {table} ({', '.join(names)}) VALUES ({places}) {on_conflict}"


class Journal:
    """The one writer.

    Opening creates the file, or brings an older one to today's schema. A batch is one transaction: after a
    crash or a power cut it is there as a whole or not at all.
    """

    def __init__(self, path: Path) -> None:
        """Open the journal at `path`.

        Raises:
            JournalError: The file is no journal, is a newer version's, or cannot be opened or written.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and 0 < path.stat().st_size < _LEAST_BYTES:
                raise JournalError(path, _NO_JOURNAL)
            self._db = sqlite3.connect(
                path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
        except (sqlite3.Error, OSError) as error:
            raise JournalError(path, f"the journal cannot be opened: {error}") from error
        try:
            self._prepare()
            self._lookups = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, check_same_thread=False)
        except sqlite3.DatabaseError as error:
            self._db.close()
            # never by reading the file ourselves: to close it would drop the locks that SQLite holds on it
            if error.sqlite_errorcode == sqlite3.SQLITE_NOTADB:
                raise JournalError(path, _NO_JOURNAL) from error
            raise JournalError(path, f"this is not a journal that can be written: {error}") from error
        except JournalError:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the file. Closing twice is harmless."""
        self._lookups.close()
        self._db.close()

    def write(self, *batches: Records) -> None:
        """Write batches, all of them or nothing; what is already there is not written twice.

        Raises:
            JournalError: The disk is full, read-only or broken; nothing of the batches was written.
        """
        if not any(batches):
            return
        with self._transaction():
            for records in batches:
                self._write(records)

    def replace_redetected(self, events: list[EventRow], judged: list[RedetectionRow]) -> None:
        """Write what a version of the detector made of one archived stream, in place of what it made before.

        Raises:
            JournalError: As `write` does.
        """
        [stream] = {(row.detector, row.device, row.boot_id, row.stream) for row in judged}
        with self._transaction():
            for table in ("redetected", "redetection"):
                self._db.execute(f"DELETE FROM {table} WHERE {_STREAM}", stream)
            self._add("redetected", EventRow, events)
            self._add("redetection", RedetectionRow, judged)

    def change(self, statements: Iterable[tuple[str, Sequence[object]]]) -> None:
        """Run statements on the tables of `ingest.schema`, all of them or none.

        Raises:
            JournalError: As `write` does.
        """
        with self._transaction():
            for sql, values in statements:
                self._db.execute(sql, values)

    def checkpoints(self, device: str) -> list[CheckpointRow]:
        """Return the chain that says where to go on with a device, in order; none if it was never here."""
        rows = self._lookups.execute(
            f"SELECT {', '.join(_names(CheckpointRow))} FROM checkpoint WHERE device = ? ORDER BY number",
            (device,),
        )
        return [CheckpointRow(*row) for row in rows]

    def last_minute(self, wearer: str, site: str, modality: str) -> int | None:
        """Return the last minute that has a row."""
        [last] = self._lookups.execute(
            "SELECT max(minute) FROM minute WHERE wearer = ? AND site = ? AND modality = ?",
            (wearer, site, modality),
        ).fetchone()
        return None if last is None else int(last)

    def latest_events(self, wearer: str, limit: int) -> list[tuple[EventRow, bool]]:
        """Return the events that were written last, in that order, and whether each was amended."""
        rows = self._lookups.execute(
            f"SELECT amended IS NOT NULL, {', '.join(_names(EventRow))} FROM event WHERE wearer = ?"
            " ORDER BY id DESC LIMIT ?",
            (wearer, limit),
        ).fetchall()
        return [(EventRow(*row), bool(is_amended)) for is_amended, *row in reversed(rows)]

    def set_meta(self, key: str, value: str) -> None:
        """Remember one thing about this journal."""
        with self._transaction():
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def _prepare(self) -> None:
        [version] = self._db.execute("PRAGMA user_version").fetchone()
        [application] = self._db.execute("PRAGMA application_id").fetchone()
        [tables] = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if tables and application != _APPLICATION_ID:
            raise JournalError(self.path, "this is an SQLite file of another program")
        if version > VERSION:
            raise JournalError(
                self.path,
                f"written by a newer fasciwatch (schema {version}, this one knows {VERSION}); update",
            )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")  # what was acknowledged survives a power cut
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
        if version < VERSION:
            self._migrate(version)

    def _migrate(self, version: int) -> None:
        script = "".join(MIGRATIONS[version:])
        self._db.executescript(
            f"BEGIN IMMEDIATE; {script} PRAGMA user_version = {VERSION};"
            f"PRAGMA application_id = {_APPLICATION_ID}; COMMIT;"
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise JournalError(self.path, f"writing failed: {error}") from error

    def _write(self, records: Records) -> None:
        self._add("event", EventRow, records.events, on_conflict=_EVENT_KEY)
        snippet = _values(SnippetRow)
        self._db.executemany(_ADD_SNIPPET, ((*snippet(row), *key) for key, row in records.snippets))
        self._add("gap", GapRow, records.gaps, "REPLACE")
        self._add("device", DeviceRow, records.devices, "REPLACE")
        self._add("note", NoteRow, records.notes, on_conflict=_NOTE_KEY)
        touched = self._amend(records.amendments) | {
            (e.wearer, e.site, e.modality, e.onset_ns // MINUTE_NS) for e in records.events
        }
        self._add_minutes(records.minutes, touched)
        if records.checkpoint is not None:
            self._add_checkpoint(records.checkpoint)

    def _add(
        self, table: str, row: type, rows: Iterable[object], verb: str = "INSERT", on_conflict: str = ""
    ) -> None:
        self._db.executemany(_insert(table, row, verb, on_conflict), map(_values(row), rows))

    def _add_checkpoint(self, row: CheckpointRow) -> None:
        if row.number == 0:
            self._db.execute("DELETE FROM checkpoint WHERE device = ?", (row.device,))
        self._add("checkpoint", CheckpointRow, [row], "REPLACE")

    def _amend(self, amendments: Iterable[Amendment]) -> set[_MinuteKey]:
        """Return the minutes whose counts may have changed."""
        touched = set()
        for one in amendments:
            verdict = (one.kind, one.confidence, one.reason)
            touched |= set(self._db.execute(_AMEND, (*verdict, *(one.part_of or _NO_EVENT), *one.key)))
        return touched

    def _add_minutes(self, parts: Iterable[MinutePart], touched: set[_MinuteKey]) -> None:
        minute = _values(MinutePart)
        for part in parts:
            self._db.execute(_ADD_MINUTE, dict(zip(_names(MinutePart), minute(part), strict=True)))
            touched.add((part.wearer, part.site, part.modality, part.minute))
        self._db.executemany(_COUNT_MINUTE, sorted(touched))
