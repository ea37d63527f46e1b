"""What looks like a twitch in the moment it is seen, long before it is known to be one."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.candidate import RINGING_MS, Candidate
from detector.contract import StateValue
from detector.heartbeat import Heartbeat

LONG_MS = 30.0  # as long as a heartbeat: it is not told while no heart is known
EXPLAINED = 0.5  # of the energy there: louder noise leaves less to one template
NEVER = -(2**40)  # an instant before all others


class Glimpses:
    """Chooses, of all candidates of all channels, those worth telling at once.

    A potential makes candidates for as long as the filters ring on; the first that is strong enough counts.
    """

    def __init__(self, rate_hz: float, channels: int) -> None:
        self._ringing, self._long = RINGING_MS * rate_hz / 1000, LONG_MS * rate_hz / 1000
        self._last = np.full(channels, NEVER, dtype=np.int64)

    def clear(self) -> None:
        self._last[:] = NEVER

    def is_one(self, candidate: Candidate, wave: NDArray[np.float64], heart: Heartbeat) -> bool:
        """Whether to tell of it; `wave` is the signal where its template lies.

        It has to be no part of what was seen before, and as far as is known neither a heartbeat nor a crest
        of something that goes on.
        """
        since = candidate.at - self._last[candidate.channel]
        self._last[candidate.channel] = max(candidate.at, self._last[candidate.channel])
        if since < self._ringing or candidate.match**2 < EXPLAINED * float(wave @ wave):
            return False
        if not heart.known:
            return candidate.length < self._long
        return not heart.expects(candidate.at + candidate.length // 2)

    def state(self) -> dict[str, StateValue]:
        return {"last": self._last.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._last = np.array(state["last"])
