"""What happens in a body, whoever measures it: a heart that beats, muscles that contract and twitch."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.simulated.dice import Key, dice
from ingest.simulated.schedule import Schedule

_GRID_S = 0.01  # s: the phase of the heart is bent so little that it is straight in between


class Heart:
    """A beating heart whose rate follows breath and blood pressure.

    Args:
        key: What the randomness depends on.
        rate_bpm: Mean rate, beats a minute.
    """

    def __init__(self, key: Key, rate_bpm: float = 68.0) -> None:
        self._rate_hz = rate_bpm / 60
        rng = dice(*key, "heart")
        self._breath_hz, self._pressure_hz = rng.uniform(0.2, 0.3), 0.1  # the two known rhythms of heart rate
        self._shift = rng.uniform(0, 2 * np.pi, 2)

    def beats_s(self, start_s: float, end_s: float) -> NDArray[np.float64]:
        """Return the times of the beats in [start_s, end_s)."""
        grid_s = np.arange(np.floor(start_s / _GRID_S), np.ceil(end_s / _GRID_S) + 1) * _GRID_S
        phase = self._phase(grid_s)
        whole = np.arange(np.ceil(phase[0]), phase[-1])
        beats_s = np.interp(whole, phase, grid_s)
        return beats_s[(beats_s >= start_s) & (beats_s < end_s)]

    def _phase(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        breath = 0.03 * np.sin(2 * np.pi * self._breath_hz * time_s + self._shift[0])
        pressure = 0.06 * np.sin(2 * np.pi * self._pressure_hz * time_s + self._shift[1])
        return np.asarray(self._rate_hz * time_s + breath + pressure)


@dataclass(frozen=True, slots=True)
class Site:
    """One muscle. Sensors that share it see the same twitches and contractions.

    Attributes:
        twitches: Each has room for the longest movement that a twitch makes.
        contractions: Voluntary; they also move the limb.
        heart: Of the same body.
    """

    twitches: Schedule
    contractions: Schedule
    heart: Heart

    @classmethod
    def simulated(
        cls, key: Key, heart: Heart, *, twitches_per_min: float = 20.0, contractions_per_min: float = 1.0
    ) -> Self:
        """Return a muscle that depends on nothing but the key and these rates."""
        return cls(
            twitches=Schedule(
                (*key, "twitches"), per_minute=twitches_per_min, duration_s=(0.4, 0.4), apart_s=0.1
            ),
            contractions=Schedule(
                (*key, "contractions"), per_minute=contractions_per_min, duration_s=(1.5, 6.0), apart_s=3.0
            ),
            heart=heart,
        )
