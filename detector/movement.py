"""Tells when a limb moves or turns, from the slow part of its acceleration."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue

SMOOTH_HOPS = 3  # hops (0.12 s): averages a wobble of 8 Hz and more away
REACHES_HOPS = (2, 3, 5)  # hops (0.08-0.2 s): movements of 1-4 Hz bend the path within one of them
AFTER_S = 0.5  # s after the last sway (which sees 0.5 s) in which a limb settles
RESTLESS_BOUTS, RESTLESS_S = 3, 20.0  # so many movements within so many s: the limb is in use
AFTER_RESTLESS_S = 3.0  # s of stillness until a limb in use is at rest: a hand pauses for a second or two
LONGEST_HOPS = SMOOTH_HOPS - 1 + 2 * max(REACHES_HOPS)  # hops before the newest (0.5 s) that it depends on


class Sway:
    """How far the mean acceleration has left the straight line within the last half second.

    Gravity is part of it, so that turning a limb is seen, and a steady slow turn is not: a breath of 0.25 Hz
    that tilts the sensor by 3 degrees sways 5 mg, a step or a reaching hand 50 mg and more.
    """

    def __init__(self) -> None:
        self._past = np.full((3, LONGEST_HOPS), np.nan)

    def restart(self) -> None:
        """Forget the last samples: what follows does not continue them."""
        self._past[:] = np.nan

    def update(self, means: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take the mean accelerations of hops of 40 ms, shape (3, hops), mg.

        Returns:
            The sway at each hop, mg, shape (hops,); 0 while too little is known.
        """
        joined = np.concatenate([self._past, means], axis=1)
        self._past = joined[:, -LONGEST_HOPS:]
        path = joined[:, 2:] + joined[:, 1:-1] + joined[:, :-2]
        count = means.shape[1]
        now = path[:, -count:]
        bends = [
            now - 2 * _back(path, reach, count) + _back(path, 2 * reach, count) for reach in REACHES_HOPS
        ]
        squared = np.max([(bend[0] ** 2 + bend[1] ** 2) + bend[2] ** 2 for bend in bends], axis=0)
        return np.asarray(np.nan_to_num(np.sqrt(squared) / SMOOTH_HOPS, nan=0.0))

    def state(self) -> dict[str, StateValue]:
        return {"past": self._past.copy()}

    def restore(self, state: Mapping[str, StateValue]) -> None:
        self._past = np.array(state["past"], dtype=np.float64)


class Motion:
    """Until when a limb counts as moving.

    Attributes:
        until: The sample from which on it is at rest, as far as is known.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self.until = 0
        self._bouts = [-(10**12)] * RESTLESS_BOUTS  # when the last movements began, samples

    def go_on(self, end: int) -> None:
        """The limb moves, up to sample `end`."""
        if end > self.until:
            self._bouts = [*self._bouts[1:], end]
        restless = end - self._bouts[0] < RESTLESS_S * self._rate_hz
        after_s = AFTER_RESTLESS_S if restless else AFTER_S
        self.until = max(self.until, end + round(after_s * self._rate_hz))

    def state(self) -> dict[str, StateValue]:
        return {"until": self.until, "bouts": list(self._bouts)}

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self.until, self._bouts = saved["until"], list(saved["bouts"])


def _back(path: NDArray[np.float64], hops: int, count: int) -> NDArray[np.float64]:
    """The `count` places of the path that lie so many hops before its last ones."""
    end = path.shape[1] - hops
    return path[:, end - count : end]
