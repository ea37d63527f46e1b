"""How far something must rise above the noise: from the false alarms one is ready to accept."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from detector.contract import StateValue
from detector.page import HOP_S, PAGE_HOPS
from detector.settings import EmgSettings

SHARED_CROSSINGS = 0.5  # templates overlap: the share of Rice's sum that is left, measured on hours of noise
MEMORY_S = 120.0  # over which a site's own rate is known
PAGE_S = HOP_S * PAGE_HOPS


class Threshold:
    """The threshold of each channel, in standard deviations.

    Gaussian noise crosses a level z upwards at crossings_hz * exp(-z^2 / 2) (Rice), so the accepted rate
    gives the level. That rate is false_alarms_per_hour, or false_share of the site's own sure twitches.

    Attributes:
        z: (channels,); changes only in `turn_page`.
    """

    def __init__(self, settings: EmgSettings, crossings_hz: float, channels: int) -> None:
        self._settings = settings
        self._crossings_per_hour = 2 * SHARED_CROSSINGS * crossings_hz * 3600  # of either sign
        self._counted = np.zeros(channels)
        self._sure_per_hour = np.zeros(channels)
        self._sure_z = float(self._level(np.array([settings.false_alarms_per_hour]))[0])
        self.z = np.full(channels, self._sure_z)

    def _level(
        self, per_hour: np.ndarray[Any, np.dtype[np.float64]]
    ) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.asarray(np.sqrt(2 * np.log(self._crossings_per_hour / per_hour)))

    def count(self, channel: int, z: float) -> None:
        """A twitch was found."""
        if z > self._sure_z:
            self._counted[channel] += 1

    def turn_page(self) -> None:
        """Learn the sites' rates from the page that ended."""
        share = PAGE_S / MEMORY_S
        self._sure_per_hour += share * (self._counted * 3600 / PAGE_S - self._sure_per_hour)
        self._counted[:] = 0
        accepted = self._settings.false_share * self._sure_per_hour
        self.z = self._level(np.maximum(self._settings.false_alarms_per_hour, accepted))

    def state(self) -> dict[str, StateValue]:
        return {"counted": self._counted.copy(), "rate": self._sure_per_hour.copy(), "z": self.z.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._counted, self._sure_per_hour = np.array(state["counted"]), np.array(state["rate"])
        self.z = np.array(state["z"])
