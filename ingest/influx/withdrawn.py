"""Notes that were mended or deleted: what the bucket still says of them is taken out again."""

from dataclasses import fields

from ingest.influx import points
from ingest.influx.feeds import Batch
from ingest.influx.server import Erasure
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader
from ingest.schema import NoteKind, NoteRow

BATCH = 100  # read at once: each is a request of its own, and nobody mends more at a time
_US_NS = 1000  # a note's place in its series is known to the microsecond (see `points.note`)
_NOTES = f"SELECT {', '.join(f.name for f in fields(NoteRow))} FROM note WHERE wearer = ? AND kind = ?"  # noqa: S608 -- our own columns


class WithdrawnFeed:
    """Erases what a note was, and sends again what it shared its place with.

    Attributes:
        name: Of its cursor.
    """

    name = "withdrawn"

    def read(self, reader: JournalReader, cursor: int) -> Batch:
        """What was withdrawn after the cursor, at most `BATCH` notes."""
        rows = reader.ask(
            "SELECT id, wearer, time_ns, kind FROM withdrawn_note WHERE id > ? ORDER BY id LIMIT ?",
            (cursor, BATCH),
        )
        lines: list[str] = []
        erased: list[Erasure] = []
        for _, wearer, time_ns, kind in rows:
            start_ns = time_ns - time_ns % _US_NS
            erased.append(Erasure("note", (("kind", kind), ("wearer", wearer)), start_ns, start_ns + _US_NS))
            lines += [points.note(note) for note in _notes(reader, wearer, kind, start_ns, start_ns + _US_NS)]
            if kind == NoteKind.OFF:
                end_ns = time_ns + points.OFF_NS
                erased.append(Erasure("life", (("wearer", wearer),), time_ns, end_ns))
                lines += _life(reader, wearer, time_ns, end_ns)
        return Batch(lines, rows[-1][0] if rows else cursor, len(rows) < BATCH, erased)

    def waiting(self, reader: JournalReader, cursor: int) -> int:
        """How many notes were withdrawn after the cursor."""
        [(count,)] = reader.ask("SELECT count(*) FROM withdrawn_note WHERE id > ?", (cursor,))
        return int(count)


def _notes(reader: JournalReader, wearer: str, kind: str, start_ns: int, end_ns: int) -> list[NoteRow]:
    rows = reader.ask(f"{_NOTES} AND time_ns >= ? AND time_ns < ?", (wearer, kind, start_ns, end_ns))
    return [NoteRow(*row) for row in rows]


def _life(reader: JournalReader, wearer: str, start_ns: int, end_ns: int) -> list[str]:
    """The signs of life of a stretch: those of its minutes, and those that other notes wrote ahead."""
    minutes = reader.ask(
        "SELECT DISTINCT minute FROM minute WHERE wearer = ? AND minute >= ? AND minute < ?",
        (wearer, start_ns // MINUTE_NS, end_ns // MINUTE_NS),
    )
    others = _notes(reader, wearer, NoteKind.OFF, start_ns - points.OFF_NS, end_ns)
    ahead = [line for note in others for line in points.off_on_purpose(note)]
    return [points.life(wearer, minute * MINUTE_NS) for (minute,) in minutes] + ahead
