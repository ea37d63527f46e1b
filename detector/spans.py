"""States of channels over time, joined into spans that are told once a second and at every change."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue
from detector.event import Span, State

ORDER = (State.REST, State.MOVEMENT, State.BAD_CONTACT, State.NOT_WORN)  # the codes of the states in arrays
REST, MOVEMENT, BAD_CONTACT, NOT_WORN = range(len(ORDER))
TOLD_S = 1.0  # at the latest after so much: minutes are made of these


class Spans:
    """Turns state codes of hops into spans, cut at whole seconds from the start of a segment."""

    def __init__(self, channels: int, hop: int, hop_s: float) -> None:
        self._hop = hop
        self._told_hops = round(TOLD_S / hop_s)
        self._codes = np.full(channels, REST, dtype=np.int8)
        self._starts = np.zeros(channels, dtype=np.int64)
        self._floors = np.full(channels, np.nan)
        self._start = 0
        self._hops = 0

    def begin(self, start: int) -> None:
        """A new segment begins at this raw instant."""
        self._start, self._hops = start, 0
        self._starts[:] = start
        self._floors[:] = np.nan

    def add(self, codes: NDArray[np.int8], floors: NDArray[np.float64]) -> list[Span]:
        """Take codes (hops, channels) and the floor rms (channels,); return the spans that ended."""
        ended: list[Span] = []
        if -self._hops % self._told_hops < len(codes) or (codes != self._codes).any():
            ended = self._end(codes, floors)
        self._hops += len(codes)
        self._codes, self._floors = codes[-1].copy(), floors.copy()
        return ended

    def _end(self, codes: NDArray[np.int8], floors: NDArray[np.float64]) -> list[Span]:
        before = np.concatenate([self._codes[None], codes[:-1]])
        number = self._hops + np.arange(len(codes))
        cut = (codes != before) | (number % self._told_hops == 0)[:, None]
        if self._hops == 0:
            cut[0] = False
        ended = []
        for hop, channel in zip(*np.nonzero(cut), strict=True):
            at = self._start + (self._hops + int(hop)) * self._hop
            if hop:  # the span's last hop is one of these
                self._floors = floors
            ended.append(self._span(int(channel), at, int(before[hop, channel])))
        return ended

    def _span(self, channel: int, end: int, code: int) -> Span:
        start, self._starts[channel] = int(self._starts[channel]), end
        floor = float(self._floors[channel]) if code in (REST, MOVEMENT) else np.nan
        return Span(channel, start, end, ORDER[code], floor)

    def finish(self, end: int) -> list[Span]:
        """The segment ended at this raw instant."""
        channels = range(len(self._codes))
        return [self._span(c, end, int(self._codes[c])) for c in channels if self._starts[c] < end]

    def state(self) -> dict[str, StateValue]:
        return {
            "codes": self._codes.copy(),
            "starts": self._starts.copy(),
            "floors": self._floors.copy(),
            "start": self._start,
            "hops": self._hops,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._codes, self._starts = np.array(state["codes"]), np.array(state["starts"])
        self._floors = np.array(state["floors"])
        self._start, self._hops = state["start"], state["hops"]
