"""What a recording is: as its file tells it, and as the rest of the product takes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Modality = Literal["emg", "accelerometer"]
Unit = Literal["uV", "mg", "adc"]


@dataclass(frozen=True, slots=True)
class Recording:
    """A signal from a file, in the units of the detectors.

    Attributes:
        name: File name without its ending.
        samples: float32, shape (channels, n), in `unit`; every value finite.
        rate_hz: Sampling rate.
        modality: What was measured; an ECG is an EMG here, both are potentials at the skin.
        unit: uV or mg; adc where the file holds counts whose scale is not known.
        channels: A name for each row of `samples`.
        extra: What else an `.npz` holds, by its key; `segment_length` tells where signals were joined.
    """

    name: str
    samples: NDArray[np.float32]
    rate_hz: float
    modality: Modality
    unit: Unit
    channels: tuple[str, ...]
    extra: Mapping[str, NDArray[Any]]

    @property
    def duration_s(self) -> float:
        """Length of the signal."""
        return float(self.samples.shape[1] / self.rate_hz)


@dataclass(frozen=True, slots=True)
class Content:
    """What a file says of itself, not yet judged; None where it is silent.

    Attributes:
        table: Shape (n, channels), any real dtype.
        channels: A name for each column.
        rate_hz: Sampling rate.
        modality: As the file words it.
        unit: As the file words it.
        extra: See `Recording.extra`.
    """

    table: NDArray[Any]
    channels: tuple[str, ...]
    rate_hz: float | None = None
    modality: str | None = None
    unit: str | None = None
    extra: Mapping[str, NDArray[Any]] = field(default_factory=dict)
