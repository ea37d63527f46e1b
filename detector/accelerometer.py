"""Twitches and other short movements in the three axes of an accelerometer on the skin."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.alive import FROZEN_S, Liveness
from detector.block import Block
from detector.contract import StateValue
from detector.event import Findings, State
from detector.listener import BEFORE_MOVEMENT_S, HOP_S, Listener
from detector.track import StateTrack

AT_ONCE = 50  # hops (2 s): enough to be fast, little enough that memory stays small
TOLD_S = 1.0  # s after which a span is told though its state goes on: minutes are made of these
JUDGED = frozenset({State.REST, State.MOVEMENT, State.NOT_WORN})


@dataclass(frozen=True, slots=True)
class AccelerometerSettings:
    """Choices for `AccelerometerDetector`; the defaults are what every figure was measured with.

    Attributes:
        false_per_hour: False events an hour that the sensor's noise alone may make at most. Neighbouring
            filters overlap, so that it makes about half of them.
        movement_mg: Sway (see `detector.movement`) from which the limb moves. A breath that tilts the sensor
            by three degrees stays below half of it, and so does the noise of the worst sensor.
    """

    false_per_hour: float = 4.0
    movement_mg: float = 12.0


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
        wished = settings or AccelerometerSettings()
        self.version = f"accelerometer-1 {rate_hz:g} Hz {wished.false_per_hour:g}/h {wished.movement_mg:g} mg"
        self._hop = round(HOP_S * rate_hz)
        self._alive = Liveness(round(FROZEN_S / HOP_S), *(saturation_mg or (-np.inf, np.inf)))
        held = round((FROZEN_S + BEFORE_MOVEMENT_S) / HOP_S)
        self._track = StateTrack(0, held, round(TOLD_S * rate_hz))
        self._listener = Listener(
            rate_hz,
            self._hop,
            false_per_hour=wished.false_per_hour,
            movement_mg=wished.movement_mg,
            track=self._track,
        )
        self._waiting = np.zeros((3, 0))  # samples that do not fill a hop yet
        self._next: int | None = None  # number of the sample that should come next

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
        findings.events.extend(self._listener.finish())
        self._close_hop()
        self._track.close()
        self._tell(findings)
        return findings

    @property
    def settled(self) -> int:
        """The sampling instant before which every twitch's onset has been told."""
        return self._listener.settled

    @property
    def noise_mg(self) -> float:
        """Noise of one axis in 5-50 Hz, mg rms; NaN until it is known."""
        return self._listener.noise_mg

    def _tell(self, findings: Findings) -> None:
        findings.spans.extend(self._track.take())

    def _take(self, first: int, samples: NDArray[np.float64], findings: Findings) -> None:
        """Take whole hops, the first of which begins at sample `first`."""
        usable, frozen = self._alive.update(samples.reshape(3, -1, self._hop))
        changes = (np.flatnonzero(np.diff(usable)) + 1).tolist()
        edges = sorted({0, *changes, *range(0, usable.size, AT_ONCE), usable.size})
        for low, high in pairwise(edges):
            start = first + low * self._hop
            if usable[low]:
                piece = samples[:, low * self._hop : high * self._hop]
                findings.events.extend(self._listener.listen(start, piece))
            else:
                self._refuse(start, frozen[low:high])
            self._tell(findings)

    def _refuse(self, first: int, frozen: NDArray[np.bool_]) -> None:
        """Take hops that are no signal."""
        self._listener.restart()
        for number, is_frozen in enumerate(frozen.tolist()):
            start = first + number * self._hop
            if is_frozen:
                since = start - (self._alive.frozen_hops - 1) * self._hop
                self._track.mark(since, State.BAD_CONTACT, over=JUDGED)
            self._track.append(start, start + self._hop, State.BAD_CONTACT)

    def _interrupt(self, start: int, findings: Findings) -> None:
        """The samples up to `start` are missing."""
        assert self._next is not None
        self._close_hop()
        self._listener.restart()
        self._alive.restart()
        self._track.append(self._next, start, State.MISSING)
        self._track.flush()
        self._tell(findings)

    def _close_hop(self) -> None:
        """Give the samples of an unfinished hop a state."""
        if self._next is not None and self._waiting.size:
            start = self._next - int(self._waiting.shape[1])
            self._track.append(start, self._next, self._listener.state_at(start))
            self._waiting = self._waiting[:, :0]

    def state(self) -> dict[str, StateValue]:
        """Everything needed to go on later."""
        return {
            "version": self.version,
            "alive": self._alive.state(),
            "track": self._track.state(),
            "listener": self._listener.state(),
            "waiting": self._waiting.copy(),
            "next": self._next,
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        """Go on from a saved state.

        Raises:
            ValueError: Another version saved it.
        """
        if state["version"] != self.version:
            raise ValueError(f"the state is of {state['version']}, not of {self.version}")
        saved: Mapping[str, Any] = state
        self._alive.restore(saved["alive"])
        self._track.restore(saved["track"])
        self._listener.restore(saved["listener"])
        self._waiting = np.array(saved["waiting"], dtype=np.float64)
        self._next = saved["next"]
