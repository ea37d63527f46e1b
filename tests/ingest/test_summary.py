"""Sums over minutes are what adding up the rows gives."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.schema import MinutePart, Records
from ingest.summary import latest_minute, newest_event_id, observations


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[JournalReader]:
    path = tmp_path / "journal.sqlite3"
    with Journal(path) as journal:
        journal.write(
            Records(
                minutes=[
                    *(
                        MinutePart("me", "biceps-left", "emg", m, rest_s=40.0, movement_s=10.0)
                        for m in range(100, 110)
                    ),
                    *(MinutePart("me", "biceps-left", "emg", m) for m in range(110, 115)),
                    MinutePart("me", "biceps-right", "emg", 103, bad_contact_s=60.0),
                    MinutePart("somebody else", "biceps-left", "emg", 103, rest_s=60.0),
                ]
            )
        )
        with JournalReader(path) as reader:
            yield reader


def test_a_stretch_is_summed_up_by_site(reader: JournalReader) -> None:
    left, right = observations(reader, wearer="me", since_minute=101, until_minute=111)
    assert (left.site, left.minute, left.observed_s, left.missing_s) == ("biceps-left", 101, 450, 150)
    assert (right.site, right.observed_s, right.bad_contact_s) == ("biceps-right", 0, 60)


def test_slots_are_counted_from_the_start_of_the_stretch(reader: JournalReader) -> None:
    slots = observations(reader, wearer="me", since_minute=98, until_minute=108, step_minutes=5)
    assert [(s.site, s.minute, s.observed_s) for s in slots] == [
        ("biceps-left", 98, 150),
        ("biceps-left", 103, 250),
        ("biceps-right", 103, 0),
    ]


def test_the_latest_minute_is_the_last_in_which_anything_came(reader: JournalReader) -> None:
    found = latest_minute(reader, wearer="me", site="biceps-left", modality="emg")
    assert found is not None
    assert found.minute == 109
    assert latest_minute(reader, wearer="me", site="biceps-left", modality="accelerometer") is None


def test_the_newest_event_of_an_empty_journal_is_number_zero(reader: JournalReader) -> None:
    assert newest_event_id(reader) == 0
