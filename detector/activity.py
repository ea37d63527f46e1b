"""How loud each channel has been lately, and the state that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue
from detector.page import PAGE_HOPS
from detector.quality import run_lengths
from detector.spans import BAD_CONTACT, MOVEMENT, NOT_WORN, REST

LOUD = 3.0  # times the resting floor's rms: far above it
LOUD_OF, LOUD_HOPS = 8, 5  # of 200 ms: the muscle is at work; dense twitching fills fewer
HOLD_HOPS = 20  # 500 ms: a contraction dies away
NOT_WORN_HOPS = 2400  # 60 s of bad contact: nobody is wearing this
QUARTER_HOPS, SHORT_HOPS, LONG_HOPS = 10, 40, 160  # 0.25, 1 and 4 s: over which loudness is told
KEPT_HOPS = (
    LONG_HOPS + PAGE_HOPS + 20
)  # a candidate waits for less than 20 hops, and a piece has at most a page


@dataclass(frozen=True, slots=True)
class Recent:
    """The seconds before an instant.

    Attributes:
        loud_s: Share of the hops in a quarter of a second, one second and four, in which the signal was far
            above the resting floor.
        moved_s: Share of those in one second and four, in which the muscle was at work.
        loudest: Power of the loudest hop of one second and of four, over the resting floor's.
    """

    loud_s: tuple[float, float, float]
    moved_s: tuple[float, float]
    loudest: tuple[float, float]


class Activity:
    """Keeps the last seconds of all channels, hop by hop."""

    def __init__(self, channels: int) -> None:
        self._power = np.zeros((KEPT_HOPS, channels), dtype=np.float32)  # over the resting floor's
        self._codes = np.full((KEPT_HOPS, channels), REST, dtype=np.int8)
        self._calm_run = np.zeros(channels, dtype=np.int64)
        self._bad_run = np.zeros(channels, dtype=np.int64)
        self.clear()

    def add(
        self, powers: NDArray[np.float32], rest: NDArray[np.float64], unusable: NDArray[np.bool_]
    ) -> NDArray[np.int8]:
        """Take the powers of hops (hops, channels) and the resting floor's; return their state codes."""
        power = np.where(unusable, np.float32(0), powers / rest.astype(np.float32))
        self._power = np.concatenate([self._power, power])
        loud = self._power[-len(powers) - LOUD_OF :] > LOUD**2
        counts = np.cumsum(loud, axis=0, dtype=np.int16)
        working = counts[LOUD_OF:] - counts[:-LOUD_OF] >= LOUD_HOPS
        calm_run = run_lengths(~working, self._calm_run)
        bad_run = run_lengths(unusable, self._bad_run)
        codes = np.where(calm_run > HOLD_HOPS, np.int8(REST), np.int8(MOVEMENT))
        if bad_run.any():
            codes[unusable] = BAD_CONTACT
            codes[bad_run >= NOT_WORN_HOPS] = NOT_WORN
        self._calm_run, self._bad_run = calm_run[-1], bad_run[-1]
        self._power = self._power[-KEPT_HOPS:]
        self._codes = np.concatenate([self._codes, codes])[-KEPT_HOPS:]
        return codes

    def before(self, channel: int, hops_ago: int) -> Recent:
        """What went on in the seconds before a hop."""
        power, codes = (kept[: KEPT_HOPS - hops_ago, channel] for kept in (self._power, self._codes))
        power, moved = power[-LONG_HOPS:], codes[-LONG_HOPS:] == MOVEMENT
        loud = power > LOUD**2
        return Recent(
            loud_s=(_share(loud[-QUARTER_HOPS:]), _share(loud[-SHORT_HOPS:]), _share(loud)),
            moved_s=(_share(moved[-SHORT_HOPS:]), _share(moved)),
            loudest=(float(power[-SHORT_HOPS:].max()), float(power.max())),
        )

    def troubled(self, channel: int, first_ago: int, last_ago: int) -> bool:
        """Whether the contact was bad in any of the hops from one to another; 1 is the last one."""
        codes = self._codes[-min(first_ago, KEPT_HOPS) : KEPT_HOPS + 1 - last_ago, channel]
        return bool((codes >= BAD_CONTACT).any())

    def code(self, channel: int, hops_ago: int) -> int:
        """The state code of a hop, or of the oldest that is remembered; 1 is the last one."""
        return int(self._codes[-min(hops_ago, KEPT_HOPS), channel])

    def clear(self) -> None:
        """After a gap nothing is known of what went before."""
        self._power[:], self._codes[:], self._bad_run[:] = 0, REST, 0
        self._calm_run[:] = HOLD_HOPS

    def state(self) -> dict[str, StateValue]:
        return {
            "power": self._power.copy(),
            "codes": self._codes.copy(),
            "calm_run": self._calm_run.copy(),
            "bad_run": self._bad_run.copy(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._power, self._codes = np.array(state["power"]), np.array(state["codes"])
        self._calm_run, self._bad_run = np.array(state["calm_run"]), np.array(state["bad_run"])


def _share(flags: NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(flags)) / len(flags)
