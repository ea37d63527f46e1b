"""Lines do to bytes what they are told to, and the same each time."""

import numpy as np
import pytest

from ingest.simulated.line import Faults, Line

DATA = np.random.default_rng(5).integers(0, 256, 100_000, dtype=np.uint8).tobytes()


def through(faults, data=DATA, cut=1000):
    line = Line((1,), faults)
    return b"".join(line.carry(data[at : at + cut], at * 1e-5) for at in range(0, len(data), cut))


def test_a_sound_line_changes_nothing():
    assert through(Faults()) == DATA


def test_flips_turn_one_bit_of_as_many_bytes_as_asked():
    before, after = (np.frombuffer(data, np.uint8) for data in (DATA, through(Faults(flip=0.01))))
    changed = before != after
    assert changed.mean() == pytest.approx(0.01, rel=0.1)
    assert set(np.unpackbits((before ^ after)[changed]).reshape(-1, 8).sum(axis=1)) == {1}


def test_every_bit_can_be_hit():
    before, after = (np.frombuffer(data, np.uint8) for data in (DATA, through(Faults(flip=0.01))))
    assert np.bitwise_or.reduce(before ^ after) == 255


@pytest.mark.parametrize(("faults", "length"), [(Faults(drop=0.01), 99_000), (Faults(double=0.01), 101_000)])
def test_bytes_are_lost_or_doubled_as_often_as_asked(faults, length):
    assert len(through(faults)) == pytest.approx(length, abs=150)


def test_the_cut_does_not_matter():
    faults = Faults(flip=0.01, drop=0.01, double=0.01)
    assert through(faults, cut=7) == through(faults, cut=1000)


def test_delay_keeps_the_order():
    line = Line((1,), Faults(delay=0.5, delay_s=0.1))
    pieces = [line.carry(bytes([n]), n * 0.01) for n in range(100)]
    assert b"".join(pieces) + line.carry(b"", 10.0) == bytes(range(100))
    assert b"" in pieces


def test_a_stall_holds_everything_until_it_is_over():
    line = Line((1,), Faults(stalls=[(1.0, 2.0)]))
    assert line.carry(b"a", 0.5) == b"a"
    assert line.carry(b"b", 1.5) == b""
    assert line.carry(b"c", 2.0) == b"bc"


def test_an_unplugged_line_loses_everything():
    line = Line((1,), Faults(unplugged=[(1.0, 2.0)]))
    assert line.carry(b"a", 1.5) == b""
    assert line.carry(b"b", 2.0) == b"b"
