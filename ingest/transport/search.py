"""A sensor found by its hello, whatever its port is called today."""

import glob
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ingest.errors import LinkError
from ingest.probe import probe, serial_ports
from ingest.transport.link import Link
from ingest.transport.serial import is_open, open_serial

ANYWHERE = "auto"  # as a port: every serial port of this machine


def is_pattern(port: str) -> bool:
    """Return whether a configured port names more than one: `auto`, or a pattern such as /dev/ttyUSB*.

    >>> is_pattern("auto"), is_pattern("/dev/ttyACM*"), is_pattern("/dev/ttyACM0")
    (True, True, False)
    """
    return port == ANYWHERE or glob.has_magic(port)


@asynccontextmanager
async def open_found(pattern: str, baud: int, device_id: str | None) -> AsyncIterator[Link]:
    """Open the first port of the pattern on which the wanted sensor answers.

    Ports that are open already are passed over, so several sensors may be looked for at once.

    Args:
        pattern: See `is_pattern`.
        baud: Speed of the line.
        device_id: The only sensor wanted, in hex; any if None.

    Raises:
        LinkError: It answers on none of them.
    """
    found = None
    for port in _ports(pattern):
        if is_open(port):
            continue
        try:
            hello = await probe(open_serial(port, baud))
        except LinkError:
            continue
        if device_id in {None, hello.device_id.hex()}:
            found = port
            break
    if found is None:
        wanted = f"sensor {device_id}" if device_id else "a sensor"
        raise LinkError(pattern, f"{wanted} answers on none of these ports")
    async with open_serial(found, baud) as link:
        yield link


def _ports(pattern: str) -> list[str]:
    return serial_ports() if pattern == ANYWHERE else sorted(glob.glob(pattern))  # noqa: PTH207 -- a whole path, not a folder and a pattern
