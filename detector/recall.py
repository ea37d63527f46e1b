"""The last seconds of all channels, kept without moving them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue


class Recall:
    """A ring of so many samples for each channel."""

    def __init__(self, channels: int, length: int) -> None:
        self._ring = np.zeros((channels, length))
        self._written = 0

    def write(self, signal: NDArray[np.float64]) -> None:
        """Add (channels, n)."""
        length = self._ring.shape[1]
        where = self._written % length
        first = min(signal.shape[1], length - where)
        self._ring[:, where : where + first] = signal[:, :first]
        self._ring[:, : signal.shape[1] - first] = signal[:, first:]
        self._written += signal.shape[1]

    def read(self, channel: int, first: int, last: int) -> NDArray[np.float64]:
        """Samples [first, last) of one channel, counted from the first that was written.

        What is no longer there, or not yet, is left out at its end.
        """
        length = self._ring.shape[1]
        where = np.arange(max(first, self._written - length, 0), min(last, self._written)) % length
        return np.asarray(self._ring[channel, where])

    def state(self) -> dict[str, StateValue]:
        return {"ring": self._ring.copy(), "written": self._written}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._ring, self._written = np.array(state["ring"]), state["written"]
