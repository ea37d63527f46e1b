"""The real recordings, brought into the form that the bench needs."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bench.signals import BAND_HZ, Samples, noise

FOLDER = Path(os.environ.get("FASCIWATCH_RECORDINGS", Path(__file__).parents[2] / "shared" / "recordings"))
SMALLEST_UV = 50.0  # peak to peak: smaller responses need not be found
STANDS_OUT = 4.0  # times the rms: nothing in half a second of Gaussian noise does


@dataclass(frozen=True, slots=True)
class Trials:
    """Evoked responses in a row, rest in between, with their authors' measures.

    Attributes:
        samples: (n,) uV.
        onset_s, duration_ms, amplitude_uv: (trials,) of each response; amplitude 0 = none.
    """

    rate_hz: float
    samples: Samples
    onset_s: NDArray[np.float64]
    duration_ms: NDArray[np.float64]
    amplitude_uv: NDArray[np.float64]


def available() -> bool:
    return FOLDER.is_dir()


def load(name: str) -> tuple[NDArray[np.float64], float]:
    """Samples (channels, n) and rate."""
    with np.load(FOLDER / f"{name}.npz") as file:
        return file["x"].T.astype(np.float64), float(file["fs_hz"])


def evoked() -> Trials:
    """All mepfeatx trials, joined by 0.6-2 s of noise of the rms that each trial has before its stimulus.

    Random lengths, because a rhythm of the trials would be a heartbeat to the detector.
    """
    rng = np.random.default_rng(0)
    parts, rows, at = [], [], 0
    rate_hz = 3000.0
    for path in sorted(FOLDER.glob("mepfeatx-*.npz")):
        with np.load(path) as file:
            rate_hz, stimulus = float(file["fs_hz"]), int(file["stimulus_sample"])
            measures = file["latency_ms"], file["duration_ms"], file["amplitude_uv_pp"]
            for trial, latency, duration, amplitude in zip(file["x"].T, *measures, strict=True):
                own = trial - trial[: stimulus - 10].mean()
                rest = noise(rng, round(rng.uniform(0.6, 2.0) * rate_hz), rate_hz, own[: stimulus - 10].std())
                onset_s = (at + len(rest) + stimulus) / rate_hz + latency / 1000
                rows.append((onset_s, duration, amplitude if latency > 0 else 0.0))
                parts += [rest, own]
                at += len(rest) + len(own)
    onset_s, duration_ms, amplitude_uv = np.array(rows).T
    return Trials(rate_hz, np.concatenate(parts), onset_s, duration_ms, amplitude_uv)


def real_potentials(rate_hz: float) -> list[Samples]:
    """Every response of 50 uV and more by itself, resampled; its peak in the band of the noise is 1."""
    trials = evoked()
    band = signal.butter(
        4, (BAND_HZ[0], min(BAND_HZ[1], 0.45 * rate_hz)), "bandpass", fs=rate_hz, output="sos"
    )
    waves = []
    for onset_s, duration_ms, amplitude_uv in zip(
        trials.onset_s, trials.duration_ms, trials.amplitude_uv, strict=True
    ):
        if amplitude_uv < SMALLEST_UV:
            continue
        first = round(onset_s * trials.rate_hz)
        wave = trials.samples[first : first + round(duration_ms * trials.rate_hz / 1000)]
        wave = wave - np.linspace(wave[0], wave[-1], len(wave))  # begins and ends at zero
        wave = signal.resample_poly(np.pad(wave, 30), round(rate_hz), round(trials.rate_hz))[10:-10]
        waves.append(wave / np.abs(signal.sosfilt(band, np.pad(wave, (0, 100)))).max())
    return waves


def real_rest() -> tuple[Samples, float]:
    """The quiet stretches between the contractions of a biceps, 1 kHz."""
    samples, rate_hz = load("biosignals-emg-1000-hz-16-bits-solo")
    own = samples[0] - np.median(samples[0])
    band = signal.butter(4, (20.0, 450.0), "bandpass", fs=rate_hz, output="sos")
    size = round(0.5 * rate_hz)
    blocks = np.asarray(signal.sosfilt(band, own))[: len(own) // size * size].reshape(-1, size)
    peaks = np.abs(blocks).max(axis=1)
    quiet = peaks < STANDS_OUT * np.median(np.abs(blocks)) / 0.6745  # robust rms
    quiet &= np.roll(quiet, 1) & np.roll(quiet, -1)  # nor next to anything loud
    return blocks[quiet].ravel(), rate_hz
