"""Surface EMG of several sites as electrodes would see it, with planted twitches whose truth is kept."""

from collections.abc import Sequence
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

NOISE_BAND_HZ = (20.0, 450.0)  # Hz, where the noise of skin and amplifier is told and an SNR is meant
_CONTRACTION_BAND_HZ = (30.0, 200.0)  # Hz, where most of a voluntary contraction's power lies at the skin
_CONTRACTION_UV = (40.0, 250.0)  # uV rms, light to firm
_CONTRACTION_RAMP_S = 0.15  # s, from rest to full force
_POP_UV, _POP_DECAY_MS = 150.0, 30.0  # uV, ms: an electrode that slips on the skin
_RAIL_UV = 1e6  # uV: beyond the range of any converter
_LOOSE_HUM_UV = (500.0, 2500.0)  # uV, mains at an electrode that hangs in the air
_CLEAR_S = 1.0  # s around contractions and lead-off without planted twitches: a detector has to settle
_POP_CLEAR_S = 0.3  # s, the same around pops: ten of their time constants
_FIRST_TWITCH_S = 3.0  # s: before that no detector can know the noise


@dataclass(frozen=True, slots=True)
class EmgConditions:
    """What is in the way at each electrode, and how strong the twitches are."""

    noise_uv: float = 5.0  # rms within NOISE_BAND_HZ
    mains_hz: float = 50.0
    mains_uv: float = 5.0  # amplitude; a third harmonic of 0.4 of it comes with it
    qrs_uv: float = 40.0  # peak of the heartbeat: what an upper arm shows
    drift_uv: float = 30.0  # slow wandering of the electrode
    pops_per_min: float = 1.0
    lead_off_per_min: float = 0.1
    snr: tuple[float, float] = (2.0, 10.0)  # of planted twitches, peak over noise rms
    duration_ms: tuple[float, float] = (8.0, 20.0)  # of planted twitches


