"""Checkpoints: small, and as good as the whole state."""

from collections.abc import Iterator

import numpy as np
import pytest

from detector.event import Kind
from ingest.archive.chunk import Chunk
from ingest.checkpoint import TAIL_S, Chain
from ingest.clock import DeviceClock
from ingest.conversation import Position
from ingest.messages import Modality, Stream, Unit
from ingest.reassembly import Gap, Run
from ingest.schema import CheckpointRow, EventRow, Records
from ingest.simulated.accelerometer import AccelerometerSignal
from ingest.simulated.body import Heart
from ingest.simulated.body import Site as Body
from ingest.simulated.emg import EmgSignal
from ingest.statecodec import encode_state
from ingest.stream import Origin, StreamRecorder

FRAME = 50  # samples
START_NS = 1_800_000_000_000_000_000
SECONDS = 40
SCALE = 0.1  # uV or mg a count


def stream(modality: Modality) -> Stream:
    channels, rate_hz = (3, 200) if modality is Modality.ACCELEROMETER else (2, 1000)
    return Stream(
        0, modality, Unit.MILLIG if channels == 3 else Unit.MICROVOLT, channels, 2, rate_hz * 1000, SCALE,
        -(2**15), 2**15 - 1, 0, 0, (),
    )  # fmt: skip


def signal(modality: Modality) -> np.ndarray:
    heart = Heart((1, "heart"))
    bodies = [Body.simulated((1, n), heart, twitches_per_min=60.0) for n in range(2)]
    if modality is Modality.ACCELEROMETER:
        measured = AccelerometerSignal((1,), bodies[0]).read(SECONDS * 200)
    else:
        measured = EmgSignal((1,), bodies).read(SECONDS * 1000)
    return np.rint(measured / SCALE).clip(-(2**15), 2**15 - 1).astype(np.int32)


class Sensor:
    """A recorder with its clock and its chain."""

    def __init__(self, modality: Modality, rows: list[CheckpointRow]) -> None:
        self.stream = stream(modality)
        self.clock = DeviceClock()
        sites = ("calf",) * (1 if modality is Modality.ACCELEROMETER else 2)
        self.recorder = StreamRecorder(Origin("me", "00a1", 7), self.stream, sites, self.clock)
        loaded = Chain.load(rows, "00a1", 7)
        if loaded:
            loaded.restore(self.clock, {0: self.recorder})
        self.chain = loaded or Chain("00a1", 7)
        self.events: list[EventRow] = []

    def take(self, codes: np.ndarray, start: int, end: int) -> list[Chunk]:
        """Take samples frame by frame; return what is to go into the next checkpoint."""
        records = Records()
        for at in range(start, end, FRAME):
            us = round(at * 1e6 / self.stream.rate_hz)
            run = Run(at, at, us, codes[:, at : at + FRAME], resent=False)
            self.recorder.take(run, us, START_NS + us * 1000, records)
        self.events += records.events
        return self.recorder.settle(records)

    def checkpoint(self, expected: int, chunks: list[Chunk]) -> CheckpointRow:
        return self.chain.add(Position({0: expected}, 0), self.clock, {0: self.recorder}, chunks, START_NS)


@pytest.fixture(params=[Modality.EMG, Modality.ACCELEROMETER], ids=["emg", "accelerometer"])
def modality(request: pytest.FixtureRequest) -> Modality:
    return request.param


def checkpointed(sensor: Sensor, codes: np.ndarray, every_s: float) -> Iterator[CheckpointRow]:
    step = int(every_s * sensor.stream.rate_hz)
    for start in range(0, codes.shape[1], step):
        yield sensor.checkpoint(start + step, sensor.take(codes, start, start + step))


def test_what_is_restored_from_the_chain_is_the_state_to_the_last_bit(modality: Modality) -> None:
    codes = signal(modality)
    sensor = Sensor(modality, [])
    rows = list(checkpointed(sensor, codes, 5.0))
    again = Sensor(modality, rows)
    assert encode_state(again.recorder.state()["detector"]) == encode_state(
        sensor.recorder.state()["detector"]
    )
    for name in ("times", "wanted", "received", "lost"):
        assert np.array_equal(
            encode_state({"": again.recorder.state()[name]}),
            encode_state({"": sensor.recorder.state()[name]}),
        )
    assert sum(event.kind == Kind.TWITCH for event in sensor.events) > 5


def test_a_gap_between_checkpoints_is_still_one_afterwards() -> None:
    codes = signal(Modality.EMG)
    sensor = Sensor(Modality.EMG, [])
    rows = [sensor.checkpoint(5000, sensor.take(codes, 0, 5000))]
    sensor.recorder.skip(Gap(5000, 6000, "lost"), Records())
    rows.append(sensor.checkpoint(10_000, sensor.take(codes, 6000, 10_000)))
    again = Sensor(Modality.EMG, rows)
    assert encode_state(again.recorder.state()["detector"]) == encode_state(
        sensor.recorder.state()["detector"]
    )
    assert again.recorder.lost == 1000


def test_a_row_of_changes_is_a_small_part_of_the_whole(modality: Modality) -> None:
    whole, *changes = checkpointed(Sensor(modality, []), signal(modality), 5.0)
    sent = stream(modality).channels * 2 * 5 * stream(modality).rate_hz  # bytes
    assert max(len(row.state) for row in changes) < sent
    assert max(len(row.state) for row in changes) < len(whole.state) / 4


def test_a_chain_begins_anew_when_its_signal_has_become_long() -> None:
    codes = np.tile(signal(Modality.EMG), 4)
    numbers = [row.number for row in checkpointed(Sensor(Modality.EMG, []), codes, 10.0)]
    again = 1 + round(TAIL_S / 10.0)
    assert numbers == [n % again for n in range(len(numbers))]


def test_a_chain_that_was_loaded_counts_the_signal_it_holds() -> None:
    codes = np.tile(signal(Modality.EMG), 4)
    rows: list[CheckpointRow] = []
    numbers = []
    for start in range(0, codes.shape[1], 20_000):  # the host dies after each
        sensor = Sensor(Modality.EMG, rows)
        row = sensor.checkpoint(start + 20_000, sensor.take(codes, start, start + 20_000))
        rows = [row] if row.number == 0 else [*rows, row]
        numbers.append(row.number)
    again = 1 + round(TAIL_S / 20.0)
    assert numbers == [n % again for n in range(len(numbers))]
    assert again < len(numbers)


def test_a_chain_without_one_of_its_rows_is_as_good_as_none() -> None:
    chain = Chain("00a1", 7)
    rows = [chain.add(Position({0: 5}, 0), DeviceClock(), {}, [], START_NS) for _ in range(3)]
    assert Chain.load(rows, "00a1", 7) is not None
    assert Chain.load([rows[0], rows[2]], "00a1", 7) is None


@pytest.mark.parametrize("harm", ["other boot", "other version", "damage"])
def test_what_cannot_be_read_is_as_good_as_none(harm: str) -> None:
    row = Chain("00a1", 7).add(Position({0: 5}, 0), DeviceClock(), {}, [], START_NS)
    boot_id = 8 if harm == "other boot" else 7
    version = "0" if harm == "other version" else row.version
    state = row.state[:-1] if harm == "damage" else row.state
    assert Chain.load([CheckpointRow("00a1", 7, version, 0, 1, state)], "00a1", boot_id) is None
