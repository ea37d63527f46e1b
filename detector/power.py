"""The mean power of noise in many filters at once, told from its lower quartile."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue

QUANTILE = 0.25  # up to three quarters of the time may be disturbed without pulling the floor up
DOUBT = 8.5  # half a usual threshold: keeps the false-alarm rate where the floor is uncertain


class PowerFloor:
    """Learns the mean of powers that are exponential in noise: those of complex matched filters.

    Args:
        shape: Of the powers.
        memory: Powers that are remembered.
        ready: Powers from which the floor is known, and between which it is told anew.
        least: No floor is lower.
    """

    def __init__(self, shape: tuple[int, ...], *, memory: int, ready: int, least: float) -> None:
        self._powers = np.full((memory, *shape), np.nan)
        self._ready = ready
        self._least = least
        self._seen = 0
        self._uncalm = 0
        self.mean = np.full(shape, np.nan)
        """The mean power; NaN until it is known."""

    @property
    def is_known(self) -> bool:
        return self._seen >= self._ready

    def learn(self, powers: NDArray[np.float64], *, calm: bool) -> None:
        """Take the next powers.

        Where it is never calm for the whole of the memory, it learns all the same: what is always there is
        the floor.
        """
        self._uncalm = 0 if calm else self._uncalm + 1
        if not calm and self.is_known and self._uncalm < len(self._powers):
            return
        self._powers[self._seen % len(self._powers)] = powers
        self._seen += 1
        if self._seen % self._ready:
            return
        known = self._powers[: self._seen]
        mean_share = -np.log1p(-QUANTILE)  # the quartile of an exponential, as a share of its mean
        variance = QUANTILE / (1 - QUANTILE) / mean_share**2 / len(known)
        mean = np.quantile(known, QUANTILE, axis=0) / mean_share * (1 + DOUBT * variance)
        self.mean = np.maximum(mean, self._least)

    def state(self) -> dict[str, StateValue]:
        return {
            "powers": self._powers.copy(),
            "seen": self._seen,
            "uncalm": self._uncalm,
            "mean": self.mean.copy(),
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._powers = np.array(saved["powers"], dtype=np.float64)
        self._seen, self._uncalm = saved["seen"], saved["uncalm"]
        self.mean = np.array(saved["mean"], dtype=np.float64)
