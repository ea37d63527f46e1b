"""`fasciwatch quiet` as its user meets it."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from detector.emg import EmgDetector
from fasciwatch import quiet
from fasciwatch.cli import app
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader
from tests.rows import START, journal_of_rest

WHEN = ("--from", "2026-03-02T00:00", "--to", "2026-03-02T00:20")


@pytest.fixture(autouse=True)
def _utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return journal_of_rest(tmp_path / "journal.sqlite3", minutes=60)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Half a minute of noise in two channels."""
    path = tmp_path / "quiet.npz"
    noise = 5 * np.random.default_rng(1).standard_normal((30_000, 2))
    np.savez(path, x=noise, fs_hz=1000.0, channels=["Ch1", "Ch2"], unit="uV", modality="emg")
    return path


def run(*words: object) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, ["quiet", *map(str, words)])


def report(journal: Path, output: Path) -> str:
    period = ("--from", "2026-03-01", "--to", "2026-03-03", "--zone", "UTC")
    words = ["report", "--journal", str(journal), "--output", str(output), *period]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return output.read_text()


def reported(journal: Path, folder: Path) -> str:
    return report(journal, folder / "report.html")


def test_it_says_how_much_was_judged_and_what_that_can_show(journal: Path) -> None:
    done = run("past", *WHEN, "--journal", journal)
    assert done.exit_code == 0, done.output
    [line] = [line for line in done.stdout.splitlines() if "electrodes" in line]
    assert line.split()[-5:] == ["min", "0", "0", "(0-11)", EmgDetector.version]
    told = " ".join(done.stderr.split())
    assert "20 min without any would show no better than under 11 an hour" in told
    assert "under one an hour takes 3 h 41 min" in told


def test_the_report_has_it_for_the_set_up(journal: Path, tmp_path: Path) -> None:
    assert "was never measured; the command “fasciwatch quiet now” does" in reported(journal, tmp_path)
    run("past", *WHEN, "--journal", journal)
    assert "Left upper arm, front 0 (0-11) in 20 min" in reported(journal, tmp_path)


def test_a_check_that_was_not_quiet_can_be_forgotten(journal: Path, tmp_path: Path) -> None:
    run("past", *WHEN, "--journal", journal)
    listed = run("list", "--journal", journal).stdout.splitlines()
    number = listed[-1].split()[0]
    assert run("forget", number, "--journal", journal).exit_code == 0
    assert "was never measured" in reported(journal, tmp_path)
    assert run("forget", number, "--journal", journal).exit_code == 1


def test_a_recording_counts_for_the_places_that_are_named(journal: Path, recording: Path) -> None:
    sites = ("--site", "biceps-left", "--site", "biceps-right")
    done = run("recording", recording, *sites, "--journal", journal)
    assert done.exit_code == 0, done.output
    assert "together" in done.stdout
    assert run("list", "--journal", journal).stdout.count("quiet") == 2


def test_a_recording_of_unknown_places_is_judged_without_a_journal(recording: Path) -> None:
    done = run("recording", recording)
    assert done.exit_code == 0, done.output
    assert "not kept: name the place" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("past", "--from", "2026-03-02T01:00", "--to", "2026-03-02T00:00"), 2, "--to has to be after"),
        (("past", "--from", "2026-03-02T00:00", "--to", "2100-01-01"), 2, "not in the future"),
        (("past", "--from", "2026-04-02T00:00", "--to", "2026-04-02T01:00"), 1, "nothing is on record"),
        (("now",), 1, "no sensor is being read"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    journal: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    done = run(*words, "--journal", journal)
    assert (done.exit_code, sentence in " ".join(done.output.split())) == (code, True), done.output


@pytest.mark.parametrize(
    ("sites", "sentence"),
    [(("elbow-left",), "is no site"), (("biceps-left",), "2 to be placed, --site names 1")],
)
def test_places_that_do_not_fit_are_told(recording: Path, sites: tuple[str, ...], sentence: str) -> None:
    done = run("recording", recording, *(word for site in sites for word in ("--site", site)))
    assert done.exit_code in {1, 2}
    assert sentence in " ".join(done.output.split())


def test_from_now_on_it_waits_for_the_service_and_notes_it_in_the_diary(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_ns = [(START + 10) * MINUTE_NS]
    monkeypatch.setattr(quiet.time, "time_ns", lambda: now_ns[0])
    monkeypatch.setattr(quiet.time, "sleep", lambda s: now_ns.__setitem__(0, now_ns[0] + round(s * 1e9)))
    done = run("now", "--minutes", "5", "--journal", journal)
    assert done.exit_code == 0, done.output
    assert "keep still until 2 Mar, 00:16" in done.stderr
    assert now_ns[0] >= (START + 16) * MINUTE_NS
    assert " 5 min" in done.stdout
    with JournalReader(journal) as reader:
        [note] = reader.notes()
    assert (note.text, note.time_ns) == ("quiet check, 5 min", (START + 11) * MINUTE_NS)


def test_the_json_of_the_report_equals_what_the_journal_holds(journal: Path, tmp_path: Path) -> None:
    run("past", *WHEN, "--journal", journal)
    [site] = json.loads(report(journal, tmp_path / "report.json"))["sites"]
    with JournalReader(journal) as reader:
        [(count, observed_s)] = reader.ask("SELECT sum(count), sum(observed_s) FROM quiet")
    assert (site["quiet"]["found"]["count"], site["quiet"]["found"]["observed_h"]) == (
        count,
        observed_s / 3600,
    )
