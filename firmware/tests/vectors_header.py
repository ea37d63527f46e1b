# ruff: noqa: INP001 -- a script beside what it serves, not a module of a package
"""Turns the golden vectors into C++: `vectors_header.py frames.json damaged.json > vectors.inc`.

A device's frames become code that writes them with the core; commands become what the core must read.
"""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def octets(data: bytes) -> str:
    """A C++ braced list."""
    return "{" + ", ".join(f"0x{byte:02x}" for byte in data or b"\0") + "}"


def text(name: str) -> str:
    """A C++ string literal."""
    return json.dumps(name)


def write_hello(m: Record) -> Iterator[str]:
    name = m["name"].encode()
    yield f"static const uint8_t name[] = {octets(name)};"
    device_id = octets(bytes.fromhex(m["device_id"]))
    yield (
        f"write_hello(frame, {{{device_id}, {m['boot_id']}u, {m['device_time_us']}u,"
        f" {octets(bytes(m['firmware']))}, {m['features']}, name, {len(name)}, {len(m['streams'])}}});"
    )
    for s in m["streams"]:
        sites = ", ".join(f"{{{hint['muscle']}, {hint['side']}}}" for hint in s["site_hints"])
        yield f"{{ static const Site sites[] = {{{sites}}};"
        yield (
            f"write_stream(frame, {{{s['stream_id']}, static_cast<Modality>({s['modality']}),"
            f" static_cast<Unit>({s['unit']}), {s['channels']}, {s['sample_bytes']}, {s['rate_mhz']}u,"
            f" {s['scale']}f, {s['lowest_code']}, {s['highest_code']}}}, {s['oldest_held']}u,"
            f" {s['next_sequence']}u, sites); }}"
        )


def write_samples(m: Record) -> Iterator[str]:
    channels, size = len(m["codes"][0]), m["sample_bytes"]
    info = f"{m['stream_id']}, Modality::kEmg, Unit::kCounts, {channels}, {size}, 1000000, 1.0f, 0, 1"
    codes = ", ".join(str(code) for instant in m["codes"] for code in instant)
    yield f"static const int32_t codes[] = {{{codes}}};"
    yield f"write_samples(frame, {{{info}}}, {m['sequence']}u, {m['time_us']}u);"
    yield (
        "for (int32_t code : codes)"
        f" for (int byte = 0; byte < {size}; ++byte) frame.u8(static_cast<uint8_t>(code >> 8 * byte));"
    )


def write_status(m: Record) -> Iterator[str]:
    cdegc = "kTemperatureNotMeasured" if m["temperature_cdegc"] is None else m["temperature_cdegc"]
    yield (
        f"write_status(frame, {{{m['device_time_us']}u, {m['battery_mv']}, {m['battery_percent']}, {cdegc},"
        f" {len(m['streams'])}}});"
    )
    for s in m["streams"]:
        yield (
            f"write_stream_status(frame, {{{s['stream_id']}, {s['next_sequence']}u, {s['oldest_held']}u,"
            f" {s['lost']}u, {s['contact_off']}, {s['saturated']}}});"
        )


WRITERS: dict[str, Callable[[Record], Iterator[str]]] = {
    "Hello": write_hello,
    "Samples": write_samples,
    "Status": write_status,
    "Marker": lambda m: iter([f"write_marker(frame, {m['number']}, {m['device_time_us']}u);"]),
    "Gone": lambda m: iter([f"write_gone(frame, {m['stream_id']}, {m['start']}u, {m['end']}u);"]),
}


def read_set(m: Record) -> str:
    value = bytes.fromhex(m["value"])
    same = " && ".join(f"c.value[{i}] == {byte}" for i, byte in enumerate(value))
    return f"c.key == {m['key']} && c.value_size == {len(value)}" + (f" && {same}" if same else "")


READERS: dict[str, Callable[[Record], str]] = {
    "Query": lambda _: "true",
    "Start": lambda m: f"c.boot_id == {m['boot_id']}u",
    "Stop": lambda _: "true",
    "Ack": lambda m: f"c.stream == {m['stream_id']} && c.to == {m['upto']}u",
    "Resend": lambda m: f"c.stream == {m['stream_id']} && c.from == {m['start']}u && c.to == {m['end']}u",
    "Identify": lambda m: f"c.seconds == {m['seconds']}",
    "Set": read_set,
}


def read_command(m: Record) -> str:
    """A C++ lambda that says whether a command is this one."""
    return f"[](const Command& c) {{ return c.kind == Kind::k{m['kind']} && ({READERS[m['kind']](m)}); }}"


def main() -> None:
    frames, damaged = (json.loads(Path(path).read_text(encoding="utf-8")) for path in sys.argv[1:])
    lines = ["// Generated from firmware/vectors; do not edit."]
    ours, theirs, streams = [], [], []
    for i, vector in enumerate(frames):
        data, message = bytes.fromhex(vector["hex"]), vector["message"]
        lines.append(f"static const uint8_t kFrame{i}[] = {octets(data)};")
        entry = f"{text(vector['name'])}, kFrame{i}, {len(data)}"
        if message["kind"] in READERS:
            theirs.append(f"{{{entry}, {read_command(message)}}}")
        elif message.get("minor", 0) == 0:  # a later version's frames can be read but not written
            body = " ".join(WRITERS[message["kind"]](message))
            ours.append(f"{{{entry}, [](FrameWriter& frame) {{ {body} }}}}")
    for i, vector in enumerate(damaged):
        data = bytes.fromhex(vector["hex"])
        checks = ", ".join(read_command(message) for message in vector["messages"]) or "nullptr"
        lines.append(f"static const uint8_t kStream{i}[] = {octets(data)};")
        lines.append(f"static const ReadCommand kMessages{i}[] = {{{checks}}};")
        streams.append(
            f"{{{text(vector['name'])}, kStream{i}, {len(data)}, kMessages{i}, {len(vector['messages'])},"
            f" {vector['damaged']}, {vector['ignored']}}}"
        )
    for kind, name, entries in (
        ("DeviceFrame", "kDeviceFrames", ours),
        ("CommandFrame", "kCommandFrames", theirs),
        ("DamagedBytes", "kDamagedBytes", streams),
    ):
        lines.append(f"static const {kind} {name}[] = {{")
        lines.extend(f"    {entry}," for entry in entries)
        lines.append("};")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
