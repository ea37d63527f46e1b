"""Noise of a frequency band, hop after hop."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from ingest.simulated.dice import Key, dice

_NYQUIST_SHARE = 0.45  # of the rate: the highest frequency a band can reach


class BandNoise:
    """Gaussian noise with an rms of one within a band, running on over hops of any length.

    Args:
        key: What the randomness depends on.
        rate_hz: Sampling rate.
        band_hz: Lower and upper edge (second-order Butterworth).
        rows: How many independent ones.
    """

    def __init__(self, key: Key, rate_hz: float, band_hz: tuple[float, float], rows: int) -> None:
        edges_hz = (band_hz[0], min(band_hz[1], _NYQUIST_SHARE * rate_hz))
        self._sos = signal.butter(2, edges_hz, "bandpass", fs=rate_hz, output="sos")
        _, response = signal.freqz_sos(self._sos, worN=8192)
        self._gain = 1 / np.sqrt(np.mean(np.abs(response) ** 2))
        self._state = np.zeros((self._sos.shape[0], rows, 2))
        self._key = key
        self._hop = 0

    def next(self, count: int) -> NDArray[np.float64]:
        """Return the next hop, shape (rows, count)."""
        white = dice(*self._key, self._hop).standard_normal((self._state.shape[1], count))
        self._hop += 1
        filtered, self._state = signal.sosfilt(self._sos, white, axis=1, zi=self._state)
        return np.asarray(filtered * self._gain)
