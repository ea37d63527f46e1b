"""A serial port: bytes in, bytes out, one clear sentence when it cannot be had."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import serialx

from ingest.errors import LinkError
from ingest.transport.link import Link

_READ_BYTES = 65_536  # whatever is there: the kernel holds 4 kB for a serial port
_WRITE_TIMEOUT_S = 2.0  # a command is 20 bytes; a port that does not take it is stuck
_OPEN_TIMEOUT_S = 5.0  # a USB port that is being plugged in may hang

_open: set[str] = set()  # the ports that this process has open


class SerialLink(Link):
    """An open port."""

    def __init__(self, port: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.name = port
        self._reader = reader
        self._writer = writer

    async def read(self) -> bytes:
        """Return the next bytes, at least one. Raises LinkError when the port is gone."""
        try:
            data = await self._reader.read(_READ_BYTES)
        except (OSError, serialx.SerialException) as error:
            raise LinkError(self.name, f"the link was lost ({error})") from error
        if not data:
            raise LinkError(self.name, "the link was lost (the port was closed at the other end)")
        return data

    async def write(self, data: bytes) -> None:
        """Send bytes. Raises LinkError if the port does not take them."""
        if not data:
            return
        try:
            self._writer.write(data)
            async with asyncio.timeout(_WRITE_TIMEOUT_S):
                await self._writer.drain()
        except (OSError, serialx.SerialException) as error:
            raise LinkError(self.name, f"the port does not take what is sent ({error})") from error


@asynccontextmanager
async def open_serial(port: str, baud: int) -> AsyncIterator[SerialLink]:
    """Open a serial port for as long as the context lasts.

    Raises:
        LinkError: There is no such port, it is in use, or we may not open it.
    """
    if not os.path.exists(port):  # noqa: ASYNC240 PTH110 -- one stat of /dev, which never blocks
        raise LinkError(port, "there is no such port; plug the sensor in, or see `fasciwatch devices`")
    try:
        async with asyncio.timeout(_OPEN_TIMEOUT_S):
            reader, writer = await serialx.open_serial_connection(
                url=port,
                baudrate=baud,
                dtr_on_close=serialx.PinState.UNDEFINED,  # left up: an Arduino is reset when it rises
                rts_on_close=serialx.PinState.UNDEFINED,
            )
    except PermissionError as error:
        raise LinkError(port, "no permission; add your user to the group dialout and log in again") from error
    except TimeoutError as error:
        raise LinkError(port, f"the port did not open within {_OPEN_TIMEOUT_S:g} s") from error
    except (OSError, ValueError, serialx.SerialException) as error:
        raise LinkError(port, f"the port cannot be opened ({error})") from error
    _open.add(port)
    try:
        yield SerialLink(port, reader, writer)
    finally:
        _open.discard(port)
        writer.transport.abort()
        with suppress(OSError, serialx.SerialException):
            await writer.wait_closed()  # until then it is locked to whoever opens it next


def is_open(port: str) -> bool:
    """Return whether this process has the port open, under whatever name."""
    return os.path.realpath(port) in map(os.path.realpath, _open)
