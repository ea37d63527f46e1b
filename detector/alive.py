"""Whether an accelerometer's samples are signal at all: finite, within its range, and never frozen."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue

FROZEN_S = 1.0  # s with the very same value on an axis: noise moves the last bit of any live sensor


class Liveness:
    """Judges hops of samples.

    Args:
        frozen_hops: Hops without any change that make an axis frozen.
        lowest_mg: Values from here down are saturated.
        highest_mg: Values from here up are.
    """

    def __init__(self, frozen_hops: int, lowest_mg: float, highest_mg: float) -> None:
        self.frozen_hops = frozen_hops
        self._lowest_mg, self._highest_mg = lowest_mg, highest_mg
        self._unchanged = np.zeros(3, dtype=np.int64)  # hops in which an axis has not changed
        self._last = np.full(3, np.nan)

    def restart(self) -> None:
        """What comes next does not continue what was."""
        self._last[:] = np.nan

    def update(self, hops: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Judge the next hops, shape (3, hops, samples).

        Returns:
            Which hops are usable, and in which an axis was found to be frozen: it has been so for
            `frozen_hops` by then.
        """
        flat = hops.reshape(3, -1)
        before = np.concatenate([self._last[:, None], flat[:, :-1]], axis=1)
        same = (before == flat).reshape(hops.shape).all(axis=2)
        self._last = flat[:, -1].copy()
        number = np.arange(1, same.shape[1] + 1)
        changed = np.maximum.accumulate(np.where(same, 0, number), axis=1)
        unchanged = number - changed + np.where(changed == 0, self._unchanged[:, None], 0)
        self._unchanged = unchanged[:, -1]
        inside = np.all((hops > self._lowest_mg) & (hops < self._highest_mg), axis=(0, 2))  # NaN is neither
        usable = inside & np.all(unchanged < self.frozen_hops, axis=0)
        found = np.any(unchanged == self.frozen_hops, axis=0)
        return np.asarray(usable, dtype=np.bool_), np.asarray(found, dtype=np.bool_)

    def state(self) -> dict[str, StateValue]:
        return {"unchanged": self._unchanged.copy(), "last": self._last.copy()}

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._unchanged = np.array(saved["unchanged"], dtype=np.int64)
        self._last = np.array(saved["last"], dtype=np.float64)
