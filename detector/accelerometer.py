"""Twitches and other short movements in the three axes of an accelerometer on the skin."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.block import Block
from detector.contract import StateValue
from detector.event import Event, Findings, Kind, State
from detector.jerk import Jerk, kind_of, measure
from detector.movement import Sway
from detector.skin import SkinFilter
from detector.track import StateTrack
from detector.unrest import BEAT_MG, Unrest
from detector.wobble import WobbleBank

Samples = NDArray[np.float64]

HOP_S = 0.04  # s, what is looked at together: short against the 200 ms that a finding may take
TELL_S = 0.03  # s after a match in which a better one may still come
LONGEST_S = 0.45  # s: skin swings 350 ms at most; what goes on longer is a movement
LEAK_SHARE = 0.25  # of a wobble's peak to peak that looks like sway, at most
STIR = 3.0  # times the noise floor: while a movement that outlasted a twitch stays above it, it goes on
AFTER_MOVEMENT_S = 0.5  # s after the last sway (which sees 0.4 s) in which a limb settles
BEFORE_MOVEMENT_S = 0.4  # s, in which a movement may have begun unseen
SETTLE_S = 0.4  # s after a break until the filters have forgotten it
FROZEN_S = 1.0  # s with the very same value on an axis: noise moves the last bit of any live sensor
MEMORY_S = 1.2  # s of signal kept: the longest wobble and what follows
TOLD_S = 1.0  # s after which a span is told though its state goes on: minutes are made of these
SHADOW_DECAY_S = 0.12  # s, decay of the slowest wobble (350 ms to a twentieth)
SHADOW_SHARE = 0.04  # of the score is left at the end of a wobble (a tenth of its amplitude), times four
NOISE_BAND_HZ = (5.0, 50.0)  # Hz, where the noise floor that is told is meant
JUDGED = frozenset({State.REST, State.MOVEMENT})


@dataclass(frozen=True, slots=True)
class AccelerometerSettings:
    """Choices for `AccelerometerDetector`; the defaults are what every figure was measured with.

    Attributes:
        false_per_hour: False events an hour that the sensor's noise alone may make.
        movement_mg: Sway (see `detector.movement`) from which the limb moves. A breath that tilts the sensor
            by three degrees stays below half of it, and so does the noise of the worst sensor.
    """

    false_per_hour: float = 2.0
    movement_mg: float = 12.0


@dataclass(slots=True)
class _Candidate:
    """A movement that began, and is watched until it ends."""

    crossed: int  # sample at which the score passed the threshold
    onset: int  # onset of the best match
    score: float
    sway_mg: float = 0.0  # most movement of the limb meanwhile

    @property
    def began(self) -> int:
        """The first sign of it: a weak match crosses late, a long movement may match best in its middle."""
        return min(self.crossed, self.onset)


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
        self._settings = settings or AccelerometerSettings()
        wished = self._settings
        self.version = f"accelerometer-1 {rate_hz:g} Hz {wished.false_per_hour:g}/h {wished.movement_mg:g} mg"
        self._rate_hz = rate_hz
        self._lowest_mg, self._highest_mg = saturation_mg or (-np.inf, np.inf)
        self._hop = round(HOP_S * rate_hz)
        self._skin = SkinFilter(rate_hz, round(MEMORY_S / HOP_S) * self._hop)
        self._bank = WobbleBank(rate_hz, self._hop)
        self._threshold = self._bank.threshold(self._settings.false_per_hour)
        self._unrest = Unrest(rate_hz, self._hop)
        self._sway = Sway()
        held = round((FROZEN_S + BEFORE_MOVEMENT_S) / HOP_S)
        self._track = StateTrack(0, held, round(TOLD_S * rate_hz))
        self._waiting = np.zeros((3, 0))  # samples that do not fill a hop yet
        self._next: int | None = None  # number of the sample that should come next
        self._frozen = np.zeros(3, dtype=np.int64)  # hops in which an axis has not changed
        self._last = np.full(3, np.nan)
        self._unsettled = -1  # hops until the filters have forgotten a break; -1: begin anew
        self._moving_until = 0
        self._free_from = 0  # onsets before it belong to what is already known
        self._shadow: tuple[int, float] = (0, 0.0)  # end and score of the last event
        self._candidate: _Candidate | None = None

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
            self._interrupt(block.start)
            self._tell(findings)
        joined = np.concatenate([self._waiting, block.samples.astype(np.float64)], axis=1)
        self._next = block.end
        first = block.end - joined.shape[1]
        whole = joined.shape[1] // self._hop * self._hop
        for offset in range(0, whole, self._hop):
            event = self._take(first + offset, joined[:, offset : offset + self._hop])
            if event is not None:
                findings.events.append(event)
            self._tell(findings)
        self._waiting = joined[:, whole:].copy()
        return findings

    def finish(self) -> Findings:
        """The signal has ended: return what was still open."""
        findings = Findings()
        if self._next is not None:
            self._close_hop()
        if self._candidate is not None:
            event = self._judge(self._next or 0, ended=True)
            if event is not None:
                findings.events.append(event)
        self._track.close()
        self._tell(findings)
        return findings

    @property
    def settled(self) -> int:
        """The sampling instant before which every twitch's onset has been told."""
        if self._candidate is not None:
            return self._candidate.onset
        return (self._next or 0) - int(self._waiting.shape[1]) - self._bank.length

    @property
    def noise_mg(self) -> float:
        """Noise of one axis in 5-50 Hz, mg rms; NaN until it is known."""
        low_hz, high_hz = NOISE_BAND_HZ
        share = (min(high_hz, self._rate_hz / 2) - low_hz) / (self._rate_hz / 2)
        return self._white_mg * float(np.sqrt(share))

    @property
    def _white_mg(self) -> float:
        return float(np.sqrt(np.mean(np.square(self._bank.axis_rms_mg))))

    def _samples(self, duration_s: float) -> int:
        return round(duration_s * self._rate_hz)

    def _tell(self, findings: Findings) -> None:
        findings.spans.extend(self._track.take(self.noise_mg))

    def _take(self, start: int, hop: Samples) -> Event | None:
        """Take one hop that begins at sample `start`."""
        end = start + self._hop
        if not self._is_usable(start, hop):
            self._begin_anew()
            self._track.append(start, end, State.BAD_CONTACT)
            return None
        if self._unsettled < 0:
            self._skin.restart(hop[:, 0])
            self._unsettled = round(SETTLE_S / HOP_S)
        skin = self._skin.update(hop)
        calm = self._candidate is None and start >= self._moving_until
        scores = self._bank.update(skin, calm=calm)
        sway_mg = self._sway.update(hop)
        if self._unsettled or not self._bank.ready:
            self._unsettled = max(0, self._unsettled - 1)
            self._track.append(start, end, State.BAD_CONTACT)
            return None
        self._match(start, scores)
        if calm:
            self._unrest.update(float(scores.max()))
        if self._candidate is not None:
            self._candidate.sway_mg = max(self._candidate.sway_mg, sway_mg)
        elif sway_mg > self._settings.movement_mg:
            self._move(start - self._samples(BEFORE_MOVEMENT_S), end)
        self._track.append(start, end, State.MOVEMENT if start < self._moving_until else State.REST)
        if self._candidate is not None:
            return self._judge(end)
        self._stir(start, end)
        return None

    def _is_usable(self, start: int, hop: Samples) -> bool:
        """Whether a hop is signal: finite, within the sensor's range, and alive."""
        before = np.concatenate([self._last[:, None], hop[:, :-1]], axis=1)
        self._frozen = np.where((before == hop).all(axis=1), self._frozen + 1, 0)
        self._last = hop[:, -1]
        limit = round(FROZEN_S / HOP_S)
        if (self._frozen == limit).any():
            self._track.mark(start - (limit - 1) * self._hop, State.BAD_CONTACT, over=JUDGED)
        inside = (hop > self._lowest_mg) & (hop < self._highest_mg)  # NaN is neither
        return bool(inside.all()) and not (self._frozen >= limit).any()

    def _begin_anew(self) -> None:
        """What comes next does not continue what was."""
        self._candidate = None
        self._unsettled = -1
        self._bank.restart()
        self._sway.restart()

    def _interrupt(self, start: int) -> None:
        """The samples up to `start` are missing."""
        assert self._next is not None
        self._close_hop()
        self._begin_anew()
        self._last[:] = np.nan
        self._track.append(self._next, start, State.MISSING)
        self._track.flush()

    def _close_hop(self) -> None:
        """Give the samples of an unfinished hop a state."""
        assert self._next is not None
        start = self._next - self._waiting.shape[1]
        if start < self._next:
            self._track.append(
                start, self._next, State.MOVEMENT if start < self._moving_until else State.REST
            )
        self._waiting = self._waiting[:, :0]

    def _move(self, since: int, end: int) -> None:
        """The limb moved from `since` on, and still does at `end`."""
        self._track.mark(since, State.MOVEMENT, over=frozenset({State.REST}))
        self._moving_until = max(self._moving_until, end + self._samples(AFTER_MOVEMENT_S))

    def _match(self, start: int, scores: Samples) -> None:
        """Open a candidate where a score exceeds the threshold, or better the one that is open."""
        place = int(scores.argmax())
        score = float(scores[place])
        onset = start + place - self._bank.length + 1
        if self._candidate is None:
            shadow_end, shadow_score = self._shadow
            decay = np.exp(-2 * max(0, onset - shadow_end) / (SHADOW_DECAY_S * self._rate_hz))
            usual = self._unrest.limit(self._bank.score_of(BEAT_MG))
            limit = max(self._threshold, usual, SHADOW_SHARE * shadow_score * decay)
            if score > limit and onset >= max(self._free_from, self._moving_until):
                crossed = start + int(np.flatnonzero(scores > limit)[0])
                self._candidate = _Candidate(crossed, onset, score)
        elif score > self._candidate.score:
            self._candidate.onset, self._candidate.score = onset, score

    def _judge(self, end: int, *, ended: bool = False) -> Event | None:
        """Decide on the open candidate, if it is over."""
        candidate = self._candidate
        assert candidate is not None
        matched = candidate.onset + self._bank.length + self._samples(TELL_S)
        if end < matched and not ended:
            return None
        jerk = self._measure(candidate.onset, end)
        if not jerk.over and not ended:
            if end - candidate.began > (LONGEST_S + HOP_S) * self._rate_hz:
                self._candidate = None
                self._move(candidate.began, end)
            return None
        self._candidate = None
        stop = candidate.onset + jerk.length
        self._free_from = stop
        self._shadow = (stop, candidate.score)
        return self._event(candidate, jerk, stop)

    def _measure(self, onset: int, end: int) -> Jerk:
        index = self._skin.band.shape[1] - (end - onset)
        white_mg = self._white_mg
        return measure(
            self._skin.band,
            self._skin.buzz,
            max(0, index),
            noise_mg=white_mg * self._skin.band_gain,
            buzz_mg=white_mg * self._skin.buzz_gain,
            rate_hz=self._rate_hz,
        )

    def _event(self, candidate: _Candidate, jerk: Jerk, stop: int) -> Event | None:
        if stop - candidate.began > LONGEST_S * self._rate_hz:
            self._move(candidate.began, stop)
            return None
        kind, reason = kind_of(jerk)
        leak_mg = LEAK_SHARE * jerk.amplitude_mg
        if kind is Kind.TWITCH and candidate.sway_mg > self._settings.movement_mg + leak_mg:
            self._move(candidate.began, stop)  # the limb moved with it
            return None
        return Event(
            channel=0,
            onset=candidate.onset,
            duration_ms=(stop - candidate.onset) / self._rate_hz * 1000,
            amplitude=jerk.amplitude_mg,
            snr=jerk.snr,
            kind=kind,
            confidence=float(1 / (1 + np.exp(-(candidate.score - self._threshold) / 2 - 1.5))),
            state=State.REST,
            reason=reason,
        )

    def _stir(self, start: int, end: int) -> None:
        """Let a movement go on while skin and limb have not come to rest."""
        if start >= self._moving_until:
            return
        power = float(np.mean(np.square(self._skin.band[:, -self._hop :])))
        if power > (STIR * self._white_mg * self._skin.band_gain) ** 2:
            self._move(start, end)

    def state(self) -> dict[str, StateValue]:
        """Everything needed to go on later."""
        candidate = self._candidate
        return {
            "version": self.version,
            "skin": self._skin.state(),
            "bank": self._bank.state(),
            "unrest": self._unrest.state(),
            "sway": self._sway.state(),
            "track": self._track.state(),
            "waiting": self._waiting.copy(),
            "next": self._next,
            "frozen": self._frozen.copy(),
            "last": self._last.copy(),
            "unsettled": self._unsettled,
            "moving_until": self._moving_until,
            "free_from": self._free_from,
            "shadow": list(self._shadow),
            "candidate": None if candidate is None else list(astuple(candidate)),
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        """Go on from a saved state.

        Raises:
            ValueError: Another version saved it.
        """
        if state["version"] != self.version:
            raise ValueError(f"the state is of {state['version']}, not of {self.version}")
        saved: Mapping[str, Any] = state
        self._skin.restore(saved["skin"])
        self._bank.restore(saved["bank"])
        self._unrest.restore(saved["unrest"])
        self._sway.restore(saved["sway"])
        self._track.restore(saved["track"])
        self._waiting = np.array(saved["waiting"], dtype=np.float64)
        self._next = saved["next"]
        self._frozen = np.array(saved["frozen"])
        self._last = np.array(saved["last"])
        self._unsettled = saved["unsettled"]
        self._moving_until = saved["moving_until"]
        self._free_from = saved["free_from"]
        shadow_end, shadow_score = saved["shadow"]
        self._shadow = (shadow_end, shadow_score)
        self._candidate = None if saved["candidate"] is None else _Candidate(*saved["candidate"])
