"""The filters before everything else: from raw samples to the band where twitches are."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from detector.contract import StateValue

LOWEST_HZ = 20.0  # below lie drift and the movement of skin and cable
WORKING_RATE_HZ = 1000.0  # twitches carry next to nothing above 400 Hz, so faster streams are thinned to this
ANTI_ALIAS_ORDER = 8  # steep enough to keep 400 Hz and stop what would fold below it
PASS_SHARE = 0.4  # of the working rate: where the anti-alias filter begins to stop
NOTCH_WIDTH_HZ = 1.6  # mains wanders by 0.2 Hz; wider would take signal and ring less


def thinning(rate_hz: float) -> int:
    """How many raw samples make one working sample."""
    return max(1, int(rate_hz / WORKING_RATE_HZ + 0.01))


def mains_harmonics(mains_hz: float, rate_hz: float) -> NDArray[np.float64]:
    """The harmonics of the mains that lie inside the band of a stream of that rate, Hz."""
    top_hz = min(0.47 * rate_hz, 7.5 * mains_hz)  # beyond the seventh there is hardly anything left
    return np.arange(mains_hz, top_hz, mains_hz)


def band(rate_hz: float, thinning: int) -> NDArray[np.float64]:
    high = signal.butter(4, LOWEST_HZ, "highpass", fs=rate_hz, output="sos")
    if thinning == 1:
        return np.asarray(high)
    low = signal.butter(ANTI_ALIAS_ORDER, PASS_SHARE * rate_hz / thinning, fs=rate_hz, output="sos")
    return np.vstack([high, low])


class FrontEnd:
    """High-pass, anti-alias filter, thinning and mains notches for all channels in one call.

    The filters are causal and keep their state from call to call, so the output does not depend on how the
    input was cut.
    """

    def __init__(self, rate_hz: float, channels: int) -> None:
        self.thinning = thinning(rate_hz)
        self.rate_hz = rate_hz / self.thinning
        self._band = band(rate_hz, self.thinning)
        self._rest = signal.sosfilt_zi(self._band)
        self._band_state = np.zeros((len(self._band), channels, 2))
        self.mains_hz = 0.0
        self._notch = np.empty((0, 6))
        self._notch_state = np.empty((0, channels, 2))

    def settle(self, levels: NDArray[np.float64], channels: NDArray[np.bool_] | None = None) -> None:
        """Begin as if the input had been at these levels for ever, shape (channels,)."""
        chosen = np.ones(len(levels), dtype=np.bool_) if channels is None else channels
        self._band_state[:, chosen] = self._rest[:, None, :] * levels[None, chosen, None]
        self._notch_state[:, chosen] = 0.0

    def set_mains(self, mains_hz: float) -> None:
        """Take out this mains frequency and its harmonics from now on; 0 takes out nothing."""
        if mains_hz == self.mains_hz:
            return
        self.mains_hz = mains_hz
        lines = mains_harmonics(mains_hz, self.rate_hz) if mains_hz else np.empty(0)
        sections = [signal.tf2sos(*signal.iirnotch(f, f / NOTCH_WIDTH_HZ, fs=self.rate_hz)) for f in lines]
        self._notch = np.vstack(sections) if sections else np.empty((0, 6))
        self._notch_state = np.zeros((len(self._notch), self._band_state.shape[1], 2))

    def filter(self, samples: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw samples (channels, n), n a multiple of `thinning`, to (channels, n / thinning)."""
        banded, self._band_state = signal.sosfilt(self._band, samples, axis=-1, zi=self._band_state)
        banded = banded[:, :: self.thinning]
        if len(self._notch):
            banded, self._notch_state = signal.sosfilt(self._notch, banded, axis=-1, zi=self._notch_state)
        return np.asarray(banded)

    def respond(self, shapes: NDArray[np.float64]) -> NDArray[np.float64]:
        """What the band filters make of shapes that begin from silence: (k, n) to (k, n / thinning)."""
        return np.asarray(signal.sosfilt(self._band, shapes, axis=-1)[:, :: self.thinning])

    def state(self) -> dict[str, StateValue]:
        return {"mains_hz": self.mains_hz, "band": self._band_state.copy(), "notch": self._notch_state.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.set_mains(state["mains_hz"])
        self._band_state, self._notch_state = np.array(state["band"]), np.array(state["notch"])
