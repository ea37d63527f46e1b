"""How long twitching goes on: runs of twitches with no long pause."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PAUSE_S = 60.0  # a longer pause ends a spell: it takes 70-120 s to see whether a muscle twitches at all
FEWEST = 3  # two twitches make a pause, three make a run


@dataclass(frozen=True, slots=True)
class Spell:
    """A run of twitches of one site, from the onset of the first to that of the last.

    Attributes:
        start_ns: Onset of the first twitch, ns UTC.
        end_ns: Onset of the last.
        count: Twitches in it.
    """

    start_ns: int
    end_ns: int
    count: int

    @property
    def duration_s(self) -> float:
        return (self.end_ns - self.start_ns) / 1e9


def spells(onsets_ns: NDArray[np.int64], pause_s: float = PAUSE_S, fewest: int = FEWEST) -> list[Spell]:
    """The spells among the twitches of one site. A gap in the signal that is longer than the pause ends one.

    Args:
        onsets_ns: Onsets of the site's twitches, ns UTC, ascending.
        pause_s: The longest time from twitch to twitch within a spell.
        fewest: How many twitches make a spell.

    >>> [spell.duration_s for spell in spells(np.array([0, 20, 45, 300, 310]) * 10**9)]
    [45.0]
    """
    if onsets_ns.size == 0:
        return []
    breaks = np.flatnonzero(np.diff(onsets_ns) > pause_s * 1e9) + 1
    first = np.concatenate(([0], breaks))
    after = np.concatenate((breaks, [onsets_ns.size]))
    return [
        Spell(int(onsets_ns[start]), int(onsets_ns[end - 1]), int(end - start))
        for start, end in zip(first, after, strict=True)
        if end - start >= fewest
    ]
