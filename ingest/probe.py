"""Who answers on a link: asks with *query* and waits for *hello*."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager

import serialx

from ingest.errors import LinkError
from ingest.messages import Hello, Query
from ingest.protocol import FrameDecoder, encode
from ingest.transport.link import Link

ANSWER_WITHIN_S = 4.0  # an Uno is reset by opening and boots for 2 s; a board says hello once a second
_ASK_EVERY_S = 0.5  # a question during the boot is lost


async def probe(opening: AbstractAsyncContextManager[Link], *, within_s: float = ANSWER_WITHIN_S) -> Hello:
    """Open a link, return the hello of the sensor at its other end, and close it.

    Raises:
        LinkError: The link cannot be opened, is silent, or something else speaks there.
    """
    decoder = FrameDecoder()
    async with opening as link:
        try:
            async with asyncio.timeout(within_s):
                while True:
                    await link.write(b"\0" + encode(Query()))
                    if hello := await _listen(link.read, decoder):
                        return hello
        except TimeoutError:
            heard = decoder.counters.bytes_received
            what = f"something else speaks there ({heard} bytes, no hello)" if heard else "nothing answers"
            raise LinkError(link.name, f"no fasciwatch sensor: {what} within {within_s:g} s") from None


async def _listen(read: Callable[[], Awaitable[bytes]], decoder: FrameDecoder) -> Hello | None:
    """Return a hello that comes before it is time to ask again."""
    try:
        async with asyncio.timeout(_ASK_EVERY_S):
            while True:
                for message in decoder.feed(await read()):
                    if isinstance(message, Hello):
                        return message
    except TimeoutError:
        return None


def serial_ports() -> list[str]:
    """Return the names of this machine's serial ports."""
    return sorted(port.device for port in serialx.list_serial_ports())
