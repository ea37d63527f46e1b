"""Tremor: a swing of 3-12 Hz that goes on for three seconds or more."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue
from detector.event import Event, Kind, State

BAND_HZ = (3.0, 12.0)  # Hz, of tremor (docs/detector.md)
LEAST_S = 3.0  # s, from which a swing is a tremor
LEAST_LOOKS = 3  # in which it is seen: one alone may be a shaking limb
STEP_S = 0.48  # s between two looks
LONGEST_S = 60.0  # s after which a tremor is told though it goes on
CONCENTRATED = 0.5  # of the power within PEAK_HZ: twice what a reaching hand or a walk has there
PEAK_HZ = 0.7  # Hz either side of the strongest frequency: the resolution of three seconds
SLOWEST_HZ = 0.7  # Hz, below which posture changes
HALF_SHARE = 0.1  # of the peak's power at half its frequency: steps have it, tremor has not
LEAST_MG = 15.0  # mg peak to peak: the tremor that everybody has stays below it in a limb at rest
SPECTRUM = 128  # points: the peak is found to 0.2 Hz


class TremorWatch:
    """Looks for tremor in mean accelerations of hops.

    Args:
        hop: Samples of a hop.
        hop_s: Its length.
    """

    def __init__(self, hop: int, hop_s: float) -> None:
        self._hop = hop
        self._hop_s = hop_s
        self._window = round(LEAST_S / hop_s)
        self._step = round(STEP_S / hop_s)
        self._means = np.zeros((3, self._window))
        self._filled = 0
        self._moving = 0  # hops
        self._looks = 0  # that found a tremor, since it began
        self._since, self._last = 0, 0
        self._swing_mg, self._frequency_hz, self._share = 0.0, 0.0, 0.0  # of the most regular look
        self._taper = np.hanning(self._window + 2)[1:-1]
        time = np.arange(self._window) - (self._window - 1) / 2
        self._slope = time / np.sum(time**2)
        self._time = time
        self._hz = np.fft.rfftfreq(SPECTRUM, hop_s)

    def restart(self) -> None:
        """The signal has broken off."""
        self._filled, self._moving, self._looks = 0, 0, 0

    @property
    def is_on(self) -> bool:
        """Whether a tremor is going on, as far as is known."""
        return self._looks >= LEAST_LOOKS

    def update(self, end: int, mean: NDArray[np.float64], *, moving: bool, noise_mg: float) -> Event | None:
        """Take a hop that ends at sample `end`; return a tremor that has ended by now."""
        self._means[:, :-1] = self._means[:, 1:]
        self._means[:, -1] = mean
        self._filled += 1
        self._moving = self._moving + 1 if moving else 0
        due = self._filled >= self._window and self._filled % self._step == 0
        if not due or not (moving or self._looks):
            return None
        if moving and self._look():
            if not self._looks:
                self._since = end - min(self._window, self._moving) * self._hop
            self._looks += 1
            self._last = end
        over = end > self._last + 2 * self._step * self._hop
        long = end - self._since >= round(LONGEST_S / self._hop_s) * self._hop
        return self._tell(noise_mg) if self._looks and (over or long) else None

    def _look(self) -> bool:
        """Whether the window holds a tremor."""
        centred = self._means - self._means.mean(axis=1, keepdims=True)
        centred -= (centred @ self._slope)[:, None] * self._time
        power = np.square(np.abs(np.fft.rfft(centred * self._taper, SPECTRUM, axis=1))).sum(axis=0)
        inside = (self._hz >= BAND_HZ[0]) & (self._hz <= BAND_HZ[1])
        frequency_hz = float(self._hz[inside][power[inside].argmax()])
        near = power[np.abs(self._hz - frequency_hz) <= PEAK_HZ].sum()
        half = power[np.abs(self._hz - frequency_hz / 2) <= PEAK_HZ / 2].sum()
        share = float(near / max(power[self._hz >= SLOWEST_HZ].sum(), 1e-12))
        averaged = float(np.sinc(frequency_hz * self._hop_s))  # what the mean over a hop leaves of it
        rms_mg = float(np.sqrt(np.square(centred).sum() / self._window * share))
        swing_mg = 2 * np.sqrt(2) * rms_mg / averaged
        found = share >= CONCENTRATED and half <= HALF_SHARE * near and swing_mg >= LEAST_MG
        if found and (not self._looks or share > self._share):
            self._share, self._swing_mg, self._frequency_hz = share, swing_mg, frequency_hz
        return bool(found)

    def _tell(self, noise_mg: float) -> Event | None:
        looks, self._looks = self._looks, 0
        duration_s = (self._last - self._since) / self._hop * self._hop_s
        if looks < LEAST_LOOKS or duration_s < LEAST_S:
            return None
        return Event(
            channel=0,
            onset=self._since,
            duration_ms=duration_s * 1000,
            amplitude=self._swing_mg,
            snr=self._swing_mg / 2 / noise_mg,
            kind=Kind.TREMOR,
            confidence=min(0.99, 0.5 + self._share / 2),
            state=State.MOVEMENT,
            reason=f"a swing of {self._frequency_hz:.1f} Hz for {duration_s:.0f} s",
        )

    def state(self) -> dict[str, StateValue]:
        return {
            "means": self._means.copy(),
            "counts": [self._filled, self._moving, self._looks, self._since, self._last],
            "found": [self._swing_mg, self._frequency_hz, self._share],
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._means = np.array(saved["means"], dtype=np.float64)
        self._filled, self._moving, self._looks, self._since, self._last = saved["counts"]
        self._swing_mg, self._frequency_hz, self._share = saved["found"]
