"""What looks like a twitch in the moment it is seen, long before it is known to be one."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.candidate import NEVER, REFRACTORY_MS, RINGING_MS, Candidate
from detector.contract import StateValue
from detector.heartbeat import SHORTEST_MS, Heartbeat

EXPLAINED = 0.5  # of the energy there: louder noise leaves less to one template


class Glimpses:
    """Chooses, of all candidates of all channels, those worth telling at once.

    A potential makes candidates for as long as the filters ring on; the first that is clear counts.
    """

    def __init__(self, rate_hz: float, channels: int) -> None:
        self._same, self._ringing = REFRACTORY_MS * rate_hz / 1000, RINGING_MS * rate_hz / 1000
        self._long = SHORTEST_MS * rate_hz / 1000
        self._recent: list[list[int]] = [[] for _ in range(channels)]
        self._told = [NEVER] * channels

    def clear(self) -> None:
        self._recent, self._told = [[] for _ in self._recent], [NEVER] * len(self._told)

    def is_one(self, candidate: Candidate, wave: NDArray[np.float64], heart: Heartbeat) -> bool:
        """Whether to tell of it; `wave` is the signal where its template lies.

        It has to be no part of what was told before, and as far as is known neither a heartbeat nor a crest
        of something that goes on.
        """
        at, channel = candidate.at, candidate.channel
        recent = [other for other in self._recent[channel] if at - other < self._ringing]
        self._recent[channel] = [*recent, at]
        if any(at - other > self._same for other in recent) or at - self._told[channel] < self._ringing:
            return False
        if candidate.match**2 < EXPLAINED * float(wave @ wave) or self._may_be_beat(candidate, heart):
            return False
        self._told[channel] = at
        return True

    def _may_be_beat(self, candidate: Candidate, heart: Heartbeat) -> bool:
        if candidate.length < self._long:
            return False
        return not heart.known or heart.expects(candidate.at + candidate.length // 2)

    def state(self) -> dict[str, StateValue]:
        return {"recent": [list(recent) for recent in self._recent], "told": list(self._told)}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._recent, self._told = [list(recent) for recent in state["recent"]], list(state["told"])
