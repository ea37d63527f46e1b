"""The filters before everything else: from raw samples to the band where twitches are."""

from collections.abc import Mapping
from functools import lru_cache
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


@lru_cache(maxsize=8)
def band(rate_hz: float, thinning: int) -> NDArray[np.float64]:
    """Second-order sections of the high-pass and, where the stream is thinned, the anti-alias filter."""
    high = signal.butter(4, LOWEST_HZ, "highpass", fs=rate_hz, output="sos")
    if thinning == 1:
        return np.asarray(high)
    low = signal.butter(ANTI_ALIAS_ORDER, PASS_SHARE * rate_hz / thinning, fs=rate_hz, output="sos")
    return np.vstack([high, low])


def respond(shapes: NDArray[np.float64], rate_hz: float) -> NDArray[np.float64]:
    """What the band filters make of shapes that begin from silence: (k, n) to (k, n / thinning)."""
    thin = thinning(rate_hz)
    return np.asarray(signal.sosfilt(band(rate_hz, thin), shapes, axis=-1)[:, ::thin])


def notches(mains_hz: float, rate_hz: float) -> NDArray[np.float64]:
    """Second-order sections that take out this mains frequency and its harmonics; none for 0."""
    lines = mains_harmonics(mains_hz, rate_hz) if mains_hz else np.empty(0)
    sections = [signal.tf2sos(*signal.iirnotch(f, f / NOTCH_WIDTH_HZ, fs=rate_hz)) for f in lines]
    return np.vstack(sections) if sections else np.empty((0, 6))


@lru_cache(maxsize=8)
def hop_product(rate_hz: float, hop: int, mains_hz: float) -> NDArray[np.float64]:
    """All filters over one hop as one matrix: (states, raw samples) to (states then, working samples).

    The filters are linear, so what they make of each unit vector tells all. One product of 40 x 40 does in
    4 us for 16 channels what takes a call of a recursive filter 30 us and more.
    """
    thin = thinning(rate_hz)
    stages = band(rate_hz, thin), notches(mains_hz, rate_hz / thin)
    states = [2 * len(stage) for stage in stages]
    units = np.eye(sum(states) + hop * thin)
    passed, begun = units[:, sum(states) :], np.split(units[:, : sum(states)], [states[0]], axis=1)
    ended = []
    for stage, state, step in zip(stages, begun, (thin, 1), strict=True):
        if len(stage):
            before = state.reshape(len(units), len(stage), 2).transpose(1, 0, 2)
            passed, after = signal.sosfilt(stage, passed, axis=-1, zi=before)
            ended.append(after.transpose(1, 0, 2).reshape(len(units), -1))
        passed = passed[:, ::step]
    return np.ascontiguousarray(np.hstack([*ended, passed]).T)


class FrontEnd:
    """High-pass, anti-alias filter, thinning and mains notches for all channels, hop by hop.

    The filters are causal and keep their state from hop to hop; each hop is a product of one shape, so the
    output does not depend on how the input was cut.
    """

    def __init__(self, rate_hz: float, hop: int, channels: int) -> None:
        """`hop` is in working samples, of which each is `thinning(rate_hz)` raw ones."""
        self._rate_hz, self._hop = rate_hz, hop
        sections = band(rate_hz, thinning(rate_hz))
        self._rest = signal.sosfilt_zi(sections).ravel()
        self._state = np.zeros((2 * len(sections), channels))
        self.mains_hz = 0.0

    def settle(self, levels: NDArray[np.float64]) -> None:
        """Begin as if the input had been at these levels for ever, shape (channels,)."""
        self._state[:] = 0.0
        self._state[: len(self._rest)] = self._rest[:, None] * levels

    def set_mains(self, mains_hz: float) -> None:
        """Take out this mains frequency and its harmonics from now on; 0 takes out nothing."""
        if mains_hz == self.mains_hz:
            return
        self.mains_hz = mains_hz
        kept = self._state[: len(self._rest)]
        added = 2 * len(notches(mains_hz, self._rate_hz / thinning(self._rate_hz)))
        self._state = np.concatenate([kept, np.zeros((added, kept.shape[1]))])

    def filter(self, raw: NDArray[np.float64]) -> NDArray[np.float32]:
        """Raw hops (hops, n, channels) to working samples (hops * hop, channels)."""
        product = hop_product(self._rate_hz, self._hop, self.mains_hz)
        states, channels = self._state.shape
        taken = np.empty((product.shape[1], channels))
        made = np.empty((len(raw), len(product), channels))
        taken[:states] = self._state
        for one, result in zip(raw, made, strict=True):
            taken[states:] = one
            np.matmul(product, taken, out=result)
            taken[:states] = result[:states]
        self._state = taken[:states].copy()
        return made[:, states:].astype(np.float32).reshape(-1, channels)

    def state(self) -> dict[str, StateValue]:
        return {"mains_hz": self.mains_hz, "filters": self._state.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self.mains_hz, self._state = state["mains_hz"], np.array(state["filters"])
