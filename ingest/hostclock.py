"""The host's clock, and when somebody set it."""

import time
from collections.abc import Callable

_STEP_NS = 200_000_000  # a clock that is slewed moves by 0.5 ms a second; a larger jump was set


class HostClock:
    """UTC that notices being set.

    It is held against the time since boot, suspend included where the system can tell (Linux), so that waking
    from suspend is no step.

    Args:
        utc_ns: Tells UTC, ns.
        steady_ns: Tells a time that nobody sets, ns.
    """

    def __init__(
        self, utc_ns: Callable[[], int] = time.time_ns, steady_ns: Callable[[], int] | None = None
    ) -> None:
        self._utc_ns = utc_ns
        self._steady_ns = steady_ns or _since_boot_ns
        self._offset_ns = self._utc_ns() - self._steady_ns()
        self.on_step: list[Callable[[int], None]] = []

    def now_ns(self) -> int:
        """Return UTC; whoever is in `on_step` is told of a step first."""
        now_ns = self._utc_ns()
        offset_ns = now_ns - self._steady_ns()
        step_ns = offset_ns - self._offset_ns
        self._offset_ns = offset_ns
        if abs(step_ns) > _STEP_NS:
            for tell in list(self.on_step):
                tell(step_ns)
        return now_ns


def _since_boot_ns() -> int:
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock)
