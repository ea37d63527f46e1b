"""Samples of one stream, put in order: each once, and every gap to the sample."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ingest.messages import SEQUENCE_SPAN, Samples


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive samples, the next ones in order.

    Attributes:
        start: Sequence number of the first instant, unwrapped.
        timed: The instant whose device time is known (the first of the frame it came in).
        time_us: Low 32 bits of that device time.
        codes: int32, shape (channels, n).
        resent: Whether it came out of order, so that its arrival says nothing about the clock.
    """

    start: int
    timed: int
    time_us: int
    codes: NDArray[np.int32]
    resent: bool

    @property
    def end(self) -> int:
        return self.start + int(self.codes.shape[1])


@dataclass(frozen=True, slots=True)
class Gap:
    """[start, end) will never come; `reason` says why in a word or two."""

    start: int
    end: int
    reason: str


class Reassembly:
    """Takes samples in any order, with repeats and holes; gives runs and gaps that follow each other exactly.

    Attributes:
        expected: The next sequence number, unwrapped: everything before it was given as a run or a gap.
        doubled: Instants that came more than once.
    """

    def __init__(self, expected: int, *, can_resend: bool, hold_limit: int) -> None:
        """Begin at sequence number `expected`.

        Args:
            expected: The first instant wanted.
            can_resend: Whether a hole can be filled later. If not, it is a gap as soon as it is seen.
            hold_limit: Instants that may be held back while a hole is open; more, and the hole becomes a gap.
        """
        self.expected = expected
        self.doubled = 0
        self.resent = 0
        self._can_resend = can_resend
        self._hold_limit = hold_limit
        self._held: dict[int, Run] = {}
        self._held_instants = 0
        self._farthest = expected
        self._gone: list[tuple[int, int]] = []

    def add(self, samples: Samples) -> list[Run | Gap]:
        """Return what `samples` brings in order."""
        start = self._unwrap(samples.sequence)
        run = Run(start, start, samples.time_us, samples.codes, start < self._farthest)
        if run.end <= self.expected or start in self._held:
            self.doubled += samples.codes.shape[1]
            return []
        if run.resent:
            self.resent += samples.codes.shape[1]
        if start == self.expected and not self._held and not self._gone:  # as nearly always
            self.expected = run.end
            self._farthest = max(self._farthest, run.end)
            return [run]
        self._held[start] = run
        self._held_instants += samples.codes.shape[1]
        self._farthest = max(self._farthest, run.end)
        delivered = self._deliver()
        if not self._can_resend:
            delivered += self._give_up_holes("lost")
        elif self._held_instants > self._hold_limit:
            delivered += self._skip_to(min(self._held), "not resent in time")
        return delivered

    def gone(self, start: int, end: int) -> list[Run | Gap]:
        """The device says that [start, end) (as on the wire) will never come."""
        first, last = self._unwrap(start), self._unwrap(end)
        if first < last:
            self._gone.append((first, last))
            self._farthest = max(self._farthest, last)
        return self._deliver()

    def close(self, reason: str) -> list[Run | Gap]:
        """Nothing further will come: give what is held, and as gaps its holes and what was announced."""
        delivered = self._give_up_holes(reason)
        if self._farthest > self.expected:
            delivered.append(Gap(self.expected, self._farthest, reason))
            self.expected = self._farthest
        return delivered

    def announce(self, next_sequence: int) -> None:
        """The device will take this sequence number next: what lies before has come, or is a hole."""
        self._farthest = max(self._farthest, self._unwrap(next_sequence))

    def holes(self) -> list[tuple[int, int]]:
        """Return the ranges [start, end) that have not come and are not gone, in order."""
        known = sorted(
            [(run.start, run.end) for run in self._held.values()]
            + self._gone
            + [(self._farthest, self._farthest)]
        )
        holes = []
        at = self.expected
        for start, end in known:
            if start > at:
                holes.append((at, start))
            at = max(at, end)
        return holes

    def _unwrap(self, sequence: int) -> int:
        """The number nearest to the farthest one seen that is `sequence` modulo 2^32."""
        half = SEQUENCE_SPAN // 2
        return self._farthest + (sequence - self._farthest + half) % SEQUENCE_SPAN - half

    def _deliver(self) -> list[Run | Gap]:
        delivered: list[Run | Gap] = []
        while True:
            run = self._next_held()
            if run is not None:
                delivered.append(run)
                self.expected = run.end
            elif (end := self._gone_until()) > self.expected:
                delivered.append(Gap(self.expected, end, "no longer held by the device"))
                self.expected = end
            else:
                return delivered

    def _next_held(self) -> Run | None:
        """Take the held run that holds the expected instant, cut to begin there; drop those that are over."""
        for start in sorted(self._held):
            if start > self.expected:
                return None
            run = self._held.pop(start)
            self._held_instants -= run.codes.shape[1]
            over = self.expected - start
            self.doubled += min(over, run.codes.shape[1])
            if over == 0:
                return run
            if run.end > self.expected:
                return replace(run, start=self.expected, codes=run.codes[:, over:])
        return None

    def _gone_until(self) -> int:
        """Where the range that the device gave up around the expected instant ends."""
        self._gone = [(start, end) for start, end in self._gone if end > self.expected]
        ends = [end for start, end in self._gone if start <= self.expected]
        until = max(ends, default=self.expected)
        return min([until, *(start for start in self._held if start >= self.expected)])

    def _give_up_holes(self, reason: str) -> list[Run | Gap]:
        delivered: list[Run | Gap] = []
        while self._held:
            delivered += self._skip_to(min(self._held), reason)
        return delivered

    def _skip_to(self, start: int, reason: str) -> list[Run | Gap]:
        gap = Gap(self.expected, start, reason)
        self.expected = start
        return [gap, *self._deliver()]
