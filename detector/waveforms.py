"""What potentials and slipped electrodes look like before any filter, on the scale of raw samples."""

import numpy as np
from numpy.typing import NDArray


def twitch(
    duration_ms: float, phases: int, rate_hz: float, length: int, *, lean: float = 0.0, skew: float = 1.0
) -> NDArray[np.float64]:
    """A motor unit's potential at the skin: so many phases under half a sine. Zero after its end.

    `lean` mixes in the wave of the other number of phases, which makes it lopsided; a `skew` below one makes
    it begin fast and end slowly, above one the reverse.
    """
    n = max(3, round(duration_ms * rate_hz / 1000))
    u = ((np.arange(n) + 0.5) / n) ** skew
    wave = (np.sin(phases * np.pi * u) + lean * np.sin((5 - phases) * np.pi * u)) * np.sin(np.pi * u)
    padded = np.zeros(length)
    padded[:n] = wave[:length]
    return padded


def decay(decay_ms: float, rate_hz: float, length: int) -> NDArray[np.float64]:
    """An electrode slips: its half-cell voltage jumps and settles."""
    return np.asarray(np.exp(-np.arange(length) * 1000 / rate_hz / decay_ms))
