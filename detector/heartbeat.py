"""The heartbeat in an EMG channel: recognised by its own rhythm, whatever it looks like."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from detector.contract import StateValue

SHORTEST_S, LONGEST_S = 0.35, 1.6  # between beats: 170 down to 38 a minute
SAME_SHAPE = 0.6  # correlation above which two potentials in noise may come from one source
SAME_SIZE = 2.0  # times larger or smaller: breathing changes a beat by less
EVEN = 2.0  # the largest over the smallest of the first beats: involuntary twitches vary more
STEADY = 0.15  # by how much one interval may differ from the mean: sinus arrhythmia at rest stays within
STRAY = 0.25  # like potentials off the rhythm for each one on it: more, and it is no rhythm
CHAINED = 0.15  # the same while a rhythm is searched for: chance must not pass for one
BEATS_TO_KNOW = 6  # five equal intervals in a row hardly happen by chance
TRUST_FIRST, TRUST_MOST = 3, 10  # beats for, less like potentials off the rhythm: at 0 it was no heart
REMEMBERED_S = 10.0  # how far back a rhythm is looked for
LOST_S = 12.0  # without a beat: the rhythm must be found anew
MEMORY = 0.1  # of each new beat in the mean shape


class Heartbeat:
    """Follows the beats of one channel; fed with every potential that is found, in order of time."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self.slack = max(1, round(0.015 * rate_hz))  # 15 ms: noise moves the best match by so much
        self._recent: list[tuple[int, NDArray[np.float64]]] = []
        self._shape: NDArray[np.float64] | None = None
        self._last = 0
        self._interval_s = 0.0
        self._trust = 0

    @property
    def known(self) -> bool:
        return self._shape is not None

    def is_beat(self, at: int, wave: NDArray[np.float64]) -> bool:
        """Whether the potential whose waveform (n,) peaks at this instant is a heartbeat."""
        if self.known and (at - self._last) / self._rate_hz > LOST_S:
            self._shape, self._recent = None, []
        return self._follow(at, wave) if self.known else self._search(at, wave)

    def _follow(self, at: int, wave: NDArray[np.float64]) -> bool:
        assert self._shape is not None
        since = (at - self._last) / self._rate_hz
        beats = max(1, round(since / self._interval_s))
        in_time = abs(since - beats * self._interval_s) < STEADY * self._interval_s * min(beats, 2)
        shift = self._alike(wave, self._shape)
        if shift is None:
            return False
        self._trust = min(self._trust + 1, TRUST_MOST) if in_time else self._trust - 2
        if not in_time:
            if self._trust <= 0:
                self._shape = None
            return False
        self._shape = self._shape + MEMORY * (np.roll(wave, -shift) - self._shape)
        self._last = at + shift
        self._interval_s += MEMORY * (since / beats - self._interval_s)
        return True

    def _search(self, at: int, wave: NDArray[np.float64]) -> bool:
        horizon = at - REMEMBERED_S * self._rate_hz
        self._recent = [(t, w) for t, w in self._recent if t > horizon] + [(at, wave)]
        chain = self._chain()
        if len(chain) < BEATS_TO_KNOW:
            return False
        times = [self._recent[i][0] for i in chain]
        self._shape = np.mean([self._recent[i][1] for i in chain], axis=0)
        self._last = at
        self._interval_s = (times[0] - times[-1]) / self._rate_hz / (len(times) - 1)
        self._recent, self._trust = [], TRUST_FIRST
        return True

    def _chain(self) -> list[int]:
        """Indices of like potentials at equal intervals, from the newest back."""
        newest = len(self._recent) - 1
        wave = self._recent[-1][1]
        like = [i for i in range(newest) if self._alike(self._recent[i][1], wave) is not None] + [newest]
        longest: list[int] = []
        for second in reversed(like[:-1]):
            chain = self._steady(like, second)
            if len(chain) > len(longest):
                longest = chain
        if not longest:
            return []
        inside = sum(longest[-1] <= i for i in like)
        sizes = [float(np.linalg.norm(self._recent[i][1])) for i in longest]
        alone = inside - len(longest) <= STRAY * len(longest)
        return longest if alone and max(sizes) < EVEN * min(sizes) else []

    def _steady(self, like: list[int], second: int) -> list[int]:
        """The chain that begins with the newest and this one."""
        chain = [like[-1], second]
        mean: float = self._recent[like[-1]][0] - self._recent[second][0]
        if not SHORTEST_S <= mean / self._rate_hz <= LONGEST_S:
            return []
        for i in reversed(like[: like.index(second)]):
            step = self._recent[chain[-1]][0] - self._recent[i][0]
            if abs(step - mean) < CHAINED * mean:
                chain.append(i)
                mean = (self._recent[chain[0]][0] - self._recent[i][0]) / (len(chain) - 1)
        return chain

    def _alike(self, wave: NDArray[np.float64], shape: NDArray[np.float64]) -> int | None:
        """By how much the wave comes later than the shape; None if they differ in shape or size."""
        inner = shape[self.slack : -self.slack]
        windows = sliding_window_view(wave, len(inner))
        power, energies = inner @ inner, (windows * windows).sum(axis=1)
        matches = windows @ inner / np.sqrt(power * energies + np.finfo(np.float64).tiny)
        best = int(np.argmax(matches))
        sized = 1 / SAME_SIZE**2 < energies[best] / (power + np.finfo(np.float64).tiny) < SAME_SIZE**2
        return best - self.slack if matches[best] > SAME_SHAPE and sized else None

    def state(self) -> dict[str, StateValue]:
        return {
            "recent_at": [at for at, _ in self._recent],
            "recent": [wave.copy() for _, wave in self._recent],
            "shape": None if self._shape is None else self._shape.copy(),
            "last": self._last,
            "interval_s": self._interval_s,
            "trust": self._trust,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._recent = list(zip(state["recent_at"], [np.array(w) for w in state["recent"]], strict=True))
        self._shape = None if state["shape"] is None else np.array(state["shape"])
        self._last, self._interval_s, self._trust = state["last"], state["interval_s"], state["trust"]
