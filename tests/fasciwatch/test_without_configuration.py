"""Commands that read only a journal need no configuration to do so."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fasciwatch.cli import app
from ingest.journal import Journal
from ingest.schema import MinutePart, NoteRow, Records

MINUTE_NS = 60 * 10**9
READING = (
    ("status",),
    ("notes", "list"),
    ("alerts", "list"),
    ("quiet", "list"),
    ("report", "--output", "report.json"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def journal_of(folder: Path, *wearers: str) -> Path:
    path = folder / "journal.sqlite3"
    with Journal(path) as journal:
        minutes = [MinutePart(wearer, "biceps-left", "emg", 29_540_160, rest_s=60.0) for wearer in wearers]
        notes = [NoteRow(wearer, MINUTE_NS, "other", f"note of {wearer}", "page", 0) for wearer in wearers]
        journal.write(Records(minutes=minutes, notes=notes))
    return path


def run(folder: Path, *words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [*words, "--config", str(folder / "none.toml")])


@pytest.mark.parametrize("words", READING)
def test_a_journal_of_one_wearer_says_itself_whose_it_is(folder: Path, words: tuple[str, ...]) -> None:
    done = run(folder, *words, "--journal", str(journal_of(folder, "anna")))
    assert done.exit_code == 0, done.output


@pytest.mark.parametrize("words", READING[1:])
def test_a_journal_of_two_asks_whose_is_meant(folder: Path, words: tuple[str, ...]) -> None:
    journal = str(journal_of(folder, "anna", "ben"))
    done = run(folder, *words, "--journal", journal)
    assert done.exit_code == 2
    assert "rows of anna and ben; say whose with --wearer" in " ".join(done.output.split())
    assert run(folder, *words, "--journal", journal, "--wearer", "ben").exit_code == 0


@pytest.mark.parametrize("words", READING)
def test_without_a_journal_the_configuration_is_asked_for(folder: Path, words: tuple[str, ...]) -> None:
    done = run(folder, *words)
    assert done.exit_code == 1
    assert "`fasciwatch config init` writes one" in " ".join(done.output.split())


def test_the_wearer_that_is_named_goes_before_the_only_one(folder: Path) -> None:
    journal = str(journal_of(folder, "anna", "ben"))
    done = run(folder, "notes", "list", "--journal", journal, "--wearer", "anna")
    assert "note of anna" in done.stdout
    assert "note of ben" not in done.stdout


def test_a_note_can_be_written_into_a_journal_of_one_wearer(folder: Path) -> None:
    journal = str(journal_of(folder, "anna"))
    assert run(folder, "note", "tea", "--journal", journal).exit_code == 0
    assert "tea" in run(folder, "notes", "list", "--journal", journal).stdout
