"""Tells when a limb moves or turns, from the slow part of its acceleration."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue

SMOOTH_HOPS = 3  # hops (0.12 s): averages a wobble of 8 Hz and more away
REACHES_HOPS = (2, 3, 5)  # hops (0.08-0.2 s): movements of 1-4 Hz bend the path within one of them
LONGEST_HOPS = SMOOTH_HOPS + 2 * max(REACHES_HOPS)  # hops (0.52 s) that the sway depends on


class Sway:
    """How far the mean acceleration has left the straight line within the last half second.

    Gravity is part of it, so that turning a limb is seen, and a steady slow turn is not: a breath of 0.25 Hz
    that tilts the sensor by 3 degrees sways 5 mg, a step or a reaching hand 50 mg and more.
    """

    def __init__(self) -> None:
        self._means = np.full((3, LONGEST_HOPS), np.nan)

    def restart(self) -> None:
        """Forget the last samples: what follows does not continue them."""
        self._means[:] = np.nan

    def update(self, hop: NDArray[np.float64]) -> float:
        """Take a hop of 40 ms, shape (3, n), mg; return the sway in mg, 0 while too little is known."""
        self._means[:, :-1] = self._means[:, 1:]
        self._means[:, -1] = hop.mean(axis=1)
        path = np.lib.stride_tricks.sliding_window_view(self._means, SMOOTH_HOPS, axis=1).mean(axis=2)
        bends = [path[:, -1] - 2 * path[:, -1 - reach] + path[:, -1 - 2 * reach] for reach in REACHES_HOPS]
        sway_mg = float(np.sqrt(np.square(bends).sum(axis=1).max()))
        return 0.0 if np.isnan(sway_mg) else sway_mg

    def state(self) -> dict[str, StateValue]:
        return {"means": self._means.copy()}

    def restore(self, state: Mapping[str, StateValue]) -> None:
        self._means = np.array(state["means"], dtype=np.float64)
