"""Made accelerations of the skin: everything of scenario F, each piece with its truth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Samples = NDArray[np.float64]

NOISE_DENSITY_MG = {  # mg per root Hz; gives the noise in 5-50 Hz that docs/detector.md tells of
    "MPU-6050": 0.400,
    "ADXL345": 0.290,
    "LSM6DS3": 0.090,
    "LSM6DSV": 0.060,
    "ADXL355": 0.0225,
}
TILT = 0.3  # of the normal, at most: how far twitches of one muscle move the skin to the side


@dataclass(frozen=True, slots=True)
class Happening:
    """What was laid into a signal: `what` it is, when (s), for how long (s), how strong (mg peak to peak)."""

    what: str
    onset_s: float
    duration_s: float
    amplitude_mg: float


class Scene:
    """A stretch of acceleration that things are laid into.

    Args:
        seed: Of all its randomness.
        duration_s: Its length.
        sensor: A key of `NOISE_DENSITY_MG`.
        rate_hz: Sampling rate.
        beat_mg: The heartbeat's wobble, peak to peak.
    """

    def __init__(
        self,
        seed: int,
        duration_s: float,
        *,
        sensor: str = "LSM6DS3",
        rate_hz: float = 200.0,
        beat_mg: float = 1.0,
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.rate_hz = rate_hz
        self.duration_s = duration_s
        count = round(duration_s * rate_hz)
        self.time_s = np.arange(count) / rate_hz
        down = self._direction(np.zeros(3), 1.0)
        self.samples = 1000 * down[:, None] + self.rng.normal(
            0, NOISE_DENSITY_MG[sensor] * np.sqrt(rate_hz / 2), (3, count)
        )
        self.normal = self._direction(np.zeros(3), 1.0)
        self.happenings: list[Happening] = []
        self._breathe(self._direction(down, 1.0))
        if beat_mg:
            self._beat(beat_mg)

    def wobble(self, onset_s: float, amplitude_mg: float, *, what: str = "twitch") -> None:
        """A twitch: 10-25 Hz, sinking to a twentieth within 50-350 ms."""
        duration_s = self.rng.uniform(0.05, 0.35)
        wave = damped(amplitude_mg, self.rng.uniform(10, 25), duration_s, self.rate_hz)
        aside = self.normal + TILT * self.rng.uniform(-1, 1, 3)
        self._lay(onset_s, wave * self.rng.choice((-1, 1)), aside / np.linalg.norm(aside))
        self.happenings.append(Happening(what, onset_s, duration_s, amplitude_mg))

    def knock(self, onset_s: float) -> None:
        """A bump against the case: 40-70 Hz, 40 ms."""
        amplitude_mg = self.rng.uniform(30, 400)
        wave = damped(amplitude_mg, self.rng.uniform(40, 70), 0.04, self.rate_hz)
        self._lay(onset_s, wave, self._direction(np.zeros(3), 1.0))
        self.happenings.append(Happening("knock", onset_s, 0.04, amplitude_mg))

    def jerk(self, onset_s: float) -> None:
        """Myoclonus: the limb is thrown, 200-800 mg within 100-300 ms."""
        duration_s, amplitude_mg = self.rng.uniform(0.15, 0.3), self.rng.uniform(200, 800)
        wave = damped(amplitude_mg, self.rng.uniform(5, 9), duration_s, self.rate_hz)
        self._lay(onset_s, wave, self._direction(self.normal, TILT))
        self.happenings.append(Happening("myoclonus", onset_s, duration_s, amplitude_mg))

    def tremor(self, onset_s: float, duration_s: float) -> None:
        """A sine of 3.5-7 Hz whose strength and frequency wander."""
        count = round(duration_s * self.rate_hz)
        amplitude_mg = self.rng.uniform(40, 200)
        wander = self._slow(count, 0.5)
        phase = 2 * np.pi * np.cumsum(self.rng.uniform(3.5, 7) * (1 + 0.03 * wander)) / self.rate_hz
        wave = amplitude_mg / 2 * (1 + 0.25 * self._slow(count, 1)) * np.sin(phase)
        self._lay(onset_s, wave * swell(count, 0.3, self.rate_hz), self._direction(np.zeros(3), 1.0))
        self.happenings.append(Happening("tremor", onset_s, duration_s, amplitude_mg))

    def limb_movement(self, onset_s: float, duration_s: float) -> None:
        """The foot bends up and falls back: gravity turns, with some shaking."""
        count = round(duration_s * self.rate_hz)
        lift = self.rng.uniform(60, 300) * swell(count, min(0.25, duration_s / 2), self.rate_hz)
        shake = self.rng.uniform(10, 40) * swell(count, 0.1, self.rate_hz) * self._band(count, 2, 8)
        self._lay(onset_s, lift + shake, self._direction(np.zeros(3), 1.0))
        self.happenings.append(Happening("limb-movement", onset_s, duration_s, float(np.ptp(lift))))

    def walk(self, onset_s: float, duration_s: float) -> None:
        """Steps with their harmonics, a heel strike in each."""
        count = round(duration_s * self.rate_hz)
        time_s = np.arange(count) / self.rate_hz
        step_hz = self.rng.uniform(1.6, 2.1)
        gate = swell(count, 0.3, self.rate_hz)
        for harmonic, share_mg in ((1, 250), (2, 120), (3, 60), (5, 25)):
            wave = share_mg * self.rng.uniform(0.6, 1.4) * np.sin(2 * np.pi * step_hz * harmonic * time_s)
            self._lay(onset_s, wave * gate, self._direction(np.zeros(3), 1.0))
        for step_s in np.arange(0.3, duration_s - 0.4, 1 / step_hz) + self.rng.normal(0, 0.01):
            strike = damped(self.rng.uniform(150, 500), self.rng.uniform(12, 30), 0.15, self.rate_hz)
            self._lay(onset_s + step_s, strike, self._direction(np.array([0, 0, 1.0]), 0.5))
        self.happenings.append(Happening("walking", onset_s, duration_s, 500))

    def turn(self, onset_s: float) -> None:
        """Turning over in bed: gravity comes to lie along another direction, with rustling."""
        duration_s = self.rng.uniform(1, 4)
        count, start = round(duration_s * self.rate_hz), round(onset_s * self.rate_hz)
        step = 0.5 - 0.5 * np.cos(np.pi * np.arange(count) / count)
        away = 1000 * (self._direction(np.zeros(3), 1.0) - self.samples[:, :200].mean(axis=1) / 1000)
        self.samples[:, start : start + count] += away[:, None] * step
        self.samples[:, start + count :] += away[:, None]
        rustle = self.rng.uniform(20, 80) * swell(count, 0.3, self.rate_hz)
        for axis in np.eye(3):
            self._lay(onset_s, rustle * self._band(count, 1, 12), axis)
        self.happenings.append(Happening("turn", onset_s, duration_s, 1000))

    def fidget(self, onset_s: float, duration_s: float) -> None:
        """A hand that fetches, holds and puts down: broad-band movement below 8 Hz."""
        count = round(duration_s * self.rate_hz)
        strength_mg = self.rng.uniform(30, 150)
        for axis in np.eye(3):
            wave = strength_mg * swell(count, 0.3, self.rate_hz) * self._band(count, 0.5, 8)
            self._lay(onset_s, wave, axis)
        self.happenings.append(Happening("fidget", onset_s, duration_s, strength_mg))

    def _breathe(self, along: Samples) -> None:
        rate_hz = self.rng.uniform(0.2, 0.3)
        self.samples += along[:, None] * 3 * np.sin(2 * np.pi * rate_hz * self.time_s)

    def _beat(self, beat_mg: float) -> None:
        """A relaxed muscle rings at 7-13 Hz after each pulse."""
        wave = damped(beat_mg, self.rng.uniform(7, 13), 0.25, self.rate_hz)
        rest_s, at_s = 60 / self.rng.uniform(55, 80), 0.5
        while at_s < self.duration_s - 1:
            self._lay(at_s, wave * self.rng.uniform(0.8, 1.2), self.normal)
            at_s += rest_s * (1 + 0.05 * np.sin(2 * np.pi * 0.1 * at_s) + 0.02 * self.rng.standard_normal())

    def _lay(self, onset_s: float, wave: Samples, direction: Samples) -> None:
        start = round(onset_s * self.rate_hz)
        stop = min(start + wave.size, self.samples.shape[1])
        self.samples[:, start:stop] += direction[:, None] * wave[: stop - start]

    def _direction(self, near: Samples, spread: float) -> Samples:
        vector = near + spread * self.rng.standard_normal(3)
        return np.asarray(vector / np.linalg.norm(vector))

    def _slow(self, count: int, corner_hz: float) -> Samples:
        return self._band(count, corner_hz / 10, corner_hz)

    def _band(self, count: int, low_hz: float, high_hz: float) -> Samples:
        """Noise of a band, rms 1."""
        sections = signal.butter(1, [low_hz, high_hz], "bandpass", fs=self.rate_hz, output="sos")
        lead = round(2 * self.rate_hz / low_hz)
        noise = signal.sosfilt(sections, self.rng.standard_normal(count + lead))[lead:]
        return np.asarray(noise / noise.std())


def damped(amplitude_mg: float, frequency_hz: float, duration_s: float, rate_hz: float) -> Samples:
    """A swing that sinks to a twentieth within its duration; `amplitude_mg` peak to peak."""
    time_s = np.arange(max(2, round(duration_s * rate_hz))) / rate_hz
    wave = np.exp(-3 * time_s / duration_s) * np.sin(2 * np.pi * frequency_hz * time_s)
    return np.asarray(amplitude_mg * wave / np.ptp(wave))


def swell(count: int, ramp_s: float, rate_hz: float) -> Samples:
    """An envelope that rises from 0 to 1 and falls back, with raised-cosine ramps."""
    place = np.arange(count)
    inside = np.minimum(place, count - 1 - place) / (ramp_s * rate_hz)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.clip(inside, 0, 1)))
