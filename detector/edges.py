"""Where a potential begins and ends."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from detector.filters import band, thinning

CLEAR = 12.0  # times the noise: from here on the signal itself shows its edges better than a template does
EDGE_NOISE = 3.5  # times the noise: the least that shows
ONSET_SHARE, END_SHARE = 0.015, 0.05  # of the peak: a potential starts abruptly and fades slowly
GAP_MS = 6.0  # it may cross zero for so long
REFERENCE_HZ = 100.0  # where most of a potential's energy is: there the filters' delay is taken


class Edges:
    """Finds them in the working signal of one rate."""

    def __init__(self, raw_rate_hz: float, working_hz: float) -> None:
        self._gap = max(1, round(GAP_MS * working_hz / 1000))
        numbers = (
            signal.sos2tf(band(raw_rate_hz, thinning(raw_rate_hz))[2:]) if thinning(raw_rate_hz) > 1 else None
        )
        delay = 0.0 if numbers is None else signal.group_delay(numbers, [REFERENCE_HZ], fs=raw_rate_hz)[1][0]
        self._delay = round(float(delay) / thinning(raw_rate_hz))

    def find(self, around: NDArray[np.float64], onset: int, length: int, noise: float) -> tuple[int, int]:
        """(first, one behind the last) index: the template's, unless the peak is clear of the noise."""
        start = max(onset, 0)
        peak_at = start + int(np.argmax(np.abs(around[start : onset + length])))
        peak = abs(float(around[peak_at]))
        if peak < CLEAR * noise:
            return onset, onset + length
        first = self._run(np.abs(around) > max(EDGE_NOISE * noise, ONSET_SHARE * peak), peak_at)[0]
        last = self._run(np.abs(around) > max(EDGE_NOISE * noise, END_SHARE * peak), peak_at)[1]
        return max(0, first - self._delay), last + 1 - self._delay

    def _run(self, above: NDArray[np.bool_], at: int) -> tuple[int, int]:
        """First and last of the Trues around `at` that follow each other without a gap."""
        where = np.flatnonzero(above)
        breaks = np.flatnonzero(np.diff(where) > self._gap)
        here = int(np.searchsorted(where, at))
        first = breaks[breaks < here].max(initial=-1) + 1
        last = breaks[breaks >= here].min(initial=len(where) - 1)
        return int(where[first]), int(where[last])
