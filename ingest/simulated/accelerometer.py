"""An accelerometer on the skin over one site, with planted twitches whose truth is kept."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.recording.content import Modality, Unit
from ingest.simulated import shapes
from ingest.simulated.body import Site
from ingest.simulated.dice import Key, dice
from ingest.simulated.measurement import Hops, Planted
from ingest.simulated.noise import BandNoise
from ingest.simulated.schedule import Happening, Schedule

NOISE_DENSITY_MG = {  # mg per root Hz, from the makers' data sheets
    "MPU-6050": 0.400,
    "ADXL345": 0.290,
    "LSM6DS3": 0.090,
    "LSM6DSV": 0.060,
    "ADXL355": 0.0225,
}
NOISE_BAND_HZ = (5.0, 50.0)  # Hz, where an SNR is meant: skin moves here, limbs below
GRAVITY_MG = 1000.0  # mg

_LAG_MS = (5.0, 40.0)  # ms from a motor unit's potential to the movement of the skin over it
_WOBBLE_HZ = (10.0, 25.0)  # Hz, how skin swings after a twitch
_BEAT_HZ, _BEAT_MS, _BEAT_DELAY_S = 9.0, 250.0, 0.2  # Hz, ms, s: a relaxed muscle rings after each pulse wave
_BREATH_HZ, _BREATH_MG = 0.25, 2.0  # Hz, mg: the chest tilts what lies on it
_LIMB_BAND_HZ = (0.5, 8.0)  # Hz, where limbs accelerate
_LIMB_MG = (30.0, 150.0)  # mg rms, a hand that fetches something to a brisk swing
_TURN_RAD, _TURN_HZ = (0.2, 0.8), (0.3, 1.0)  # rad, Hz: how far and how often a moving limb turns
_RAMP_S = 0.3  # s, from stillness to full movement
_KNOCK_MG, _KNOCK_HZ, _KNOCK_MS = (
    (80.0, 400.0),
    (40.0, 70.0),
    40.0,
)  # mg peak to peak, Hz, ms: a bump of the case
_CLEAR_S = 1.0  # s around movements without planted twitches: a detector has to settle
_KNOCK_CLEAR_S = 0.3  # s, the same around knocks
_FIRST_TWITCH_S = 3.0  # s: before that no detector can know the noise


@dataclass(frozen=True, slots=True)
class AccelerometerConditions:
    """Which sensor it is, what is in the way, and how strong the twitches are."""

    sensor: str = "LSM6DS3"  # a key of NOISE_DENSITY_MG
    beat_mg: float = 1.0  # peak to peak: the heartbeat's wobble
    knocks_per_min: float = 0.5
    twitch_mg: tuple[float, float] = (3.0, 40.0)  # peak to peak, from a single motor unit to a visible twitch
    twitch_ms: tuple[float, float] = (50.0, 350.0)


class AccelerometerSignal:
    """A streaming, seeded accelerometer: x, y, z in mg. However it is read, it is the same.

    Attributes:
        planted: The twitches within what was read so far, in the order of their onsets.
    """

    modality: Modality = "accelerometer"
    unit: Unit = "mg"
    channels = 3

    def __init__(
        self,
        key: Key,
        site: Site,
        *,
        rate_hz: float = 200.0,
        conditions: AccelerometerConditions | None = None,
    ) -> None:
        self.rate_hz = rate_hz
        self._conditions = conditions or AccelerometerConditions()
        self._site = site
        self._key = key
        self._density_mg = NOISE_DENSITY_MG[self._conditions.sensor]
        self._knocks = Schedule(
            (*key, "knocks"), per_minute=self._conditions.knocks_per_min, duration_s=(0.0, 0.0), apart_s=2.0
        )
        self._swing = BandNoise((*key, "swing"), rate_hz, _LIMB_BAND_HZ, 3)
        self._posture_rad = dice(*key, "posture").uniform(-0.7, 0.7, 2)
        self._truth: list[Planted] = []
        self._hops = Hops(self._render, round(rate_hz))

    @property
    def planted(self) -> list[Planted]:
        read_s = self._hops.position / self.rate_hz
        return [twitch for twitch in self._truth if twitch.onset_s + twitch.duration_ms / 1000 <= read_s]

    @property
    def noise_mg(self) -> float:
        """Rms of the sensor's noise within NOISE_BAND_HZ, each axis."""
        return float(self._density_mg * np.sqrt(NOISE_BAND_HZ[1] - NOISE_BAND_HZ[0]))

    def read(self, count: int) -> NDArray[np.float32]:
        """Return the next `count` samples, float32, shape (3, count), mg."""
        return self._hops.read(count)

    def contact_off(self, time_s: float) -> int:  # noqa: ARG002 -- as a Measurement says it
        """Return 0: no accelerometer can tell whether it touches skin."""
        return 0

    def _render(self, first: int) -> NDArray[np.float32]:
        count = round(self.rate_hz)
        time_s = (first + np.arange(count)) / self.rate_hz
        white = dice(*self._key, "noise", first).standard_normal((3, count))
        signal = self._density_mg * np.sqrt(self.rate_hz / 2) * white
        turn_rad = np.zeros(count)
        self._add_movements(signal, turn_rad, time_s)
        signal += self._gravity(time_s, turn_rad)
        self._add_heart(signal, first)
        self._add_knocks(signal, first)
        self._add_twitches(signal, first)
        return np.asarray(signal, np.float32)

    def _gravity(self, time_s: shapes.Wave, turn_rad: shapes.Wave) -> shapes.Wave:
        breath_rad = _BREATH_MG / GRAVITY_MG * np.sin(2 * np.pi * _BREATH_HZ * time_s)
        pitch = self._posture_rad[0] + breath_rad + turn_rad
        roll = self._posture_rad[1] + turn_rad / 2
        down = np.stack([np.sin(pitch), np.cos(pitch) * np.sin(roll), np.cos(pitch) * np.cos(roll)])
        return np.asarray(GRAVITY_MG * down)

    def _add_movements(self, signal: shapes.Wave, turn_rad: shapes.Wave, time_s: shapes.Wave) -> None:
        swing = self._swing.next(time_s.size)
        for movement in self._site.contractions.between(time_s[0], time_s[-1]):
            rng = dice(*movement.key, "limb")
            swell = shapes.swell(time_s, movement.start_s, movement.end_s, _RAMP_S)
            signal += rng.uniform(*_LIMB_MG) * swell * swing
            turning = np.sin(2 * np.pi * rng.uniform(*_TURN_HZ) * (time_s - movement.start_s))
            turn_rad += rng.uniform(*_TURN_RAD) * swell * turning

    def _add_heart(self, signal: shapes.Wave, first: int) -> None:
        wave = self._conditions.beat_mg * shapes.wobble(_BEAT_MS, self.rate_hz, frequency_hz=_BEAT_HZ)
        longest_s = _BEAT_DELAY_S + wave.size / self.rate_hz
        start_s, end_s = first / self.rate_hz - longest_s, (first + signal.shape[1]) / self.rate_hz
        for beat_s in self._site.heart.beats_s(start_s, end_s):
            shapes.add_at(signal[2], round((beat_s + _BEAT_DELAY_S) * self.rate_hz) - first, wave)

    def _add_knocks(self, signal: shapes.Wave, first: int) -> None:
        start_s = (first - 1) / self.rate_hz - _KNOCK_MS / 1000
        for knock in self._knocks.between(start_s, (first + signal.shape[1]) / self.rate_hz):
            rng = dice(*knock.key, "bump")
            wave = shapes.wobble(_KNOCK_MS, self.rate_hz, frequency_hz=rng.uniform(*_KNOCK_HZ))
            wave *= rng.uniform(*_KNOCK_MG)
            self._add_along(_direction(rng, 1.0), signal, round(knock.start_s * self.rate_hz) - first, wave)

    def _add_twitches(self, signal: shapes.Wave, first: int) -> None:
        end = first + signal.shape[1]
        for twitch in self._site.twitches.between(first / self.rate_hz, end / self.rate_hz):
            if not self._is_clear(twitch):
                continue
            rng = dice(*twitch.key, "wobble")
            onset = round((twitch.start_s + rng.uniform(*_LAG_MS) / 1000) * self.rate_hz)
            duration_ms = float(rng.uniform(*self._conditions.twitch_ms))
            low_mg, high_mg = self._conditions.twitch_mg
            amplitude_mg = float(low_mg * (high_mg / low_mg) ** rng.random())
            wave = shapes.wobble(duration_ms, self.rate_hz, frequency_hz=rng.uniform(*_WOBBLE_HZ))
            wave *= amplitude_mg * rng.choice((-1, 1))
            self._add_along(_direction(rng, 0.3), signal, onset - first, wave)
            if first <= onset < end:
                snr = float(np.abs(wave).max()) / self.noise_mg
                self._truth.append(Planted(onset / self.rate_hz, duration_ms, amplitude_mg, snr, 0))

    def _is_clear(self, twitch: Happening) -> bool:
        start_s, end_s = twitch.start_s, twitch.end_s
        return start_s >= _FIRST_TWITCH_S and not (
            self._site.contractions.between(start_s - _CLEAR_S, end_s + _CLEAR_S)
            or self._knocks.between(start_s - _KNOCK_CLEAR_S, end_s + _KNOCK_CLEAR_S)
        )

    @staticmethod
    def _add_along(direction: shapes.Wave, signal: shapes.Wave, start: int, wave: shapes.Wave) -> None:
        for axis, share in zip(signal, direction, strict=True):
            shapes.add_at(axis, start, share * wave)


def _direction(rng: np.random.Generator, tilt: float) -> shapes.Wave:
    """Return a unit vector near the skin's normal (z), the further from it the greater the tilt."""
    vector = np.array([0.0, 0.0, 1.0]) + tilt * rng.uniform(-1, 1, 3)
    return np.asarray(vector / np.linalg.norm(vector))
