"""What may yet turn out to be beats of a heart that is not known yet, held back until it is known."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue
from detector.event import Kind
from detector.finding import Finding
from detector.heartbeat import LEARNT_S, SHORTEST_MS, Heartbeat
from detector.rhythm import LONGEST_S, SHORTEST_S

FIRST_S = 2.2  # of a segment: nothing is known of a rhythm yet
MANY_LIKE = 2  # of those held back when it is time to tell them and the heart is not known
SURE, FAINT = 0.98, 6.5  # probability and times the noise: below both a long potential may be a faint beat


@dataclass(frozen=True, slots=True)
class _Held:
    """A finding that may yet turn out to be a heartbeat, with `alike` others that were held."""

    middle: int
    shape: NDArray[np.float64]
    finding: Finding
    alike: int = 0


class Waiting:
    """Holds back findings of one channel at the start of a segment, in order of time."""

    def __init__(self, rate_hz: float, heart: Heartbeat) -> None:
        self._rate_hz, self._heart = rate_hz, heart
        self._held: list[_Held] = []
        self._began = 0  # since then the electrode has been on

    def startle(self, at: int) -> None:
        """The electrode was loose at this instant: what comes next may again be the first beats."""
        self._began = max(self._began, at)

    def may_be_a_faint_beat(self, finding: Finding) -> bool:
        """Whether it is like the beats of a heart too faint to be recognised by its rhythm."""
        faint = finding.snr < FAINT and finding.probability < SURE
        return faint and self._is_long(finding) and not self._heart.known

    def admit(self, finding: Finding, at: int, shape: NDArray[np.float64]) -> bool:
        """Hold a finding whose middle is at this instant if it may be one of the first beats; say whether."""
        early = (at - self._began) / self._rate_hz <= LEARNT_S
        if self._heart.known or not early or not self._is_long(finding):
            return False
        one = _Held(at, shape, finding)
        partners = [self._may_be_beats(one, other) for other in self._held]
        joined = [replace(h, alike=h.alike + p) for h, p in zip(self._held, partners, strict=True)]
        self._held = [*joined, replace(one, alike=sum(partners))]
        return True

    def release(self, now: int) -> list[Finding]:
        """Return what need not wait any longer; once the heart is known, its beats are dropped."""
        if self._heart.known:
            self._held = [h for h in self._held if not self._heart.resembles(h.shape)]
        free = [one for one in self._held if not self._waits(one, now)]
        told = [one.finding for one in free if self._heart.known or one.alike < MANY_LIKE]
        self._held = [one for one in self._held if one not in free]
        return told

    def finish(self) -> list[Finding]:
        """The segment has ended; return what was held back."""
        held, self._held = [one for one in self._held if one.alike < MANY_LIKE], []
        self._began = 0
        return [one.finding for one in held]

    def _is_long(self, finding: Finding) -> bool:
        return finding.length >= SHORTEST_MS * self._rate_hz / 1000

    def _may_be_beats(self, one: _Held, other: _Held) -> bool:
        apart_s = abs(one.middle - other.middle) / self._rate_hz
        return SHORTEST_S <= apart_s <= 2 * LONGEST_S and self._heart.same(one.shape, other.shape)

    def _waits(self, one: _Held, now: int) -> bool:
        age_s = (now - one.middle) / self._rate_hz
        if self._heart.known or age_s > LEARNT_S:
            return False
        return age_s < FIRST_S or any(self._may_be_beats(one, other) for other in self._held)

    def state(self) -> dict[str, StateValue]:
        return {
            "began": self._began,
            "held": [{**asdict(h), "finding": asdict(h.finding)} for h in self._held],
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._began = state["began"]
        self._held = [
            _Held(h["middle"], np.array(h["shape"]), _finding(h["finding"]), h["alike"])
            for h in state["held"]
        ]


def _finding(state: Mapping[str, Any]) -> Finding:
    return Finding(**{**state, "kind": Kind(state["kind"])})
