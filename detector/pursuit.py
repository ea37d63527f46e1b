"""Follows one short movement of the skin from its first match to its end, and says what it was."""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue
from detector.event import Event, Kind, State
from detector.jerk import Jerk, kind_of

TELL_S = 0.03  # s after a match in which a better one may still come
LONGEST_S = 0.45  # s: skin swings 350 ms at most; what goes on longer is a movement
LEAK_SHARE = 0.25  # of a wobble's peak to peak that looks like sway, at most
STEEPNESS, AT_THRESHOLD, SUREST = 8.0, 1.5, 0.995  # logistic over the excess: 0.81 at the threshold
TAIL_S = 0.35  # s after a wobble's onset in which its own tail may be matched again
TAIL_LEAST = 1.6  # times the excess that counts elsewhere: noise and tail together pass 1 now and then
TAIL_SHARE = 0.3  # of its excess (half its amplitude): what is weaker is the tail


@dataclass(frozen=True, slots=True)
class Moved:
    """It was no short movement: the limb moved, from sample `since` on."""

    since: int


@dataclass(frozen=True, slots=True)
class Found:
    """It was a short movement; `direction` is the unit vector along which it moved the skin."""

    event: Event
    direction: NDArray[np.float64]


@dataclass(slots=True)
class _Candidate:
    crossed: int  # sample at which the threshold was passed
    onset: int  # onset of the best match
    excess: float
    sway_mg: float = 0.0  # most movement of the limb meanwhile

    @property
    def began(self) -> int:
        """The first sign of it: a weak match crosses late, a long movement may match best in its middle."""
        return min(self.crossed, self.onset)


class Pursuit:
    """One candidate at a time.

    Args:
        rate_hz: Sampling rate.
        match_length: Samples from a wobble's onset to its best match.
        movement_mg: Sway from which a limb moves.
    """

    def __init__(self, rate_hz: float, match_length: int, movement_mg: float) -> None:
        self._rate_hz = rate_hz
        self._length = match_length
        self._movement_mg = movement_mg
        self._candidate: _Candidate | None = None
        self._free_from = 0  # onsets before it belong to what is already known
        self._tail: tuple[int, float] = (
            0,
            0.0,
        )  # until when the last event's tail may last, and its excess

    @property
    def is_on(self) -> bool:
        """Whether something is being followed."""
        return self._candidate is not None

    @property
    def onset(self) -> int | None:
        """The onset of what is being followed."""
        return None if self._candidate is None else self._candidate.onset

    def drop(self) -> None:
        """The signal has broken off: forget what was followed."""
        self._candidate = None

    def take(self, start: int, excesses: NDArray[np.float64], *, least: float, rest_since: int) -> None:
        """Begin with a match, or better the one that is followed.

        Args:
            start: Number of the first sample.
            excesses: Of the next samples.
            least: Excess that counts.
            rest_since: Sample since which the limb has been at rest.
        """
        place = int(excesses.argmax())
        excess = float(excesses[place])
        onset = start + place - self._length + 1
        if self._candidate is not None:
            if excess > self._candidate.excess:
                self._candidate.onset, self._candidate.excess = onset, excess
            return
        limit = max(least, self._tail_limit(onset))
        if excess > limit and onset >= max(self._free_from, rest_since):
            crossed = start + int(np.flatnonzero(excesses > limit)[0])
            self._candidate = _Candidate(crossed, onset, excess)

    def judge(
        self, end: int, sway_mg: float, measure: Callable[[int], Jerk], *, ended: bool = False
    ) -> Found | Moved | None:
        """Decide on what is followed, if it is over.

        Args:
            end: Number of the sample after the newest.
            sway_mg: Of the newest hop.
            measure: Measures the movement that began at a sample.
            ended: Whether the signal ends here.
        """
        candidate = self._candidate
        assert candidate is not None
        candidate.sway_mg = max(candidate.sway_mg, sway_mg)
        if end < candidate.onset + self._length + round(TELL_S * self._rate_hz) and not ended:
            return None
        jerk = measure(candidate.onset)
        too_long = end - candidate.began > LONGEST_S * self._rate_hz
        if not jerk.over and not too_long and not ended:
            return None
        self._candidate = None
        stop = candidate.onset + jerk.length
        if stop - candidate.began > LONGEST_S * self._rate_hz:
            return Moved(candidate.began)
        self._free_from = stop
        self._tail = (candidate.onset + round(TAIL_S * self._rate_hz), candidate.excess)
        return self._found(candidate, jerk)

    def _found(self, candidate: _Candidate, jerk: Jerk) -> Found | Moved:
        kind, reason = kind_of(jerk)
        leak_mg = LEAK_SHARE * jerk.amplitude_mg
        if kind is Kind.TWITCH and candidate.sway_mg > self._movement_mg + leak_mg:
            return Moved(candidate.began)
        event = Event(
            channel=0,
            onset=candidate.onset,
            duration_ms=jerk.length / self._rate_hz * 1000,
            amplitude=jerk.amplitude_mg,
            snr=jerk.snr,
            kind=kind,
            confidence=_confidence(candidate.excess),
            state=State.REST,
            reason=reason,
        )
        return Found(event, jerk.direction)

    def _tail_limit(self, onset: int) -> float:
        """What a match has to exceed so as not to be the last event's own tail."""
        until, excess = self._tail
        return max(TAIL_LEAST, TAIL_SHARE * excess) if onset < until else 0.0

    def state(self) -> dict[str, StateValue]:
        return {
            "candidate": None if self._candidate is None else list(astuple(self._candidate)),
            "free_from": self._free_from,
            "tail": list(self._tail),
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._candidate = None if saved["candidate"] is None else _Candidate(*saved["candidate"])
        self._free_from = saved["free_from"]
        until, excess = saved["tail"]
        self._tail = (until, excess)


def _confidence(excess: float) -> float:
    """How likely a movement of this excess is what it seems; fitted to scenario F (docs/accuracy.md)."""
    return SUREST / (1 + float(np.exp(-STEEPNESS * (excess - 1) - AT_THRESHOLD)))
