"""The wire protocol of firmware/PROTOCOL.md: messages to bytes and bytes to messages, without I/O.

Bytes come in any cut; whatever is damaged is counted and skipped, and decoding goes on after the next 0x00.
"""

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest import cobs
from ingest.errors import ProtocolError
from ingest.messages import (
    Ack,
    Feature,
    Gone,
    Hello,
    Identify,
    Marker,
    Message,
    Modality,
    Query,
    Resend,
    Samples,
    Set,
    SiteHint,
    Start,
    Status,
    Stop,
    Stream,
    StreamStatus,
    Unit,
)

FRAME_LIMIT = 244  # bytes, what one BLE notification holds at an MTU of 247
PAYLOAD_LIMIT = FRAME_LIMIT - 2  # bytes: COBS takes one, the 0x00 another
NAME_LIMIT = 24  # bytes of UTF-8
_SHORTEST_PAYLOAD = 5  # bytes: kind and crc
_NOT_MEASURED_CDEGC = -32768  # temperature of a board that has no thermometer

_CRC = struct.Struct("<I")
_HELLO = struct.Struct("<BB8sIQBBBB")
_STREAM = struct.Struct("<BBBBBIfiiII")
_SAMPLES = struct.Struct("<BBII")
_STATUS = struct.Struct("<QHBhB")
_STREAM_STATUS = struct.Struct("<BIIIHH")
_MARKER = struct.Struct("<HQ")
_RANGE = struct.Struct("<BII")
_ACK = struct.Struct("<BI")
_U32 = struct.Struct("<I")


class _Malformed(Exception):  # noqa: N818 -- never leaves this module
    """A body that is too short or contradicts itself."""


def encode(message: Message) -> bytes:
    """Return the frame that says `message`, the ending 0x00 included.

    Raises:
        ProtocolError: A field is out of its range, or the frame would be longer than `FRAME_LIMIT`.
    """
    kind, write = _WRITERS[type(message)]
    try:
        checked = bytes([kind]) + write(message)
    except (struct.error, OverflowError, ValueError) as error:
        raise ProtocolError(f"{type(message).__name__} cannot be encoded: {error}") from error
    payload = checked + _CRC.pack(zlib.crc32(checked))
    if len(payload) > PAYLOAD_LIMIT:
        raise ProtocolError(
            f"{type(message).__name__} needs {len(payload)} bytes, a frame holds {PAYLOAD_LIMIT}"
        )
    return cobs.encode(payload) + b"\0"


@dataclass(slots=True)
class Counters:
    """What a decoder has seen since it was made."""

    bytes_received: int = 0
    frames: int = 0  # whole and undamaged, whatever they said
    damaged: int = 0  # too long, too short, bad COBS or bad crc
    ignored: int = 0  # undamaged, but of an unknown kind or with a body that makes no sense


class FrameDecoder:
    r"""Bytes in, messages out; never raises on what it is fed.

    >>> decoder = FrameDecoder()
    >>> decoder.feed(b"noise" + b"\0" + encode(Stop())[:2])
    []
    >>> decoder.feed(encode(Stop())[2:])
    [Stop()]
    >>> decoder.counters.damaged
    1
    """

    def __init__(self) -> None:
        self.counters = Counters()
        self._partial = b""
        self._overlong = False

    def feed(self, data: bytes) -> list[Message]:
        """Return the messages that `data` completes, in order."""
        self.counters.bytes_received += len(data)
        *frames, self._partial = (self._partial + data).split(b"\0")
        messages = []
        for frame in frames:
            if self._overlong:
                self._overlong = False
                self.counters.damaged += 1
            elif frame and (message := self._read(frame)) is not None:
                messages.append(message)
        if len(self._partial) >= FRAME_LIMIT:
            self._overlong = True
            self._partial = b""
        return messages

    def _read(self, frame: bytes) -> Message | None:
        payload = cobs.decode(frame) if len(frame) < FRAME_LIMIT else None
        if payload is None or len(payload) < _SHORTEST_PAYLOAD:
            self.counters.damaged += 1
            return None
        checked, crc = payload[: -_CRC.size], payload[-_CRC.size :]
        if zlib.crc32(checked) != _CRC.unpack(crc)[0]:
            self.counters.damaged += 1
            return None
        self.counters.frames += 1
        read = _READERS.get(checked[0])
        if read is None:
            self.counters.ignored += 1
            return None
        try:
            return read(checked[1:])
        except (struct.error, _Malformed, ValueError):
            self.counters.ignored += 1
            return None


