"""What a made wearer did, minute by minute, and how it bears on twitches."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import signal

DAY_MIN = 1440  # minutes
_BEDTIME_H, _WAKING_H = 23.0, 7.0  # local time
_DAY_SPREAD = 0.2  # standard deviation of the logarithm of the rate of twitches from day to day

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Diary:
    """What a wearer did, an entry a minute; all sites share it.

    Attributes:
        minutes: Since 1970, UTC.
        hour: Local hour of the day.
        day: Number of the day, from 0.
        charging: Whether the sensors lay in their charger.
        activity: Share of the minute spent moving.
        unrest: What the rate of twitches is multiplied by.
    """

    minutes: NDArray[np.int64]
    hour: Floats
    day: NDArray[np.int64]
    charging: NDArray[np.bool_]
    activity: Floats
    unrest: Floats

    @classmethod
    def made(cls, rng: np.random.Generator, *, until_minute: int, days: int, utc_offset_s: int) -> Self:
        """Return the diary of the `days` before `until_minute`."""
        minutes = np.arange(until_minute - days * DAY_MIN, until_minute)
        local = minutes + utc_offset_s // 60
        hour, day = local % DAY_MIN / 60, local // DAY_MIN - local[0] // DAY_MIN
        charged_from = rng.uniform(18.0, 21.5, day[-1] + 1)[day]
        charging = (hour >= charged_from) & (hour < charged_from + rng.uniform(0.7, 1.5, day[-1] + 1)[day])
        asleep = (hour >= _BEDTIME_H) | (hour < _WAKING_H)
        bustle = np.where(asleep, 0.02, 0.15 + 0.2 * np.sin((hour - _WAKING_H) / 16 * np.pi))
        activity = np.clip(bustle * wandering(rng, minutes.size, minutes=10.0, spread=0.9), 0, 1)
        coffee = np.where((hour >= 8) & (hour < 11), 1.5, 1.0)
        evening = np.where((hour >= 20) & ~asleep, 1.4, 1.0)
        daily = rng.lognormal(0, _DAY_SPREAD, day[-1] + 1)[day]
        unrest = coffee * evening * daily * np.where(asleep, 0.4, 1.0)
        return cls(minutes, hour, day, charging, activity, unrest)


def wandering(rng: np.random.Generator, count: int, *, minutes: float, spread: float) -> Floats:
    """Return a log-normal factor of mean one that changes over so many minutes."""
    keep = np.exp(-1 / minutes)
    steps = rng.standard_normal(count) * np.sqrt(1 - keep**2)
    steps[0] /= np.sqrt(1 - keep**2)
    walk = np.asarray(signal.lfilter([1.0], [1.0, -keep], steps))
    return np.exp(spread * walk - spread**2 / 2)
