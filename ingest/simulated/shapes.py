"""Wave forms: float64 arrays, sampled at a rate, with a peak (or a peak to peak) of one."""

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float64]


def potential(duration_ms: float, rate_hz: float, *, phases: int, skew: float = 0.0) -> Wave:
    """Return a motor unit potential as it looks at the skin: `phases` half waves in a smooth envelope.

    `skew` from -0.3 to 0.3 moves its middle towards the start (negative) or the end. The peak is one.
    """
    u = _unit_time(duration_ms, rate_hz)
    u = u ** (2.0**skew)
    wave = np.sin(phases * np.pi * u) * np.sin(np.pi * u)
    return np.asarray(wave / np.abs(wave).max())


def wobble(duration_ms: float, rate_hz: float, *, frequency_hz: float) -> Wave:
    """Return the damped swing of skin that was pulled once; its peak to peak is one.

    It has sunk to a twentieth at `duration_ms`.
    """
    time_s = np.arange(max(2, round(duration_ms * rate_hz / 1000))) / rate_hz
    damping = np.exp(-3 * time_s / (duration_ms / 1000))  # e^-3 is a twentieth
    wave = damping * np.sin(2 * np.pi * frequency_hz * time_s)
    return np.asarray(wave / np.ptp(wave))


def qrs(rate_hz: float) -> Wave:
    """Return a heartbeat's ventricular complex, 80 ms: dip, spike, deeper dip. The peak is one."""
    time_ms = np.arange(round(0.08 * rate_hz)) * 1000 / rate_hz
    return np.asarray(
        sum(
            height * np.exp(-(((time_ms - at_ms) / width_ms) ** 2))
            for height, at_ms, width_ms in ((-0.15, 24, 6), (1.0, 38, 9), (-0.25, 53, 8))
        )
    )


def decay(time_constant_ms: float, rate_hz: float) -> Wave:
    """Return a step of one that decays, over eight time constants."""
    time_ms = np.arange(round(8 * time_constant_ms * rate_hz / 1000)) * 1000 / rate_hz
    return np.asarray(np.exp(-time_ms / time_constant_ms))


def swell(time_s: Wave, start_s: float, end_s: float, ramp_s: float) -> Wave:
    """Return an envelope: 0 outside [start_s, end_s], 1 inside, with raised-cosine ramps."""
    inside = np.minimum(time_s - start_s, end_s - time_s)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.clip(inside / ramp_s, 0, 1)))


def add_at(signal: Wave, start: int, wave: Wave) -> None:
    """Add `wave` to `signal` from index `start` on, in place; what lies outside is left away."""
    low, high = max(start, 0), min(start + wave.size, signal.size)
    if low < high:
        signal[low:high] += wave[low - start : high - start]


def _unit_time(duration_ms: float, rate_hz: float) -> Wave:
    count = max(3, round(duration_ms * rate_hz / 1000))
    return np.arange(count + 1) / count
