"""The diary and the alerts as the wearer's command has them."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from fasciwatch.cli import app
from ingest.alerts.alarm import Alarm, Kind, Rule, Verdict
from ingest.alerts.desk import Desk
from ingest.alerts.ledger import watched_key
from ingest.alerts.news import Hours
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.schema import MinutePart, NoteRow, Records

MINUTE_NS = 60 * 10**9
NO_DATA = Rule(Kind.NO_DATA, "biceps-left emg")

Command = Callable[..., Result]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.sqlite3"
    Journal(path).close()
    return path


@pytest.fixture
def fasciwatch(tmp_path: Path, journal: Path) -> Command:
    config = tmp_path / "fasciwatch.toml"
    config.write_text(
        f'wearer = "me"\n[journal]\npath = "{journal}"\n[[devices]]\nport = "/dev/none"\n'
        '[alerts]\nquiet_from = "00:00"\nquiet_until = "00:00"\ntime_zone = "UTC"\n'
    )

    def run(*words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--config", str(config)])

    return run


def notes(journal: Path) -> list[NoteRow]:
    with JournalReader(journal) as reader:
        return reader.notes()


def first_number(result: Result) -> str:
    found = re.search(r"^ *(\d+)", result.stdout, re.MULTILINE)
    assert found
    return found[1]


def stand(journal: Path, level: Alarm) -> None:
    with JournalReader(journal) as reader:
        verdict = Verdict(NO_DATA, level, "Left upper arm: no data since 11:00.")
        Desk(journal, "me", Hours(), ["phone"]).take(reader, [verdict], time.time_ns())


def test_a_note_may_be_backdated_mended_and_deleted(fasciwatch: Command, journal: Path) -> None:
    fasciwatch("note", "two cpus", "--kind", "caffeine", "--at", "2026-03-01T08:00")
    number = first_number(fasciwatch("notes", "list"))
    assert (
        fasciwatch("notes", "mend", number, "--text", "two cups", "--at", "2026-03-01T09:00").exit_code == 0
    )
    [mended] = notes(journal)
    assert (mended.kind, mended.text) == ("caffeine", "two cups")
    number = first_number(fasciwatch("notes", "list"))
    assert fasciwatch("notes", "delete", number).exit_code == 0
    assert notes(journal) == []


def test_a_mended_note_is_new_to_whoever_follows_the_journal(fasciwatch: Command) -> None:
    fasciwatch("note", "tea", "--kind", "water")
    before = first_number(fasciwatch("notes", "list"))
    fasciwatch("notes", "mend", before, "--text", "water")
    assert int(first_number(fasciwatch("notes", "list"))) > int(before)


def test_a_note_that_is_not_there_cannot_be_mended(fasciwatch: Command) -> None:
    result = fasciwatch("notes", "mend", "7", "--text", "x")
    assert result.exit_code == 1
    assert "no note 7" in result.stderr


def test_mending_nothing_is_asked_for_wrongly(fasciwatch: Command) -> None:
    assert fasciwatch("notes", "mend", "7").exit_code == 2


def test_a_note_cannot_be_mended_into_the_future(fasciwatch: Command) -> None:
    fasciwatch("note", "tea")
    number = first_number(fasciwatch("notes", "list"))
    assert fasciwatch("notes", "mend", number, "--at", "2199-01-01").exit_code == 2


@pytest.mark.parametrize("symptom", ["weakness", "altered feeling", "speech or swallowing", "fever"])
def test_a_red_flag_shows_the_emergency_text_at_once(
    fasciwatch: Command, journal: Path, symptom: str
) -> None:
    result = fasciwatch("note", "left hand", "--symptom", symptom)
    assert "Call an ambulance" in result.stderr
    assert [(note.kind, note.text) for note in notes(journal)] == [("symptom", f"{symptom}: left hand")]


@pytest.mark.parametrize("symptom", ["muscle loss", "cramps"])
def test_other_symptoms_show_the_doctors_text(fasciwatch: Command, symptom: str) -> None:
    result = fasciwatch("note", "--symptom", symptom)
    assert "See a doctor" in result.stderr
    assert "Call an ambulance" not in result.stderr


def test_a_symptom_in_free_words_gets_all_of_the_advice(fasciwatch: Command) -> None:
    result = fasciwatch("note", "I cannot lift my foot", "--kind", "symptom")
    assert "Call an ambulance" in result.stderr
    assert "See a doctor" in result.stderr


def test_coffee_gets_no_advice(fasciwatch: Command) -> None:
    assert fasciwatch("note", "--kind", "caffeine").stderr == "noted\n"


def test_the_list_says_what_stands_and_what_could_not_be_sent(fasciwatch: Command, journal: Path) -> None:
    assert "nobody has looked yet" in fasciwatch("alerts", "list").stdout
    with Journal(journal) as kept:
        kept.set_meta(watched_key("me"), str(time.time_ns()))
    assert "nothing stands" in fasciwatch("alerts", "list").stdout
    stand(journal, Alarm.ACT)
    listed = fasciwatch("alerts", "list").stdout
    assert "no data since" in " ".join(listed.split())
    assert "not sent to phone" in listed


def test_what_is_acknowledged_or_snoozed_is_listed_as_silenced(fasciwatch: Command, journal: Path) -> None:
    stand(journal, Alarm.ACT)
    assert fasciwatch("alerts", "ack", str(NO_DATA)).exit_code == 0
    assert "silenced" in fasciwatch("alerts", "list").stdout
    assert fasciwatch("alerts", "resume", str(NO_DATA)).exit_code == 0
    assert "silenced" not in fasciwatch("alerts", "list").stdout
    assert fasciwatch("alerts", "snooze", "--hours", "2").exit_code == 0
    assert "silenced" in fasciwatch("alerts", "list").stdout


def test_only_what_stands_can_be_acknowledged(fasciwatch: Command) -> None:
    result = fasciwatch("alerts", "ack", "battery 00a1")
    assert result.exit_code == 2
    assert "does not stand" in result.stderr


def test_without_an_address_a_test_says_where_to_name_one(fasciwatch: Command) -> None:
    result = fasciwatch("alerts", "test")
    assert result.exit_code == 1
    assert "[notify]" in result.stderr


def test_a_bad_address_is_named_by_its_line_and_never_repeated(
    fasciwatch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASCIWATCH_NOTIFY", "phone ntfy://topic\nmailto://me:secret@example.org")
    result = fasciwatch("alerts", "test")
    assert result.exit_code == 1
    assert "line 2" in result.stderr
    assert "secret" not in result.stderr


def test_the_replay_tells_what_would_have_been_sent(fasciwatch: Command, journal: Path) -> None:
    now = time.time_ns() // MINUTE_NS
    with Journal(journal) as kept:
        parts = [MinutePart("me", "biceps-left", "emg", now - ago, rest_s=60.0) for ago in range(120, 240)]
        kept.write(Records(minutes=parts))
    result = fasciwatch("alerts", "replay", "--days", "1")
    assert result.exit_code == 0
    assert "No data" in result.stdout
    # the half hour at once, and the quarter of an hour before it if just then the digest is due
    assert re.search(r"[12] messages? in 1 day", result.stderr)
    with JournalReader(journal) as reader:
        assert reader.ask("SELECT count(*) FROM alert") == [(0,)]
