"""Whether a channel can be judged: flat, driven to its limits, or floating and full of hum."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue
from detector.mains import WINDOW_HOPS

ABSURD = 1e8  # uV, 100 V: no electrode measures that
FLAT_HOPS = 8  # 200 ms without the least change: no skin is that quiet, a few equal codes in a row are common
SATURATED_SHARE = 0.05  # of a hop at the limits; a single spike may touch them
HUM_RISE = 8.0  # times the usual hum: the electrode floats and picks up the room
HUM_OVER_NOISE = 10.0  # times the noise floor; below that the notches cope
HUM_MEMORY = 0.2  # of each new page: the usual hum over about ten seconds


class Quality:
    """Judges raw hops of all channels."""

    def __init__(self, channels: int, saturation: tuple[float, float] | None) -> None:
        self._saturation = saturation
        self._flat_hops = np.zeros(channels, dtype=np.int64)
        self._last = np.full(channels, np.nan, dtype=np.float32)
        self._usual_hum = np.full(channels, np.nan)
        self._hums = np.zeros((0, channels))
        self._loud = np.zeros(channels, dtype=np.bool_)

    def judge(self, raw: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which raw hops (hops, n, channels) are damaged, at the limits or flat: (hops, channels)."""
        highest, lowest = raw.max(axis=1), raw.min(axis=1)
        bad = ~((highest < ABSURD) & (lowest > -ABSURD))
        if self._saturation is not None:
            low, high = self._saturation
            if ((lowest <= low) | (highest >= high)).any():
                bad |= ((raw <= low) | (raw >= high)).mean(axis=1) > SATURATED_SHARE
        still = highest == lowest
        if still.any():
            still &= raw[:, 0] == np.concatenate([self._last[None], raw[:-1, -1]])
            runs = run_lengths(still, self._flat_hops)
            self._flat_hops = runs[-1]
            bad |= runs >= FLAT_HOPS
        else:
            self._flat_hops[:] = 0
        self._last = raw[-1, -1].copy()
        return np.asarray(bad)

    def floating(
        self, hum: NDArray[np.float64], floor: NDArray[np.float64], first_hop: int, hops: int
    ) -> NDArray[np.bool_]:
        """In which of the hops a floating electrode must be assumed: (hops or 1 for all of them, channels).

        `hum` holds the mains amplitude of each window that ends within these hops, `floor` the rms of the
        noise. A window speaks for the hops after it.
        """
        if not len(hum):
            return self._loud[None]
        if not len(self._hums) and np.isnan(self._usual_hum).all():
            self._usual_hum = hum[0].copy()
        loud = (hum > HUM_RISE * self._usual_hum) & (hum > HUM_OVER_NOISE * floor)
        known = np.concatenate([self._loud[None], loud])
        window = (first_hop % WINDOW_HOPS + np.arange(hops)) // WINDOW_HOPS
        self._loud = known[-1].copy()
        self._hums = np.concatenate([self._hums, hum])
        return np.asarray(known[window])

    def turn_page(self) -> None:
        """Learn the usual hum from the page that ended."""
        if not len(self._hums):
            return
        hum = np.median(self._hums, axis=0)
        rise = np.minimum(hum, HUM_RISE * self._usual_hum)  # a floating electrode is not what is usual
        self._usual_hum = self._usual_hum + HUM_MEMORY * (
            np.where(rise < hum, self._usual_hum, hum) - self._usual_hum
        )
        self._hums = self._hums[:0]

    def state(self) -> dict[str, StateValue]:
        return {
            "flat_hops": self._flat_hops.copy(),
            "last": self._last.copy(),
            "usual_hum": self._usual_hum.copy(),
            "hums": self._hums.copy(),
            "loud": self._loud.copy(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._flat_hops, self._last = np.array(state["flat_hops"]), np.array(state["last"])
        self._usual_hum, self._hums = np.array(state["usual_hum"]), np.array(state["hums"])
        self._loud = np.array(state["loud"])


def run_lengths(flags: NDArray[np.bool_], before: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each row, how many Trues in a column end there; `before` counts those ahead of the first row."""
    count = np.count_nonzero(flags)
    if count == 0:
        return np.zeros(flags.shape, dtype=np.int64)
    rows = np.arange(1, len(flags) + 1)[:, None]
    if count == flags.size:
        return before + rows
    last_false = np.maximum.accumulate(np.where(flags, 0, rows), axis=0)
    return rows - last_false + np.where(last_false, 0, before)
