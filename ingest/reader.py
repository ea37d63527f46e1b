"""Reading the journal: what the page, the report, the alerts and the exports ask of it."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.errors import JournalError
from ingest.schema import VERSION, DeviceRow, EventRow, GapRow, MinuteRow, NoteRow, SnippetRow

FOREVER_NS = 2**63 - 1  # later than anything


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event row, its number in the journal, and that of the event that it is another view of."""

    id: int
    row: EventRow
    part_of: int | None = None


class JournalReader:
    """A read-only view that never holds the writer up; any number may be open at once."""

    def __init__(self, path: Path) -> None:
        """Open the journal at `path`.

        Raises:
            JournalError: There is no journal, or it is another version's.
        """
        self.path = path
        if not path.is_file():
            raise JournalError(path, "there is no journal here yet; `fasciwatch run` makes one")
        try:
            self._db = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False
            )
            [version] = self._db.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise JournalError(path, f"this is not a journal that can be read: {error}") from error
        if version != VERSION:
            self._db.close()
            raise JournalError(
                path, f"schema {version}, this fasciwatch reads {VERSION}; `run` brings it up to date"
            )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Within this, every question is answered from the same moment."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            if self._db.in_transaction:  # a disk that fails ends it by itself
                self._db.execute("ROLLBACK")

    def wearers(self) -> list[str]:
        """Whoever has rows here."""
        return sorted(
            {
                wearer
                for table in ("minute", "event", "note")
                for wearer in self._distinct(table, "wearer", {})
            }
        )

    def series(self, wearer: str) -> list[tuple[str, str]]:
        """Every site and modality of which there is a minute, in order."""
        # by steps along the primary key: the rows of months take half a second to go through
        sites = self._distinct("minute", "site", {"wearer": wearer})
        return [
            (site, modality)
            for site in sites
            for modality in self._distinct("minute", "modality", {"wearer": wearer, "site": site})
        ]

    def events(
        self,
        *,
        wearer: str | None = None,
        since_ns: int = 0,
        until_ns: int = FOREVER_NS,
        site: str | None = None,
        kind: str | None = None,
        newest: int | None = None,
    ) -> list[StoredEvent]:
        """Events with since <= onset < until, by onset; or only the `newest` of them."""
        where, values = _conditions({"wearer": wearer, "site": site, "kind": kind})
        names = _columns(EventRow)
        order = "ORDER BY onset_ns" if newest is None else f"ORDER BY onset_ns DESC LIMIT {int(newest)}"
        rows = self.ask(
            f"SELECT id, part_of, {names} FROM event WHERE onset_ns >= ? AND onset_ns < ? {where} {order}",
            (since_ns, until_ns, *values),
        )
        events = [_stored(row) for row in rows]
        return events if newest is None else events[::-1]

    def events_after(self, event_id: int, *, limit: int = 1000) -> list[StoredEvent]:
        """Events recorded after this one, in the order they were written: a cursor for followers."""
        rows = self.ask(
            f"SELECT id, part_of, {_columns(EventRow)} FROM event WHERE id > ? ORDER BY id LIMIT ?",
            (event_id, limit),
        )
        return [_stored(row) for row in rows]

    def minutes(
        self,
        *,
        wearer: str | None = None,
        since_minute: int = 0,
        until_minute: int = 2**40,
        site: str | None = None,
        modality: str | None = None,
    ) -> list[MinuteRow]:
        """Minute rows with since <= minute < until, by minute and site."""
        where, values = _conditions({"wearer": wearer, "site": site, "modality": modality})
        rows = self.ask(
            f"SELECT {_columns(MinuteRow)} FROM minute WHERE minute >= ? AND minute < ? {where}"
            " ORDER BY minute, site, modality",
            (since_minute, until_minute, *values),
        )
        return [MinuteRow(*row) for row in rows]

    def gaps(self, *, device: str | None = None) -> list[GapRow]:
        """Gaps on record, in the order of the samples."""
        where, values = _conditions({"device": device})
        return [
            GapRow(*row)
            for row in self.ask(
                f"SELECT {_columns(GapRow)} FROM gap WHERE 1 {where} ORDER BY device, start_ns, start_sample",
                values,
            )
        ]

    def devices(self) -> list[DeviceRow]:
        """The newest row of each device."""
        # each device by a step along the primary key: the rows of months are not read for the newest few
        return [
            DeviceRow(*row)
            for row in self.ask(
                "WITH RECURSIVE known(device) AS (SELECT min(device) FROM device UNION ALL"
                " SELECT (SELECT min(device) FROM device d WHERE d.device > known.device) FROM known"
                " WHERE known.device IS NOT NULL)"
                f" SELECT {_columns(DeviceRow)} FROM device NATURAL JOIN (SELECT device, (SELECT max(time_ns)"
                " FROM device d WHERE d.device = known.device) AS time_ns FROM known) ORDER BY device"
            )
        ]

    def device_rows(self, device: str, *, since_ns: int = 0) -> list[DeviceRow]:
        """All rows of one device, by time."""
        return [
            DeviceRow(*row)
            for row in self.ask(
                f"SELECT {_columns(DeviceRow)} FROM device WHERE device = ? AND time_ns >= ?"
                " ORDER BY time_ns",
                (device, since_ns),
            )
        ]

    def notes(
        self, *, wearer: str | None = None, since_ns: int = 0, until_ns: int = FOREVER_NS
    ) -> list[NoteRow]:
        """Notes with since <= time < until, by time."""
        where, values = _conditions({"wearer": wearer})
        rows = self.ask(
            f"SELECT {_columns(NoteRow)} FROM note WHERE time_ns >= ? AND time_ns < ? {where}"
            " ORDER BY time_ns",
            (since_ns, until_ns, *values),
        )
        return [NoteRow(*row) for row in rows]

    def snippet(self, event_id: int) -> list[tuple[SnippetRow, NDArray[np.float32]]]:
        """The raw signal around an event, a row and its samples (uV, mg or counts) for each channel."""
        rows = self.ask(
            f"SELECT {_columns(SnippetRow)} FROM snippet WHERE event_id = ? ORDER BY channel",
            (event_id,),
        )
        found = [SnippetRow(*row) for row in rows]
        return [(s, (np.frombuffer(s.samples, "<i4") * s.scale).astype(np.float32)) for s in found]

    def meta(self, key: str) -> str | None:
        """What was remembered under `key`."""
        rows = self.ask("SELECT value FROM meta WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def _distinct(self, table: str, column: str, wanted: dict[str, str | None]) -> list[str]:
        """The values of a column, where there is an index of those `wanted` and then this one."""
        where, values = _conditions(wanted)
        least = f"SELECT min({column}) FROM {table} WHERE {column} > ? {where}"
        found: list[str] = []
        while (row := self.ask(least, (found[-1] if found else "", *values)))[0][0] is not None:
            found.append(row[0][0])
        return found

    def ask(self, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> list[tuple]:  # type: ignore[type-arg]  # rows of many tables
        """Rows of a SELECT on the tables of `ingest.schema`, for whoever sums them up.

        Raises:
            JournalError: The file cannot be read.
        """
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise JournalError(self.path, f"reading failed: {error}") from error


def _stored(row: tuple) -> StoredEvent:  # type: ignore[type-arg]  # as SQLite gives it
    return StoredEvent(row[0], EventRow(*row[2:]), row[1])


def _columns(row: type) -> str:
    return ", ".join(f.name for f in fields(row))


def _conditions(wanted: dict[str, str | None]) -> tuple[str, list[str]]:
    given = {name: value for name, value in wanted.items() if value is not None}
    return "".join(f" AND {name} = ?" for name in given), list(given.values())
