"""What a candidate was found to be."""

from dataclasses import dataclass

from detector.event import Kind


@dataclass(frozen=True, slots=True)
class Finding:
    """An examined candidate; instants in working samples."""

    kind: Kind
    onset: int
    length: int
    amplitude: float
    snr: float
    z: float  # in standard deviations of the noise around it
    probability: float
    reason: str
    unit: int | None = None
