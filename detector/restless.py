"""Whether the muscle is at work around a candidate: many potentials over a raised floor are no twitches."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from detector.contract import StateValue

MEMORY_S = 1.0  # a contraction shows itself within so much
CROWD = 3  # others as strong in that time, where the floor is raised: hardly ever twitches
RAISED = 1.5  # times the floor around the candidate
AFTER_S = 0.4  # a contraction dies away in so much
PEER = 0.3  # of a candidate's strength: weaker ones say nothing about it


class Restless:
    """Remembers the last second of one channel."""

    def __init__(self, rate_hz: float) -> None:
        self._memory = MEMORY_S * rate_hz
        self._after = AFTER_S * rate_hz
        self._recent: deque[tuple[int, float, bool]] = deque(maxlen=32)

    def is_restless(self, at: int, z: float, raised: float, *, active: bool) -> bool:
        """Take the next candidate; `active` says that it was found to be voluntary activity by itself."""
        peers = [(t, busy) for t, other, busy in self._recent if other > PEER * z and at - t < self._memory]
        self._recent.append((at, z, active))
        in_tail = any(busy and at - t < self._after for t, busy in peers)
        return active or in_tail or (len(peers) >= CROWD and raised > RAISED)

    def state(self) -> dict[str, StateValue]:
        return {"at": [at for at, _, _ in self._recent], "z": [z for _, z, _ in self._recent],
                "active": [active for _, _, active in self._recent]}  # fmt: skip

    def restore(self, state: Mapping[str, Any]) -> None:
        self._recent = deque(zip(state["at"], state["z"], state["active"], strict=True), maxlen=32)
