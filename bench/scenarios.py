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


def scene_d(
    seed: int, minutes: float, potentials: list[Samples], rest: Samples, rate_hz: float = 1000.0
) -> Scene:
    """Real potentials, scaled, laid into real rest; both sampled at `rate_hz`."""
    rng = np.random.default_rng((seed, 4))
    n = round(minutes * 60 * rate_hz)
    scene = Scene(rate_hz, _endless(rng, rest, n))
    band = signal.butter(4, (20.0, 0.45 * rate_hz), "bandpass", fs=rate_hz, output="sos")
    noise_uv = float(np.median(np.abs(signal.sosfilt(band, scene.samples)))) / 0.6745  # robust rms
    for at_s in moments(rng, minutes * 60, TWITCHES_PER_MINUTE) if potentials else []:
        onset, size = round(at_s * rate_hz), rng.uniform(*SNR)
        wave = potentials[rng.integers(len(potentials))]
        scene.samples[onset : onset + len(wave)] += wave * (size * noise_uv)
        scene.twitches.append(Planted(onset, len(wave), size))
    return scene


def _endless(rng: Generator, rest: Samples, n: int) -> Samples:
    """Stretches of a recording of rest, each from somewhere else, faded into each other over 100 ms."""
    total, fade = np.zeros(n + len(rest)), min(100, len(rest) // 8)
    ramp = np.sqrt(np.linspace(0, 1, fade))  # of power: two stretches of noise do not add up
    at = 0
    while at < n:
        first = rng.integers(0, len(rest) // 2)
        part = rest[first : first + len(rest) // 2].copy()
        part[:fade] *= ramp
        part[-fade:] *= ramp[::-1]
        total[at : at + len(part)] += part
        at += len(part) - fade
    return total[:n]


def scene_e(seed: int, minutes: float, rate_hz: float, *, ecg: bool) -> Scene:
    """Nothing to find: noise, mains of either frequency, drift, and a heartbeat or none."""
    rng = np.random.default_rng((seed, 5))
    n = round(minutes * 60 * rate_hz)
    mains_hz = 50.0 if seed % 2 else 60.0
    samples = noise(rng, n, rate_hz) + hum(rng, n, rate_hz, mains_hz) + drift(rng, n, rate_hz)
    if ecg:
        samples += heartbeat(rng, n, rate_hz, ECG_UV, rng.uniform(55, 85))
    return Scene(rate_hz, samples)


def scene_i(seed: int, minutes: float, *, dense: bool, rate_hz: float = 1000.0) -> Scene:
    """Myokymia (every second three to eight potentials at 15-30 Hz), or five twitches a second."""
    rng = np.random.default_rng((seed, 6))
    n = round(minutes * 60 * rate_hz)
    scene = Scene(rate_hz, noise(rng, n, rate_hz) + hum(rng, n, rate_hz))
    wave = potential(rng, rate_hz)
    for at_s in moments(rng, minutes * 60, 300.0 if dense else 40.0, 0.07 if dense else 0.9):
        count = 1 if dense else int(rng.integers(3, 9))
        gap_s = 1 / rng.uniform(15, 30)
        for number in range(count):
            onset = round((at_s + number * gap_s * rng.uniform(0.95, 1.05)) * rate_hz)
            size = rng.uniform(5, 12)
            scene.samples[onset : onset + len(wave)] += wave * size * NOISE_UV
            scene.twitches.append(Planted(onset, len(wave), size))
    return scene
