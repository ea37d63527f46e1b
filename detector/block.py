"""A cut of signal: what every detector takes in."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive samples of all channels of one stream.

    Attributes:
        start: Number of the first sampling instant, counted from the boot of the device (or from the first
            sample of a recording). A block that does not start where the last one ended tells of a gap.
        samples: float32, shape (channels, n), uV for EMG and mg for an accelerometer. May hold NaN where a
            sample is known to be bad.
    """

    start: int
    samples: NDArray[np.float32]

    @property
    def end(self) -> int:
        """The number of the instant after the last one."""
        return self.start + int(self.samples.shape[1])
