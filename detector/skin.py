"""The movements of the skin in an accelerometer's signal: gravity taken away, fast vibration apart."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from detector.contract import StateValue
from detector.wobble import highpass

Samples = NDArray[np.float64]

BAND_TOP_HZ = 35.0  # Hz, above the skin's swing of 10-25 Hz
TOP_SHARE = 0.4  # of the rate: what is above it is the sensor's own filter


class SkinFilter:
    """Three axes of acceleration, split into slow skin (`band`) and fast vibration (`buzz`), with a memory.

    Args:
        rate_hz: Sampling rate.
        memory: Samples that `band` and `buzz` reach back before those of the last update.

    Attributes:
        band_gain: Rms of `band` for white noise of rms 1 that went through the high-pass.
        buzz_gain: The same of `buzz`.
    """

    def __init__(self, rate_hz: float, memory: int) -> None:
        top_hz = min(BAND_TOP_HZ, TOP_SHARE * rate_hz)
        self._sections = (
            highpass(rate_hz),
            np.asarray(signal.butter(2, top_hz, fs=rate_hz, output="sos")),
            np.asarray(signal.butter(4, top_hz, "highpass", fs=rate_hz, output="sos")),
        )
        self._states = [np.zeros((len(sections), 3, 2)) for sections in self._sections]
        self._memory = memory
        self._band = np.zeros((3, memory))
        self._buzz = np.zeros((3, memory))
        self.band_gain, self.buzz_gain = _gain(self._sections[1]), _gain(self._sections[2])

    def restart(self, level: Samples) -> None:
        """Begin as if the sensor had lain at this level, shape (3,), for ever."""
        self._states[0] = signal.sosfilt_zi(self._sections[0])[:, None, :] * level[None, :, None]
        for number in (1, 2):
            self._states[number] = np.zeros_like(self._states[number])
        self._band = np.zeros((3, self._memory))
        self._buzz = np.zeros((3, self._memory))

    def update(self, samples: Samples) -> Samples:
        """Take the next samples, shape (3, n), mg; return them without gravity."""
        skin = self._filter(0, samples)
        self._band = np.concatenate([self._band[:, -self._memory :], self._filter(1, skin)], axis=1)
        self._buzz = np.concatenate([self._buzz[:, -self._memory :], self._filter(2, skin)], axis=1)
        return skin

    def before(self, ahead: int) -> tuple[Samples, Samples]:
        """Return `band` and `buzz`, shape (3, n), without the last `ahead` samples of the last update."""
        end = self._band.shape[1] - ahead
        return self._band[:, :end], self._buzz[:, :end]

    def _filter(self, number: int, samples: Samples) -> Samples:
        filtered, self._states[number] = signal.sosfilt(
            self._sections[number], samples, axis=1, zi=self._states[number]
        )
        return np.asarray(filtered)

    def state(self) -> dict[str, StateValue]:
        return {
            "filters": [state.copy() for state in self._states],
            "band": self._band[:, -self._memory :].copy(),
            "buzz": self._buzz[:, -self._memory :].copy(),
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        filters = state["filters"]
        assert isinstance(filters, list)
        self._states = [np.array(one, dtype=np.float64) for one in filters]
        self._band = np.array(state["band"], dtype=np.float64)
        self._buzz = np.array(state["buzz"], dtype=np.float64)


def _gain(sections: Samples) -> float:
    _, response = signal.freqz_sos(sections, worN=4096)
    return float(np.sqrt(np.mean(np.abs(response) ** 2)))
