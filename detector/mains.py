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
        window = WINDOW_HOPS * hop
        fade = np.hanning(window)  # keeps offset and drift out
        waves = fade * np.exp(-2j * np.pi * turns[:, None] * np.arange(window)) * 2 / fade.sum()
        parts = np.concatenate([waves.real, waves.imag])
        self._waves = np.ascontiguousarray(parts.reshape(-1, WINDOW_HOPS, hop).transpose(1, 0, 2))
        self._sum = np.zeros((len(parts), channels))  # over the hops of a window
        self._page_power = np.zeros((len(turns), channels))
        self._power = np.zeros((len(turns), channels))
        self.found_hz = 0.0

    def measure(self, raw: NDArray[np.float64], first_hop: int) -> NDArray[np.float64]:
        """Take raw hops (hops, n, channels); return each ended window's hum: (windows, channels).

        It is 0 where it is not a line: a twitch or a contraction has as much beside it.
        """
        hums = []
        for number, hop in enumerate(raw, first_hop):
            self._sum += self._waves[number % WINDOW_HOPS] @ hop
            if (number + 1) % WINDOW_HOPS == 0:
                hums.append(self._end_window())
        return np.array(hums).reshape(-1, raw.shape[2])

    def _end_window(self) -> NDArray[np.float64]:
        """The hum of the window that ended, (channels,)."""
        power = np.square(self._sum).reshape(2, len(self._power), -1).sum(axis=0)
        self._sum[:] = 0.0
        self._page_power += power
        lines, aside = power[: len(LINES_HZ)].max(axis=0), power[len(LINES_HZ) :].max(axis=0)
        return np.asarray(np.where(lines > PURE**2 * aside, np.sqrt(lines), 0.0))

    def turn_page(self) -> None:
        """Decide again, from what was measured since the last page."""
        self._power = np.where(self._power == 0, self._page_power, self._power)
        self._power += MEMORY * (self._page_power - self._power)
        self._page_power = np.zeros_like(self._page_power)
        lines, aside = self._power[: len(LINES_HZ)], self._power[len(LINES_HZ) :]
        usual = np.maximum(aside.mean(axis=0), np.finfo(np.float64).tiny)
        strongest = (lines / usual).max(axis=1)
        best = int(np.argmax(strongest))
        wanted = PRESENT / 2 if LINES_HZ[best] == self.found_hz else PRESENT
        self.found_hz = LINES_HZ[best] if strongest[best] > wanted else 0.0

    def state(self) -> dict[str, StateValue]:
        return {
            "sum": self._sum.copy(),
            "page_power": self._page_power.copy(),
            "power": self._power.copy(),
            "found_hz": self.found_hz,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self.found_hz = state["found_hz"]
        self._sum, self._power = np.array(state["sum"]), np.array(state["power"])
        self._page_power = np.array(state["page_power"])
