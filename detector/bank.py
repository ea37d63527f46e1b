"""The bank of matched filters: what a twitch may look like once it has passed the front end."""

from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from detector.filters import FrontEnd
from detector.noise import quantile
from detector.waveforms import twitch

TWITCH_MS = (8.0, 11.0, 15.0, 20.0, 29.0, 42.0)  # a factor of 1.4 apart loses under 5 % in between
TAIL_MS = 25.0  # how long the high-pass rings on after a shape
BIAS_HOPS = 4000  # of made noise: the bias is then known to 1 %
SETTLED_HOPS = 40  # 1 s, in which the filters forget that there was nothing before


class Bank:
    """Unit-energy templates and the product that correlates a hop with all of them at once.

    Attributes:
        length: Samples in a template.
        lengths: (k,) samples of each template's potential before filtering.
        crossings_hz: How often white noise, seen through a template, crosses zero upwards, summed over the
            templates (S. O. Rice, Bell Syst. Tech. J. 24, 1945).
        noise_bias: (1 + k,) mean hop power of white noise over its quantile: the signal, then each template.
    """

    def __init__(self, raw_rate_hz: float, hop: int) -> None:
        front = FrontEnd(raw_rate_hz, 1)
        self.hop = hop
        self.length = round((max(TWITCH_MS) + TAIL_MS) * front.rate_hz / 1000)
        raw_length = self.length * front.thinning
        shapes = [twitch(ms, phases, raw_rate_hz, raw_length) for ms in TWITCH_MS for phases in (2, 3)]
        templates = front.respond(np.array(shapes))
        templates /= np.linalg.norm(templates, axis=1, keepdims=True)
        self.lengths = np.maximum(2, np.round(np.repeat(TWITCH_MS, 2) * front.rate_hz / 1000)).astype(int)
        slopes = np.diff(templates, axis=1, prepend=0.0)
        self.crossings_hz = float(np.linalg.norm(slopes, axis=1).sum() * front.rate_hz / (2 * np.pi))
        self._product = self._toeplitz(templates)
        self.noise_bias = self._measure_bias(front)

    def _toeplitz(self, templates: NDArray[np.float64]) -> NDArray[np.float32]:
        """(length - 1 + hop, k * hop): column k * hop + i matches template k with what begins at i."""
        product = np.zeros((self.length - 1 + self.hop, len(templates), self.hop), dtype=np.float32)
        for i in range(self.hop):
            product[i : i + self.length, :, i] = templates.T
        return product.reshape(len(product), -1)

    def _measure_bias(self, front: FrontEnd) -> NDArray[np.float64]:
        """On made noise, because neighbouring samples of a template's output hang together."""
        noise = np.random.default_rng(1).standard_normal((1, BIAS_HOPS * self.hop * front.thinning))
        signal = np.concatenate([np.zeros((1, self.length - 1)), front.filter(noise)], axis=1)
        powers = self.hop_powers(signal, self.correlate(signal))[SETTLED_HOPS:]
        return np.asarray(powers.mean(axis=(0, 1)) / quantile(powers)[0])

    def correlate(self, signal: NDArray[np.float64]) -> NDArray[np.float32]:
        """Correlate (channels, length - 1 + hops * hop) with every template: (hops, channels, k, hop).

        Each hop is a matrix product of its own and always of the same shape: products of other shapes round
        differently, and then the findings would depend on how the signal was cut.
        """
        windows = sliding_window_view(signal.astype(np.float32), len(self._product), axis=1)[:, :: self.hop]
        found = np.ascontiguousarray(windows.transpose(1, 0, 2)) @ self._product
        return np.asarray(found.reshape(*found.shape[:2], -1, self.hop))

    def hop_powers(self, signal: NDArray[np.float64], found: NDArray[np.float32]) -> NDArray[np.float32]:
        """Mean squares of each hop of the signal and of each template's output: (hops, channels, 1 + k)."""
        hops, channels = found.shape[:2]
        own = signal[:, self.length - 1 :].reshape(channels, hops, self.hop)
        powers = np.empty((hops, channels, 1 + found.shape[2]), dtype=np.float32)
        powers[:, :, 0] = np.einsum("cht,cht->hc", own, own) / self.hop
        powers[:, :, 1:] = np.einsum("hckt,hckt->hck", found, found) / np.float32(self.hop)
        return powers


@lru_cache(maxsize=8)
def bank(raw_rate_hz: float, hop: int) -> Bank:
    """The bank for a stream of that rate; made once, shared by all detectors of that rate."""
    return Bank(raw_rate_hz, hop)
