"""From raw hops of all channels to the filtered signal, and where it can be judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue
from detector.filters import FrontEnd
from detector.mains import Mains
from detector.page import Grid
from detector.quality import Quality, run_lengths
from detector.splice import Splice

SETTLE_HOPS = 12  # 300 ms after bad contact: filters and electrode come to rest


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of some hops.

    Attributes:
        signal: float32 (hops * hop, channels), in working samples.
        unusable: (hops, channels), where the contact is bad.
        settled: (hops, channels), where it has been good for long enough to look for anything.
    """

    signal: NDArray[np.float32]
    unusable: NDArray[np.bool_]
    settled: NDArray[np.bool_]


class Intake:
    """Judges the contact, cuts out what is bad, takes out the mains, filters and thins."""

    def __init__(self, grid: Grid, channels: int, saturation_uv: tuple[float, float] | None) -> None:
        self._grid, self._channels = grid, channels
        self._front = FrontEnd(grid.raw_rate_hz, grid.hop, channels)
        self._quality = Quality(channels, saturation_uv)
        self._mains = Mains(grid.raw_rate_hz, grid.raw_hop, channels)
        self._splice = Splice(channels)
        self._good_run = np.zeros(channels, dtype=np.int64)
        self._begins = True

    def begin(self) -> None:
        """A segment without gaps begins with the next hop."""
        self._begins = True
        self._good_run[:] = 0

    def prime(self, raw: NDArray[np.float32]) -> Taken:
        """Look at the first page (hops, n, channels) in advance: it shows the mains."""
        grid = self._grid
        bad = Quality(self._channels, None).judge(raw)
        clean = np.where(bad[:, None], 0.0, raw)
        mains = Mains(grid.raw_rate_hz, grid.raw_hop, self._channels)
        mains.measure(clean, 0)
        mains.turn_page()
        self._front.set_mains(mains.found_hz)
        front = FrontEnd(grid.raw_rate_hz, grid.hop, self._channels)
        front.set_mains(mains.found_hz)
        front.settle(clean[0, 0])
        return Taken(front.filter(clean), bad, ~bad)

    def take(
        self, raw: NDArray[np.float32], first_hop: int, noise_rms: NDArray[np.float64], *, real: bool
    ) -> Taken:
        """Take raw hops (hops, n, channels) within a page; `real` is False for padding.

        Args:
            raw: uV.
            first_hop: Hops of the stream before these.
            noise_rms: (channels,) of the noise floor, uV.
            real: Whether these are samples and not what follows the last one.
        """
        bad = self._quality.judge(raw) if real else np.zeros((len(raw), self._channels), dtype=np.bool_)
        if self._begins:
            self._front.settle(self._splice.begin(raw, bad))
            self._begins = False
        mended = self._splice.mend(raw, bad)
        hum = self._mains.measure(mended, first_hop)
        unusable = bad | self._quality.floating(hum, noise_rms, first_hop, len(raw))
        good_run = run_lengths(~unusable, self._good_run)
        self._good_run = good_run[-1]
        return Taken(self._front.filter(mended), unusable, (good_run > SETTLE_HOPS) & real)

    def turn_page(self) -> None:
        self._mains.turn_page()
        self._quality.turn_page()
        self._front.set_mains(self._mains.found_hz)

    def state(self) -> dict[str, StateValue]:
        return {
            "front": self._front.state(),
            "quality": self._quality.state(),
            "mains": self._mains.state(),
            "splice": self._splice.state(),
            "good_run": self._good_run.copy(),
            "begins": self._begins,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._front.restore(state["front"])
        self._quality.restore(state["quality"])
        self._mains.restore(state["mains"])
        self._splice.restore(state["splice"])
        self._good_run, self._begins = np.array(state["good_run"]), state["begins"]
