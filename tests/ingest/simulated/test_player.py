"""A played recording arrives as it is in its file, also over a line that damages it."""

import numpy as np
import pytest

from ingest.conversation import Conversation, Data
from ingest.protocol import FrameDecoder, encode
from ingest.reassembly import Gap
from ingest.recording import Recording
from ingest.simulated.board import Board
from ingest.simulated.line import Faults, Line
from ingest.simulated.player import players

STEP_US = 20_000
SOUND = Faults()


def recording(*, channels=2, seconds=4.0, unit="uV", whole=False):
    samples = np.random.default_rng(9).normal(0, 50, (channels, round(seconds * 1000))).astype(np.float32)
    names = tuple(f"ch{number}" for number in range(channels))
    return Recording("one", np.rint(samples) if whole else samples, 1000.0, "emg", unit, names, {})


def listen(board: Board, faults=SOUND, limit_s=60):
    """Return what a host makes of the board's words, the gaps it puts on record and what it saw damaged."""
    there, back = Line((1, "there"), faults), Line((1, "back"), faults)
    conversation, decoder = Conversation(lambda hello: None), FrameDecoder()
    items = []
    for now_us in range(0, limit_s * 1_000_000, STEP_US):
        board.run(now_us)
        for message in decoder.feed(there.carry(board.send(4096), now_us / 1e6)):
            items += [d.item for d in conversation.take(message, now_us * 1000) if isinstance(d, Data)]
        conversation.stored(conversation.position)
        said = b"".join(encode(message) for message in conversation.tick(now_us * 1000))
        board.receive(back.carry(said, now_us / 1e6))
        if board.done:
            break
    runs = [item for item in items if not isinstance(item, Gap)]
    scale = conversation.hello.streams[0].scale
    codes = np.concatenate([run.codes for run in runs], axis=1)
    gaps = [item for item in items if isinstance(item, Gap)]
    return (codes * scale).astype(np.float32), gaps, decoder.counters.damaged


def test_samples_arrive_to_within_2_to_the_minus_23_of_their_range():
    original = recording()
    samples, gaps, _ = listen(*players(original))
    assert gaps == []
    assert np.abs(samples - original.samples).max() <= np.abs(original.samples).max() * 2.0**-23


@pytest.mark.parametrize("unit", ["uV", "adc"])
def test_whole_numbers_arrive_as_they_are(unit):
    original = recording(unit=unit, whole=True)
    assert np.array_equal(listen(*players(original))[0], original.samples)


def test_a_damaged_line_loses_nothing_that_can_be_sent_again():
    original = recording(seconds=20, whole=True)
    samples, gaps, damaged = listen(*players(original), faults=Faults(flip=1e-3, drop=1e-4, double=1e-4))
    assert damaged > 50
    assert gaps == []
    assert np.array_equal(samples, original.samples)


def test_a_stalled_and_unplugged_line_loses_nothing_either():
    original = recording(seconds=10, whole=True)
    faults = Faults(delay=0.05, stalls=[(2.0, 3.0)], unplugged=[(5.0, 6.5)])
    samples, gaps, _ = listen(*players(original), faults=faults)
    assert gaps == []
    assert np.array_equal(samples, original.samples)


def test_more_channels_than_a_stream_has_are_played_by_several_boards():
    original = recording(channels=32, whole=True)
    boards = players(original)
    assert len({board.device_id for board in boards}) == 3
    samples = np.concatenate([listen(board)[0] for board in boards])
    assert np.array_equal(samples, original.samples)
