import numpy as np
from numpy.typing import NDArray

from detector.spell import spells


def at(*onsets_s: float) -> NDArray[np.int64]:
    return (np.array(onsets_s) * 1e9).astype(np.int64)


def test_no_twitch_makes_no_spell() -> None:
    assert spells(at()) == []


def test_twitches_without_a_long_pause_are_one_spell() -> None:
    (spell,) = spells(at(10, 40, 95, 150))
    assert (spell.start_ns, spell.end_ns, spell.count) == (10_000_000_000, 150_000_000_000, 4)
    assert spell.duration_s == 140


def test_a_long_pause_ends_a_spell() -> None:
    assert [spell.duration_s for spell in spells(at(0, 1, 2, 100, 101, 104))] == [2, 4]


def test_a_pause_of_exactly_the_limit_does_not() -> None:
    assert len(spells(at(0, 60, 120))) == 1


def test_two_twitches_are_no_spell() -> None:
    assert spells(at(0, 1, 1000, 2000, 2001)) == []