def _write_hello(hello: Hello) -> bytes:
    name = hello.name.encode()
    if len(name) > NAME_LIMIT:
        raise ProtocolError(f"the name {hello.name!r} has {len(name)} bytes, {NAME_LIMIT} is the most")
    if len(hello.device_id) != 8:
        raise ProtocolError(f"a device id has 8 bytes, not {len(hello.device_id)}")
    head = _HELLO.pack(
        hello.major,
        hello.minor,
        hello.device_id,
        hello.boot_id,
        hello.device_time_us,
        *hello.firmware,
        hello.features,
    )
    streams = b"".join(_write_stream(stream) for stream in hello.streams)
    return head + bytes([len(name)]) + name + bytes([len(hello.streams)]) + streams


def _write_stream(stream: Stream) -> bytes:
    head = _STREAM.pack(
        stream.stream_id,
        stream.modality,
        stream.unit,
        stream.channels,
        stream.sample_bytes,
        stream.rate_mhz,
        stream.scale,
        stream.lowest_code,
        stream.highest_code,
        stream.oldest_held,
        stream.next_sequence,
    )
    return head + b"".join(bytes([hint.muscle, hint.side]) for hint in stream.site_hints)


def _read_hello(body: bytes) -> Hello:
    major, minor, device_id, boot_id, device_time_us, *firmware, features = _HELLO.unpack_from(body)
    at = _HELLO.size
    if boot_id == 0 or len(body) < at + 2:
        raise _Malformed
    name_end = at + 1 + body[at]
    if name_end >= len(body):
        raise _Malformed
    name = body[at + 1 : name_end].decode(errors="replace")
    streams = []
    at = name_end + 1
    for _ in range(body[name_end]):
        stream, at = _read_stream(body, at)
        streams.append(stream)
    if len({stream.stream_id for stream in streams}) != len(streams):
        raise _Malformed
    return Hello(
        device_id=device_id,
        boot_id=boot_id,
        device_time_us=device_time_us,
        firmware=(firmware[0], firmware[1], firmware[2]),
        features=Feature(features),
        name=name,
        streams=tuple(streams),
        major=major,
        minor=minor,
    )


def _read_stream(body: bytes, at: int) -> tuple[Stream, int]:
    stream_id, modality, unit, channels, sample_bytes, rate_mhz, scale, *rest = _STREAM.unpack_from(body, at)
    lowest_code, highest_code, oldest_held, next_sequence = rest
    hints_at = at + _STREAM.size
    hint_count = 1 if modality == Modality.ACCELEROMETER else channels
    end = hints_at + 2 * hint_count
    sound = (
        stream_id < 16
        and 1 <= channels <= 15
        and sample_bytes in {2, 3}
        and rate_mhz > 0
        and 0 < scale < float("inf")
        and lowest_code < highest_code
        and end <= len(body)
    )
    if not sound:
        raise _Malformed
    hints = body[hints_at:end]
    stream = Stream(
        stream_id=stream_id,
        modality=Modality(modality),
        unit=Unit(unit),
        channels=channels,
        sample_bytes=sample_bytes,
        rate_mhz=rate_mhz,
        scale=scale,
        lowest_code=lowest_code,
        highest_code=highest_code,
        oldest_held=oldest_held,
        next_sequence=next_sequence,
        site_hints=tuple(SiteHint(*pair) for pair in zip(hints[::2], hints[1::2], strict=True)),
    )
    return stream, end


def _write_samples(samples: Samples) -> bytes:
    channels, instants = samples.codes.shape
    if not 1 <= channels <= 15 or not instants or samples.sample_bytes not in {2, 3}:
        raise ProtocolError(f"{channels} channels x {instants} instants x {samples.sample_bytes} bytes")
    limit = 1 << (8 * samples.sample_bytes - 1)
    if samples.codes.min() < -limit or samples.codes.max() >= limit:
        raise ProtocolError(f"a sample does not fit {samples.sample_bytes} bytes")
    head = _SAMPLES.pack(
        samples.stream_id, samples.sample_bytes << 4 | channels, samples.sequence, samples.time_us
    )
    interleaved = samples.codes.T.astype("<i4").reshape(-1, 1).view(np.uint8)
    return head + interleaved[:, : samples.sample_bytes].tobytes()


