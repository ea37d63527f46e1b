"""What a simulated board measures: a source of samples, and the truth about the twitches in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.recording.content import Modality, Unit


@dataclass(frozen=True, slots=True)
class Planted:
    """A twitch that was put into a signal where nothing else happens at the time.

    Attributes:
        onset_s: From the first sample.
        duration_ms: From onset to end.
        amplitude: Peak to peak, uV or mg.
        snr: Peak over the rms of the noise in the band of its modality (20-450 Hz; 5-50 Hz).
        channel: Row of the samples; 0 for an accelerometer.
    """

    onset_s: float
    duration_ms: float
    amplitude: float
    snr: float
    channel: int


class Measurement(Protocol):
    """Something a board can sample, one call after the other."""

    modality: Modality
    unit: Unit
    rate_hz: float
    channels: int

    def read(self, count: int) -> NDArray[np.float32]:
        """Return the next samples, shape (channels, count); fewer at the end, if there is one."""
        ...

    def contact_off(self, time_s: float) -> int:
        """Return a bit for each channel (bit 0: the first) whose electrode is off at that time."""
        ...


class Hops:
    """Makes a signal hop by hop and cuts it as it is asked for, so that no cut changes it.

    Args:
        render: Takes the number of a hop's first sample and returns (channels, `length`).
        length: Samples in a hop.
    """

    def __init__(self, render: Callable[[int], NDArray[np.float32]], length: int) -> None:
        self._render = render
        self._length = length
        self._rendered = 0
        self._ready: list[NDArray[np.float32]] = []
        self.position = 0

    def read(self, count: int) -> NDArray[np.float32]:
        """Return the next `count` samples of every channel."""
        while self._rendered < self.position + count or not self._ready:
            self._ready.append(self._render(self._rendered))
            self._rendered += self._length
        joined = np.concatenate(self._ready, axis=1)
        self.position += count
        self._ready = [joined[:, count:]]
        return joined[:, :count]
