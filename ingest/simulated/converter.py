"""What stands between an electrode and the wire: signal in, counts out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ingest.messages import Modality, SiteHint, Unit
from ingest.simulated.measurement import Measurement

_MODALITIES = {"emg": Modality.EMG, "accelerometer": Modality.ACCELEROMETER}
_UNITS = {"uV": Unit.MICROVOLT, "mg": Unit.MILLIG, "adc": Unit.COUNTS}


@dataclass(frozen=True, slots=True)
class Converter:
    """An analogue to digital converter of 16 or 24 bits.

    Attributes:
        measurement: The signal before it.
        scale: Units per count.
        sample_bytes: 2 or 3.
        sites: Muscle and side of each channel; of an accelerometer, one for all axes. Empty: not set.
    """

    measurement: Measurement
    scale: float
    sample_bytes: int = 2
    sites: Sequence[SiteHint] = field(default_factory=tuple)

    @property
    def modality_code(self) -> Modality:
        return _MODALITIES[self.measurement.modality]

    @property
    def unit_code(self) -> Unit:
        return _UNITS[self.measurement.unit]

    @property
    def highest_code(self) -> int:
        return int(2 ** (8 * self.sample_bytes - 1) - 1)

    @property
    def lowest_code(self) -> int:
        return -self.highest_code - 1

    def codes(self, samples: NDArray[np.float32]) -> NDArray[np.int32]:
        """Return what the converter makes of samples; beyond its range it stays at its end."""
        counts = np.rint(samples / np.float64(np.float32(self.scale)))
        return np.clip(counts, self.lowest_code, self.highest_code).astype(np.int32)
