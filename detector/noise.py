"""The noise floor: how strong the signal is when nothing happens."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue
from detector.page import PAGE_HOPS

PAGES = 3  # 6 s: long against a twitch, short against changes of posture
FALLEN = 0.7  # of the floor's power: the last page alone is believed; noise alone strays by a fifth
RISEN, NEARLY_ALL = (
    1.5,
    0.15,
)  # times the floor's power; all but so many hops of the last page must be above it
QUANTILE = 0.3  # lower than the median, so that five twitches a second still leave it on noise
SNAPSHOTS = 150  # of one page each: five minutes, longer than anyone holds a muscle tense
REST_QUANTILE = 0.2  # rest is the quiet part of those minutes, not their minimum, which a dropout would set

QUIETEST = 0.5  # of the whole signal's: a band that a filter left empty shows remains, not noise
LEAST = 1e-12  # uV^2: a floor of zero would make an event of anything


def quantile(hops: NDArray[np.float32], share: float = QUANTILE) -> NDArray[np.float64]:
    """The floor's quantile over the first axis, without interpolation: a power that occurred."""
    rank = int(share * (len(hops) - 1))
    return np.asarray(np.partition(hops, rank, axis=0)[rank], dtype=np.float64)


class NoiseFloor:
    """Power of the noise of each channel in each of k bands, from a quantile of the recent hops' powers.

    A quantile neither locks out (an average that stops while the signal is loud never learns that the noise
    has grown) nor follows twitches upwards. When the noise changes at once and for good, the last page shows
    it by itself.

    Attributes:
        power: (channels, k) mean square of the noise over the last three pages, or the last one.
        rest: (channels, k) the same at rest, from the last five minutes.
    """

    def __init__(self, bias: NDArray[np.float64], channels: int) -> None:
        """`bias`, (k,): the mean power of white noise over its quantile."""
        self._bias = bias
        self._hops = np.zeros((PAGES * PAGE_HOPS, channels, len(bias)), dtype=np.float32)
        self._count = 0
        self._snapshots = np.zeros((SNAPSHOTS, channels, len(bias)))
        self.power = np.ones((channels, len(bias)))
        self.rest = np.ones((channels, len(bias)))

    def prime(self, hops: NDArray[np.float32]) -> None:
        """Begin from hop powers (n, channels, k) seen in advance."""
        self._hops[:] = hops[np.arange(len(self._hops)) % len(hops)]
        self.power = self._floor()
        self.rest = self.power.copy()

    def learn(self, hops: NDArray[np.float32], usable: NDArray[np.bool_]) -> None:
        """Take hop powers (n, channels, k) within one page; usable is (n, channels).

        An unusable hop repeats the floor.
        """
        known = np.where(usable[:, :, None], hops, (self.power / self._bias).astype(np.float32))
        start = self._count % len(self._hops)
        self._hops[start : start + len(hops)] = known
        self._count += len(hops)
        if self._count % PAGE_HOPS == 0:
            self._turn_page()

    def _turn_page(self) -> None:
        self.power = self._floor()
        page = self._count // PAGE_HOPS
        self._snapshots[(page - 1) % SNAPSHOTS] = self.power
        seen = self._snapshots[: min(page, SNAPSHOTS)]
        rank = int(REST_QUANTILE * (len(seen) - 1))
        self.rest = np.partition(seen, rank, axis=0)[rank]

    def _floor(self) -> NDArray[np.float64]:
        last = self._hops[(self._count - 1) // PAGE_HOPS % PAGES * PAGE_HOPS :][:PAGE_HOPS]
        long, short = quantile(self._hops), quantile(last)
        changed = (short < FALLEN * long) | (quantile(last, NEARLY_ALL) > RISEN * long)
        power = np.maximum(np.where(changed, short, long) * self._bias, LEAST)
        return np.asarray(np.maximum(power, QUIETEST * power[:, :1]))

    def state(self) -> dict[str, StateValue]:
        return {
            "hops": self._hops.copy(),
            "count": self._count,
            "snapshots": self._snapshots.copy(),
            "power": self.power.copy(),
            "rest": self.rest.copy(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._count = state["count"]
        self._hops, self._snapshots = np.array(state["hops"]), np.array(state["snapshots"])
        self.power, self.rest = np.array(state["power"]), np.array(state["rest"])
