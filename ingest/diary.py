"""The diary: notes that can be mended and deleted after they were written."""

from dataclasses import astuple, dataclass, fields
from pathlib import Path

from ingest.errors import DiaryError
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.schema import NoteRow

_NAMES = ", ".join(field.name for field in fields(NoteRow))
_PLACES = ", ".join("?" * len(fields(NoteRow)))


@dataclass(frozen=True, slots=True)
class StoredNote:
    """A note and its number in the journal."""

    id: int
    row: NoteRow


def newest_notes(reader: JournalReader, wearer: str, count: int) -> list[StoredNote]:
    """The newest notes, newest first. Raises JournalError where the journal cannot be read."""
    rows = reader.ask(
        f"SELECT id, {_NAMES} FROM note WHERE wearer = ? ORDER BY time_ns DESC, id DESC LIMIT ?",  # noqa: S608 -- our own columns
        (wearer, count),
    )
    return [StoredNote(number, NoteRow(*row)) for number, *row in rows]


def note_of(journal: Path, wearer: str, number: int) -> StoredNote:
    """The note of that number. Raises DiaryError where there is none, JournalError as reading does."""
    with JournalReader(journal) as reader:
        rows = reader.ask(
            f"SELECT {_NAMES} FROM note WHERE wearer = ? AND id = ?",  # noqa: S608 -- our own columns
            (wearer, number),
        )
    if not rows:
        raise DiaryError(number)
    return StoredNote(number, NoteRow(*rows[0]))


def mend_note(journal: Path, old: StoredNote, new: NoteRow) -> None:
    """Put `new` in place of a note. It takes a number of its own, so that followers read it again.

    Raises:
        JournalError: The journal cannot be written.
    """
    with Journal(journal) as kept:
        kept.change(
            [
                ("DELETE FROM note WHERE id = ?", (old.id,)),
                (f"INSERT OR IGNORE INTO note ({_NAMES}) VALUES ({_PLACES})", astuple(new)),  # noqa: S608 -- the same
            ]
        )


def delete_note(journal: Path, note: StoredNote) -> None:
    """Take a note out of the journal for good. Raises JournalError where it cannot be written."""
    with Journal(journal) as kept:
        kept.change([("DELETE FROM note WHERE id = ?", (note.id,))])
