"""The way into the journal: in order, whole, insisting, bounded."""

import asyncio
from pathlib import Path

import pytest

from ingest.errors import JournalError
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.schema import NoteRow, Records
from ingest.writer import JournalWriter


def batch(number: int, size: int = 1) -> Records:
    return Records(notes=[NoteRow("me", number, "other", f"{number} " + "x" * size, "page", 0)])


def fill_disk(journal: Journal) -> None:
    """Allow the file not one page more, as a full disk does."""
    [pages] = journal._db.execute("PRAGMA page_count").fetchone()
    journal._db.execute(f"PRAGMA max_page_count = {pages}")


def free_disk(journal: Journal) -> None:
    journal._db.execute("PRAGMA max_page_count = 1000000")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@pytest.mark.asyncio
async def test_batches_are_written_in_order_and_said_to_be(path: Path) -> None:
    with Journal(path) as journal:
        writer = JournalWriter(journal)
        running = asyncio.create_task(writer.run())
        futures = [await writer.put(batch(number)) for number in range(50)]
        await writer.drain()
        assert all(future.done() for future in futures)
        running.cancel()
    with JournalReader(path) as reader:
        assert [note.time_ns for note in reader.notes()] == list(range(50))


@pytest.mark.asyncio
async def test_a_full_disk_is_waited_for_and_nothing_is_lost_or_out_of_order(path: Path) -> None:
    with Journal(path) as journal:
        writer = JournalWriter(journal)
        running = asyncio.create_task(writer.run())
        await writer.write(batch(0))
        fill_disk(journal)
        waiting = [await writer.put(batch(number, size=100_000)) for number in (1, 2)]
        while not writer.problem:
            await asyncio.sleep(0.01)
        assert "writing failed" in writer.problem
        assert not any(future.done() for future in waiting)
        free_disk(journal)
        await writer.drain()
        assert writer.problem == ""
        running.cancel()
    with JournalReader(path) as reader:
        assert [note.time_ns for note in reader.notes()] == [0, 1, 2]


@pytest.mark.asyncio
async def test_when_told_to_stop_a_full_disk_is_not_waited_for_and_nothing_is_called_stored(
    path: Path,
) -> None:
    with Journal(path) as journal:
        writer = JournalWriter(journal)
        running = asyncio.create_task(writer.run())
        await writer.write(batch(0))
        fill_disk(journal)
        stuck = await writer.put(batch(1, size=100_000))
        writer.give_up_within(0)
        await writer.drain()
        assert stuck.cancelled()
        running.cancel()


def test_a_read_only_journal_is_said_to_be_one(path: Path) -> None:
    with Journal(path) as journal:
        journal._db.execute("PRAGMA query_only = 1")
        with pytest.raises(JournalError, match="writing failed"):
            journal.write(batch(1))
