"""The core and the real host, over a wire that stalls, breaks and damages."""

import numpy as np
import pytest

from ingest.assignment import Assignment
from ingest.pipeline import Pipeline
from ingest.schema import Records
from ingest.simulated.line import Faults, Line
from tests.checkpoints import Checkpoints
from tests.firmware.core_board import CHANNELS, PERIOD_US, CoreBoard, truth

pytestmark = pytest.mark.usefixtures("core")

START_NS = 1_800_000_000_000_000_000
STEP = 30  # instants between looks at the wire
WIRE_BYTES = 1500  # that 500 kBd carry in that time
SCALE = 0.5  # uV per count, as the board says
MEMORY_OF_25_S = 25_000 * (2 * CHANNELS) + 25_000 // 8  # bytes, a bit for each instant included


class Wire:
    """The board, the host, and what is between them.

    Attributes:
        gaps: [start, end) that went on record.
        notes: What the wearer marked.
    """

    def __init__(self, memory_bytes=MEMORY_OF_25_S, faults=None):
        self.board = CoreBoard(memory_bytes)
        self.gaps, self.notes = [], []
        self._seen, self._checkpoints = [], Checkpoints()
        self._to_host, self._to_board = (Line((3, end), faults or Faults()) for end in ("host", "board"))
        self.plug_in()

    def plug_in(self):
        """Open the link anew, as a service does that was restarted."""
        sites = {0: tuple(f"site-{channel}" for channel in range(CHANNELS))}
        self._pipeline = Pipeline(
            assign=lambda hello: Assignment("me", "board", sites),
            load=self._checkpoints.of,
            link="wire",
            watcher=self,
        )

    def push(self, *, samples, **about):
        self._seen.append(samples)

    @property
    def seen(self):
        return np.rint(np.concatenate(self._seen, axis=1) / SCALE).astype(int)

    def run(self, seconds, *, stalled=False, unplugged=False):
        """Let time pass; a stalled wire takes nothing, an unplugged one takes all and delivers nothing."""
        for _ in range(round(seconds * 1000 / STEP)):
            self.board.run(STEP)
            now_ns = START_NS + self.board.taken * PERIOD_US * 1000
            now_s = self.board.taken / 1000
            if stalled:
                continue
            said = self.board.send(WIRE_BYTES)
            if unplugged:
                continue
            records = self._pipeline.feed(self._to_host.carry(said, now_s), now_ns)
            self._keep(records)
            self.board.receive(self._to_board.carry(self._pipeline.replies(now_ns), now_s))

    def _keep(self, records: Records):
        self.gaps += [(gap.start_sample, gap.end_sample) for gap in records.gaps]
        self.notes += records.notes
        self._checkpoints.keep(records.checkpoint)
        self._pipeline.committed(records)


def is_all_but(seen, gaps):
    """Whether what was seen is the truth from some instant on, without the gaps."""
    first = next(n for n in range(2000) if np.array_equal(truth(n, n + 10), seen[:, :10]))
    expected, at = [], first
    for start, end in gaps:
        expected.append(truth(at, start))
        at = end
    known = sum(piece.shape[1] for piece in expected)
    expected.append(truth(at, at + seen.shape[1] - known))
    return np.array_equal(seen, np.concatenate(expected, axis=1))


def test_a_quiet_wire_brings_every_sample():
    wire = Wire()
    wire.run(20)
    assert wire.gaps == []
    assert is_all_but(wire.seen, [])
    assert wire.seen.shape[1] > 19_000


@pytest.mark.parametrize("trouble", ["stalled", "unplugged"])
def test_after_20_s_of_trouble_nothing_is_missing(trouble):
    wire = Wire()
    wire.run(10)
    wire.run(20, **{trouble: True})
    wire.run(20)
    assert wire.gaps == []
    assert is_all_but(wire.seen, [])
    assert wire.seen.shape[1] > 48_000


@pytest.mark.parametrize("trouble", ["stalled", "unplugged"])
def test_after_60_s_of_trouble_the_loss_is_on_record_to_the_sample(trouble):
    wire = Wire()
    wire.run(10)
    wire.run(60, **{trouble: True})
    wire.run(20)
    assert is_all_but(wire.seen, wire.gaps)
    lost = sum(end - start for start, end in wire.gaps)
    assert 60_000 - 25_000 - 200 <= lost <= 60_000 - 25_000 + 6000
    assert wire.gaps[0][0] >= 9900


def test_a_host_that_was_restarted_fetches_what_it_missed():
    wire = Wire()
    wire.run(10)
    wire.run(10, unplugged=True)
    wire.plug_in()
    wire.run(20)
    assert wire.gaps == []
    assert wire.board.lost == 0


def test_a_damaged_wire_loses_nothing():
    wire = Wire(faults=Faults(flip=1e-3, drop=1e-4))
    wire.run(30)
    assert wire.gaps == []
    assert is_all_but(wire.seen, [])


def test_samples_that_the_board_could_not_take_are_a_gap():
    wire = Wire()
    wire.run(6)
    missed = wire.board.taken
    wire.board.skip(17)
    wire.run(10)
    assert wire.gaps == [(missed, missed + 17)]
    assert is_all_but(wire.seen, wire.gaps)


def test_a_press_becomes_one_note_at_its_time():
    wire = Wire(faults=Faults(flip=1e-3))
    wire.run(6)
    wire.board.press()
    pressed_ns = START_NS + wire.board.now_us * 1000
    wire.run(10)
    [note] = wire.notes
    assert abs(note.time_ns - pressed_ns) < 50_000_000
