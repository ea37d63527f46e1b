"""`fasciwatch redetect` as its user meets it."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from fasciwatch.cli import app
from ingest.archive.archive import Archive
from ingest.archive.chunk import Chunk, Source
from ingest.archive.retention import Limits
from ingest.journal import Journal
from ingest.messages import Modality, Stream, Unit
from ingest.schema import ARCHIVE_PROBLEM

START_NS = 1_700_000_000_000_000_000  # 2023-11-14 UTC
SECONDS = 60
run = CliRunner(env={"COLUMNS": "200"}).invoke


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration whose archive holds a minute of EMG with ten large potentials."""
    path = tmp_path / "fasciwatch.toml"
    journal = tmp_path / "journal.sqlite3"
    path.write_text(f'wearer = "me"\n[journal]\npath = "{journal}"\n[[devices]]\nport = "{tmp_path}/port"\n')
    Journal(journal).close()
    rng = np.random.default_rng(1)
    signal_uv = 5 * rng.standard_normal((1, SECONDS * 1000))
    for onset in range(10_000, 60_000, 5000):
        signal_uv[0, onset : onset + 12] += 120 * np.sin(np.linspace(0, 2 * np.pi, 12))
    stream = Stream(0, Modality.EMG, Unit.MICROVOLT, 1, 2, 1_000_000, 0.1, -32768, 32767, 0, 0, ())
    source = Source.of("me", "00a1b2c3d4e5f600", 7, stream, ("biceps-left",))
    codes = np.rint(signal_uv * 10).astype(np.int16)
    archive = Archive(tmp_path / "journal.archive", Limits(2**62, 10**12, 0))
    archive.append(
        Chunk(
            source,
            start,
            codes[:, start : start + 5000],
            START_NS + start * 1_000_000,
            START_NS + (start + 5000) * 1_000_000,
            uncertainty_ns=1_000_000,
        )
        for start in range(0, SECONDS * 1000, 5000)
    )
    archive.close()
    return path


def test_it_says_what_was_found_now_in_how_much_signal(config: Path) -> None:
    result = run(app, ["redetect", "--since", "2023-11-01", "--config", str(config)])
    assert result.exit_code == 0
    [line] = [line for line in result.stdout.splitlines() if "biceps-left" in line]
    assert "0.02 h" in line
    assert "now: emg-" in line
    found = float(line.split()[-2])
    assert 8 <= found <= 10
    assert float(line.split()[-1]) == pytest.approx(found * 60, rel=0.1)


def test_a_time_of_which_nothing_is_kept_is_told(config: Path) -> None:
    result = run(app, ["redetect", "--since", "2023-12-01", "--until", "2023-12-02", "-c", str(config)])
    assert result.exit_code == 1
    assert "the archive holds nothing of that time" in result.stderr


def test_a_time_that_ends_before_it_begins_is_wrong_usage(config: Path) -> None:
    result = run(app, ["redetect", "--since", "2023-12-02", "--until", "2023-12-01", "-c", str(config)])
    assert result.exit_code == 2
    assert "nothing between" in result.stderr


def test_status_tells_that_signal_is_not_being_archived(config: Path) -> None:
    with Journal(config.with_name("journal.sqlite3")) as journal:
        journal.set_meta(ARCHIVE_PROBLEM, "raw signal is not being archived: the disk has 0.10 GB left")
    assert "not being archived" in run(app, ["status", "-c", str(config)]).stderr
    told = json.loads(run(app, ["status", "--json", "-c", str(config)]).stdout)
    assert "not being archived" in told["archive_problem"]
