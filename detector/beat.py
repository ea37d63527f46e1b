"""Whether wobbles come as regularly as a heart beats."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from detector.contract import StateValue

APART_S = 0.3  # s, in which a beat has one peak only
PERIOD_S = (0.4, 1.5)  # s, of 150 to 40 beats a minute
SPREAD = 0.08  # of the period: what breath and chance make of it from beat to beat
MEMORY = 20  # peaks
FEWEST = 8  # peaks
REGULAR = 0.65  # of the peaks: twitches in between have no follower; chance stays below it up to 90 a minute
HOLD_S = 40.0  # s for which a heart that was seen is taken to beat on


class Beat:
    """Looks at the times of peaks.

    Args:
        rate_hz: Sampling rate.
    """

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self._peak: tuple[int, float] | None = None  # the sample and the height of the latest
        self._times: list[int] = []
        self._until = 0
        self.is_regular = False
        """Whether a heart beats under the sensor."""

    def update(self, sample: int, height: float, least: float) -> None:
        """Take the greatest height of the next hop, at `sample`; peaks below `least` are noise."""
        if self._peak is not None and sample - self._peak[0] > APART_S * self._rate_hz:
            self._times = [*self._times, self._peak[0]][-MEMORY:]
            self._peak = None
            if self._look():
                self._until = sample + round(HOLD_S * self._rate_hz)
        self.is_regular = sample < self._until
        if height > (least if self._peak is None else self._peak[1]):
            self._peak = (sample, height)

    def _look(self) -> bool:
        """Whether most peaks are followed by another after one and the same period."""
        times_s = np.array(self._times) / self._rate_hz
        if times_s.size < FEWEST:
            return False
        later_s = times_s[None, :] - times_s[:, None]
        periods_s = later_s[(later_s >= PERIOD_S[0]) & (later_s <= PERIOD_S[1])]
        follows = np.abs(later_s - periods_s[:, None, None]) <= SPREAD * periods_s[:, None, None]
        share = follows.any(axis=2).sum(axis=1).max(initial=0) / (times_s.size - 1)
        return bool(share >= REGULAR)

    def state(self) -> dict[str, StateValue]:
        return {
            "peak": None if self._peak is None else list(self._peak),
            "times": list(self._times),
            "until": self._until,
            "is_regular": self.is_regular,
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._peak = None if saved["peak"] is None else (saved["peak"][0], saved["peak"][1])
        self._times, self._until = list(saved["times"]), saved["until"]
        self.is_regular = saved["is_regular"]
