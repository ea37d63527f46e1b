"""Boards that play a recording as if they measured it now."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from ingest.messages import SiteHint
from ingest.protocol import NAME_LIMIT
from ingest.recording import Recording
from ingest.simulated.board import Board
from ingest.simulated.converter import Converter

_HIGHEST_CODE = 2**23 - 1  # of 24 bits
_CHANNEL_LIMIT = 15  # of one stream: PROTOCOL.md, section 3
_BUFFER_S = 60.0  # s: how far a fast player may run ahead of the host's acknowledgements


class Playback:
    """Some channels of a recording as a board's measurement: read once from start to end."""

    def __init__(self, recording: Recording, channels: slice) -> None:
        self.modality = recording.modality
        self.unit = recording.unit
        self.rate_hz = recording.rate_hz
        self._samples = recording.samples[channels]
        self.channels = self._samples.shape[0]
        self._position = 0

    def read(self, count: int) -> NDArray[np.float32]:
        """Return the next samples; none after the end."""
        start, self._position = self._position, self._position + count
        return self._samples[:, start : start + count]

    def contact_off(self, time_s: float) -> int:  # noqa: ARG002 -- as a Measurement says it
        """Return 0: a file does not tell."""
        return 0


def players(recording: Recording, *, boot_id: int = 1, sites: Sequence[SiteHint] = ()) -> list[Board]:
    """Return boards that play the recording from when they are started: one for each 15 channels of it.

    Their converters have 24 bits over the recording's own range: what arrives differs by half of 2^-23 of
    that at most, and not at all where the recording holds whole numbers.

    Args:
        recording: What to play.
        boot_id: Of each board.
        sites: Muscle and side of each channel, or one for an accelerometer; empty: not set.
    """
    scale = _scale(recording.samples)
    return [
        Board(
            [
                Converter(
                    Playback(recording, slice(first, first + _CHANNEL_LIMIT)),
                    scale,
                    sample_bytes=3,
                    sites=sites[first : first + _CHANNEL_LIMIT],
                )
            ],
            device_id=blake2b(f"{recording.name} {first}".encode(), digest_size=8).digest(),
            boot_id=boot_id,
            name=recording.name.encode()[:NAME_LIMIT].decode(errors="ignore"),
            buffer_s=_BUFFER_S,
            waits=True,
        )
        for first in range(0, len(recording.channels), _CHANNEL_LIMIT)
    ]


def _scale(samples: NDArray[np.float32]) -> float:
    peak = float(np.abs(samples).max())
    if peak == 0 or (peak <= _HIGHEST_CODE and np.array_equal(samples, np.rint(samples))):
        return 1.0
    return float(np.nextafter(np.float32(peak / _HIGHEST_CODE), np.float32(np.inf)))
