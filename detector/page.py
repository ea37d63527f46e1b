"""The grid on which the EMG detector works, so that nothing depends on how the signal was cut.

A hop is the unit of filtering; a page is 80 hops. Whatever adapts (noise floor, mains, threshold) does so at
the end of a page and at no other time.
"""

from dataclasses import dataclass
from functools import cached_property

from detector.filters import thinning

HOP_S = 0.025  # short, because an event waits for the hop it ends in
PAGE_HOPS = 80  # 2 s: long enough to know a noise floor from, short against its changes
FEWEST = 4  # samples in a hop


@dataclass(frozen=True)  # without slots, so that what is asked for in every hop is worked out once
class Grid:
    """Rates and lengths of one stream; a working sample is `thinning` raw ones."""

    raw_rate_hz: float

    @cached_property
    def thinning(self) -> int:
        return thinning(self.raw_rate_hz)

    @cached_property
    def rate_hz(self) -> float:
        return self.raw_rate_hz / self.thinning

    @cached_property
    def hop(self) -> int:
        return max(FEWEST, round(HOP_S * self.rate_hz))

    @cached_property
    def raw_hop(self) -> int:
        return self.hop * self.thinning
