"""Samples in order to chunks for the archive."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ingest.archive.chunk import Chunk, Source

_LONGEST_S = 5.0  # of a chunk: within it time is taken for a straight line, which crystals are
_STEP_NS = 1_000_000_000  # a better fit of the clock moves time by less, and must not turn it back


class ChunkCutter:
    """Joins the runs of one stream into chunks; a gap ends a chunk.

    Args:
        source: What the samples are of.
        time_ns: Says when a sample was, UTC; asked while the sample is recent.
        uncertainty_ns: Says by how much that may be off.
    """

    def __init__(
        self, source: Source, time_ns: Callable[[int], int], uncertainty_ns: Callable[[int], int]
    ) -> None:
        self._source = source
        self._time_ns, self._uncertainty_ns = time_ns, uncertainty_ns
        self._longest = int(_LONGEST_S * source.stream.rate_hz)
        self._start = self._end = 0
        self._closed = (0, 0)  # the number and the time after the last chunk
        self._open: list[NDArray[np.int32]] = []
        self._cut: list[Chunk] = []

    def push(self, start: int, codes: NDArray[np.int32]) -> None:
        """Take the next samples, shape (channels, n); a jump in `start` is a gap."""
        if start != self._end or self._end - self._start >= self._longest:
            self._close()
        if not self._open:
            self._start = start
        self._open.append(codes)
        self._end = start + codes.shape[1]

    def take(self) -> list[Chunk]:
        """Return what has come since the last time."""
        self._close()
        taken, self._cut = self._cut, []
        return taken

    def _close(self) -> None:
        if not self._open:
            return
        codes = np.concatenate(self._open, axis=1, dtype=self._source.code_type)
        start_ns, end_ns = self._time_ns(self._start), self._time_ns(self._end)
        closed, closed_ns = self._closed
        if self._start == closed and abs(start_ns - closed_ns) < _STEP_NS:
            start_ns = closed_ns
        self._closed = (self._end, end_ns)
        uncertainty_ns = self._uncertainty_ns(self._end)
        self._cut.append(Chunk(self._source, self._start, codes, start_ns, end_ns, uncertainty_ns))
        self._open = []
