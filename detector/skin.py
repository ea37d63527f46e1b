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
        memory: Samples that `band` and `buzz` reach back.
    """

    def __init__(self, rate_hz: float, memory: int) -> None:
        top_hz = min(BAND_TOP_HZ, TOP_SHARE * rate_hz)
        self._sections = (
            highpass(rate_hz),
            np.asarray(signal.butter(2, top_hz, fs=rate_hz, output="sos")),
            np.asarray(signal.butter(4, top_hz, "highpass", fs=rate_hz, output="sos")),
        )
        self._states = [np.zeros((len(sections), 3, 2)) for sections in self._sections]
        self.band = np.zeros((3, memory))
        self.buzz = np.zeros((3, memory))

    @property
    def band_gain(self) -> float:
        """Rms of `band` for white noise of rms 1 that went through the high-pass."""
        return _gain(self._sections[1])

    @property
    def buzz_gain(self) -> float:
        """The same of `buzz`."""
        return _gain(self._sections[2])

    def restart(self, level: Samples) -> None:
        """Begin as if the sensor had lain at this level, shape (3,), for ever."""
        self._states[0] = signal.sosfilt_zi(self._sections[0])[:, None, :] * level[None, :, None]
        for number in (1, 2):
            self._states[number] = np.zeros_like(self._states[number])
        self.band[:] = 0
        self.buzz[:] = 0

    def update(self, hop: Samples) -> Samples:
        """Take the next samples, shape (3, n), mg; return them without gravity."""
        skin = self._filter(0, hop)
        _push(self.band, self._filter(1, skin))
        _push(self.buzz, self._filter(2, skin))
        return skin

    def _filter(self, number: int, samples: Samples) -> Samples:
        filtered, self._states[number] = signal.sosfilt(
            self._sections[number], samples, axis=1, zi=self._states[number]
        )
        return np.asarray(filtered)

    def state(self) -> dict[str, StateValue]:
        return {
            "filters": [state.copy() for state in self._states],
            "band": self.band.copy(),
            "buzz": self.buzz.copy(),
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        filters = state["filters"]
        assert isinstance(filters, list)
        self._states = [np.array(one, dtype=np.float64) for one in filters]
        self.band = np.array(state["band"], dtype=np.float64)
        self.buzz = np.array(state["buzz"], dtype=np.float64)


def _gain(sections: Samples) -> float:
    _, response = signal.freqz_sos(sections, worN=4096)
    return float(np.sqrt(np.mean(np.abs(response) ** 2)))


def _push(memory: Samples, samples: Samples) -> None:
    count = samples.shape[1]
    memory[:, :-count] = memory[:, count:]
    memory[:, -count:] = samples
