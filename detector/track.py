"""Keeps the state of a site over time, as spans without hole or overlap."""

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from math import nan
from typing import Any

from detector.contract import StateValue
from detector.event import Span, State


class StateTrack:
    """States of consecutive stretches go in, spans come out once nothing can change them any more.

    Args:
        channel: Which channel it is.
        delay: Stretches that are held back, so that what is learned late can still mark them.
        longest: Samples after which a span is told even though its state goes on.
    """

    def __init__(self, channel: int, delay: int, longest: int) -> None:
        self._channel = channel
        self._delay = delay
        self._longest = longest
        self._held: deque[Span] = deque()
        self._open: Span | None = None
        self._told: list[Span] = []

    def append(self, start: int, end: int, state: State, noise_floor: float = nan) -> None:
        """Take the next stretch, [start, end) in samples."""
        self._held.append(Span(self._channel, start, end, state, noise_floor))
        if len(self._held) > self._delay:
            self._settle(self._held.popleft())

    def mark(self, since: int, state: State, over: frozenset[State]) -> None:
        """Learn the state of the held stretches that reach beyond `since`, where theirs is one of `over`."""
        for place, span in enumerate(self._held):
            if span.end > since and span.state in over:
                self._held[place] = replace(span, state=state)

    def flush(self) -> None:
        """Nothing before now can be marked any more."""
        while self._held:
            self._settle(self._held.popleft())

    def close(self) -> None:
        """The signal has ended."""
        self.flush()
        if self._open is not None:
            self._told.append(self._open)
            self._open = None

    def take(self) -> list[Span]:
        """Return the spans that are complete."""
        told, self._told = self._told, []
        return told

    def _settle(self, span: Span) -> None:
        going_on = self._open
        self._open = span
        if going_on is None:
            return
        if going_on.state is span.state and going_on.end - going_on.start < self._longest:
            self._open = replace(going_on, end=span.end, noise_floor=span.noise_floor)
        else:
            self._told.append(going_on)

    def state(self) -> dict[str, StateValue]:
        return {
            "held": [_saved(span) for span in self._held],
            "open": None if self._open is None else _saved(self._open),
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._held = deque(self._span(one) for one in saved["held"])
        self._open = None if saved["open"] is None else self._span(saved["open"])

    def _span(self, saved: list[Any]) -> Span:
        start, end, name, noise_floor = saved
        return Span(self._channel, start, end, State(name), noise_floor)


def _saved(span: Span) -> list[StateValue]:
    return [span.start, span.end, span.state.value, span.noise_floor]
