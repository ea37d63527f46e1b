"""The one interface of every detector."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from detector.block import Block
from detector.event import Findings

StateValue = (
    int | float | bool | str | None | NDArray[np.generic] | list["StateValue"] | dict[str, "StateValue"]
)
"""What a saved state is made of: plain values and arrays, so that it can be stored without pickling code."""


class Detector(Protocol):
    """Samples in, findings out.

    - What is found does not depend on how the signal was cut into blocks.
    - Memory is constant.
    - A block that starts after the end of the last one is a gap: it is told as a `MISSING` span and never
      bridged. One that starts before it raises ValueError.
    - Any finite input is accepted; NaN makes the stretch `BAD_CONTACT`.
    - An event is final. A detector may tell of it first by a glimpse, which promises nothing.
    - Time is counted in samples; there is no clock.
    """

    version: str
    """Names the algorithm and its settings; goes with every event into the journal."""

    def update(self, block: Block) -> Findings:
        """Take the next samples; return what is certain by now."""
        ...

    def finish(self) -> Findings:
        """The signal has ended: return what was still open. Nothing may be fed afterwards."""
        ...

    def state(self) -> dict[str, StateValue]:
        """Everything needed to go on later, exactly as if there had been no break."""
        ...

    def restore(self, state: Mapping[str, StateValue]) -> None:
        """Go on from a saved state. Raises ValueError if it is another version's."""
        ...
