"""Which motor unit a twitch comes from: recurring shapes at one site, learnt as they come."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue

Wave = NDArray[np.float64]

HALF_MS = 22.0  # either side of a potential's middle: the longest fit, and more would be noise
SLACK_MS = 8.0  # noise moves the middle by so much
SMOOTH_MS = 3.0  # a potential has little above 200 Hz
MOST = 12  # units a site keeps in mind; the rarest gives way
NOISY = 2.0  # times the noise's energy: what may differ by noise alone
RAGGED = 0.03  # of a unit's energy: what may differ because no two discharges are the same
MEMORY = 0.05  # of each new potential in a unit's mean, once it is well known: shapes wander over days


@dataclass(slots=True, eq=False)
class Unit:
    """One recurring shape."""

    number: int
    mean: Wave
    count: int


class Units:
    """Numbers the units of one channel from 0 in order of their first appearance."""

    def __init__(self, rate_hz: float) -> None:
        self._half = round(HALF_MS * rate_hz / 1000)
        self._slack = max(1, round(SLACK_MS * rate_hz / 1000))
        self._shifted = np.arange(2 * self._slack + 1)[:, None] + np.arange(2 * self._half)
        smooth = max(1, round(SMOOTH_MS * rate_hz / 1000))
        self._kernel = np.full(smooth, 1 / smooth)
        self._units: list[Unit] = []
        self._next = 0

    def assign(self, around: Wave, middle: int) -> int:
        """The unit of the potential with this middle in the signal around it."""
        smooth = np.convolve(around, self._kernel, "same")
        energies = np.correlate(smooth * smooth, np.ones(2 * self._half), "valid")
        noise = float(np.partition(energies, len(energies) // 3)[len(energies) // 3])
        first = middle - self._half - self._slack
        windows = smooth[first + self._shifted]
        found = self._nearest(windows, energies[first : first + len(windows)], noise)
        if found is None:
            return self._new(windows[self._slack])
        unit, at = found
        unit.count += 1
        unit.mean = unit.mean + max(MEMORY, 1 / unit.count) * (windows[at] - unit.mean)
        return self._merged(unit, noise).number

    def _nearest(self, windows: Wave, energies: Wave, noise: float) -> tuple[Unit, int] | None:
        """The unit that one of these windows differs from by no more than noise, and which window."""
        if not self._units:
            return None
        means, powers, counts = self._known()
        rest = energies - 2 * means @ windows.T + powers[:, None]
        ratios = rest.min(axis=1) / (NOISY * noise * (1 + 1 / counts) + RAGGED * powers)
        best = int(np.argmin(ratios))
        return (self._units[best], int(np.argmin(rest[best]))) if ratios[best] < 1 else None

    def _merged(self, one: Unit, noise: float) -> Unit:
        """The unit, or the older one that it turns out to be now that noise is averaged out of both."""
        means, powers, counts = self._known()
        here = self._units.index(one)
        around = np.concatenate([one.mean[-self._slack :], one.mean, one.mean[: self._slack]])
        shifted = around[self._shifted]  # going round at its ends
        rest = powers + powers[here] - 2 * (means @ shifted.T).max(axis=1)
        allowed = NOISY * noise * (1 / one.count + 1 / counts) + RAGGED * np.minimum(powers, powers[here])
        alike = rest < allowed
        alike[here] = False
        if not alike.any():
            return one
        older, younger = sorted((one, self._units[int(np.argmax(alike))]), key=lambda unit: unit.number)
        older.count += younger.count
        self._units.remove(younger)
        return older

    def _known(self) -> tuple[Wave, Wave, Wave]:
        """Means of all units, their powers and how often each was seen."""
        means = np.array([unit.mean for unit in self._units])
        counts = np.array([unit.count for unit in self._units], dtype=np.float64)
        return means, np.einsum("ij,ij->i", means, means), counts

    def _new(self, wave: Wave) -> int:
        if len(self._units) == MOST:
            self._units.remove(min(self._units, key=lambda unit: unit.count))
        self._units.append(Unit(self._next, wave.copy(), 1))
        self._next += 1
        return self._next - 1

    def state(self) -> dict[str, StateValue]:
        return {
            "next": self._next,
            "number": [unit.number for unit in self._units],
            "count": [unit.count for unit in self._units],
            "mean": [unit.mean.copy() for unit in self._units],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._next = state["next"]
        rows = zip(state["number"], state["mean"], state["count"], strict=True)
        self._units = [Unit(number, np.array(mean), count) for number, mean, count in rows]
