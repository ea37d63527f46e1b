"""The command, from the arguments to the file."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from fasciwatch.report import command
from tests.rows import journal_of_rest


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return journal_of_rest(tmp_path / "journal.sqlite3", minutes=60)


def report(*arguments: object) -> Result:
    app = typer.Typer()
    app.command()(command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("ending", "start"), [("pdf", b"%PDF-"), ("html", b"<!doctype html>"), ("json", b"{")]
)
def test_the_name_of_the_file_says_what_it_is(
    journal: Path, tmp_path: Path, ending: str, start: bytes
) -> None:
    output = tmp_path / f"report.{ending}"
    done = report("--journal", journal, "--wearer", "me", "--output", output)
    assert done.exit_code == 0, done.output
    assert output.read_bytes().startswith(start)


def test_the_period_is_what_was_asked_for(journal: Path, tmp_path: Path) -> None:
    output = tmp_path / "report.json"
    period = ("--from", "2026-03-01", "--to", "2026-03-03", "--zone", "Europe/Vienna")
    assert report("--journal", journal, "--wearer", "me", "--output", output, *period).exit_code == 0
    told = json.loads(output.read_bytes())
    assert (told["since"], told["until"]) == ("2026-03-01T00:00:00+01:00", "2026-03-04T00:00:00+01:00")
    assert [round(day["rest_h"], 3) for day in told["sites"][0]["days"]] == [0, 1, 0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--output", "report.docx"), "ends in .pdf, .html or .json"),
        (("--from", "2026-03-03", "--to", "2026-03-01"), "is before"),
        (("--zone", "Nowhere/Land"), "no such time zone"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(
    journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = report("--journal", journal, "--wearer", "me", *arguments)
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())


def test_no_journal_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = report(
        "--journal", tmp_path / "none.sqlite3", "--wearer", "me", "--output", tmp_path / "report.pdf"
    )
    assert done.exit_code == 1
    assert "there is no journal here yet" in " ".join(done.output.split())


def test_a_file_that_cannot_be_written_is_told_in_a_sentence(journal: Path, tmp_path: Path) -> None:
    done = report("--journal", journal, "--wearer", "me", "--output", tmp_path / "no-folder" / "report.pdf")
    assert done.exit_code == 1
    assert "cannot be written" in done.output
