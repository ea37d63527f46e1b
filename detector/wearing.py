"""Whether an accelerometer is worn: a body always breathes, moves or turns within an hour."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue

OFF_S = 3600.0  # s without a sign of life; accelerometer studies (GGIR) look at an hour too
SECOND_S = 1.0  # s, averaged: breath is slower, noise is small then
LOOK = 60  # such averages that are looked at together: a dozen breaths
BREATH = 3.0  # times what noise alone makes of those averages
DRIFT_MG = 0.3  # mg, which a sensor may wander within a minute as it warms
TURN_MG = 15.0  # mg, one degree: a table does not turn


class Wearing:
    """Looks for signs of life in mean accelerations of hops.

    Deliberately slow: a limb that lies still for an hour in deep sleep under a sensor too noisy to see breath
    is said to be off until it moves; a sensor on a table is said to be worn for its first hour.
    """

    def __init__(self, hop: int, hop_s: float) -> None:
        self._hop = hop
        self._second_hops = round(SECOND_S / hop_s)
        self._sum = np.zeros(3)
        self._hops = 0
        self._seconds = np.zeros((LOOK, 3))
        self._seen = 0
        self._lifeless_s = 0.0
        self._level_mg: NDArray[np.float64] | None = None
        time = np.arange(LOOK) - (LOOK - 1) / 2
        self._slope = time / np.sum(time**2)
        self._time = time

    @property
    def is_off(self) -> bool:
        return self._lifeless_s >= OFF_S

    def live(self) -> None:
        """Something moved: it is worn."""
        self._sum[:], self._hops, self._seen = 0, 0, 0
        self._lifeless_s, self._level_mg = 0.0, None

    def update(self, mean: NDArray[np.float64], noise_mg: float) -> None:
        """Take a hop at rest; `noise_mg` is the rms of a sample of one axis without movement."""
        self._sum += mean
        self._hops += 1
        if self._hops < self._second_hops:
            return
        self._seconds[self._seen] = self._sum / self._hops
        samples, self._hops = self._hops * self._hop, 0
        self._sum[:] = 0
        self._seen += 1
        self._lifeless_s += SECOND_S
        if self._seen == LOOK:
            self._seen = 0
            if self._breathes(noise_mg / np.sqrt(samples)) or self._turned():
                self.live()

    def _breathes(self, noise_mg: float) -> bool:
        """Whether the last minute's seconds differ by more than noise and drift make them."""
        centred = self._seconds - self._seconds.mean(axis=0)
        centred -= self._time[:, None] * (self._slope @ centred)
        rms_mg = float(np.sqrt(np.square(centred).sum() / LOOK))
        return bool(rms_mg > BREATH * np.sqrt(3) * noise_mg + DRIFT_MG)

    def _turned(self) -> bool:
        level_mg = self._seconds.mean(axis=0)
        if self._level_mg is None:
            self._level_mg = level_mg
        return float(np.linalg.norm(level_mg - self._level_mg)) > TURN_MG

    def state(self) -> dict[str, StateValue]:
        return {
            "sum": self._sum.copy(),
            "hops": self._hops,
            "seconds": self._seconds.copy(),
            "seen": self._seen,
            "lifeless_s": self._lifeless_s,
            "level_mg": self._level_mg,
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._sum, self._seconds = np.array(saved["sum"]), np.array(saved["seconds"])
        self._hops, self._seen, self._lifeless_s = saved["hops"], saved["seen"], saved["lifeless_s"]
        self._level_mg = None if saved["level_mg"] is None else np.array(saved["level_mg"])
