"""The bank of matched filters: what a twitch may look like once it has passed the front end."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.filters import FrontEnd, respond, thinning
from detector.noise import quantile
from detector.waveforms import twitch

SHAPES: tuple[tuple[float, int, dict[str, float], bool], ...] = (  # ms, phases, form, sharpened
    (15.0, 2, {"lean": 0.6}, True),
    (29.0, 2, {"lean": 0.6}, True),
    (8.0, 3, {"lean": -0.6}, False),
    (15.0, 3, {"lean": -0.6}, False),
    (20.0, 2, {"lean": 0.6}, True),
    (11.0, 3, {}, False),
    (42.0, 2, {"skew": 0.65}, False),
    (11.0, 3, {"lean": -0.6}, False),
)
DULL_HZ = 110.0  # below, skin and distant muscles are loudest; a sharpened template leans on what is above
TAIL_MS = 25.0  # how long the high-pass rings on after a shape
TOLD_ENERGY = 0.98  # of a shape is enough to know it by: its tail would only delay the match
BIAS_HOPS = 4000  # of made noise: the bias is then known to 1 %
SETTLED_HOPS = 40  # 1 s, in which the filters forget that there was nothing before


@dataclass(frozen=True, slots=True)
class Matches:
    """What the templates find in hops of signal.

    Attributes:
        squares: float32 (hops, hop, k, channels), each match squared, at the sample where its template ends.
        powers: float32 (hops, 1 + k, channels), mean squares over the hop: the signal, then each match.
        peaks: float32 (hops, k, channels), the largest of the squares in the hop.
    """

    squares: NDArray[np.float32]
    powers: NDArray[np.float32]
    peaks: NDArray[np.float32]


class Bank:
    """Unit-energy templates and the product that correlates a hop with all of them at once.

    All end together, so that a short potential is matched as soon as it is over.

    Attributes:
        length: Samples in the longest template.
        begins: (k,) where each template begins in a window of that length.
        crossings_hz: How often white noise, seen through a template, crosses zero upwards, summed over the
            templates (S. O. Rice, Bell Syst. Tech. J. 24, 1945).
        noise_bias: (1 + k,) mean hop power of white noise over its quantile: the signal, then each template.
    """

    def __init__(self, raw_rate_hz: float, hop: int) -> None:
        thin = thinning(raw_rate_hz)
        rate_hz = raw_rate_hz / thin
        raw_length = round((max(shape[0] for shape in SHAPES) + TAIL_MS) * rate_hz / 1000) * thin
        shapes = [twitch(ms, phases, raw_rate_hz, raw_length, **form) for ms, phases, form, _ in SHAPES]
        passed = respond(np.array(shapes), raw_rate_hz)
        sharpened = [shape[3] for shape in SHAPES]
        passed[sharpened] = _sharpen(passed[sharpened], np.exp(-2 * np.pi * DULL_HZ / rate_hz))
        templates = _end_together(passed)
        self.hop, self.length = hop, int(templates.shape[1])
        self.begins = np.argmax(templates != 0, axis=1)
        slopes = np.diff(templates, axis=1, prepend=0.0)
        self.crossings_hz = float(np.linalg.norm(slopes, axis=1).sum() * rate_hz / (2 * np.pi))
        self._product = self._toeplitz(templates)
        self.noise_bias = self._measure_bias(FrontEnd(raw_rate_hz, hop, 1), thin)

    def _toeplitz(self, templates: NDArray[np.float64]) -> NDArray[np.float32]:
        """(hop * k, length - 1 + hop): row i * k + j matches template j with what begins at i."""
        product = np.zeros((self.hop, len(templates), self.length - 1 + self.hop), dtype=np.float32)
        for i in range(self.hop):
            product[i, :, i : i + self.length] = templates
        return product.reshape(-1, product.shape[2])

    def _measure_bias(self, front: FrontEnd, thin: int) -> NDArray[np.float64]:
        """On made noise, because neighbouring samples of a template's output hang together."""
        noise = np.random.default_rng(1).standard_normal((BIAS_HOPS, self.hop * thin, 1))
        signal = np.concatenate([np.zeros((self.length - 1, 1), dtype=np.float32), front.filter(noise)])
        powers = self.scan(signal).powers[SETTLED_HOPS:, :, 0]
        return np.asarray(powers.mean(axis=0) / quantile(powers))

    def scan(self, signal: NDArray[np.float32]) -> Matches:
        """Match (length - 1 + hops * hop, channels), contiguous, with every template.

        Each hop is a matrix product of its own and always of the same shape: products of other shapes round
        differently, and then the findings would depend on how the signal was cut.
        """
        channels, width = signal.shape[1], self._product.shape[1]
        hops = (len(signal) - self.length + 1) // self.hop
        row = signal.strides[0]  # overlapping views by hand: sliding_window_view takes ten times as long
        windows = np.ndarray(
            (hops, width, channels), np.float32, signal, strides=(self.hop * row, row, signal.itemsize)
        )
        found = np.matmul(self._product, windows)
        squares = np.square(found, out=found).reshape(hops, self.hop, -1, channels)
        own = np.square(signal[self.length - 1 :].reshape(hops, self.hop, channels)).sum(axis=1)
        sums = np.concatenate([own[:, None], squares.sum(axis=1)], axis=1)
        return Matches(squares, np.divide(sums, self.hop, dtype=np.float32), squares.max(axis=1))


def _end_together(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shapes (k, n) that begin together as templates of unit energy that end together, without tails."""
    energy = np.cumsum(np.square(shapes), axis=1)
    lengths = 1 + np.argmax(energy >= TOLD_ENERGY * energy[:, -1:], axis=1)
    templates = np.zeros((len(shapes), lengths.max()))
    for template, shape, length in zip(templates, shapes, lengths, strict=True):
        template[-length:] = shape[:length] / np.linalg.norm(shape[:length])
    return templates


def _sharpen(shapes: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """What matches them in noise of which each sample holds that share of the one before."""
    padded = np.pad(shapes, ((0, 0), (1, 1)))
    return np.asarray((1 + share**2) * shapes - share * (padded[:, :-2] + padded[:, 2:]))


@lru_cache(maxsize=8)
def bank(raw_rate_hz: float, hop: int) -> Bank:
    """The bank for a stream of that rate; made once, shared by all detectors of that rate."""
    return Bank(raw_rate_hz, hop)
