"""Sequence numbers to device time: the board says when each frame began, this tells of any sample."""

from collections import deque
from collections.abc import Mapping

import numpy as np

from detector.contract import StateValue

_SPACING_US = 250_000  # marks nearer than this add nothing but jitter
_MARKS = 120  # 30 s of them: longer than any event is held open


class SampleTimes:
    """When the samples of one stream were taken, us since boot.

    Between two marks time is a straight line, beyond them it runs at the nominal rate.

    >>> times = SampleTimes(rate_hz=1000.0)
    >>> times.mark(0, 5_000)
    >>> times.device_us(100)
    105000
    """

    def __init__(self, rate_hz: float) -> None:
        self._period_us = 1e6 / rate_hz
        self._marks: deque[tuple[int, int]] = deque(maxlen=_MARKS)

    @property
    def started(self) -> bool:
        """Whether any sample was timed yet."""
        return bool(self._marks)

    def mark(self, sequence: int, device_us: int) -> None:
        """The sample `sequence` (rising from call to call) was taken at `device_us`."""
        if not self._marks or device_us - self._marks[-1][1] >= _SPACING_US:
            self._marks.append((sequence, device_us))

    def device_us(self, sequence: int) -> int:
        """Return when the sample `sequence` was or will be taken. Raises ValueError before the first mark."""
        if not self._marks:
            raise ValueError("no sample of this stream has been timed yet")
        after = len(self._marks)  # most that is asked for is recent
        while after and self._marks[after - 1][0] > sequence:
            after -= 1
        if 0 < after < len(self._marks):
            (s1, t1), (s2, t2) = self._marks[after - 1], self._marks[after]
            return round(t1 + (t2 - t1) * (sequence - s1) / (s2 - s1))
        marked, at_us = self._marks[0] if after == 0 else self._marks[-1]
        return round(at_us + (sequence - marked) * self._period_us)

    def state(self) -> dict[str, StateValue]:
        """Everything needed to go on later."""
        return {"marks": np.array(self._marks, np.int64).reshape(-1, 2)}

    def restore(self, state: Mapping[str, StateValue]) -> None:
        """Go on from a saved state."""
        self._marks = deque(((s, t) for s, t in np.asarray(state["marks"]).tolist()), maxlen=_MARKS)
