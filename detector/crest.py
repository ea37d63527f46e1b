"""Where the matches of a hop rise above the noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.bank import Bank, Matches
from detector.candidate import LOOK_AT, Candidate
from detector.noise import NoiseFloor


@dataclass(frozen=True, slots=True)
class Seen:
    """A candidate and the number of hops of the segment after which it was seen."""

    candidate: Candidate
    after: int


def crests(
    matches: Matches, bank: Bank, floor: NoiseFloor, usable: NDArray[np.bool_], first_hop: int
) -> list[Seen]:
    """The best instant of every hop that has one above LOOK_AT, in order of time.

    Args:
        matches: Of the hops from `first_hop` of the segment on.
        bank: What was matched.
        floor: Of the noise in these hops.
        usable: (hops, channels), where to look.
        first_hop: Hops of the segment before these.
    """
    inverse = (1 / floor.power[:, 1:].T).astype(np.float32)
    above = (matches.peaks * inverse > np.float32(LOOK_AT**2)).any(axis=1) & usable
    hops, channels = np.nonzero(above)
    if not len(hops):
        return []
    squares = matches.squares[hops, :, :, channels]
    relative = squares * inverse[:, channels].T[:, None]
    places, templates = np.divmod(relative.reshape(len(hops), -1).argmax(axis=1), len(inverse))
    best, begins = (np.arange(len(hops)), places, templates), bank.begins[templates]
    starts = (first_hop + hops) * bank.hop + places - (bank.length - 1) + begins
    roots = np.sqrt([squares[best], relative[best], floor.power[channels, 0], floor.rest[channels, 0]])
    columns = channels, starts, bank.length - begins, *roots, first_hop + hops + 1
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [Seen(Candidate(*figures), after) for *figures, after in rows]
