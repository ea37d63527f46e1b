"""What the skin of a site does all the time: above all the wobble that each heartbeat makes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.beat import Beat
from detector.contract import StateValue

WINDOW_S = 1.5  # s: at 40 beats a minute and more, every window holds a beat
MEMORY = 40  # windows (a minute)
QUANTILE = 0.25  # three windows in four: chance fills them so only with 55 twitches a minute
READY = 4  # windows (6 s), below which a quartile says nothing
BEAT_MG = 2.0  # mg peak to peak: a heartbeat moves a relaxed limb by about 1; more is hidden if it is regular
HEARD = 0.6  # of the excess that counts: noise alone, or with a heartbeat of 1 mg in it, reaches 0.5
PEAK_SHARE = 0.5  # of the usual excess: what is lower is no beat
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
        self._usual = 0.0
        self._beat = Beat(rate_hz)

    def limit(self, excess_of_beat: float) -> float:
        """The excess below which nothing stands out.

        Args:
            excess_of_beat: What a wobble of `BEAT_MG` has: the most that is hidden while no rhythm shows a
                heartbeat, and what is expected until more is known.
        """
        heard = self._beat.is_regular and self._usual > HEARD
        most = np.inf if heard else excess_of_beat
        return STAND_OUT * (min(self._usual, most) if self._seen >= READY else most)

    def update(self, start: int, excesses: NDArray[np.float64]) -> None:
        """Take the excesses of the next hop at rest, the first of which is at sample `start`."""
        place = int(excesses.argmax())
        excess = float(excesses[place])
        self._beat.update(start + place, excess, self._usual * PEAK_SHARE)
        self._running = max(self._running, excess)
        self._hops += 1
        if self._hops < self._window_hops:
            return
        self._greatest[self._seen % MEMORY] = self._running
        self._seen += 1
        self._hops, self._running = 0, 0.0
        if self._seen >= READY:
            self._usual = float(np.quantile(self._greatest[: self._seen], QUANTILE))

    def state(self) -> dict[str, StateValue]:
        return {
            "greatest": self._greatest.copy(),
            "seen": self._seen,
            "hops": self._hops,
            "running": self._running,
            "usual": self._usual,
            "beat": self._beat.state(),
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._greatest = np.array(saved["greatest"], dtype=np.float64)
        self._seen, self._hops = saved["seen"], saved["hops"]
        self._running, self._usual = saved["running"], saved["usual"]
        self._beat.restore(saved["beat"])
