"""The decoder's side of firmware/PROTOCOL.md: golden vectors, round trips, damage."""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import cobs
from ingest.errors import ProtocolError
from ingest.messages import Ack, Hello, Message, Samples, Start, Stop
from ingest.protocol import FRAME_LIMIT, FrameDecoder, encode

VECTORS = Path(__file__).parents[2] / "firmware" / "vectors"
FRAMES = json.loads((VECTORS / "frames.json").read_text(encoding="utf-8"))
DAMAGED = json.loads((VECTORS / "damaged.json").read_text(encoding="utf-8"))


def fields_of(message: Message) -> dict[str, object]:
    """The message in the form of the vectors' JSON."""
    fields = {"kind": type(message).__name__}
    for name in message.__dataclass_fields__:
        value = getattr(message, name)
        fields[name] = value.T.tolist() if isinstance(value, np.ndarray) else value
    return json.loads(json.dumps(fields, default=jsonable))


def jsonable(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def framed(payload: bytes) -> bytes:
    return cobs.encode(payload + struct.pack("<I", zlib.crc32(payload))) + b"\0"


@pytest.mark.parametrize("vector", FRAMES, ids=lambda vector: vector["name"])
def test_a_golden_frame_says_its_message_and_back(vector: dict) -> None:
    frame = bytes.fromhex(vector["hex"])
    decoder = FrameDecoder()
    [message] = decoder.feed(frame)
    assert fields_of(message) == vector["message"]
    assert encode(message) == frame
    assert len(frame) <= FRAME_LIMIT
    assert frame.count(0) == 1


@pytest.mark.parametrize("vector", DAMAGED, ids=lambda vector: vector["name"])
def test_a_damaged_stream_is_counted_and_the_rest_is_read(vector: dict) -> None:
    decoder = FrameDecoder()
    messages = decoder.feed(bytes.fromhex(vector["hex"]))
    assert [fields_of(message) for message in messages] == vector["messages"]
    assert decoder.counters.damaged == vector["damaged"]
    assert decoder.counters.ignored == vector["ignored"]


def test_decoding_does_not_depend_on_how_the_bytes_were_cut() -> None:
    data = b"".join(bytes.fromhex(vector["hex"]) for vector in DAMAGED + FRAMES)
    whole = FrameDecoder()
    expected = [fields_of(m) for m in whole.feed(data)]
    for size in (1, 7, 244, 1000):
        decoder = FrameDecoder()
        pieces = [decoder.feed(data[at : at + size]) for at in range(0, len(data), size)]
        assert [fields_of(m) for piece in pieces for m in piece] == expected
        assert decoder.counters == whole.counters


@given(st.binary(max_size=600))
def test_any_bytes_are_survived_and_leave_the_decoder_working(noise: bytes) -> None:
    decoder = FrameDecoder()
    decoder.feed(noise)
    assert decoder.feed(b"\0" + encode(Start(5)))[-1:] == [Start(5)]


@given(st.binary(max_size=240))
def test_cobs_takes_out_every_zero_and_gives_the_payload_back(payload: bytes) -> None:
    stuffed = cobs.encode(payload)
    assert 0 not in stuffed
    assert len(stuffed) == len(payload) + 1
    assert cobs.decode(stuffed) == payload


@pytest.mark.parametrize("length", [253, 254, 255, 508, 509, 600])
@pytest.mark.parametrize("end", [b"", b"\0", b"\0\1"])
def test_cobs_gives_long_payloads_back_too(length: int, end: bytes) -> None:
    payload = b"x" * length + end
    assert cobs.decode(cobs.encode(payload)) == payload


@given(
    sample_bytes=st.sampled_from([2, 3]),
    channels=st.integers(1, 15),
    sequence=st.integers(0, 2**32 - 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_samples_come_back_as_they_were(sample_bytes: int, channels: int, sequence: int, seed: int) -> None:
    limit = 1 << (8 * sample_bytes - 1)
    instants = (242 - 15) // (channels * sample_bytes)
    codes = np.random.default_rng(seed).integers(-limit, limit, (channels, instants)).astype(np.int32)
    sent = Samples(3, sequence, 7, sample_bytes, codes)
    assert FrameDecoder().feed(encode(sent)) == [sent]


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_single_wrong_byte_never_passes(place: int, mask: int) -> None:
    frame = bytearray.fromhex(FRAMES[3]["hex"])
    frame[place % (len(frame) - 1)] ^= mask
    assert FrameDecoder().feed(bytes(frame)) == []


def test_what_a_later_minor_version_appends_is_ignored() -> None:
    assert FrameDecoder().feed(framed(struct.pack("<BBIH", 0x84, 0, 9, 1234))) == [Ack(0, 9)]


def test_an_unknown_kind_is_ignored_and_counted() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(framed(b"\x7fabc") + encode(Stop())) == [Stop()]
    assert (decoder.counters.ignored, decoder.counters.damaged, decoder.counters.frames) == (1, 0, 2)


@pytest.mark.parametrize(
    "body",
    [
        b"\x02",
        struct.pack("<BBBII", 2, 0, 0x21, 0, 0),
        struct.pack("<BBBII", 2, 0, 0x22, 0, 0) + b"abc",
        struct.pack("<BBBII", 2, 0, 0x41, 0, 0) + b"abcd",
        b"\x01\x01\x00short",
        b"\x87",
    ],
    ids=["no head", "no instant", "half an instant", "four bytes a sample", "short hello", "set without key"],
)
def test_a_body_that_contradicts_itself_is_ignored(body: bytes) -> None:
    decoder = FrameDecoder()
    assert decoder.feed(framed(body)) == []
    assert decoder.counters.ignored == 1


def test_a_hello_with_boot_id_zero_is_ignored() -> None:
    [hello] = FrameDecoder().feed(bytes.fromhex(FRAMES[0]["hex"]))
    assert isinstance(hello, Hello)
    silent = Hello(hello.device_id, 0, 0, hello.firmware, hello.features, "", hello.streams)
    assert FrameDecoder().feed(encode(silent)) == []


@pytest.mark.parametrize(
    "message",
    [
        Start(-1),
        Ack(256, 0),
        Samples(0, 0, 0, 2, np.array([[40_000]], np.int32)),
        Samples(0, 0, 0, 2, np.zeros((4, 29), np.int32)),
        Samples(0, 0, 0, 2, np.zeros((1, 0), np.int32)),
    ],
    ids=["negative", "beyond a byte", "beyond int16", "too long for a frame", "no instant"],
)
def test_what_does_not_fit_the_wire_is_refused(message: Message) -> None:
    with pytest.raises(ProtocolError):
        encode(message)
