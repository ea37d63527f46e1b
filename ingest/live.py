"""The last half minute of every channel, in memory, for whoever watches."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOW_S = 30.0  # what is kept of every channel: three screens of it
GAP_NS = 10_000_000  # 10 ms: a hole as wide as this is shown; the clock fit moves times by less
LATE_NS = 50_000_000  # 50 ms: blocks that overlap by less touch: a clock fit that has just begun moves so far
SECOND_NS = 1_000_000_000
MARKS_KEPT = 256  # of a stream: far more than it glimpses in the time between two looks


@dataclass(frozen=True, slots=True)
class Mark:
    """What looked like a twitch the moment it was over; whether it was one, the journal will tell.

    Attributes:
        channel: Of the stream.
        onset_ns: UTC.
        duration_ms: As far as it was seen.
    """

    channel: int
    onset_ns: int
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Lane:
    """One stream of one device, as it was last pushed.

    Attributes:
        device: Device id.
        stream: Stream id within the device.
        modality: emg or accelerometer.
        unit: Of the samples: uV, mg or adc.
        sites: One a channel; for an accelerometer one in all.
        rate_hz: Nominal sampling rate.
        channels: Rows of the samples.
        end_ns: UTC of the end of the newest sample.
    """

    device: str
    stream: int
    modality: str
    unit: str
    sites: tuple[str, ...]
    rate_hz: float
    channels: int
    end_ns: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Signal brought down to the columns of a screen.

    Attributes:
        numbers: int64 (n,), rising: column k holds the samples from k to k + 1 times the column's width, UTC.
        low: float32 (channels, n), the smallest sample in each column; NaN where there is none.
        high: float32 (channels, n), the largest.
    """

    numbers: NDArray[np.int64]
    low: NDArray[np.float32]
    high: NDArray[np.float32]


class LiveSignal:
    """A ring of samples for each stream; what a stream keeps does not grow with time.

    >>> live = LiveSignal()
    >>> block = np.float32([[1, 5, 2, 7]])
    >>> live.push(device="a1", stream=0, modality="emg", unit="uV", sites=["biceps-left"], rate_hz=1000,
    ...           end_ns=4_000_000, samples=block)
    >>> columns = live.columns("a1", 0, since=0, width_ns=2_000_000)
    >>> columns.low.tolist(), columns.high.tolist()
    ([[1.0, 2.0]], [[5.0, 7.0]])
    """

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._window_s = window_s
        self._rings: dict[tuple[str, int], _Ring] = {}

    def push(
        self,
        *,
        device: str,
        stream: int,
        modality: str,
        unit: str,
        sites: Sequence[str],
        rate_hz: float,
        end_ns: int,
        samples: NDArray[np.float32],
        marks: Sequence[Mark] = (),
    ) -> None:
        """Take the newest samples of a stream.

        Args:
            device: Device id.
            stream: Stream id within the device.
            modality: emg or accelerometer.
            unit: uV, mg or adc.
            sites: One a channel; for an accelerometer one in all.
            rate_hz: Nominal sampling rate.
            end_ns: UTC of the end of the last sample. Samples that come behind newer ones are left out.
            samples: float32 (channels, n).
            marks: What looks like a twitch in them, or in those shortly before.
        """
        lane = Lane(device, stream, modality, unit, tuple(sites), rate_hz, samples.shape[0], end_ns)
        ring = self._rings.get((device, stream))
        if ring is None or not ring.fits(lane):
            ring = self._rings[device, stream] = _Ring(lane, self._window_s)
        ring.push(lane, samples)
        ring.mark(marks)

    def lanes(self) -> list[Lane]:
        """Every stream that was ever pushed, by device."""
        return [self._rings[key].lane for key in sorted(self._rings)]

    def columns(self, device: str, stream: int, *, since: int, width_ns: int) -> Columns:
        """What is kept of a stream from column `since` on, as the extremes within columns of `width_ns`."""
        return self._rings[device, stream].columns(since, width_ns)

    def marks(self, device: str, stream: int, *, after: int) -> tuple[list[Mark], int]:
        """The marks of a stream after the first so many, and how many there were in all."""
        return self._rings[device, stream].marks(after)


class _Ring:
    def __init__(self, lane: Lane, window_s: float) -> None:
        self.lane = lane
        self._window_ns = round(window_s * SECOND_NS)
        self._period_ns = SECOND_NS / lane.rate_hz
        self._samples = np.full((lane.channels, max(1, round(window_s * lane.rate_hz))), np.nan, np.float32)
        self._written = 0
        self._marks: deque[Mark] = deque(maxlen=MARKS_KEPT)
        self._marked = 0

    def fits(self, lane: Lane) -> bool:
        """Whether samples of that lane go on where this ring's end; a clock set back starts a new one."""
        behind_ns = self.lane.end_ns - lane.end_ns
        return (
            lane.rate_hz == self.lane.rate_hz
            and lane.channels == self.lane.channels
            and behind_ns <= self._window_ns
        )

    def push(self, lane: Lane, samples: NDArray[np.float32]) -> None:
        count = samples.shape[1]
        if self._written:
            gap_ns = lane.end_ns - self.lane.end_ns - count * self._period_ns
            if gap_ns < -LATE_NS:
                return
            if gap_ns > GAP_NS:
                self._skip(round(gap_ns / self._period_ns))
        self.lane = lane
        self._append(samples)

    def mark(self, marks: Sequence[Mark]) -> None:
        self._marks.extend(marks)
        self._marked += len(marks)

    def marks(self, after: int) -> tuple[list[Mark], int]:
        """As `LiveSignal.marks`."""
        new = (
            self._marked - after if after <= self._marked else self._marked
        )  # it may be another ring's count
        return list(self._marks)[max(0, len(self._marks) - new) :], self._marked

    def columns(self, since: int, width_ns: int) -> Columns:
        """As `LiveSignal.columns`."""
        origin_ns = since * width_ns
        end_ns = self.lane.end_ns - origin_ns
        wanted = int(min(end_ns / self._period_ns, self._written, self._samples.shape[1]))
        if wanted <= 0:
            nothing = np.empty((self.lane.channels, 0), np.float32)
            return Columns(np.empty(0, np.int64), nothing, nothing)
        samples = self._newest(wanted)
        numbers = ((end_ns - np.arange(wanted, 0, -1) * self._period_ns) // width_ns).astype(np.int64)
        starts = np.flatnonzero(np.diff(numbers, prepend=numbers[0] - 1))
        return Columns(
            numbers[starts] + since,
            np.fmin.reduceat(samples, starts, axis=1),
            np.fmax.reduceat(samples, starts, axis=1),
        )

    def _newest(self, count: int) -> NDArray[np.float32]:
        size = self._samples.shape[1]
        end = self._written % size
        if count <= end:
            return self._samples[:, end - count : end]
        return np.concatenate((self._samples[:, size - count + end :], self._samples[:, :end]), axis=1)

    def _skip(self, count: int) -> None:
        missing = min(count, self._samples.shape[1])
        self._append(np.full((self.lane.channels, missing), np.nan, np.float32))

    def _append(self, samples: NDArray[np.float32]) -> None:
        size = self._samples.shape[1]
        kept = samples[:, -size:]
        start = self._written % size
        until_edge = min(size - start, kept.shape[1])
        self._samples[:, start : start + until_edge] = kept[:, :until_edge]
        self._samples[:, : kept.shape[1] - until_edge] = kept[:, until_edge:]
        self._written += kept.shape[1]
