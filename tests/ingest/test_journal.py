"""The journal keeps what it is given, once, and whole."""

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.errors import JournalError
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.schema import (
    MIGRATIONS,
    CheckpointRow,
    MinutePart,
    NoteRow,
    Records,
    SnippetRow,
)
from tests.rows import TWITCH

MINUTE_NS = 60_000_000_000
EVENT = replace(TWITCH, onset_ns=100 * MINUTE_NS + 5)
SNIPPET = SnippetRow(0, 234, 1000.0, 0.5, (2).to_bytes(4, "little") * 3)
PART = MinutePart("me", "biceps-left", "emg", 100, rest_s=20.0, elapsed_s=30.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def test_an_event_comes_back_as_it_was_with_the_signal_around_it(path: Path) -> None:
    with Journal(path) as journal:
        journal.write(Records(events=[EVENT], snippets=[(EVENT.key, SNIPPET)]))
    with JournalReader(path) as reader:
        [stored] = reader.events()
        assert stored.row == EVENT
        [(row, samples)] = reader.snippet(stored.id)
        assert row == SNIPPET
        assert samples.tolist() == [1.0, 1.0, 1.0]


def test_the_same_event_written_twice_is_there_once(path: Path) -> None:
    with Journal(path) as journal:
        journal.write(Records(events=[EVENT], snippets=[(EVENT.key, SNIPPET)]))
        again = replace(EVENT, onset_ns=EVENT.onset_ns + 400, recorded_ns=1)
        journal.write(Records(events=[again], snippets=[(again.key, SNIPPET)]))
    with JournalReader(path) as reader:
        assert [stored.row for stored in reader.events()] == [EVENT]


def test_a_minute_grows_and_what_nobody_accounts_for_is_missing(path: Path) -> None:
    with Journal(path) as journal, JournalReader(path) as reader:
        journal.write(Records(minutes=[PART]))
        [minute] = reader.minutes()
        assert (minute.rest_s, minute.missing_s) == (20.0, 10.0)
        journal.write(Records(minutes=[replace(PART, rest_s=5.0, movement_s=25.0, elapsed_s=60.0)]))
        [minute] = reader.minutes()
        assert (minute.rest_s, minute.movement_s, minute.missing_s) == (25.0, 25.0, 10.0)


def test_samples_that_arrive_late_turn_missing_seconds_into_observed_ones(path: Path) -> None:
    with Journal(path) as journal, JournalReader(path) as reader:
        journal.write(Records(minutes=[MinutePart("me", "biceps-left", "emg", 100)]))
        assert reader.minutes()[0].missing_s == 60.0
        journal.write(Records(minutes=[replace(PART, rest_s=60.0, elapsed_s=60.0)]))
        [minute] = reader.minutes()
        assert (minute.rest_s, minute.missing_s) == (60.0, 0.0)


def test_a_minute_counts_the_twitches_in_the_event_rows_and_nothing_else(path: Path) -> None:
    moving = replace(EVENT, onset_sample=2000, onset_ns=EVENT.onset_ns + 10, state="movement")
    pop = replace(EVENT, onset_sample=3000, onset_ns=EVENT.onset_ns + 20, kind="artefact")
    later = replace(EVENT, onset_sample=99_000, onset_ns=EVENT.onset_ns + MINUTE_NS)
    with Journal(path) as journal, JournalReader(path) as reader:
        journal.write(Records(minutes=[PART]))
        journal.write(Records(events=[EVENT, moving, pop, later]))
        [minute] = reader.minutes()
        assert (minute.count, minute.count_rest, minute.duration_ms) == (2, 1, 2 * EVENT.duration_ms)


def test_a_batch_that_fails_leaves_nothing_of_itself(path: Path) -> None:
    broken = replace(EVENT, onset_sample=5, site=None)  # type: ignore[arg-type]
    with Journal(path) as journal, JournalReader(path) as reader:
        with pytest.raises(JournalError, match="writing failed"):
            journal.write(Records(events=[EVENT, broken], minutes=[PART]))
        assert reader.events() == []
        assert reader.minutes() == []
        journal.write(Records(events=[EVENT]))
        assert len(reader.events()) == 1


def test_checkpoints_of_a_device_are_a_chain_until_one_begins_it_anew(path: Path) -> None:
    whole, change, again = (
        CheckpointRow("00a1", 7, "1", number, time_ns, b"state")
        for number, time_ns in ((0, 1), (1, 2), (0, 3))
    )
    with Journal(path) as journal:
        journal.write(Records(checkpoint=whole))
        journal.write(Records(checkpoint=change))
        assert journal.checkpoints("00a1") == [whole, change]
        assert journal.checkpoints("other") == []
        journal.write(Records(checkpoint=again))
        assert journal.checkpoints("00a1") == [again]


def test_a_note_written_twice_is_there_once(path: Path) -> None:
    note = NoteRow("me", 5, "felt", "", "button", 9)
    with Journal(path) as journal, JournalReader(path) as reader:
        journal.write(Records(notes=[note]))
        journal.write(Records(notes=[replace(note, recorded_ns=10)]))
        assert reader.notes() == [note]


def test_opening_again_finds_everything(path: Path) -> None:
    with Journal(path) as journal:
        journal.write(Records(events=[EVENT]))
    with Journal(path) as journal, JournalReader(path) as reader:
        journal.write(Records(events=[replace(EVENT, onset_sample=1)]))
        assert len(reader.events()) == 2


def test_a_follower_reads_events_from_its_cursor_in_the_order_written(path: Path) -> None:
    with Journal(path) as journal, JournalReader(path) as reader:
        for sample in (30, 10, 20):
            journal.write(Records(events=[replace(EVENT, onset_sample=sample, onset_ns=sample)]))
        first, *rest = reader.events_after(0)
        assert first.row.onset_sample == 30
        assert reader.events_after(first.id) == rest
        assert [e.row.onset_sample for e in reader.events(newest=2)] == [20, 30]


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to be one" * 50, b"x"])
def test_a_file_that_is_no_journal_is_refused_and_left_as_it_was(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(JournalError, match=r"journal\.sqlite3"):
        Journal(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_refused(path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    with pytest.raises(JournalError, match="another program"):
        Journal(path)


def test_a_newer_versions_journal_is_refused_in_words(path: Path) -> None:
    Journal(path).close()
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 999")
    newer.close()
    with pytest.raises(JournalError, match="newer fasciwatch"):
        Journal(path)
    with pytest.raises(JournalError, match="schema 999"):
        JournalReader(path)


def test_reading_where_there_is_no_journal_says_so(path: Path) -> None:
    with pytest.raises(JournalError, match="no journal here"):
        JournalReader(path)


def test_a_service_keeps_its_hold_on_the_file_whatever_else_opens_it(path: Path) -> None:
    """Whoever closes a journal last tidies it up; that must not be another process while we write."""
    another = (
        f"from pathlib import Path; from ingest.journal import Journal; Journal(Path({str(path)!r})).close()"
    )
    with Journal(path) as service:
        service.write(Records(events=[EVENT]))
        Journal(path).close()  # as the alerts do
        subprocess.run([sys.executable, "-c", another], check=True)  # as `fasciwatch note` does
        service.write(Records(notes=[NoteRow("me", 1, "felt", "", "button", 2)]))
        with JournalReader(path) as reader:
            assert len(reader.notes()) == 1


def test_an_older_journal_is_brought_to_today_with_all_that_is_in_it(path: Path) -> None:
    older = sqlite3.connect(path)
    older.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1; PRAGMA application_id = 0x66617377;")
    older.execute("INSERT INTO note VALUES (7, 'me', 1, 'felt', '', 'button', 2)")
    older.commit()
    older.close()
    with pytest.raises(JournalError, match="schema 1"):
        JournalReader(path)
    Journal(path).close()
    with JournalReader(path) as reader:
        assert [note.kind for note in reader.notes()] == ["felt"]
        assert reader.ask("SELECT count(*) FROM quiet") == [(0,)]
