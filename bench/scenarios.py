"""The EMG scenes that the detector is measured on; each is described in docs/accuracy.md."""

import numpy as np
from scipy import signal

from bench.signals import (
    NOISE_UV,
    Generator,
    Planted,
    Samples,
    Scene,
    burst,
    drift,
    heartbeat,
    hum,
    moments,
    noise,
    pop,
    potential,
)

TWITCHES_PER_MINUTE = 20.0
SNR = (2.0, 10.0)  # peak over the rms of the noise at that moment
ECG_UV = 40.0  # R wave at the upper arm
CLEAR_S = 0.2  # no twitch is planted so close to a contraction: nobody could tell


def _plant(
    rng: Generator, scene: Scene, level: Samples | float = 1.0, snr: tuple[float, float] = SNR
) -> None:
    rate_hz, clear = scene.rate_hz, round(CLEAR_S * scene.rate_hz)
    for at_s in moments(rng, len(scene.samples) / rate_hz, TWITCHES_PER_MINUTE):
        onset = round(at_s * rate_hz)
        if any(start - clear < onset < end + clear for start, end in scene.busy):
            continue
        wave, size = potential(rng, rate_hz), rng.uniform(*snr)
        here = level if isinstance(level, float) else float(level[onset])
        scene.samples[onset : onset + len(wave)] += wave * size * NOISE_UV * here
        scene.twitches.append(Planted(onset, len(wave), size))


def scene_a(seed: int, minutes: float, rate_hz: float = 1000.0, mains_hz: float = 50.0) -> Scene:
    """Noise, mains, drift."""
    rng = np.random.default_rng((seed, 1))
    n = round(minutes * 60 * rate_hz)
    scene = Scene(rate_hz, noise(rng, n, rate_hz) + hum(rng, n, rate_hz, mains_hz) + drift(rng, n, rate_hz))
    _plant(rng, scene)
    return scene


def scene_b(seed: int, minutes: float, rate_hz: float = 1000.0) -> Scene:
    """A with a heartbeat."""
    scene = scene_a(seed, minutes, rate_hz)
    rng = np.random.default_rng((seed, 2))
    scene.samples += heartbeat(rng, len(scene.samples), rate_hz, ECG_UV, rng.uniform(55, 85))
    return scene


def scene_b_narrow(seed: int, minutes: float, rate_hz: float = 1000.0) -> Scene:
    """B behind a front end that passes 60-200 Hz only."""
    scene = scene_b(seed, minutes, rate_hz)
    band = signal.butter(2, (60.0, 200.0), "bandpass", fs=rate_hz, output="sos")
    scene.samples = np.asarray(signal.sosfilt(band, scene.samples))
    return scene


def scene_c(seed: int, minutes: float, rate_hz: float = 1000.0) -> Scene:
    """Loud stretches, voluntary contractions, electrode pops, heartbeat, mains, drift."""
    rng = np.random.default_rng((seed, 3))
    n = round(minutes * 60 * rate_hz)
    level = np.ones(n)
    for minute in range(int(minutes)):
        start = round((60 * minute + rng.uniform(0, 40)) * rate_hz)
        level[start : start + round(20 * rate_hz)] = 2.5
    samples = noise(rng, n, rate_hz) * level + hum(rng, n, rate_hz) + drift(rng, n, rate_hz)
    scene = Scene(rate_hz, samples + heartbeat(rng, n, rate_hz, ECG_UV, rng.uniform(55, 85)))
    for half in range(int(2 * minutes)):
        _add(scene, half * 30 + rng.uniform(2, 26), burst(rng, rate_hz, 1.5, 60.0), busy=True)
    for tenth in range(int(6 * minutes)):
        _add(scene, tenth * 10 + rng.uniform(0.5, 9), pop(rng, rate_hz))
    _plant(rng, scene, level)
    return scene


def _add(scene: Scene, at_s: float, part: Samples, *, busy: bool = False) -> None:
    start = round(at_s * scene.rate_hz)
    room = scene.samples[start : start + len(part)]
    room += part[: len(room)]
    if busy:
        scene.busy.append((start, start + len(room)))