def _read_samples(body: bytes) -> Samples:
    stream_id, form, sequence, time_us = _SAMPLES.unpack_from(body)
    channels, sample_bytes = form & 15, form >> 4
    data = body[_SAMPLES.size :]
    if not channels or sample_bytes not in {2, 3} or not data or len(data) % (channels * sample_bytes):
        raise _Malformed
    codes = _read_codes(data, sample_bytes).reshape(-1, channels).T
    return Samples(stream_id, sequence, time_us, sample_bytes, codes)


def _read_codes(data: bytes, sample_bytes: int) -> NDArray[np.int32]:
    if sample_bytes == 2:
        return np.frombuffer(data, "<i2").astype(np.int32)
    wide = np.zeros((len(data) // 3, 4), np.uint8)
    wide[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    return wide.view("<i4").reshape(-1).astype(np.int32) >> 8


def _write_status(status: Status) -> bytes:
    temperature = _NOT_MEASURED_CDEGC if status.temperature_cdegc is None else status.temperature_cdegc
    head = _STATUS.pack(
        status.device_time_us, status.battery_mv, status.battery_percent, temperature, len(status.streams)
    )
    return head + b"".join(
        _STREAM_STATUS.pack(s.stream_id, s.next_sequence, s.oldest_held, s.lost, s.contact_off, s.saturated)
        for s in status.streams
    )


def _read_status(body: bytes) -> Status:
    device_time_us, battery_mv, battery_percent, temperature, count = _STATUS.unpack_from(body)
    streams = tuple(
        StreamStatus(*_STREAM_STATUS.unpack_from(body, _STATUS.size + i * _STREAM_STATUS.size))
        for i in range(count)
    )
    cdegc = None if temperature == _NOT_MEASURED_CDEGC else temperature
    return Status(device_time_us, battery_mv, battery_percent, cdegc, streams)


def _read_set(body: bytes) -> Set:
    if not body:
        raise _Malformed
    return Set(body[0], body[1:])


_WRITERS: dict[type[Message], tuple[int, Callable[..., bytes]]] = {
    Hello: (0x01, _write_hello),
    Samples: (0x02, _write_samples),
    Status: (0x03, _write_status),
    Marker: (0x04, lambda m: _MARKER.pack(m.number, m.device_time_us)),
    Gone: (0x05, lambda m: _RANGE.pack(m.stream_id, m.start, m.end)),
    Query: (0x81, lambda m: bytes([m.major])),
    Start: (0x82, lambda m: _U32.pack(m.boot_id)),
    Stop: (0x83, lambda m: b""),  # noqa: ARG005 -- a stop says nothing more
    Ack: (0x84, lambda m: _ACK.pack(m.stream_id, m.upto)),
    Resend: (0x85, lambda m: _RANGE.pack(m.stream_id, m.start, m.end)),
    Identify: (0x86, lambda m: bytes([m.seconds])),
    Set: (0x87, lambda m: bytes([m.key]) + m.value),
}

_READERS: dict[int, Callable[[bytes], Message]] = {
    0x01: _read_hello,
    0x02: _read_samples,
    0x03: _read_status,
    0x04: lambda body: Marker(*_MARKER.unpack_from(body)),
    0x05: lambda body: Gone(*_RANGE.unpack_from(body)),
    0x81: lambda body: Query(struct.unpack_from("<B", body)[0]),
    0x82: lambda body: Start(*_U32.unpack_from(body)),
    0x83: lambda body: Stop(),  # noqa: ARG005 -- a stop says nothing more
    0x84: lambda body: Ack(*_ACK.unpack_from(body)),
    0x85: lambda body: Resend(*_RANGE.unpack_from(body)),
    0x86: lambda body: Identify(struct.unpack_from("<B", body)[0]),
    0x87: _read_set,
}
