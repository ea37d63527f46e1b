"""The recent past of one channel: which candidates there were, and how loud it was."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from detector.activity import Recent
from detector.candidate import Candidate
from detector.contract import StateValue
from detector.surroundings import Company

NEAR_S = 0.3  # in which another candidate is company
MEMORY_S, LONG_S = 1.0, 4.0  # in which they are counted
RIVAL = 0.3  # of a candidate's strength: weaker ones say nothing about it
MOST = 160  # remembered: as many as a refractory period leaves room for


class Past:
    """Candidates of one channel that were no heartbeats, in order of time."""

    def __init__(self, rate_hz: float) -> None:
        self._near, self._memory, self._long = NEAR_S * rate_hz, MEMORY_S * rate_hz, LONG_S * rate_hz
        self._recent: deque[tuple[int, float]] = deque(maxlen=MOST)

    def company(self, one: Candidate, following: list[Candidate], recent: Recent) -> Company:
        """What a candidate is surrounded by; `following` are those already seen after it."""
        near = [z for at, z in self._recent if one.at - at < self._near]
        return Company(
            before=max(near, default=0.0) / one.z,
            after=max((c.z for c in following), default=0.0) / one.z,
            count=sum(one.at - at < self._memory for at, _ in self._recent),
            next=len(following),
            rivals=sum(one.at - at < self._memory and z > RIVAL * one.z for at, z in self._recent),
            crowd=sum(one.at - at < self._long and z > RIVAL * one.z for at, z in self._recent),
            loud_s=recent.loud_s,
            moved_s=recent.moved_s,
            loudest=recent.loudest,
        )

    def remember(self, one: Candidate) -> None:
        self._recent.append((one.at, one.z))

    def clear(self) -> None:
        self._recent.clear()

    def state(self) -> dict[str, StateValue]:
        return {"at": [at for at, _ in self._recent], "z": [z for _, z in self._recent]}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._recent = deque(zip(state["at"], state["z"], strict=True), maxlen=MOST)
