"""Writes the golden vectors beside this file: `python firmware/vectors/generate.py`.

frames.json: messages and the frame that says each. damaged.json: byte streams with what a decoder must make
of them. The bytes are the agreement; a change here that alters them is a change of the protocol.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

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
from ingest.protocol import FrameDecoder, encode

HERE = Path(__file__).parent

EMG_STREAM = Stream(
    stream_id=0,
    modality=Modality.EMG,
    unit=Unit.MICROVOLT,
    channels=4,
    sample_bytes=2,
    rate_mhz=1_000_000,
    scale=0.125,
    lowest_code=-32768,
    highest_code=32767,
    oldest_held=0,
    next_sequence=25_000,
    site_hints=(SiteHint(22, 1), SiteHint(22, 2), SiteHint(76, 1), SiteHint(0, 0)),
)
ACCELEROMETER_STREAM = Stream(
    stream_id=1,
    modality=Modality.ACCELEROMETER,
    unit=Unit.MILLIG,
    channels=3,
    sample_bytes=2,
    rate_mhz=208_000,
    scale=0.0625,
    lowest_code=-32768,
    highest_code=32767,
    oldest_held=4_294_967_000,
    next_sequence=200,
    site_hints=(SiteHint(76, 2),),
)
DEVICE_ID = bytes.fromhex("00a1b2c3d4e5f600")


def messages() -> dict[str, Message]:
    """Every kind, at its limits and in its middle."""
    ramp = np.arange(28 * 4, dtype=np.int32).reshape(28, 4).T * 257 - 14_000
    extremes = np.array([[-32768, 32767, 0, -1, 1]], np.int32)
    wide = np.array([[-8_388_608, 8_388_607], [0, -1], [256, -256]], np.int32)
    return {
        "hello, one stream": Hello(DEVICE_ID, 1, 0, (0, 1, 0), Feature(0), "", (EMG_STREAM,)),
        "hello, two streams and a name": Hello(
            DEVICE_ID,
            0xDEADBEEF,
            2**40 + 5,
            (1, 2, 3),
            Feature.RESEND | Feature.IDENTIFY | Feature.BATTERY | Feature.BUTTON | Feature.SETTINGS,
            "left calf ä",
            (EMG_STREAM, ACCELEROMETER_STREAM),
        ),
        "hello of a later minor version": Hello(
            DEVICE_ID, 7, 1_000_000, (9, 9, 9), Feature.RESEND, "x" * 24, (ACCELEROMETER_STREAM,), minor=3
        ),
        "samples, a full frame of four int16 channels": Samples(0, 0, 0, 2, ramp),
        "samples, int16 extremes": Samples(0, 4_294_967_295, 4_294_967_295, 2, extremes),
        "samples, int24 extremes": Samples(1, 0x01020304, 0x05060708, 3, wide),
        "samples, all zero": Samples(2, 256, 65_536, 2, np.zeros((3, 30), np.int32)),
        "samples, one instant of one channel": Samples(15, 1, 1, 2, np.array([[42]], np.int32)),
        "status, nothing measured": Status(0, 0, 255, None, (StreamStatus(0, 0, 0, 0),)),
        "status, two streams": Status(
            2**33,
            3912,
            87,
            -512,
            (StreamStatus(0, 25_000, 0, 3, 0b1010, 0b0001), StreamStatus(1, 200, 4_294_967_000, 0)),
        ),
        "marker": Marker(65_535, 2**35 + 1),
        "gone": Gone(0, 100, 4_294_967_295),
        "query": Query(1),
        "start": Start(0xDEADBEEF),
        "stop": Stop(),
        "ack": Ack(0, 25_000),
        "ack of markers": Ack(255, 1),
        "resend": Resend(1, 4_294_967_290, 10),
        "identify": Identify(10),
        "set the name": Set(1, b"calf"),
        "set the site of a channel": Set(2, bytes([0, 1, 76, 1])),
    }


def plain(message: Message) -> dict[str, object]:
    """The message as JSON holds it: its kind and fields, codes instant by instant, bytes in hex."""
    if isinstance(message, Samples):
        return {
            "kind": "Samples",
            "stream_id": message.stream_id,
            "sequence": message.sequence,
            "time_us": message.time_us,
            "sample_bytes": message.sample_bytes,
            "codes": message.codes.T.tolist(),
        }
    fields = {k: v.hex() if isinstance(v, bytes) else v for k, v in asdict(message).items()}
    return {"kind": type(message).__name__} | fields


def damaged() -> list[dict[str, object]]:
    """Streams of bytes with what they must come to: messages read, frames damaged, frames ignored."""
    stop, start, ack = encode(Stop()), encode(Start(0x01020304)), encode(Ack(0, 77))
    flipped = bytearray(start)
    flipped[3] ^= 0x10
    streams = {
        "nothing": b"",
        "only ends of frames": b"\0\0\0\0",
        "joined in the middle of a frame": start[3:] + stop,
        "a bit flipped": bytes(flipped) + ack,
        "a byte dropped": start[:2] + start[3:] + ack,
        "the end of a frame lost": start[:-1] + stop + ack,
        "a frame twice": start + start,
        "a frame that is too long": b"\x05" * 300 + b"\0" + stop,
        "noise of 5,000 bytes without an end": b"\xa5" * 5000 + b"\0" + stop,
        "the longest frame, damaged": b"\xf4" + b"\x01" * 242 + b"\0" + stop,
        "COBS code beyond the end": b"\x09\x01\x02\0" + stop,
        "cut after two bytes, then a new frame": start[:2] + b"\0" + stop,
        "shorter than a payload can be": b"\x03\x01\x02\0" + stop,
    }
    cases = []
    for name, data in streams.items():
        decoder = FrameDecoder()
        read = [plain(message) for message in decoder.feed(data)]
        counters = decoder.counters
        cases.append(
            {
                "name": name,
                "hex": data.hex(),
                "messages": read,
                "damaged": counters.damaged,
                "ignored": counters.ignored,
            }
        )
    return cases


def main() -> None:
    """Write both files, one record a line."""
    frames = [{"name": n, "hex": encode(m).hex(), "message": plain(m)} for n, m in messages().items()]
    for name, records in (("frames.json", frames), ("damaged.json", damaged())):
        lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records)
        (HERE / name).write_text(f"[\n{lines}\n]\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {len(records)} records\n")


if __name__ == "__main__":
    main()
