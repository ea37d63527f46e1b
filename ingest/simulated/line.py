"""A line that damages, loses, doubles and delays what it carries, at random but repeatably."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.simulated.dice import Key, dice

Window = tuple[float, float]  # [start, end) in s


@dataclass(frozen=True, slots=True)
class Faults:
    """What a line does to bytes.

    Attributes:
        flip: Probability for each byte that one of its bits is turned.
        drop: That it is lost.
        double: That it comes twice.
        delay: For each piece handed over, that it waits, and all that follows with it.
        delay_s: How long it waits at most.
        stalls: When nothing moves; what was handed over comes afterwards.
        unplugged: When everything is lost.
    """

    flip: float = 0.0
    drop: float = 0.0
    double: float = 0.0
    delay: float = 0.0
    delay_s: float = 0.2
    stalls: Sequence[Window] = ()
    unplugged: Sequence[Window] = ()


class Line:
    """One direction of a line.

    The faults of single bytes depend on the key and on how many bytes came before, not on how they were cut.
    """

    def __init__(self, key: Key, faults: Faults) -> None:
        self._faults = faults
        self._bytes_dice = dice(*key, "bytes")
        self._delay_dice = dice(*key, "delay")
        self._moving: deque[tuple[float, bytes]] = deque()  # when it is due, and what

    def carry(self, data: bytes, now_s: float) -> bytes:
        """Hand over `data` at one end; return what comes out of the other by now."""
        if _within(now_s, self._faults.unplugged):
            self._moving.clear()
            return b""
        if data:
            due_s = max(self._moving[-1][0], now_s) if self._moving else now_s
            if self._delay_dice.random() < self._faults.delay:
                due_s = max(due_s, now_s + self._faults.delay_s * self._delay_dice.random())
            self._moving.append((due_s, self._damaged(data)))
        if _within(now_s, self._faults.stalls):
            return b""
        arrived = bytearray()
        while self._moving and self._moving[0][0] <= now_s:
            arrived += self._moving.popleft()[1]
        return bytes(arrived)

    def _damaged(self, data: bytes) -> bytes:
        if not (self._faults.flip or self._faults.drop or self._faults.double):
            return data
        chance, which = np.split(self._bytes_dice.random((len(data), 4)), [3], axis=1)
        flipped, dropped, doubled = (chance < (self._faults.flip, self._faults.drop, self._faults.double)).T
        wire = np.frombuffer(data, np.uint8).copy()
        wire[flipped] ^= (1 << (8 * which[flipped, 0]).astype(np.uint8)).astype(np.uint8)
        return np.repeat(wire, np.where(dropped, 0, np.where(doubled, 2, 1))).tobytes()


def _within(now_s: float, windows: Sequence[Window]) -> bool:
    return any(start_s <= now_s < end_s for start_s, end_s in windows)
