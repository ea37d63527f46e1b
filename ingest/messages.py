"""What is said on the wire, as values: the messages of firmware/PROTOCOL.md, sections 3 and 4."""

from dataclasses import dataclass
from enum import IntEnum, IntFlag

import numpy as np
from numpy.typing import NDArray

MAJOR, MINOR = 1, 0  # the protocol version that this side speaks
SEQUENCE_SPAN = 2**32  # sequence numbers and the time in samples frames wrap here
MARKERS = 255  # the stream id that means the button presses in an ack


class Modality(IntEnum):
    EMG = 1
    ACCELEROMETER = 2


class Unit(IntEnum):
    MICROVOLT = 1
    MILLIG = 2
    COUNTS = 3


class Feature(IntFlag):
    RESEND = 1
    IDENTIFY = 2
    BATTERY = 4
    BUTTON = 8
    SETTINGS = 16


MODALITY_NAMES = {Modality.EMG: "emg", Modality.ACCELEROMETER: "accelerometer"}
UNIT_NAMES = {Unit.MICROVOLT: "uV", Unit.MILLIG: "mg", Unit.COUNTS: "adc"}


class SettingKey(IntEnum):
    NAME = 1
    SITE = 2
    SSID = 16
    PASSWORD = 17
    MQTT_URL = 18


@dataclass(frozen=True, slots=True)
class SiteHint:
    """Codes of section 7 of the protocol; 0, 0 = not set."""

    muscle: int = 0
    side: int = 0


@dataclass(frozen=True, slots=True)
class Stream:
    """Channels sampled at the same instants.

    Attributes:
        stream_id: 0-15.
        modality: What is measured.
        unit: Unit of a sample once it is multiplied by `scale`.
        channels: 1-15.
        sample_bytes: 2 or 3.
        rate_mhz: Nominal rate, millihertz.
        scale: Units per count.
        lowest_code: What the converter gives when driven below its range.
        highest_code: And above.
        oldest_held: First sequence number that a resend can still bring.
        next_sequence: The sequence number that the next sample will have.
        site_hints: One a channel; for an accelerometer one in all.
    """

    stream_id: int
    modality: Modality
    unit: Unit
    channels: int
    sample_bytes: int
    rate_mhz: int
    scale: float
    lowest_code: int
    highest_code: int
    oldest_held: int
    next_sequence: int
    site_hints: tuple[SiteHint, ...]

    @property
    def rate_hz(self) -> float:
        """Nominal sampling rate, Hz."""
        return self.rate_mhz / 1000


@dataclass(frozen=True, slots=True)
class Hello:
    """Who the device is and what it measures. `device_time_us` is when the frame was made."""

    device_id: bytes
    boot_id: int
    device_time_us: int
    firmware: tuple[int, int, int]
    features: Feature
    name: str
    streams: tuple[Stream, ...]
    major: int = MAJOR
    minor: int = MINOR


@dataclass(frozen=True, slots=True)
class Samples:
    """Consecutive instants of one stream.

    Attributes:
        stream_id: Which stream.
        sequence: Of the first instant, modulo 2^32.
        time_us: Device time of the first instant, modulo 2^32 us.
        sample_bytes: 2 or 3.
        codes: int32, shape (channels, n): what the converter gave.
    """

    stream_id: int
    sequence: int
    time_us: int
    sample_bytes: int
    codes: NDArray[np.int32]

    def __eq__(self, other: object) -> bool:
        """Equal if every field is, the codes included."""
        if not isinstance(other, Samples):
            return NotImplemented
        return (
            (self.stream_id, self.sequence, self.time_us, self.sample_bytes)
            == (other.stream_id, other.sequence, other.time_us, other.sample_bytes)
        ) and np.array_equal(self.codes, other.codes)

    __hash__ = None  # type: ignore[assignment]  # arrays have no hash


@dataclass(frozen=True, slots=True)
class StreamStatus:
    """One stream's part of a status: bit n of `contact_off` and `saturated` is channel n."""

    stream_id: int
    next_sequence: int
    oldest_held: int
    lost: int
    contact_off: int = 0
    saturated: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """How the board is. Battery 0 mV, level 255 and temperature None mean: not measured."""

    device_time_us: int
    battery_mv: int
    battery_percent: int
    temperature_cdegc: int | None
    streams: tuple[StreamStatus, ...]


@dataclass(frozen=True, slots=True)
class Marker:
    """The wearer pressed the button."""

    number: int
    device_time_us: int


@dataclass(frozen=True, slots=True)
class Gone:
    """[start, end) of a stream will never be sent (again)."""

    stream_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Query:
    """Who are you? `major` is the highest the host speaks."""

    major: int = MAJOR


@dataclass(frozen=True, slots=True)
class Start:
    """Stream, if this is your boot."""

    boot_id: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop streaming."""


@dataclass(frozen=True, slots=True)
class Ack:
    """Everything before `upto` is stored for good."""

    stream_id: int
    upto: int


@dataclass(frozen=True, slots=True)
class Resend:
    """Send [start, end) again."""

    stream_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Identify:
    """Blink."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Set:
    """Store a setting."""

    key: int
    value: bytes


DeviceMessage = Hello | Samples | Status | Marker | Gone
HostMessage = Query | Start | Stop | Ack | Resend | Identify | Set
Message = DeviceMessage | HostMessage
