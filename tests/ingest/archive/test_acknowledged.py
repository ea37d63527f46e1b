"""What was acknowledged is in the archive, each sample once, whatever happened on the way."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from ingest.archive.archive import Archive
from ingest.archive.reading import chunks, streams
from ingest.archive.retention import Limits
from ingest.assignment import Assignment
from ingest.config import Config
from ingest.journal import Journal
from ingest.messages import Hello
from ingest.pipeline import Pipeline
from ingest.reader import JournalReader
from ingest.recording import Recording
from ingest.schema import ARCHIVE_PROBLEM, MinutePart, Records
from ingest.service import Service
from ingest.simulated.board import Board
from ingest.simulated.player import players
from ingest.writer import JournalWriter
from tests.checkpoints import Checkpoints

START_NS = 1_800_000_000_000_000_000
STEP_US = 30_000
SECONDS = 40
SITES = ("biceps-left", "biceps-right")


@pytest.fixture
def recording() -> Recording:
    rng = np.random.default_rng(5)
    samples = np.rint(20 * rng.standard_normal((2, SECONDS * 1000))).astype(np.float32)
    return Recording("made", samples, 1000.0, "emg", "uV", SITES, {})


def open_archive(folder: Path, *, free_bytes: int = 1) -> Archive:
    return Archive(folder / "archive", Limits(2**62, 10**12, 1), free_bytes=lambda _: free_bytes)


def samples_in(folder: Path) -> tuple[list[int], np.ndarray]:
    """Read numbers and signal, uV, of the only stream."""
    [(_, held)] = streams(folder / "archive", 0, 2**62)
    found = [chunk for segment in held for chunk in chunks(segment)]
    numbers = [number for chunk in found for number in range(chunk.start, chunk.end)]
    scale = np.float32(found[0].source.stream.scale)
    return numbers, np.concatenate([chunk.codes for chunk in found], axis=1) * scale


class Host:
    """A service in small: reads a board and keeps what comes, until it is killed at an instant of our choice.

    Args:
        folder: Where the archive is.
        board: What it reads.
    """

    def __init__(self, folder: Path, board: Board) -> None:
        self._folder = folder
        self._board = board
        self._checkpoints = Checkpoints()
        self._at_us = 0

    def run(self, until_us: int) -> None:
        """Run until the board is done or until `until_us`, when it dies between archive and journal."""
        archive = open_archive(self._folder)
        pipeline = Pipeline(assign=self._assign, load=self._checkpoints.of, link="wire")
        while not self._board.done:
            self._at_us += STEP_US
            self._board.run(self._at_us)
            now_ns = START_NS + self._at_us * 1000
            records = pipeline.feed(self._board.send(65_536), now_ns)
            archive.append(records.signal)
            if records.checkpoint and self._at_us >= until_us:
                break
            self._checkpoints.keep(records.checkpoint)
            pipeline.committed(records)
            self._board.receive(pipeline.replies(now_ns))
        archive.close()

    def _assign(self, hello: Hello) -> Assignment:
        return Assignment("me", "board", {hello.streams[0].stream_id: SITES})


def test_a_crash_between_archive_and_journal_doubles_nothing(tmp_path: Path, recording: Recording) -> None:
    [board] = players(recording)
    host = Host(tmp_path, board)
    for until_us in (6_000_000, 12_000_000, 20_000_000, 10**12):
        host.run(until_us)
    numbers, signal = samples_in(tmp_path)
    assert numbers == list(range(SECONDS * 1000))
    assert np.abs(signal - recording.samples).max() < 1e-3


async def write(journal: Path, archive: Archive, records: Records) -> None:
    with Journal(journal) as kept:
        writer = JournalWriter(kept, archive)
        writing = asyncio.create_task(writer.run())
        await writer.write(records)
        await writer.drain()
        writing.cancel()
    archive.close()


def test_the_journal_goes_on_and_tells_when_the_archive_cannot(tmp_path: Path, recording: Recording) -> None:
    signal = Records(minutes=[MinutePart("me", "biceps-left", "emg", 100)])
    [board] = players(recording)
    pipeline = Pipeline(
        assign=lambda hello: Assignment("me", "board", {hello.streams[0].stream_id: SITES}),
        load=lambda _: (),
        link="wire",
    )
    for at_us in range(STEP_US, 6_000_000, STEP_US):
        board.run(at_us)
        signal.signal += pipeline.feed(board.send(65_536), START_NS + at_us * 1000).signal
        board.receive(pipeline.replies(START_NS + at_us * 1000))
    assert signal.signal
    journal = tmp_path / "journal.sqlite3"
    asyncio.run(write(journal, open_archive(tmp_path, free_bytes=0), signal))
    with JournalReader(journal) as reader:
        assert len(reader.minutes()) == 1
        assert "raw signal is not being archived" in str(reader.meta(ARCHIVE_PROBLEM))
    asyncio.run(write(journal, open_archive(tmp_path), signal))
    with JournalReader(journal) as reader:
        assert reader.meta(ARCHIVE_PROBLEM) == ""


def test_it_lies_beside_its_journal_unless_told_otherwise_or_off(tmp_path: Path) -> None:
    devices = [{"port": "/dev/null"}]
    with Journal(tmp_path / "journal.sqlite3") as journal:
        service = Service(Config.model_validate({"wearer": "me", "devices": devices}), journal)
        assert service.archive
        assert service.archive.root == tmp_path / "journal.archive"
        off = Config.model_validate({"wearer": "me", "devices": devices, "archive": {"enabled": False}})
        assert Service(off, journal).archive is None
