"""A detector over the archive: its results beside the live ones, version by version."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from detector.emg import EmgDetector
from ingest.archive.archive import Archive
from ingest.archive.retention import Limits
from ingest.assignment import Assignment
from ingest.journal import Journal
from ingest.messages import Hello
from ingest.pipeline import Pipeline
from ingest.reader import JournalReader
from ingest.redetection import Redetected, live_twitches, redetect
from ingest.schema import MinuteRow, Records
from ingest.simulated.wearable import wearables
from ingest.sites import Site

START_NS = 1_800_000_000_000_000_000
STEP_US = 30_000
SECONDS = 60
FOUND = "modality, channel, onset_sample, kind, state, duration_ms, amplitude, snr"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the journal and the archive of a minute of a simulated wearable."""
    folder = tmp_path_factory.mktemp("measured")
    [worn] = wearables([Site.parse("biceps-left")], seed=3, boot_id=9)
    pipeline = Pipeline(assign=assign, load=lambda _: (), link="wire")
    archive = Archive(folder / "archive", Limits(2**62, 10**12, 0))
    with Journal(folder / "journal.sqlite3") as journal:

        def keep(records: Records) -> None:
            archive.append(records.signal)
            journal.write(records)
            pipeline.committed(records)

        for at_us in range(STEP_US, SECONDS * 1_000_000, STEP_US):
            worn.board.run(at_us)
            keep(pipeline.feed(worn.board.send(65_536), START_NS + at_us * 1000))
            worn.board.receive(pipeline.replies(START_NS + at_us * 1000))
        keep(pipeline.close(START_NS + SECONDS * 1_000_000_000, finish=True))
    archive.close()
    assert archive.problem == ""
    return folder


def assign(hello: Hello) -> Assignment:
    return Assignment("me", "board", {stream.stream_id: ("biceps-left",) for stream in hello.streams})


@pytest.fixture
def folder(measured: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    for path in measured.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(measured)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return tmp_path


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A newer version of the EMG detector, by name."""
    monkeypatch.setattr(EmgDetector, "version", "emg-of-today")
    return "emg-of-today"


def run(folder: Path, since_ns: int = 0) -> list[Redetected]:
    with Journal(folder / "journal.sqlite3") as journal:
        return list(redetect(folder / "archive", journal, since_ns=since_ns, until_ns=2**62, now_ns=START_NS))


def rows(folder: Path, table: str, columns: str = FOUND) -> list[tuple]:
    with sqlite3.connect(folder / "journal.sqlite3") as db:
        found = db.execute(f"SELECT {columns} FROM {table} ORDER BY {columns}").fetchall()
    db.close()
    return found


def minutes(folder: Path) -> list[MinuteRow]:
    with JournalReader(folder / "journal.sqlite3") as reader:
        return reader.minutes()


def test_the_same_detector_finds_the_same_again(folder: Path) -> None:
    run(folder)
    assert len(rows(folder, "event")) > 10
    assert rows(folder, "redetected") == rows(folder, "event")


def test_its_times_are_those_of_the_live_events(folder: Path) -> None:
    run(folder)
    key = "modality, channel, onset_sample"
    live = {row[:3]: row[3] for row in rows(folder, "event", f"{key}, onset_ns")}
    for *what, onset_ns in rows(folder, "redetected", f"{key}, onset_ns"):
        assert abs(onset_ns - live[tuple(what)]) < 1_000_000


def test_another_version_changes_neither_live_events_nor_minute_counts(folder: Path, today: str) -> None:
    events, counted = rows(folder, "event"), minutes(folder)
    assert sum(minute.count for minute in counted) > 10
    run(folder)
    assert rows(folder, "event") == events
    assert minutes(folder) == counted
    versions = {detector for (detector,) in rows(folder, "redetected", "detector")}
    assert today in versions


def test_each_versions_results_are_kept_and_replaced_apart(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(folder)
    once = len(rows(folder, "redetected WHERE modality = 'emg'"))
    monkeypatch.setattr(EmgDetector, "version", "emg-of-today")
    run(folder)
    assert len(rows(folder, "redetected WHERE modality = 'emg'")) == 2 * once
    run(folder)
    assert len(rows(folder, "redetected WHERE modality = 'emg'")) == 2 * once


def test_it_says_what_was_judged_and_what_was_found_live_there(folder: Path) -> None:
    judged = [row for result in run(folder) for row in result.judged]
    assert [row.modality for row in judged] == ["emg", "accelerometer"]
    with JournalReader(folder / "journal.sqlite3") as reader:
        for row in judged:
            assert row.rest_s + row.movement_s + row.unusable_s == pytest.approx(SECONDS, abs=1.0)
            [(version, count)] = live_twitches(reader, row).items()
            assert version == row.detector
            [(found,)] = rows(
                folder, f"redetected WHERE modality = '{row.modality}' AND kind = 'twitch'", "count(*)"
            )
            assert count == found


def test_signal_from_before_the_time_asked_for_is_left_out(folder: Path) -> None:
    hour_ns = 3_600_000_000_000
    assert run(folder, since_ns=START_NS + 2 * hour_ns) == []
    assert len(run(folder, since_ns=START_NS)) == 2


def test_a_damaged_file_is_told_and_the_rest_is_judged(folder: Path) -> None:
    archive = Archive(folder / "archive", Limits(2**62, 10**12, 0))
    archive.tend(START_NS)
    [emg, _] = sorted((folder / "archive").rglob("*.parquet"))
    emg.write_bytes(emg.read_bytes()[:-100])
    results = run(folder)
    [problem] = [problem for result in results for problem in result.problems]
    assert emg.name in problem
    assert [row.modality for result in results for row in result.judged] == ["accelerometer"]
