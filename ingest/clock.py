"""Device time to UTC.

A message is never early, only late, by an amount that varies. So of all pairs (device time, arrival - device
time) the lower envelope is the true relation: the line that lies below every point and as close to all as it
can. Its slope is the drift of the board's crystal. Source of the method: Moon, Skelly and Towsley,
"Estimation and removal of clock skew from network delay measurements", INFOCOM 1999; the envelope is the edge
of the lower convex hull at the mean device time.
"""

from collections import deque
from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from detector.contract import StateValue

_BUCKET_US = (
    2_000_000  # one point, the least late, for each 2 s: bounds memory, loses nothing of the envelope
)
_BUCKETS = 450  # 15 min of them: long against jitter, short against a crystal's change with temperature
_SLOPE_KNOWN_AFTER_US = 30_000_000  # before that, jitter of 3 ms would look like 100 ppm
_WORST_DRIFT = 200e-6  # crystals are off by 20-100 ppm, ceramic resonators of an Uno by more
_LEAST_DELAY_NS = 1_000_000  # USB and scheduler need up to this even for the least late message
_LATENESS_FACTOR = 5.0  # of n messages late by m in the mean, the least late is late by under 5 m/n in 99 %


class DeviceClock:
    """The clock of one boot of one device.

    >>> clock = DeviceClock()
    >>> clock.observe(1_000_000, 5_000_000_000)
    >>> clock.to_utc_ns(1_500_000)
    5500000000
    """

    def __init__(self) -> None:
        self._points: deque[tuple[int, int]] = deque(maxlen=_BUCKETS)  # device us, arrival ns - device ns
        self._origin: tuple[int, int] | None = None
        self._line = (0.0, 0.0)  # ns at the origin, ns per us
        self._measured = 0.0  # slope before it is held to what a crystal can be off by
        self._pivot_us = 0.0
        self._newest_us = -1
        self._observed = 0
        self._lateness_ns = 0.0  # running mean over the window
        self._last = (-1, 0)  # what was told last: time never runs backwards

    def observe(self, device_us: int, arrival_ns: int) -> None:
        """A message made at `device_us` arrived at `arrival_ns` (UTC); an older one tells nothing."""
        if device_us <= self._newest_us:
            return
        self._newest_us = device_us
        offset_ns = arrival_ns - device_us * 1000
        if self._origin is None:
            self._origin = (device_us, offset_ns)
        point = (device_us, offset_ns)
        new_bucket = not self._points or self._points[-1][0] // _BUCKET_US != device_us // _BUCKET_US
        if new_bucket:
            self._points.append(point)
        elif offset_ns < self._points[-1][1]:
            self._points[-1] = point
        lateness_ns = self._above_line(point)
        if new_bucket or lateness_ns < 0:
            self._fit()
        self._observed += 1
        window = min(self._observed, 10_000)  # messages in a few minutes
        self._lateness_ns += (max(0.0, self._above_line(point)) - self._lateness_ns) / window

    def to_utc_ns(self, device_us: int) -> int:
        """Return when `device_us` was, UTC. Never earlier than what was returned for an earlier device time.

        Raises:
            ValueError: Nothing was observed yet.
        """
        utc_ns = self._fitted_ns(device_us)
        last_us, last_ns = self._last
        if device_us < last_us:
            return min(utc_ns, last_ns)
        self._last = (device_us, max(utc_ns, last_ns))
        return self._last[1]

    def uncertainty_ns(self, device_us: int) -> int:
        """Return by how much `to_utc_ns(device_us)` may be off, either way."""
        jitter_ns = _LATENESS_FACTOR * self._lateness_ns / max(1, min(self._observed, 10_000))
        span_us = self._points[-1][0] - self._points[0][0] if self._points else 0
        slope_known = span_us >= _SLOPE_KNOWN_AFTER_US
        slope_error = min(_WORST_DRIFT, 4 * jitter_ns / (span_us * 1000)) if slope_known else _WORST_DRIFT / 2
        away_ns = abs(device_us - self._pivot_us) * 1000
        believed = self._line[1]  # and holds at one end of the window only, if the clock is broken
        broken_ns = abs(self._measured - believed) * (span_us + _BUCKET_US)
        return int(_LEAST_DELAY_NS + jitter_ns + slope_error * away_ns + broken_ns)

    @property
    def drift_ppm(self) -> float | None:
        """How much faster than UTC the device's clock was seen to run; None until it is known.

        More than `_WORST_DRIFT` is told and not believed: times do not follow it, and become uncertain.
        """
        if not self._points or self._points[-1][0] - self._points[0][0] < _SLOPE_KNOWN_AFTER_US:
            return None
        return -self._measured * 1e3

    def host_stepped(self, step_ns: int) -> None:
        """The host's clock was set by `step_ns`: all is told on the new clock from now on."""
        if self._origin is None:
            return
        self._origin = (self._origin[0], self._origin[1] + step_ns)
        self._points = deque(((us, ns + step_ns) for us, ns in self._points), maxlen=_BUCKETS)
        self._last = (self._last[0], self._last[1] + step_ns)

    def state(self) -> dict[str, StateValue]:
        """Everything needed to go on later."""
        return {
            "points": np.array(self._points, np.int64).reshape(-1, 2),
            "origin": np.array(self._origin or (), np.int64),
            "newest_us": self._newest_us,
            "observed": self._observed,
            "lateness_ns": self._lateness_ns,
            "last": np.array(self._last, np.int64),
            "line": np.array((*self._line, self._pivot_us)),
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        """Go on from a saved state."""
        points, origin, last = (np.asarray(state[k]).tolist() for k in ("points", "origin", "last"))
        self._points = deque(((us, ns) for us, ns in points), maxlen=_BUCKETS)
        self._origin = (origin[0], origin[1]) if origin else None
        self._last = (last[0], last[1])
        self._newest_us = int(np.asarray(state["newest_us"]))
        self._observed = int(np.asarray(state["observed"]))
        self._lateness_ns = float(np.asarray(state["lateness_ns"]))
        level, slope, self._pivot_us = np.asarray(state["line"]).tolist()
        self._line, self._measured = (level, slope), slope

    def _fitted_ns(self, device_us: int) -> int:
        if self._origin is None:
            raise ValueError("no message of this device has arrived yet")
        start_us, offset_ns = self._origin
        level, slope = self._line
        return device_us * 1000 + offset_ns + round(level + slope * (device_us - start_us))

    def _above_line(self, point: tuple[int, int]) -> float:
        device_us, offset_ns = point
        return float(device_us * 1000 + offset_ns - self._fitted_ns(device_us))

    def _fit(self) -> None:
        assert self._origin is not None
        start_us, start_ns = self._origin
        points = [(float(us - start_us), float(ns - start_ns)) for us, ns in self._points]
        mean_us = sum(us for us, _ in points) / len(points)
        self._pivot_us = mean_us + start_us
        if points[-1][0] - points[0][0] < _SLOPE_KNOWN_AFTER_US:
            self._measured = 0.0
        else:
            self._measured = _slope_at(mean_us, _lower_hull(points))
        limit = _WORST_DRIFT * 1000
        slope = max(-limit, min(limit, self._measured))
        level = min(ns - slope * us for us, ns in points)
        self._line = (level, slope)


def _lower_hull(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Andrew's monotone chain, its lower half; points by rising device time."""
    hull: list[tuple[float, float]] = []
    for x, y in points:
        while len(hull) >= 2:
            (x1, y1), (x2, y2) = hull[-2:]
            if (x2 - x1) * (y - y1) > (y2 - y1) * (x - x1):
                break
            hull.pop()
        hull.append((x, y))
    return hull


def _slope_at(x: float, hull: list[tuple[float, float]]) -> float:
    """Slope, ns per us, of the hull's edge above or below `x`."""
    for (x1, y1), (x2, y2) in pairwise(hull):
        if x1 <= x <= x2:
            return (y2 - y1) / (x2 - x1)
    return 0.0
