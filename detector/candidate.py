"""Instants at which something rose above the noise, kept until their surroundings are known."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from detector.contract import StateValue

LOOK_AT = 4.0  # standard deviations: below the threshold; what lies between tells of rhythms
NEVER = -(2**40)  # an instant before all others
REFRACTORY_MS = 25.0  # two matches closer than this are one potential seen twice
LOBE_MS, LOBE_SHARE = 60.0, 0.6  # so far and so high reach the side lobes of a potential's match
RINGING_MS, RINGING_SHARE = 90.0, 0.35  # and so far what the filters add


@dataclass(frozen=True, slots=True)
class Candidate:
    """One instant of one channel; times in working samples.

    Attributes:
        at: Where the best matching template starts, and `length` how many samples it has.
        match: Correlation with it: the root of the energy that it explains, uV.
        z: The same in standard deviations of the noise seen through that template.
        noise: rms of the signal's noise floor at the time.
        rest: The same when the muscle rests.
    """

    channel: int
    at: int
    length: int
    match: float
    z: float
    noise: float
    rest: float


class Candidates:
    """Keeps what was found until it can be judged; drops side lobes and doubles."""

    def __init__(self, rate_hz: float, channels: int, wait: int, seen: int) -> None:
        """A candidate is judged `wait` samples after its start; others are known up to `seen` after it."""
        self._wait, self._seen = wait, seen
        self._refractory = round(REFRACTORY_MS * rate_hz / 1000)
        self._lobe = round(LOBE_MS * rate_hz / 1000)
        self._ringing = round(RINGING_MS * rate_hz / 1000)
        self._kept: list[list[Candidate]] = [[] for _ in range(channels)]
        self._judged_until = 0

    def clear(self) -> None:
        self._kept, self._judged_until = [[] for _ in self._kept], 0

    def add(self, candidate: Candidate) -> None:
        self._kept[candidate.channel].append(candidate)

    def due(self, now: int) -> list[tuple[Candidate, list[Candidate]]]:
        """Those that began at least `wait` before now, in order of time, each with those that follow it."""
        until = now - self._wait + 1
        due = []
        for channel, kept in enumerate(self._kept):
            if kept:
                chosen = [
                    c for c in kept if self._judged_until <= c.at < until and not self._is_echo(c, kept)
                ]
                due += [(c, self._following(c, kept)) for c in chosen]
                self._kept[channel] = [c for c in kept if c.at >= until - self._ringing]
        self._judged_until = max(self._judged_until, until)
        return sorted(due, key=lambda pair: (pair[0].at, pair[0].channel))

    def _following(self, one: Candidate, kept: list[Candidate]) -> list[Candidate]:
        """What comes soon after and is no echo of it."""
        return [
            c for c in kept if self._refractory < c.at - one.at <= self._seen and c.z >= RINGING_SHARE * one.z
        ]

    def _is_echo(self, one: Candidate, kept: list[Candidate]) -> bool:
        for other in kept:
            away = abs(other.at - one.at)
            if other is one or away > self._ringing:
                continue
            if away <= self._refractory and (other.z, one.at) > (one.z, other.at):
                return True
            if one.z < (LOBE_SHARE if away <= self._lobe else RINGING_SHARE) * other.z:
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
