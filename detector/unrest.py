"""What the skin of a site does all the time: above all the wobble that each heartbeat makes."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from detector.contract import StateValue

WINDOW_S = 1.5  # s: at 40 beats a minute and more, every window holds a beat
MEMORY = 40  # windows (a minute)
QUANTILE = 0.25  # three windows in four: chance fills them so only with 55 twitches a minute
READY = 4  # windows (6 s), below which a quartile says nothing
BEAT_MG = 2.0  # mg peak to peak: a heartbeat moves a relaxed limb by about 1; more is hidden if it is regular
STAND_OUT = 2.5  # times the excess (1.6 times the amplitude): how far a twitch must stand out


class Unrest:
    """The excess that three windows of 1.5 s in four reach, over the last minute at rest.

    Noise alone reaches a third of the threshold or less, so that this has a say only where more than noise
    comes all the time: a heartbeat under a sensitive sensor.
    """

    def __init__(self, rate_hz: float, hop: int) -> None:
        self._window_hops = round(WINDOW_S * rate_hz / hop)
        self._greatest = np.zeros(MEMORY)
        self._seen = 0
        self._hops = 0
        self._running = 0.0
        self.usual = 0.0
        """That excess."""

    def limit(self, most: float) -> float:
        """The excess below which nothing stands out.

        Args:
            most: The most that the body itself may reach; it is taken to do so until more is known.
        """
        return STAND_OUT * (min(self.usual, most) if self._seen >= READY else most)

    def update(self, excess: float) -> None:
        """Take the greatest excess of the next hop at rest."""
        self._running = max(self._running, excess)
        self._hops += 1
        if self._hops < self._window_hops:
            return
        self._greatest[self._seen % MEMORY] = self._running
        self._seen += 1
        self._hops, self._running = 0, 0.0
        if self._seen >= READY:
            self.usual = float(np.quantile(self._greatest[: self._seen], QUANTILE))

    def state(self) -> dict[str, StateValue]:
        return {
            "greatest": self._greatest.copy(),
            "seen": self._seen,
            "hops": self._hops,
            "running": self._running,
            "usual": self.usual,
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._greatest = np.array(saved["greatest"], dtype=np.float64)
        self._seen, self._hops = saved["seen"], saved["hops"]
        self._running, self.usual = saved["running"], saved["usual"]
