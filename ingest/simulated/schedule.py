"""When things happen: at random, never overlapping, and the same for whoever asks, in whatever order."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ingest.simulated.dice import Key, dice

_WINDOW_S = 60  # drawn at once: any stretch can be asked for without drawing what came before it


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happens in [start_s, end_s); `key` throws whatever else is random about it."""

    start_s: float
    end_s: float
    key: Key

    def overlaps(self, start_s: float, end_s: float) -> bool:
        """Whether any of [start_s, end_s) is in it."""
        return self.start_s < end_s and start_s < self.end_s


class Schedule:
    """Happenings of one kind, Poisson in number and uniform in time, thinned where they would touch.

    Args:
        key: What the randomness depends on.
        per_minute: Mean number before thinning.
        duration_s: Least and greatest duration.
        apart_s: Least time from one end to the next start.
    """

    def __init__(
        self, key: Key, *, per_minute: float, duration_s: tuple[float, float], apart_s: float = 0.0
    ) -> None:
        if duration_s[1] + apart_s > _WINDOW_S / 2:
            raise ValueError(f"a happening lasts {_WINDOW_S / 2:g} s at most, the time apart included")
        self._key = key
        self._per_minute = per_minute
        self._duration_s = duration_s
        self._apart_s = apart_s
        self._window = lru_cache(maxsize=4)(self._draw)

    def between(self, start_s: float, end_s: float) -> list[Happening]:
        """Return, in order, what overlaps [start_s, end_s)."""
        first = max(0, int(start_s // _WINDOW_S))
        return [
            happening
            for number in range(first, int(end_s // _WINDOW_S) + 1)
            for happening in self._window(number)
            if happening.overlaps(start_s, end_s)
        ]

    def happens_at(self, time_s: float) -> bool:
        """Whether one of them is going on."""
        going_on = self._window(max(0, int(time_s // _WINDOW_S)))
        return any(happening.start_s <= time_s < happening.end_s for happening in going_on)

    def _draw(self, window: int) -> list[Happening]:
        rng = dice(*self._key, window)
        count = int(rng.poisson(self._per_minute))
        durations_s = rng.uniform(*self._duration_s, count)
        latest_s = _WINDOW_S - self._duration_s[1] - self._apart_s
        starts_s = window * _WINDOW_S + np.sort(rng.uniform(0, latest_s, count))
        kept: list[Happening] = []
        for number, (start_s, length_s) in enumerate(
            zip(starts_s.tolist(), durations_s.tolist(), strict=True)
        ):
            if not kept or start_s >= kept[-1].end_s + self._apart_s:
                kept.append(Happening(start_s, start_s + length_s, (*self._key, window, number)))
        return kept
