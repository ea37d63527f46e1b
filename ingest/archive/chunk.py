"""What the archive is made of: stretches of signal as the converter gave it."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.messages import Modality, Stream, Unit


@dataclass(frozen=True, slots=True)
class Source:
    """Where signal comes from: all that is needed to read it, but for its time.

    Attributes:
        wearer: Whose it is.
        device: The board's id in hex.
        boot_id: Sample numbers count from this boot.
        stream: Rate, scale, unit and the like; what changes while it runs (`oldest_held`, `next_sequence`)
            is 0.
        sites: Where each channel sits; of an accelerometer one for all axes.
    """

    wearer: str
    device: str
    boot_id: int
    stream: Stream
    sites: tuple[str, ...]

    @classmethod
    def of(cls, wearer: str, device: str, boot_id: int, stream: Stream, sites: tuple[str, ...]) -> Self:
        """Leave out of `stream` what changes while it runs."""
        lasting = replace(stream, oldest_held=0, next_sequence=0, site_hints=())
        return cls(wearer, device, boot_id, lasting, sites)

    @property
    def channels(self) -> tuple[str, ...]:
        """A name for each channel: its site, or its axis."""
        if self.stream.modality is Modality.ACCELEROMETER:
            return ("x", "y", "z")[: self.stream.channels]
        return self.sites

    @property
    def code_type(self) -> np.dtype[np.signedinteger]:
        """The smallest type that holds a code, little-endian."""
        return np.dtype("<i2" if self.stream.sample_bytes == 2 else "<i4")

    def to_json(self) -> str:
        """Return it as text; `from_json` reads it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what `to_json` wrote. Raises ValueError if it is something else."""
        try:
            values = json.loads(text)
            stream = values.pop("stream")
            stream |= {
                "modality": Modality(stream["modality"]),
                "unit": Unit(stream["unit"]),
                "site_hints": (),
            }
            sites = tuple(values.pop("sites"))
            return cls(**values, stream=Stream(**stream), sites=sites)
        except (KeyError, TypeError) as error:
            raise ValueError(f"this does not say where signal comes from: {error}") from error


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Consecutive samples of one source, a few seconds of them.

    Attributes:
        source: Where they come from.
        start: Sequence number of the first instant, unwrapped.
        codes: Integers, shape (channels, n): what the converter gave.
        start_ns: When the first instant was, UTC.
        end_ns: When the instant after the last one was; in between time is a straight line.
        uncertainty_ns: The times are off by no more than this, either way.
    """

    source: Source
    start: int
    codes: NDArray[np.signedinteger]
    start_ns: int
    end_ns: int
    uncertainty_ns: int

    @property
    def end(self) -> int:
        """The number of the instant after the last one."""
        return self.start + int(self.codes.shape[1])

    def time_ns(self, sample: int) -> int:
        """Return when `sample` was, UTC; beyond the ends the line goes on."""
        span = self.end_ns - self.start_ns
        return self.start_ns + span * (sample - self.start) // (self.end - self.start)

    def since(self, sample: int) -> "Chunk":
        """Return the part from `sample`, which lies within, onwards."""
        codes = self.codes[:, sample - self.start :]
        return replace(self, start=sample, codes=codes, start_ns=self.time_ns(sample))
