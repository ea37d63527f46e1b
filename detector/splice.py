"""Bad stretches are cut out before filtering, so that the filters see no step."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue


class Splice:
    """Holds the last good level of each channel through bad hops and goes on from it."""

    def __init__(self, channels: int) -> None:
        self._held = np.zeros(channels)
        self._shift = np.zeros(channels)
        self._cut = np.zeros(channels, dtype=np.bool_)

    def begin(self, raw: NDArray[np.float32], bad: NDArray[np.bool_]) -> NDArray[np.float64]:
        """A segment begins with these hops (hops, n, channels); return the levels it begins at."""
        self._held = np.where(bad[0], 0.0, raw[0, 0])
        self._shift[:] = 0.0
        self._cut[:] = bad[0]
        return self._held

    def mend(self, raw: NDArray[np.float32], bad: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The same hops without the bad ones."""
        if not bad.any() and not self._cut.any():
            mended = raw + self._shift
            self._held = mended[-1, -1].copy()
            return mended
        mended = raw.astype(np.float64)
        for hop, channel in np.ndindex(*bad.shape):
            if bad[hop, channel]:
                mended[hop, :, channel] = self._held[channel]
            else:
                if self._cut[channel]:
                    self._shift[channel] = self._held[channel] - raw[hop, 0, channel]
                mended[hop, :, channel] += self._shift[channel]
                self._held[channel] = mended[hop, -1, channel]
            self._cut[channel] = bad[hop, channel]
        return mended

    def state(self) -> dict[str, StateValue]:
        return {"held": self._held.copy(), "shift": self._shift.copy(), "cut": self._cut.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._held, self._shift = np.array(state["held"]), np.array(state["shift"])
        self._cut = np.array(state["cut"])
