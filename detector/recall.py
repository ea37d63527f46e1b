"""The last seconds of all channels."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue


class Recall:
    """Keeps so many samples of each channel. They are moved only when the room behind them is used up."""

    def __init__(self, channels: int, length: int, most: int) -> None:
        """`most` samples at a time will be written."""
        self._length = length
        self._kept = np.zeros((channels, length + length // 2 + most), dtype=np.float32)
        self._end = length  # of what is kept; before the first sample there are zeros
        self._written = 0

    def write(self, signal: NDArray[np.float32]) -> None:
        """Add (n, channels)."""
        if self._end + len(signal) > self._kept.shape[1]:
            self._kept[:, : self._length] = self._kept[:, self._end - self._length : self._end]
            self._end = self._length
        self._kept[:, self._end : self._end + len(signal)] = signal.T
        self._end += len(signal)
        self._written += len(signal)

    def latest(self, count: int) -> NDArray[np.float32]:
        """The last (count, channels); zeros where there was nothing yet."""
        return np.ascontiguousarray(self._kept[:, self._end - count : self._end].T)

    def around(self, channel: int, first: int, last: int) -> NDArray[np.float64]:
        """Samples [first, last) of one channel, counted from the first that was written; zeros before it."""
        shift = self._end - self._written
        return self._kept[channel, first + shift : last + shift].astype(np.float64)

    def read(self, channel: int, first: int, last: int) -> NDArray[np.float64]:
        """The same, but what is no longer there, or not yet, is left out."""
        oldest = max(self._written - self._length, 0)
        return self.around(channel, max(first, oldest), max(first, oldest, min(last, self._written)))

    def state(self) -> dict[str, StateValue]:
        return {"kept": self._kept[:, self._end - self._length : self._end].copy(), "written": self._written}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._end, self._written = self._length, state["written"]
        self._kept[:, : self._length] = state["kept"]
