"""One second of raw signal either side of each event, kept for good."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue
from ingest.schema import SnippetRow

SIDE_S = 1.0  # of signal before the onset and after the end
_RING_S = 14.0  # longer than the longest event that is kept whole (10 s) and both sides
_LONGEST_S = 10.0  # of an event in a snippet; the rest of a longer one is in the archive


@dataclass(frozen=True, slots=True)
class Wanted:
    """An event, by its channel, onset and end (sequence numbers), whose signal is to be kept."""

    channel: int
    onset: int
    end: int


class SnippetCutter:
    """Holds the last seconds of one stream; cuts out what is wanted once enough has come after it.

    Args:
        channels: Of the stream.
        rate_hz: Nominal sampling rate.
        scale: Units per count.
        together: Whether the channels are the axes of one sensor, to be kept together.
    """

    def __init__(self, *, channels: int, rate_hz: float, scale: float, together: bool) -> None:
        self._together = together
        self._rate_hz = rate_hz
        self._scale = scale
        self._ring = np.zeros((channels, int(_RING_S * rate_hz)), np.int32)
        self._valid = np.zeros(self._ring.shape[1], np.bool_)
        self._end = 0
        self._wanted: list[Wanted] = []

    def push(self, start: int, codes: NDArray[np.int32]) -> None:
        """Take the next samples, shape (channels, n); a jump in `start` is a gap."""
        size = self._ring.shape[1]
        if start != self._end:
            skipped = np.arange(self._end, min(start, self._end + size)) % size
            self._valid[skipped] = False
        kept = codes[:, -size:]
        places = np.arange(start + codes.shape[1] - kept.shape[1], start + codes.shape[1]) % size
        self._ring[:, places] = kept
        self._valid[places] = True
        self._end = start + codes.shape[1]

    def want(self, channel: int, onset: int, duration_ms: float) -> None:
        """Keep the signal around this event."""
        length = int(min(duration_ms / 1000, _LONGEST_S) * self._rate_hz)
        self._wanted.append(Wanted(channel, onset, onset + length))

    def ready(self) -> list[tuple[Wanted, SnippetRow]]:
        """Return the cuts that are complete, and forget them."""
        side = int(SIDE_S * self._rate_hz)
        done = [w for w in self._wanted if w.end + side <= self._end]
        if done:
            self._wanted = [w for w in self._wanted if w not in done]
        return [(w, row) for w in done for row in self._cut(w, side)]

    def partial(self) -> list[tuple[Wanted, SnippetRow]]:
        """Return what there is of the cuts that are not complete."""
        return [(w, row) for w in self._wanted for row in self._cut(w, int(SIDE_S * self._rate_hz))]

    @property
    def wanted(self) -> NDArray[np.int64]:
        """The cuts that are not complete: channel, onset and end of each."""
        return np.array([(w.channel, w.onset, w.end) for w in self._wanted], np.int64).reshape(-1, 3)

    @wanted.setter
    def wanted(self, rows: NDArray[np.int64]) -> None:
        self._wanted = [Wanted(*row) for row in rows.tolist()]

    def state(self) -> dict[str, StateValue]:
        """The signal that the open wishes need, so that with `wanted` they survive a restart."""
        size = self._ring.shape[1]
        first = min((w.onset for w in self._wanted), default=self._end) - int(SIDE_S * self._rate_hz)
        first = min(first, self._end - int(2 * SIDE_S * self._rate_hz))
        places = np.arange(max(first, self._end - size, 0), self._end) % size
        return {
            "end": self._end,
            "codes": self._ring[:, places],
            "valid": self._valid[places],
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        """Go on from a saved state."""
        codes, valid = np.asarray(state["codes"]), np.asarray(state["valid"])
        self._end = int(np.asarray(state["end"]))
        places = np.arange(self._end - codes.shape[1], self._end) % self._ring.shape[1]
        self._valid[:] = False
        self._ring[:, places] = codes
        self._valid[places] = valid

    def _cut(self, wanted: Wanted, side: int) -> list[SnippetRow]:
        size = self._ring.shape[1]
        first = max(wanted.onset - side, self._end - size, 0)
        places = np.arange(first, min(wanted.end + side, self._end)) % size
        # only the unbroken stretch around the onset: samples from before a gap are no neighbours
        broken = np.flatnonzero(~self._valid[places])
        before = broken[broken < wanted.onset - first]
        after = broken[broken >= wanted.onset - first]
        low = int(before[-1]) + 1 if before.size else 0
        high = int(after[0]) if after.size else places.size
        return [
            SnippetRow(
                channel=channel,
                start_sample=first + low,
                rate_hz=self._rate_hz,
                scale=self._scale,
                samples=self._ring[channel, places[low:high]].astype("<i4").tobytes(),
            )
            for channel in (range(len(self._ring)) if self._together else (wanted.channel,))
        ]
