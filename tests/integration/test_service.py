"""The real service and real ptys, with simulated boards that it cannot tell from real ones."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from detector.block import Block
from detector.emg import EmgDetector
from ingest.config import Config, DeviceConfig
from ingest.detection import Tally, detect
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.recording import Recording, read_recording
from ingest.schema import EventRow
from ingest.service import Service
from ingest.simulated.board import Board
from ingest.simulated.line import Faults
from ingest.simulated.player import players
from ingest.simulated.port import SimulatedPort
from ingest.simulated.wearable import wearables
from ingest.sites import Site
from tests.integration.signals import SITES, synthetic

pytestmark = pytest.mark.timeout(180)
DAMAGED = Faults(flip=1e-3, drop=1e-4)


class Samples:
    """A watcher that keeps the samples of stream 0 of each device."""

    def __init__(self) -> None:
        self.pieces: dict[str, list[np.ndarray]] = {}

    def push(self, *, device: str, stream: int, samples: np.ndarray, **_: object) -> None:
        if stream == 0:
            self.pieces.setdefault(device, []).append(samples)

    def of(self, board: Board) -> np.ndarray:
        return np.concatenate(self.pieces[board.device_id.hex()], axis=1)


def devices(ports: Sequence[SimulatedPort], channels: int = 2) -> tuple[DeviceConfig, ...]:
    return tuple(
        DeviceConfig(port=str(port.path), emg=tuple(map(Site.parse, SITES[:channels]))) for port in ports
    )


async def serve(
    journal: Path, configured: tuple[DeviceConfig, ...], ports: Sequence[SimulatedPort], watcher: Samples
) -> None:
    """Run the service until every board is done: sent, stored, acknowledged."""
    with Journal(journal) as kept:
        service = Service(Config(wearer="me", devices=configured), kept, watcher=watcher)
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(service.run())
            await asyncio.gather(*(port.run() for port in ports))
            serving.cancel()


async def for_a_while(journal: Path, port: SimulatedPort, watcher: Samples, seconds: float) -> None:
    """Run the service on one board that knows its site, in real time."""
    with Journal(journal) as kept:
        config = Config(wearer="me", devices=(DeviceConfig(port=str(port.path)),))
        service = Service(config, kept, watcher=watcher)
        running = [asyncio.create_task(service.run()), asyncio.create_task(port.run())]
        await asyncio.wait(running, timeout=seconds)
        for task in running[::-1]:
            task.cancel()
        await asyncio.wait(running)


def events(journal: Path) -> list[EventRow]:
    with JournalReader(journal) as reader:
        return [stored.row for stored in reader.events()]


def offline(recording: Recording) -> list[tuple[str, str, float]]:
    found = detect(recording, Tally())
    return sorted(
        (f.channel, f.kind, round(f.onset_s, 3)) for f in found if f.onset_s < recording.duration_s - 2
    )


def play(
    recording: Recording, journal: Path, faults: Faults | None = None
) -> tuple[Samples, Board, SimulatedPort]:
    [board] = players(recording)
    watcher = Samples()
    faults = faults or Faults()
    with SimulatedPort(board, to_host=faults, from_host=faults, as_fast_as_read=True) as port:
        asyncio.run(serve(journal, devices([port], len(recording.channels)), [port], watcher))
    return watcher, board, port


def test_live_finds_the_same_events_as_offline(tmp_path: Path) -> None:
    recording = synthetic(60.0)
    play(recording, tmp_path / "j")
    rows = events(tmp_path / "j")
    expected = offline(recording)
    end = (recording.duration_s - 2) * 1000
    live = sorted((e.site, e.kind, e.onset_sample / 1000) for e in rows if e.onset_sample < end)
    assert live == expected
    assert len(expected) > 20


def test_a_damaged_line_ends_with_no_sample_missing_and_no_event_twice(tmp_path: Path) -> None:
    recording = synthetic(30.0)
    watcher, board, _ = play(recording, tmp_path / "j", DAMAGED)
    assert np.abs(watcher.of(board) - recording.samples).max() < 1e-3
    with JournalReader(tmp_path / "j") as reader:
        assert reader.gaps() == []
        [device] = reader.devices()
        assert device.damaged_frames > 50
    rows = events(tmp_path / "j")
    end = (recording.duration_s - 2) * 1000
    live = sorted((e.site, e.kind, e.onset_sample / 1000) for e in rows if e.onset_sample < end)
    assert live == offline(recording)


def test_a_board_that_cannot_resend_leaves_each_gap_on_record(tmp_path: Path) -> None:
    [worn] = wearables([Site.parse("biceps-left")], seed=2, boot_id=5, buffer_s=0)
    watcher = Samples()
    with SimulatedPort(worn.board, to_host=Faults(flip=3e-4)) as port:
        asyncio.run(for_a_while(tmp_path / "j", port, watcher, 12))
    with JournalReader(tmp_path / "j") as reader:
        gaps = [gap for gap in reader.gaps() if gap.stream == 0]
    [again] = wearables([Site.parse("biceps-left")], seed=2, boot_id=5, buffer_s=0)
    truth = again.emg.read(20_000).clip(-3276.8, 3276.7)  # the range of its converter
    seen = watcher.of(worn.board)
    assert gaps
    # lay what was seen around the gaps on record: it must be the signal, to the sample
    first = next(i for i in range(5000) if np.abs(truth[:, i : i + 200] - seen[:, :200]).max() < 0.2)
    at, rebuilt = first, 0
    for gap in gaps:
        length = gap.start_sample - at
        assert np.abs(seen[:, rebuilt : rebuilt + length] - truth[:, at : gap.start_sample]).max() < 0.2
        rebuilt, at = rebuilt + length, gap.end_sample
    assert np.abs(seen[:, rebuilt:] - truth[:, at : at + seen.shape[1] - rebuilt]).max() < 0.2


def test_events_are_told_at_the_time_at_which_they_happened(tmp_path: Path) -> None:
    [worn] = wearables([Site.parse("biceps-left")], seed=11, boot_id=5, twitches_per_min=60.0)
    with SimulatedPort(worn.board) as port:
        asyncio.run(for_a_while(tmp_path / "j", port, Samples(), 12))
        rows = [row for row in events(tmp_path / "j") if row.modality == "emg"]
        off_ns = [
            abs(row.onset_ns - port.utc_ns(row.onset_sample / 1000)) - row.uncertainty_ns for row in rows
        ]
    assert len(rows) > 3
    assert max(off_ns) <= 1_000_000


def test_one_sensors_trouble_does_not_touch_another(tmp_path: Path) -> None:
    recording = synthetic(20.0)
    [board] = players(recording)
    watcher = Samples()
    with ExitStack() as stack:
        good = stack.enter_context(SimulatedPort(board, as_fast_as_read=True))
        configured = (
            DeviceConfig(port=str(tmp_path / "unplugged"), emg=(Site.parse("triceps-left"),)),
            *devices([good]),
        )
        asyncio.run(serve(tmp_path / "j", configured, [good], watcher))
    assert watcher.of(board).shape[1] == recording.samples.shape[1]


def test_a_sensor_is_found_again_under_another_name(tmp_path: Path) -> None:
    recording = synthetic(120.0)
    [board] = players(recording)
    watcher = Samples()

    async def replugged(journal: Path) -> None:
        sites = tuple(map(Site.parse, SITES))
        config = Config(wearer="me", devices=(DeviceConfig(port=f"{tmp_path}/tty*", emg=sites),))
        with Journal(journal) as kept:
            serving = asyncio.create_task(Service(config, kept, watcher=watcher).run())
            with SimulatedPort(board, link=tmp_path / "ttyA", as_fast_as_read=True) as port:
                playing = asyncio.create_task(port.run())
                while board.samplers[0].next < 30_000:
                    await asyncio.sleep(0.001)
                playing.cancel()
            with SimulatedPort(board, link=tmp_path / "ttyB", as_fast_as_read=True) as port:
                await asyncio.wait_for(port.run(), 60)
            serving.cancel()
            await asyncio.wait([serving])

    asyncio.run(replugged(tmp_path / "j"))
    assert np.array_equal(watcher.of(board), recording.samples)
    with JournalReader(tmp_path / "j") as reader:
        assert reader.gaps() == []


@pytest.mark.recordings
def test_a_real_recording_through_a_port_gives_what_detect_gives(tmp_path: Path, recordings: Path) -> None:
    recording = read_recording(recordings / "biosignals-emg-1000-hz-16-bits-solo.npz")
    shorter = Recording(
        recording.name, recording.samples[:, :40_000], recording.rate_hz, recording.modality, recording.unit,
        (SITES[0],), {},
    )  # fmt: skip
    play(shorter, tmp_path / "j")
    end = (shorter.duration_s - 2) * 1000
    live = sorted(
        (e.site, e.kind, round(e.onset_sample / shorter.rate_hz, 3))
        for e in events(tmp_path / "j")
        if e.onset_sample < end
    )
    assert live == offline(shorter)


def test_however_the_signal_is_cut_the_detector_finds_the_same() -> None:
    recording = synthetic(20.0)
    whole = EmgDetector(1000.0, 2)
    expected = whole.update(Block(0, recording.samples)).events + whole.finish().events
    pieces = EmgDetector(1000.0, 2)
    found = []
    for start in range(0, recording.samples.shape[1], 28):
        found += pieces.update(Block(start, recording.samples[:, start : start + 28])).events
    assert found + pieces.finish().events == expected
