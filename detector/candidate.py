"""Instants at which something rose above the noise, kept until their surroundings are known."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue

REFRACTORY_MS = 25.0  # two matches closer than this are one potential seen twice
RINGING_MS = 90.0  # so far reach the side lobes of a strong potential's match
RINGING_SHARE = 0.35  # of its height, at most


@dataclass(frozen=True, slots=True)
class Candidate:
    """One instant of one channel; times in working samples.

    Attributes:
        at: Where the best matching template starts.
        z: The match there, in standard deviations of the noise seen through that template.
        template: Which template it is.
        noise: rms of the signal's noise floor at the time.
        rest: The same when the muscle rests.
    """

    channel: int
    at: int
    z: float
    template: int
    noise: float
    rest: float


class Candidates:
    """Keeps what was found until it can be judged; drops side lobes and doubles."""

    def __init__(self, rate_hz: float, channels: int, wait: int) -> None:
        """`wait`: samples after its start at which a candidate is judged."""
        self._wait = wait
        self._refractory = round(REFRACTORY_MS * rate_hz / 1000)
        self._ringing = round(RINGING_MS * rate_hz / 1000)
        self._kept: list[list[Candidate]] = [[] for _ in range(channels)]
        self._judged_until = 0

    def clear(self) -> None:
        self._kept, self._judged_until = [[] for _ in self._kept], 0

    def add(self, candidate: Candidate) -> None:
        """Of one channel in order of time."""
        self._kept[candidate.channel].append(candidate)

    def due(self, now: int) -> list[Candidate]:
        """Those that began at least `wait` before now, in order of time."""
        until = now - self._wait + 1
        due = []
        for channel, kept in enumerate(self._kept):
            if kept:
                due += [c for c in kept if self._judged_until <= c.at < until and not self._is_echo(c, kept)]
                self._kept[channel] = [c for c in kept if c.at >= until - self._ringing]
        self._judged_until = max(self._judged_until, until)
        return sorted(due, key=lambda c: (c.at, c.channel))

    def _is_echo(self, one: Candidate, kept: list[Candidate]) -> bool:
        for other in kept:
            away = abs(other.at - one.at)
            if other is one or away > self._ringing:
                continue
            if away <= self._refractory and (other.z, one.at) > (one.z, other.at):
                return True
            if one.z < RINGING_SHARE * other.z:
                return True
        return False

    def state(self) -> dict[str, StateValue]:
        return {
            "kept": [[asdict(c) for c in kept] for kept in self._kept],
            "judged_until": self._judged_until,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._kept = [[Candidate(**c) for c in kept] for kept in state["kept"]]
        self._judged_until = state["judged_until"]


def runs(above: NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """(row, first, last + 1) of the unbroken runs of True in each row."""
    edges = np.diff(np.pad(above, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, firsts = np.nonzero(edges == 1)
    _, ends = np.nonzero(edges == -1)
    return [(int(r), int(a), int(b)) for r, a, b in zip(rows, firsts, ends, strict=True)]
