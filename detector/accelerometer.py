"""Twitches and other short movements in the three axes of an accelerometer on the skin."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from detector.alive import FROZEN_S, Liveness
from detector.block import Block
from detector.contract import StateValue
from detector.event import Findings, Kind, State
from detector.jerk import Jerk, measure
from detector.movement import Sway
from detector.pursuit import Found, Moved, Pursuit
from detector.skin import SkinFilter
from detector.track import StateTrack
from detector.unrest import BEAT_MG, Unrest
from detector.wobble import WobbleBank

Samples = NDArray[np.float64]

HOP_S = 0.04  # s, what is looked at together: short against the 200 ms that a finding may take
STIR = 3.0  # times the noise floor: while a movement that outlasted a twitch stays above it, it goes on
AFTER_MOVEMENT_S = 0.5  # s after the last sway (which sees 0.5 s) in which a limb settles
BEFORE_MOVEMENT_S = 0.4  # s, in which a movement may have begun unseen
SETTLE_S = 0.4  # s after a break until the filters have forgotten it
MEMORY_S = 1.2  # s of signal kept: the longest wobble and what follows
TOLD_S = 1.0  # s after which a span is told though its state goes on: minutes are made of these
NOISE_BAND_HZ = (5.0, 50.0)  # Hz, where the noise floor that is told is meant
REST = frozenset({State.REST})
JUDGED = frozenset({State.REST, State.MOVEMENT})


@dataclass(frozen=True, slots=True)
class AccelerometerSettings:
    """Choices for `AccelerometerDetector`; the defaults are what every figure was measured with.

    Attributes:
        false_per_hour: False events an hour that the sensor's noise alone may make at most. Neighbouring
            filters overlap, so that it makes about two thirds of them.
        movement_mg: Sway (see `detector.movement`) from which the limb moves. A breath that tilts the sensor
            by three degrees stays below half of it, and so does the noise of the worst sensor.
    """

    false_per_hour: float = 3.0
    movement_mg: float = 12.0


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
    sway_mg: float


class AccelerometerDetector:
    """See `detector.contract.Detector`: one stream of three axes, mg with gravity; events on channel 0.

    Args:
        rate_hz: 50 to 1000 Hz.
        settings: Choices.
        saturation_mg: Lowest and highest value that the sensor can give, if they are known.

    Raises:
        ValueError: The rate is outside that range.
    """

    def __init__(
        self,
        rate_hz: float,
        settings: AccelerometerSettings | None = None,
        saturation_mg: tuple[float, float] | None = None,
    ) -> None:
        if not 50 <= rate_hz <= 1000:
            raise ValueError(f"an accelerometer's rate must be 50 to 1000 Hz, not {rate_hz:g}")
        wished = self._settings = settings or AccelerometerSettings()
        self.version = f"accelerometer-1 {rate_hz:g} Hz {wished.false_per_hour:g}/h {wished.movement_mg:g} mg"
        self._rate_hz = rate_hz
        self._hop = round(HOP_S * rate_hz)
        self._alive = Liveness(round(FROZEN_S / HOP_S), *(saturation_mg or (-np.inf, np.inf)))
        self._skin = SkinFilter(rate_hz, round(MEMORY_S / HOP_S) * self._hop)
        self._bank = WobbleBank(rate_hz, self._hop, wished.false_per_hour)
        self._unrest = Unrest(rate_hz, self._hop)
        self._sway = Sway()
        self._pursuit = Pursuit(rate_hz, self._bank.length, wished.movement_mg)
        held = round((FROZEN_S + BEFORE_MOVEMENT_S) / HOP_S)
        self._track = StateTrack(0, held, round(TOLD_S * rate_hz))
        self._waiting = np.zeros((3, 0))  # samples that do not fill a hop yet
        self._next: int | None = None  # number of the sample that should come next
        self._unsettled = -1  # hops until the filters have forgotten a break; -1: begin anew
        self._moving_until = 0

    def update(self, block: Block) -> Findings:
        """Take the next samples, shape (3, n), mg; return what is certain by now.

        Raises:
            ValueError: The block has not three axes, or begins before the last one ended.
        """
        if block.samples.shape[0] != 3:
            raise ValueError(f"an accelerometer has 3 axes, not {block.samples.shape[0]}")
        if self._next is None:
            self._next = block.start
        if block.start < self._next:
            raise ValueError(f"sample {block.start} came when sample {self._next} was due")
        findings = Findings()
        if block.start > self._next:
            self._interrupt(block.start, findings)
        joined = np.concatenate([self._waiting, block.samples.astype(np.float64)], axis=1)
        self._next = block.end
        hops = joined.shape[1] // self._hop
        if hops:
            self._take(block.end - joined.shape[1], joined[:, : hops * self._hop], findings)
        self._waiting = joined[:, hops * self._hop :].copy()
        return findings

    def finish(self) -> Findings:
        """The signal has ended: return what was still open."""
        findings = Findings()
        if self._pursuit.is_on:
            nothing = np.zeros((3, 0, 0), dtype=np.complex128)
            self._judge(_Hop(self._skin_end, 0, nothing, 0.0), findings, ended=True)
        self._close_hop()
        self._track.close()
        self._tell(findings)
        return findings

    @property
    def settled(self) -> int:
        """The sampling instant before which every twitch's onset has been told."""
        onset = self._pursuit.onset
        return self._skin_end - self._bank.length if onset is None else onset

    @property
    def noise_mg(self) -> float:
        """Noise of one axis in 5-50 Hz, mg rms; NaN until it is known."""
        low_hz, high_hz = NOISE_BAND_HZ
        share = (min(high_hz, self._rate_hz / 2) - low_hz) / (self._rate_hz / 2)
        return self._bank.noise_mg * float(np.sqrt(share))

    @property
    def _skin_end(self) -> int:
        """The number of the sample after the last whole hop."""
        return (self._next or 0) - int(self._waiting.shape[1])

    def _samples(self, duration_s: float) -> int:
        return round(duration_s * self._rate_hz)

    def _tell(self, findings: Findings) -> None:
        findings.spans.extend(self._track.take(self.noise_mg))

    def _take(self, first: int, samples: Samples, findings: Findings) -> None:
        """Take whole hops, the first of which begins at sample `first`."""
        usable, frozen = self._alive.update(samples.reshape(3, -1, self._hop))
        edges = [0, *(np.flatnonzero(np.diff(usable)) + 1).tolist(), usable.size]
        for low, high in pairwise(edges):
            start = first + low * self._hop
            if usable[low]:
                self._listen(start, samples[:, low * self._hop : high * self._hop], findings)
            else:
                self._refuse(start, frozen[low:high], findings)

    def _refuse(self, first: int, frozen: NDArray[np.bool_], findings: Findings) -> None:
        """Take hops that are no signal."""
        self._begin_anew()
        for number, is_frozen in enumerate(frozen.tolist()):
            start = first + number * self._hop
            if is_frozen:
                since = start - (self._alive.frozen_hops - 1) * self._hop
                self._track.mark(since, State.BAD_CONTACT, over=JUDGED)
            self._track.append(start, start + self._hop, State.BAD_CONTACT)
            self._tell(findings)

    def _listen(self, first: int, samples: Samples, findings: Findings) -> None:
        """Take hops of signal without a break."""
        if self._unsettled < 0:
            self._skin.restart(samples[:, 0])
            self._unsettled = round(SETTLE_S / HOP_S)
        matched = self._bank.match(self._skin.update(samples))
        sways_mg = self._sway.update(samples.reshape(3, -1, self._hop).mean(axis=2)).tolist()
        for number, sway_mg in enumerate(sways_mg):
            done = (number + 1) * self._hop
            self._hear(_Hop(first + done, samples.shape[1] - done, matched[number], sway_mg), findings)
            self._tell(findings)

    def _hear(self, hop: _Hop, findings: Findings) -> None:
        """Take one hop of signal."""
        start = hop.end - self._hop
        calm = not self._pursuit.is_on and start >= self._moving_until
        excesses = self._bank.excess(hop.matched, calm=calm)
        if self._unsettled or not self._bank.ready:
            self._unsettled = max(0, self._unsettled - 1)
            self._track.append(start, hop.end, State.BAD_CONTACT)
            return
        usual = self._unrest.limit(self._bank.excess_of(BEAT_MG))
        self._pursuit.take(start, excesses, least=max(1.0, usual), rest_since=self._moving_until)
        if calm:
            self._unrest.update(float(excesses.max()))
        if not self._pursuit.is_on and self._moves(hop):
            self._move(start - self._samples(BEFORE_MOVEMENT_S), hop.end)
        self._track.append(start, hop.end, State.MOVEMENT if start < self._moving_until else State.REST)
        if self._pursuit.is_on:
            self._judge(hop, findings)

    def _moves(self, hop: _Hop) -> bool:
        """Whether the limb moves, or its skin still stirs from a movement."""
        if hop.sway_mg > self._settings.movement_mg:
            return True
        if hop.end - self._hop >= self._moving_until:
            return False
        stir = self._skin.before(hop.ahead)[0][:, -self._hop :]
        return (
            float(np.vdot(stir, stir)) > stir.size * (STIR * self._bank.noise_mg * self._skin.band_gain) ** 2
        )

    def _move(self, since: int, end: int) -> None:
        """The limb moved from `since` on, and still does at `end`."""
        self._track.mark(since, State.MOVEMENT, over=REST)
        self._moving_until = max(self._moving_until, end + self._samples(AFTER_MOVEMENT_S))

    def _judge(self, hop: _Hop, findings: Findings, *, ended: bool = False) -> None:
        verdict = self._pursuit.judge(
            hop.end, hop.sway_mg, lambda onset: self._measure(hop, onset), ended=ended
        )
        match verdict:
            case Moved(since):
                self._move(since, hop.end)
            case Found(event, direction):
                if event.kind is Kind.TWITCH:
                    self._bank.learn_axis(direction)
                findings.events.append(event)

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

    def _begin_anew(self) -> None:
        """What comes next does not continue what was."""
        self._pursuit.drop()
        self._bank.restart()
        self._sway.restart()
        self._unsettled = -1

    def _interrupt(self, start: int, findings: Findings) -> None:
        """The samples up to `start` are missing."""
        assert self._next is not None
        self._close_hop()
        self._begin_anew()
        self._alive.restart()
        self._track.append(self._next, start, State.MISSING)
        self._track.flush()
        self._tell(findings)

    def _close_hop(self) -> None:
        """Give the samples of an unfinished hop a state."""
        start = self._skin_end
        if self._next is not None and start < self._next:
            self._track.append(
                start, self._next, State.MOVEMENT if start < self._moving_until else State.REST
            )
        self._waiting = self._waiting[:, :0]

    def state(self) -> dict[str, StateValue]:
        """Everything needed to go on later."""
        return {
            "version": self.version,
            **{name: part.state() for name, part in self._parts().items()},
            "waiting": self._waiting.copy(),
            "next": self._next,
            "unsettled": self._unsettled,
            "moving_until": self._moving_until,
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        """Go on from a saved state.

        Raises:
            ValueError: Another version saved it.
        """
        if state["version"] != self.version:
            raise ValueError(f"the state is of {state['version']}, not of {self.version}")
        saved: Mapping[str, Any] = state
        for name, part in self._parts().items():
            part.restore(saved[name])
        self._waiting = np.array(saved["waiting"], dtype=np.float64)
        self._next, self._unsettled = saved["next"], saved["unsettled"]
        self._moving_until = saved["moving_until"]

    def _parts(self) -> dict[str, _Part]:
        return {
            "alive": self._alive,
            "skin": self._skin,
            "bank": self._bank,
            "unrest": self._unrest,
            "sway": self._sway,
            "pursuit": self._pursuit,
            "track": self._track,
        }
