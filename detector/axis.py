"""The direction in which the skin of a site moves: learned from its own twitches."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue

MEMORY = 30.0  # twitches: follows a sensor that was put on anew within an hour or so
READY = 6  # twitches, below which a direction may be chance
CONCENTRATED = 0.65  # of the power on one axis; 30 directions by chance reach 0.5


class SkinAxis:
    """A running mean of the directions of twitches."""

    def __init__(self) -> None:
        self._spread = np.zeros((3, 3))
        self._seen = 0

    def learn(self, direction: NDArray[np.float64]) -> None:
        """Take the direction of a twitch, a unit vector; its sign says nothing."""
        self._seen += 1
        share = max(1 / self._seen, 1 / MEMORY)
        self._spread = (1 - share) * self._spread + share * np.outer(direction, direction)

    @property
    def direction(self) -> NDArray[np.float64] | None:
        """The unit vector along which this skin moves; None while that is not known."""
        if self._seen < READY:
            return None
        powers, vectors = np.linalg.eigh(self._spread)
        return np.asarray(vectors[:, -1]) if powers[-1] >= CONCENTRATED else None

    def state(self) -> dict[str, StateValue]:
        return {"spread": self._spread.copy(), "seen": self._seen}

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._spread, self._seen = np.array(saved["spread"], dtype=np.float64), saved["seen"]
