"""What is new in the journal since a cursor, as points."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, tzinfo
from typing import Any

from ingest.influx import points
from ingest.influx.localday import day_of
from ingest.influx.rollup import HOUR_NS, day_lines, hour_lines, wearer_day_lines
from ingest.influx.server import Erasure
from ingest.influx.slots import Series
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader

BATCH = 4_000  # rows read at once: two requests
CHANGES = 200_000  # minutes looked at for one batch of roll-ups: some 3,500 hours and days


@dataclass(frozen=True, slots=True)
class Batch:
    """Points, and where to read on once they are stored.

    Attributes:
        lines: In line protocol.
        cursor: Where the next batch begins.
        is_last: Nothing more was there when this was read.
        erased: What is to be taken out of the bucket before.
    """

    lines: list[str]
    cursor: int
    is_last: bool
    erased: Sequence[Erasure] = ()


class RowFeed:
    """Rows of one table, each a point, in the order they were written.

    Attributes:
        name: Of its cursor.
    """

    def __init__(
        self,
        table: str,
        row: type,
        point: Callable[[Any], str],
        *,
        name: str = "",
        column: str = "id",
        more: Callable[[Any], list[str]] = lambda _: [],
    ) -> None:
        self.name = name or table
        self._row = row
        self._point = point
        self._more = more
        names = ", ".join(f.name for f in fields(row))
        after = f"FROM {table} WHERE {column} > ?"
        self._select = f"SELECT {column}, {names} {after} ORDER BY {column} LIMIT ?"
        self._count = f"SELECT count(*) {after}"

    def read(self, reader: JournalReader, cursor: int) -> Batch:
        """What was written after the cursor, at most `BATCH` rows."""
        rows = reader.ask(self._select, (cursor, BATCH))
        found = [self._row(*values) for _, *values in rows]
        lines = [self._point(row) for row in found] + [line for row in found for line in self._more(row)]
        return Batch(lines, rows[-1][0] if rows else cursor, len(rows) < BATCH)

    def waiting(self, reader: JournalReader, cursor: int) -> int:
        """How many rows lie after the cursor."""
        [(count,)] = reader.ask(self._count, (cursor,))
        return int(count)


class RollupFeed:
    """Hours and days in which a minute was written.

    Attributes:
        name: Of its cursor.
    """

    name = "rollup"

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = zone

    def read(self, reader: JournalReader, cursor: int) -> Batch:
        """Hours and days touched by the next minutes after the cursor, and a sign of life."""
        rows = reader.ask(
            "SELECT wearer, site, modality, minute, change FROM minute WHERE change > ?"
            " ORDER BY change LIMIT ?",
            (cursor, CHANGES),
        )
        touched: defaultdict[Series, set[int]] = defaultdict(set)
        newest: defaultdict[str, int] = defaultdict(int)
        for wearer, site, modality, minute, _ in rows:
            touched[Series(wearer, site, modality)].add(minute * MINUTE_NS // HOUR_NS)
            newest[wearer] = max(newest[wearer], minute)
        lines = [points.life(wearer, minute * MINUTE_NS) for wearer, minute in newest.items()]
        lines += self._lines(reader, touched)
        return Batch(lines, rows[-1][4] if rows else cursor, len(rows) < CHANGES)

    def waiting(self, reader: JournalReader, cursor: int) -> int:
        """How many minutes were written after the cursor."""
        [(count,)] = reader.ask("SELECT count(*) FROM minute WHERE change > ?", (cursor,))
        return int(count)

    def _lines(self, reader: JournalReader, touched: Mapping[Series, set[int]]) -> Iterator[str]:
        bodies: defaultdict[tuple[str, str], set[date]] = defaultdict(set)
        for series, hours in sorted(touched.items()):
            # An hour may reach into the next day where midnight is not on the hour.
            days = {day_of(hour * HOUR_NS + edge, self._zone) for hour in hours for edge in (0, HOUR_NS - 1)}
            yield from hour_lines(reader, series, sorted(hours), self._zone)
            yield from day_lines(reader, series, sorted(days), self._zone)
            bodies[series.wearer, series.modality] |= days
        for (wearer, modality), days in bodies.items():
            yield from wearer_day_lines(reader, wearer, modality, sorted(days), self._zone)
