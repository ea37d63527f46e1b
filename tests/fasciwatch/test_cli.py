"""The command as its user meets it: results, sentences, exit codes."""

import json
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fasciwatch.cli import app
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.schema import MinutePart, NoteKind, Records

run = CliRunner().invoke


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Ten seconds of noise with one large potential at 5 s, 1 kHz."""
    rng = np.random.default_rng(1)
    signal = 5 * rng.standard_normal(10_000)
    signal[5000:5012] += 120 * np.sin(np.linspace(0, 2 * np.pi, 12))
    path = tmp_path / "noise.csv"
    path.write_text("biceps-left\n" + "\n".join(f"{v:.2f}" for v in signal) + "\n")
    return path


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "fasciwatch.toml"
    path.write_text(
        f'wearer = "me"\n[journal]\npath = "{tmp_path}/journal.sqlite3"\n'
        f'[[devices]]\nport = "{tmp_path}/port"\n'
    )
    return path


@contextmanager
def chattering_port(tmp_path: Path, data: bytes) -> Iterator[Path]:
    """A serial port at whose far end something else speaks."""
    far, near = os.openpty()
    path = tmp_path / "port"
    path.symlink_to(os.ttyname(near))
    ended = threading.Event()

    def chatter() -> None:
        while not ended.wait(0.05):
            os.write(far, data)

    speaker = threading.Thread(target=chatter)
    speaker.start()
    try:
        yield path
    finally:
        ended.set()
        speaker.join()
        os.close(near)
        os.close(far)


def test_detect_writes_a_line_of_json_for_each_event(recording: Path, tmp_path: Path) -> None:
    output = tmp_path / "events.jsonl"
    result = run(
        app, ["detect", str(recording), "--rate-hz", "1000", "--unit", "uV", "--output", str(output)]
    )
    assert result.exit_code == 0
    events = [json.loads(line) for line in output.read_text().splitlines()]
    [twitch] = [event for event in events if event["kind"] == "twitch"]
    assert twitch["onset_s"] == pytest.approx(5.0, abs=0.005)
    assert (twitch["recording"], twitch["channel"], twitch["site"]) == ("noise", "biceps-left", "biceps-left")
    assert (twitch["modality"], twitch["unit"], twitch["state"]) == ("emg", "uV", "rest")
    assert "twitches 1" in result.stderr
    assert "observed 10.0 s" in result.stderr


def test_detect_writes_to_stdout_and_nothing_else_there(recording: Path) -> None:
    result = run(app, ["detect", str(recording), "--rate-hz", "1000", "--unit", "uV", "-o", "-"])
    assert result.exit_code == 0
    assert all(json.loads(line)["recording"] == "noise" for line in result.stdout.splitlines())


def test_replay_finds_what_detect_finds_and_a_second_time_nothing_more(
    recording: Path, tmp_path: Path
) -> None:
    journal = tmp_path / "replayed.sqlite3"
    words = ["replay", str(recording), "--rate-hz", "1000", "--unit", "uV", "--journal", str(journal)]
    for _ in range(2):
        result = run(app, [*words, "--start", "2026-11-01T10:00:00"])
        assert result.exit_code == 0, result.stderr
    with JournalReader(journal) as reader:
        [event] = [stored.row for stored in reader.events(kind="twitch")]
        assert event.onset_sample == pytest.approx(5000, abs=5)
        assert event.site == "biceps-left"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["detect", "absent.csv", "-o", "-"], "absent.csv: there is no such file"),
        (["detect", "empty.csv", "-o", "-"], "empty.csv"),
        (["detect", "words.csv", "-o", "-", "--rate-hz", "1000"], "words.csv"),
        (["detect", "nan.csv", "-o", "-", "--rate-hz", "1000"], "nan.csv"),
        (["detect", "truncated.npz", "-o", "-"], "truncated.npz"),
        (["detect", "noise.csv", "-o", "-", "--rate-hz", "0"], "rate"),
        (["detect", "noise.csv", "-o", "-"], "rate"),
        (["detect", "noise.csv", "-o", "-", "--rate-hz", "1000", "--unit", "furlong"], "furlong"),
        (["detect", "noise.csv", "-o", "/nowhere/x", "--rate-hz", "1000", "--unit", "uV"], "/nowhere/x"),
        (
            [
                "detect",
                "noise.csv",
                "-o",
                "-",
                "--rate-hz",
                "1000",
                "--unit",
                "mg",
                "--modality",
                "accelerometer",
            ],
            "three axes",
        ),
        (["run", "--config", "absent.toml"], "absent.toml"),
        (["config", "check", "--config", "absent.toml"], "config init"),
        (["status", "--journal", "absent.sqlite3"], "no journal here"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_1(
    words: list[str], said: str, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = recording.parent
    monkeypatch.chdir(folder)
    (folder / "empty.csv").write_text("")
    (folder / "words.csv").write_text("a\n1\ntwo\n3\n")
    (folder / "nan.csv").write_text("a\n1\nnan\n3\n")
    np.savez(folder / "whole.npz", x=np.zeros((1000, 1)))
    (folder / "truncated.npz").write_bytes((folder / "whole.npz").read_bytes()[:500])
    result = run(app, words)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize(
    "words",
    [
        ["detect"],
        ["detect", "x.csv"],
        ["nonsense"],
        ["demo", "--duration", "soon"],
        ["demo", "--port", "99999"],
        ["note"],
        ["note", ""],
        ["note", "x", "--kind", "gossip"],
        ["run", "--bogus"],
    ],
)
def test_wrong_usage_is_exit_code_2(words: list[str]) -> None:
    assert run(app, words).exit_code == 2


def test_a_port_that_does_not_exist_ends_run_in_a_sentence_and_touches_no_journal(
    config: Path, tmp_path: Path
) -> None:
    result = run(app, ["run", "--config", str(config)])
    assert result.exit_code == 1
    assert f"{tmp_path}/port: there is no such port" in result.stderr
    assert not (tmp_path / "journal.sqlite3").exists()


def test_a_port_that_speaks_something_else_ends_run_in_a_sentence(config: Path, tmp_path: Path) -> None:
    with chattering_port(tmp_path, b"$GPGGA,123519,4807.038,N\r\n"):
        result = run(app, ["run", "--config", str(config)])
    assert result.exit_code == 1
    assert "something else speaks there" in result.stderr
    assert not (tmp_path / "journal.sqlite3").exists()


def test_devices_says_what_answers_and_what_does_not(tmp_path: Path) -> None:
    with chattering_port(tmp_path, b"hello?") as port:
        result = run(app, ["devices", str(port), str(tmp_path / "none")])
    assert result.exit_code == 1
    assert "something else speaks there" in result.stderr
    assert "there is no such port" in result.stderr


def test_config_init_writes_what_config_check_likes_and_replaces_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "fasciwatch.toml"
    assert run(app, ["config", "init", "--config", str(path)]).exit_code == 0
    checked = run(app, ["config", "check", "--config", str(path)])
    assert checked.exit_code == 0
    assert "left upper arm, front (biceps-left)" in checked.stdout
    again = run(app, ["config", "init", "--config", str(path)])
    assert again.exit_code == 1
    assert "is there already" in again.stderr


def test_a_note_is_in_the_journal_at_its_time(config: Path, tmp_path: Path) -> None:
    result = run(
        app,
        ["note", "two espressos", "--kind", "caffeine", "--at", "2026-01-02T08:30", "--config", str(config)],
    )
    assert result.exit_code == 0, result.stderr
    with JournalReader(tmp_path / "journal.sqlite3") as reader:
        [note] = reader.notes()
    assert (note.wearer, note.kind, note.text, note.source) == (
        "me",
        NoteKind.CAFFEINE,
        "two espressos",
        "command",
    )
    assert time.localtime(note.time_ns // 10**9)[:5] == (2026, 1, 2, 8, 30)


def test_status_tells_coverage_and_never_calls_silence_no_twitches(config: Path, tmp_path: Path) -> None:
    minute = time.time_ns() // 60_000_000_000 - 5
    with Journal(tmp_path / "journal.sqlite3") as journal:
        parts = [
            MinutePart("me", "biceps-left", "emg", minute, rest_s=30.0),
            MinutePart("me", "soleus-left", "emg", minute),
        ]
        journal.write(Records(minutes=parts))
    result = run(app, ["status", "--config", str(config)])
    assert result.exit_code == 0
    assert "nothing measured" in result.stdout
    told = json.loads(run(app, ["status", "--json", "--config", str(config)]).stdout)
    biceps, soleus = told["last_24_h"]
    assert (biceps["coverage"], biceps["per_observed_hour"]) == (0.5, 0.0)
    assert (soleus["coverage"], soleus["per_observed_hour"]) == (0.0, None)


def test_the_version_is_told() -> None:
    result = run(app, ["--version"])
    assert result.exit_code == 0
    assert result.stdout.startswith("fasciwatch 0.")


@pytest.mark.parametrize(
    "name", [[], *([c] for c in ("demo", "run", "devices", "status", "note", "replay", "detect"))]
)
def test_every_command_has_help(name: list[str]) -> None:
    result = run(app, [*name, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.stdout