class EmgSignal:
    """A streaming, seeded surface EMG; one channel a site. However it is read, it is the same.

    Attributes:
        planted: The twitches within what was read so far, in the order of their onsets.
    """

    modality: Modality = "emg"
    unit: Unit = "uV"

    def __init__(
        self,
        key: Key,
        sites: Sequence[Site],
        *,
        rate_hz: float = 1000.0,
        conditions: EmgConditions | None = None,
    ) -> None:
        self.rate_hz = rate_hz
        self.channels = len(sites)
        self._conditions = conditions or EmgConditions()
        self._sites = sites
        self._key = key
        self._noise = BandNoise((*key, "noise"), rate_hz, NOISE_BAND_HZ, self.channels)
        self._effort = BandNoise((*key, "effort"), rate_hz, _CONTRACTION_BAND_HZ, self.channels)
        self._pops = self._faults("pops", self._conditions.pops_per_min, (0.0, 0.0))
        self._lead_off = self._faults("lead-off", self._conditions.lead_off_per_min, (4.0, 12.0))
        self._drift_hz = dice(*key, "drift").uniform(0.05, 0.4, (3, self.channels, 1))
        self._truth: list[Planted] = []
        self._hops = Hops(self._render, round(rate_hz))

    @property
    def planted(self) -> list[Planted]:
        read_s = self._hops.position / self.rate_hz
        past = (twitch for twitch in self._truth if twitch.onset_s + twitch.duration_ms / 1000 <= read_s)
        return sorted(past, key=lambda twitch: twitch.onset_s)

    def read(self, count: int) -> NDArray[np.float32]:
        """Return the next `count` samples, float32, shape (channels, count), uV."""
        return self._hops.read(count)

    def contact_off(self, time_s: float) -> int:
        """Return a bit for each channel whose electrode is off at that time."""
        return sum(faults.happens_at(time_s) << channel for channel, faults in enumerate(self._lead_off))

    def _faults(self, name: str, per_min: float, duration_s: tuple[float, float]) -> list[Schedule]:
        return [
            Schedule((*self._key, name, channel), per_minute=per_min, duration_s=duration_s, apart_s=2.0)
            for channel in range(self.channels)
        ]

    def _render(self, first: int) -> NDArray[np.float32]:
        count = round(self.rate_hz)
        time_s = (first + np.arange(count)) / self.rate_hz
        signal = (
            self._conditions.noise_uv * self._noise.next(count) + self._mains(time_s) + self._drift(time_s)
        )
        effort = self._effort.next(count)
        for channel in range(self.channels):
            self._add_heart(signal[channel], first, channel)
            self._add_contractions(signal[channel], effort[channel], time_s, channel)
            self._add_pops(signal[channel], first, channel)
            self._add_twitches(signal[channel], first, channel)
            self._add_lead_off(signal[channel], time_s, channel)
        return signal.astype(np.float32)

    def _mains(self, time_s: shapes.Wave) -> shapes.Wave:
        phase = 2 * np.pi * self._conditions.mains_hz * time_s
        return np.asarray(self._conditions.mains_uv * (np.sin(phase) + 0.4 * np.sin(3 * phase + 1)))

    def _drift(self, time_s: shapes.Wave) -> shapes.Wave:
        waves = np.sin(2 * np.pi * self._drift_hz * time_s)
        return np.asarray(self._conditions.drift_uv * waves.mean(axis=0))

    def _add_heart(self, signal: shapes.Wave, first: int, channel: int) -> None:
        wave = self._conditions.qrs_uv * shapes.qrs(self.rate_hz)
        start_s, end_s = (first - wave.size) / self.rate_hz, (first + signal.size) / self.rate_hz
        for beat_s in self._sites[channel].heart.beats_s(start_s, end_s):
            shapes.add_at(signal, round(beat_s * self.rate_hz) - first, wave)

    def _add_contractions(
        self, signal: shapes.Wave, effort: shapes.Wave, time_s: shapes.Wave, channel: int
    ) -> None:
        for contraction in self._sites[channel].contractions.between(time_s[0], time_s[-1]):
            force_uv = dice(*contraction.key, "force").uniform(*_CONTRACTION_UV)
            swell = shapes.swell(time_s, contraction.start_s, contraction.end_s, _CONTRACTION_RAMP_S)
            signal += force_uv * swell * effort

    def _add_pops(self, signal: shapes.Wave, first: int, channel: int) -> None:
        wave = shapes.decay(_POP_DECAY_MS, self.rate_hz)
        start_s, end_s = (first - wave.size) / self.rate_hz, (first + signal.size) / self.rate_hz
        for pop in self._pops[channel].between(start_s, end_s):
            rng = dice(*pop.key, "height")
            height_uv = _POP_UV * rng.uniform(0.7, 1.3) * rng.choice((-1, 1))
            shapes.add_at(signal, round(pop.start_s * self.rate_hz) - first, height_uv * wave)

    def _add_twitches(self, signal: shapes.Wave, first: int, channel: int) -> None:
        start_s, end_s = first / self.rate_hz, (first + signal.size) / self.rate_hz
        for twitch in self._sites[channel].twitches.between(start_s, end_s):
            if not self._is_clear(twitch, channel):
                continue
            rng = dice(*twitch.key, "potential")
            duration_ms = float(rng.uniform(*self._conditions.duration_ms))
            snr = float(rng.uniform(*self._conditions.snr))
            phases, skew = int(rng.integers(2, 4)), float(rng.uniform(-0.3, 0.3))
            wave = shapes.potential(duration_ms, self.rate_hz, phases=phases, skew=skew)
            wave *= snr * self._conditions.noise_uv * rng.choice((-1, 1))
            onset = round(twitch.start_s * self.rate_hz)
            shapes.add_at(signal, onset - first, wave)
            if first <= onset < first + signal.size:
                onset_s = onset / self.rate_hz
                self._truth.append(Planted(onset_s, duration_ms, float(np.ptp(wave)), snr, channel))

    def _is_clear(self, twitch: Happening, channel: int) -> bool:
        start_s, end_s = twitch.start_s, twitch.end_s
        return start_s >= _FIRST_TWITCH_S and not (
            self._sites[channel].contractions.between(start_s - _CLEAR_S, end_s + _CLEAR_S)
            or self._lead_off[channel].between(start_s - _CLEAR_S, end_s + _CLEAR_S)
            or self._pops[channel].between(start_s - _POP_CLEAR_S, end_s + _POP_CLEAR_S)
        )

    def _add_lead_off(self, signal: shapes.Wave, time_s: shapes.Wave, channel: int) -> None:
        for fault in self._lead_off[channel].between(time_s[0], time_s[-1]):
            rng = dice(*fault.key, "air")
            off = (time_s >= fault.start_s) & (time_s < fault.end_s)
            if rng.random() < 0.5:
                signal[off] = _RAIL_UV
            else:
                hum = np.sin(2 * np.pi * self._conditions.mains_hz * time_s[off])
                signal[off] += rng.uniform(*_LOOSE_HUM_UV) * hum
