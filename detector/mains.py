"""Mains hum: which frequency it has, found by itself, and how strong it is on each channel."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue

LINES_HZ = (50.0, 60.0)
ASIDE_HZ = (46.0, 54.0, 56.0, 64.0)  # beside the lines: what is there without hum
WINDOW_HOPS = 20  # 500 ms: the lines and what is beside them do not leak into each other
MEMORY = 0.5  # of each new page: a decision takes a few seconds, and a burst of hum does not flip it
PURE = 3.0  # times the amplitude aside: a line and nothing else
PRESENT = 5.0  # times the power aside: below that there is nothing worth a notch


class Mains:
    """Measures both lines and decides.

    Attributes:
        found_hz: 50, 60, or 0 where there is none. Changes only in `turn_page`.
    """

    def __init__(self, rate_hz: float, hop: int, channels: int) -> None:
        turns = np.array(LINES_HZ + ASIDE_HZ) / rate_hz
        self._window = WINDOW_HOPS * hop
        phases = np.arange(self._window)[:, None] * turns
        fade = np.hanning(self._window)[:, None]  # keeps offset and drift out
        self._waves = (fade * np.exp(-2j * np.pi * phases)).reshape(WINDOW_HOPS, hop, len(turns))
        self._gain = 2 / float(fade.sum())
        self._parts = np.zeros((channels, 0, len(turns)), dtype=np.complex128)
        self._page_power = np.zeros((channels, len(turns)))
        self._power = np.zeros((channels, len(turns)))
        self.found_hz = 0.0

    def measure(self, raw: NDArray[np.float64], first_hop: int) -> NDArray[np.float64]:
        """Take raw hops (channels, hops, n); return each ended window's hum: (channels, windows).

        It is 0 where it is not a line: a twitch or a contraction has as much beside it.
        """
        count = raw.shape[1]
        waves = self._waves[(first_hop + np.arange(count)) % WINDOW_HOPS]
        parts = np.matmul(raw.transpose(1, 0, 2), waves).transpose(1, 0, 2)
        parts = np.concatenate([self._parts, parts], axis=1)
        windows = parts.shape[1] // WINDOW_HOPS
        self._parts = parts[:, windows * WINDOW_HOPS :]
        whole = (
            parts[:, : windows * WINDOW_HOPS]
            .reshape(len(parts), windows, WINDOW_HOPS, parts.shape[2])
            .sum(axis=2)
        )
        amplitude = self._gain * np.abs(whole)
        for window in range(windows):
            self._page_power += amplitude[:, window] ** 2
        lines, aside = (part.max(axis=2) for part in np.split(amplitude, [len(LINES_HZ)], axis=2))
        return np.asarray(np.where(lines > PURE * aside, lines, 0.0))

    def turn_page(self) -> None:
        """Decide again, from what was measured since the last page."""
        self._power = np.where(self._power == 0, self._page_power, self._power)
        self._power += MEMORY * (self._page_power - self._power)
        self._page_power = np.zeros_like(self._page_power)
        lines, aside = self._power[:, : len(LINES_HZ)], self._power[:, len(LINES_HZ) :]
        usual = np.maximum(aside.mean(axis=1, keepdims=True), np.finfo(np.float64).tiny)
        strongest = (lines / usual).max(axis=0)
        best = int(np.argmax(strongest))
        wanted = PRESENT / 2 if LINES_HZ[best] == self.found_hz else PRESENT
        self.found_hz = LINES_HZ[best] if strongest[best] > wanted else 0.0

    def state(self) -> dict[str, StateValue]:
        return {
            "parts": self._parts.copy(),
            "page_power": self._page_power.copy(),
            "power": self._power.copy(),
            "found_hz": self.found_hz,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self.found_hz = state["found_hz"]
        self._parts, self._page_power = np.array(state["parts"]), np.array(state["page_power"])
        self._power = np.array(state["power"])
