"""Listens to an accelerometer's signal hop by hop: what moved, when the limb moved, whether it is worn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue
from detector.event import Event, Kind, State
from detector.jerk import Jerk, measure
from detector.limb import LimbWatch
from detector.movement import Motion, Sway
from detector.pursuit import Found, Moved, Pursuit
from detector.skin import SkinFilter
from detector.track import StateTrack
from detector.tremor import TremorWatch
from detector.unrest import BEAT_MG, Unrest
from detector.wearing import Wearing
from detector.wobble import WobbleBank

Samples = NDArray[np.float64]

HOP_S = 0.04  # s, what is looked at together: short against the 200 ms that a finding may take
STIR = 3.0  # times the noise floor: while a movement that outlasted a twitch stays above it, it goes on
BEFORE_MOVEMENT_S = 0.4  # s, in which a movement may have begun unseen
SETTLE_S = 0.4  # s after a break until the filters have forgotten it
MEMORY_S = 1.2  # s of signal kept: the longest wobble and what follows
NOISE_BAND_HZ = (5.0, 50.0)  # Hz, where the noise floor that is told is meant
REST = frozenset({State.REST})


class _Part(Protocol):
    """What keeps a state of its own."""

    def state(self) -> dict[str, StateValue]: ...

    def restore(self, state: Mapping[str, StateValue]) -> None: ...


@dataclass(frozen=True, slots=True)
class _Hop:
    """What is looked at together."""

    end: int  # number of the sample after its last
    ahead: int  # samples after it that are filtered already
    matched: NDArray[np.complex128]
    mean_mg: Samples
    sway_mg: float


class Listener:
    """Judges hops of signal, and tells the track the state of each.

    Args:
        rate_hz: Sampling rate.
        hop: Samples of a hop.
        false_per_hour: See `AccelerometerSettings`.
        movement_mg: The same.
        track: Is told the states.
    """

    def __init__(
        self, rate_hz: float, hop: int, *, false_per_hour: float, movement_mg: float, track: StateTrack
    ) -> None:
        self._rate_hz = rate_hz
        self._hop = hop
        self._movement_mg = movement_mg
        self._track = track
        self._skin = SkinFilter(rate_hz, round(MEMORY_S / HOP_S) * hop)
        self._bank = WobbleBank(rate_hz, hop, false_per_hour)
        self._unrest = Unrest(rate_hz, hop)
        self._sway = Sway()
        self._motion = Motion(rate_hz)
        self._pursuit = Pursuit(rate_hz, self._bank.length, movement_mg)
        self._tremor = TremorWatch(hop, HOP_S)
        self._limb = LimbWatch(rate_hz, HOP_S)
        self._wearing = Wearing(hop, HOP_S)
        self._end = 0  # number of the sample after the last hop
        self._unsettled = -1  # hops until the filters have forgotten a break; -1: begin anew

    @property
    def settled(self) -> int:
        """The sampling instant before which every twitch's onset has been told."""
        onset = self._pursuit.onset
        return self._end - self._bank.length if onset is None else onset

    @property
    def noise_mg(self) -> float:
        """Noise of one axis in 5-50 Hz, mg rms; NaN until it is known."""
        low_hz, high_hz = NOISE_BAND_HZ
        share = (min(high_hz, self._rate_hz / 2) - low_hz) / (self._rate_hz / 2)
        return self._bank.noise_mg * float(np.sqrt(share))

    def restart(self) -> None:
        """What comes next does not continue what was."""
        self._pursuit.drop()
        self._bank.restart()
        self._sway.restart()
        self._tremor.restart()
        self._limb.restart()
        self._unsettled = -1

    def listen(self, first: int, samples: Samples) -> list[Event]:
        """Take hops without a break, the first of which begins at sample `first`; return what was found."""
        if self._unsettled < 0:
            self._skin.restart(samples[:, 0])
            self._unsettled = round(SETTLE_S / HOP_S)
        matched = self._bank.match(self._skin.update(samples))
        means_mg = samples.reshape(3, -1, self._hop).mean(axis=2)
        events: list[Event] = []
        for number, sway_mg in enumerate(self._sway.update(means_mg).tolist()):
            done = (number + 1) * self._hop
            ahead = samples.shape[1] - done
            hop = _Hop(first + done, ahead, matched[number], means_mg[:, number], sway_mg)
            events += self._hear(hop)
        return events

    def finish(self) -> list[Event]:
        """The signal has ended: return what was being followed."""
        if not self._pursuit.is_on:
            return []
        nothing = np.zeros((3, 0, 0), dtype=np.complex128)
        verdict = self._judge(_Hop(self._end, 0, nothing, np.zeros(3), 0.0), ended=True)
        return [verdict.event] if isinstance(verdict, Found) else []

    def state_at(self, sample: int) -> State:
        """The state of the site at a sample that no hop holds yet."""
        if self._wearing.is_off:
            return State.NOT_WORN
        return State.MOVEMENT if sample < self._motion.until else State.REST

    def _hear(self, hop: _Hop) -> list[Event]:
        """Take one hop of signal."""
        self._end = hop.end
        start = hop.end - self._hop
        calm = not self._pursuit.is_on and start >= self._motion.until
        excesses = self._bank.excess(hop.matched, calm=calm)
        if self._unsettled or not self._bank.ready:
            self._unsettled = max(0, self._unsettled - 1)
            self._track.append(start, hop.end, State.BAD_CONTACT)
            return []
        beat = self._unrest.limit(self._bank.excess_of(BEAT_MG))
        self._pursuit.take(start, excesses, least=max(1.0, beat), rest_since=self._motion.until)
        if start >= self._motion.until:
            self._unrest.update(start, excesses)
        moved_since: int | None = None
        if not self._pursuit.is_on and self._moves(hop):
            self._move(start - round(BEFORE_MOVEMENT_S * self._rate_hz), hop.end)
            moved_since = start
        off = self._wearing.is_off
        self._track.append(start, hop.end, self.state_at(start), self.noise_mg)
        events: list[Event] = []
        match self._judge(hop) if self._pursuit.is_on else None:
            case Moved(since):
                moved_since = since
            case Found(event, _):
                events = [event]
            case None:
                pass
        if start >= self._motion.until:
            self._wearing.update(hop.mean_mg, self._bank.noise_mg)
        return [] if off else events + self._watch(hop, moved_since)

    def _watch(self, hop: _Hop, moved_since: int | None) -> list[Event]:
        """Look for what takes longer than a twitch."""
        moving = hop.end <= self._motion.until
        noise_mg = self.noise_mg
        tremor = self._tremor.update(hop.end, hop.mean_mg, moving=moving, noise_mg=noise_mg)
        limbs = self._limb.update(
            hop.end, hop.mean_mg, moved_since=moved_since, trembles=self._tremor.is_on, noise_mg=noise_mg
        )
        return limbs if tremor is None else [tremor, *limbs]

    def _moves(self, hop: _Hop) -> bool:
        """Whether the limb moves, or its skin still stirs from a movement."""
        if hop.sway_mg > self._movement_mg:
            return True
        if hop.end - self._hop >= self._motion.until:
            return False
        stir = self._skin.before(hop.ahead)[0][:, -self._hop :]
        still_mg = self._bank.noise_mg * self._skin.band_gain
        return float(np.vdot(stir, stir)) > stir.size * (STIR * still_mg) ** 2

    def _move(self, since: int, end: int) -> None:
        """The limb moved from `since` on, and still does at `end`."""
        self._track.mark(since, State.MOVEMENT, over=REST)
        self._motion.go_on(end)
        self._wearing.live()

    def _judge(self, hop: _Hop, *, ended: bool = False) -> Found | Moved | None:
        """Decide on what is being followed, if it is over."""
        verdict = self._pursuit.judge(
            hop.end, hop.sway_mg, lambda onset: self._measure(hop, onset), ended=ended
        )
        if isinstance(verdict, Moved):
            self._move(verdict.since, hop.end)
        elif verdict is not None and verdict.event.kind is Kind.TWITCH:
            self._bank.learn_axis(verdict.direction)
        return verdict

    def _measure(self, hop: _Hop, onset: int) -> Jerk:
        band, buzz = self._skin.before(hop.ahead)
        return measure(
            band,
            buzz,
            max(0, band.shape[1] - (hop.end - onset)),
            noise_mg=self._bank.noise_mg * self._skin.band_gain,
            buzz_mg=self._bank.noise_mg * self._skin.buzz_gain,
            rate_hz=self._rate_hz,
        )

    def state(self) -> dict[str, StateValue]:
        return {
            **{name: part.state() for name, part in self._parts().items()},
            "end": self._end,
            "unsettled": self._unsettled,
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        for name, part in self._parts().items():
            part.restore(saved[name])
        self._end, self._unsettled = saved["end"], saved["unsettled"]

    def _parts(self) -> dict[str, _Part]:
        return {
            "skin": self._skin,
            "bank": self._bank,
            "unrest": self._unrest,
            "sway": self._sway,
            "motion": self._motion,
            "pursuit": self._pursuit,
            "tremor": self._tremor,
            "limb": self._limb,
            "wearing": self._wearing,
        }
