"""Keeps the state of a site over time, as spans without hole or overlap."""

from collections import deque
from collections.abc import Mapping

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
        self._held: deque[tuple[int, int, State]] = deque()
        self._open: tuple[int, int, State] | None = None
        self._told: list[tuple[int, int, State]] = []

    def append(self, start: int, end: int, state: State) -> None:
        """Take the next stretch, [start, end) in samples."""
        self._held.append((start, end, state))
        if len(self._held) > self._delay:
            self._settle(*self._held.popleft())

    def mark(self, since: int, state: State, over: frozenset[State]) -> None:
        """Learn the state of the held stretches that reach beyond `since`, where theirs is one of `over`."""
        for place, (start, end, held) in enumerate(self._held):
            if end > since and held in over:
                self._held[place] = (start, end, state)

    def flush(self) -> None:
        """Nothing before now can be marked any more."""
        while self._held:
            self._settle(*self._held.popleft())

    def close(self) -> None:
        """The signal has ended."""
        self.flush()
        if self._open is not None:
            self._told.append(self._open)
            self._open = None

    def take(self, noise_floor: float) -> list[Span]:
        """Return the spans that are complete, with the noise floor of now."""
        told, self._told = self._told, []
        return [Span(self._channel, start, end, state, noise_floor) for start, end, state in told]

    def _settle(self, start: int, end: int, state: State) -> None:
        if self._open is not None:
            first, _, going_on = self._open
            if going_on is state and start - first < self._longest:
                self._open = (first, end, state)
                return
            self._told.append(self._open)
        self._open = (start, end, state)

    def state(self) -> dict[str, StateValue]:
        held = [[start, end, state.value] for start, end, state in self._held]
        return {
            "held": list(map(list, held)),
            "open": None if self._open is None else [self._open[0], self._open[1], self._open[2].value],
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        held, going_on = state["held"], state["open"]
        assert isinstance(held, list)
        self._held = deque(_stretch(one) for one in held)
        self._open = None if going_on is None else _stretch(going_on)


def _stretch(saved: StateValue) -> tuple[int, int, State]:
    assert isinstance(saved, list)
    start, end, name = saved
    assert isinstance(start, int)
    assert isinstance(end, int)
    return start, end, State(str(name))
