"""Made EMG, part by part: every part from a generator of its own seed, so that a scene is always the same."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Samples = NDArray[np.float64]
Generator = np.random.Generator

BAND_HZ = (20.0, 450.0)  # in which noise is measured
NOISE_UV = 5.0  # rms: a good electrode on resting skin
SETTLE_S = 1.0  # thrown away, so that filtered noise begins in full strength


@dataclass(frozen=True, slots=True)
class Planted:
    """One twitch that was laid into a scene."""

    onset: int
    length: int
    snr: float
    unit: int = 0


@dataclass(slots=True)
class Scene:
    """A signal of one channel and what is in it.

    Attributes:
        samples: (n,) uV.
        twitches: What should be found.
        busy: [start, end) stretches in which nobody could say what is a twitch: contractions.
    """

    rate_hz: float
    samples: Samples
    twitches: list[Planted] = field(default_factory=list)
    busy: list[tuple[int, int]] = field(default_factory=list)

    @property
    def hours(self) -> float:
        return len(self.samples) / self.rate_hz / 3600


def noise(rng: Generator, n: int, rate_hz: float, rms_uv: float = NOISE_UV) -> Samples:
    """White between 20 and 450 Hz, or as far up as the rate allows."""
    settle = round(SETTLE_S * rate_hz)
    band = signal.butter(
        4, (BAND_HZ[0], min(BAND_HZ[1], 0.45 * rate_hz)), "bandpass", fs=rate_hz, output="sos"
    )
    filtered = signal.sosfilt(band, rng.standard_normal(n + settle))[settle:]
    return np.asarray(filtered * (rms_uv / filtered.std()))


def hum(rng: Generator, n: int, rate_hz: float, mains_hz: float = 50.0, amplitude_uv: float = 5.0) -> Samples:
    """Mains with its third harmonic."""
    phase = 2 * np.pi * mains_hz * np.arange(n) / rate_hz
    total = amplitude_uv * np.sin(phase + rng.uniform(0, 2 * np.pi))
    if 3 * mains_hz < rate_hz / 2:
        total += amplitude_uv * np.sin(3 * phase + rng.uniform(0, 2 * np.pi))
    return np.asarray(total)


def drift(rng: Generator, n: int, rate_hz: float, amplitude_uv: float = 200.0) -> Samples:
    """A baseline that wanders below 0.3 Hz."""
    slow = signal.sosfilt(signal.butter(2, 0.3, fs=rate_hz, output="sos"), rng.standard_normal(n))
    return np.asarray(slow * (amplitude_uv / max(np.abs(slow).max(), 1e-12)))


def potential(rng: Generator, rate_hz: float, shortest_ms: float = 8.0, longest_ms: float = 20.0) -> Samples:
    """One motor unit's potential at the skin: two or three phases, lopsided, peak 1, either sign."""
    n = max(3, round(rng.uniform(shortest_ms, longest_ms) * rate_hz / 1000))
    u = (np.arange(n) + 0.5) / n
    phases = int(rng.integers(2, 4))
    if rng.random() < 0.5:
        wave = np.sin(phases * np.pi * u) * np.sin(np.pi * u)
    else:  # derivatives of a Gaussian that spans the duration
        z = (u - 0.5) * 6
        wave = (z if phases == 2 else 1 - z * z) * np.exp(-z * z / 2)
    wave = wave * (1 + rng.uniform(-0.3, 0.3) * (2 * u - 1))
    return np.asarray(wave * (rng.choice([-1.0, 1.0]) / np.abs(wave).max()))


def moments(rng: Generator, seconds: float, per_minute: float, apart_s: float = 0.12) -> list[float]:
    """Random instants, s, at that rate and at least so far apart."""
    found, at = [], apart_s + 1.0
    while True:
        at += apart_s + rng.exponential(60 / per_minute - apart_s)
        if at > seconds - 1.0:
            return found
        found.append(at)


def heartbeat(
    rng: Generator, n: int, rate_hz: float, r_wave_uv: float, per_minute: float = 70.0, width: float = 1.0
) -> Samples:
    """P, Q, R, S and T as Gaussians; intervals vary with breath and by chance.

    `width` is that of the QRS complex over what it is under a distant electrode: .6 is a sharp one.
    """
    total = np.zeros(n + round(rate_hz))
    time_s = np.arange(round(0.6 * rate_hz)) / rate_hz - 0.2
    waves = (
        (0.10, -0.16, 0.020),
        (-0.12, -0.026 * width, 0.008 * width),
        (1.0, 0.0, 0.010 * width),
        (-0.25, 0.028 * width, 0.009 * width),
        (0.25, 0.25, 0.045),
    )
    beat = sum(height * np.exp(-0.5 * ((time_s - at) / width) ** 2) for height, at, width in waves)
    at_s = 0.3 * rng.random()
    while at_s * rate_hz < n:
        start = round(at_s * rate_hz)
        part = total[start : start + len(time_s)]
        part += r_wave_uv * (1 + 0.05 * rng.standard_normal()) * np.asarray(beat)[: len(part)]
        breath = 0.03 * np.sin(2 * np.pi * 0.25 * at_s)
        at_s += 60 / per_minute * (1 + breath + 0.02 * rng.standard_normal())
    return total[:n]


def pop(rng: Generator, rate_hz: float, step_uv: float = 150.0, decay_ms: float = 30.0) -> Samples:
    """An electrode slips: a step of either sign that decays."""
    time_ms = np.arange(round(6 * decay_ms * rate_hz / 1000)) * 1000 / rate_hz
    return np.asarray(rng.choice([-1.0, 1.0]) * step_uv * np.exp(-time_ms / decay_ms))


def burst(rng: Generator, rate_hz: float, seconds: float, rms_uv: float) -> Samples:
    """A voluntary contraction as noise that swells and dies away."""
    n = round(seconds * rate_hz)
    return noise(rng, n, rate_hz, rms_uv) * signal.windows.tukey(n, 0.3)


def recruitment(rng: Generator, rate_hz: float, seconds: float, units: int, peak_uv: float) -> Samples:
    """A voluntary contraction as motor units: small ones first, each firing at 7-18 Hz."""
    n = round(seconds * rate_hz)
    total = np.zeros(n + round(0.1 * rate_hz))
    force = signal.windows.tukey(n, rng.uniform(0.4, 1.0))
    for rank in np.linspace(0.05, 0.9, units):
        wave = potential(rng, rate_hz) * peak_uv * np.exp(1.5 * (rank - 1)) * rng.uniform(0.5, 1.5)
        active = np.flatnonzero(force > rank)
        at = active[0] if len(active) else n
        while at < n:
            total[at : at + len(wave)] += wave
            firing_hz = 7 + 11 * force[at]
            at += max(1, round(rate_hz / firing_hz * (1 + 0.15 * rng.standard_normal())))
            if at < n and force[at] < rank:
                break
    return total[:n]
