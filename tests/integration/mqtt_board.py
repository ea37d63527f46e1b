"""A simulated board on the network, as a firmware would be: firmware/PROTOCOL.md, section 9."""

import asyncio
import socket
import ssl
import time
from contextlib import suppress

import aiomqtt

from ingest.protocol import encode

_PUBLISH_EVERY_S = 0.05  # s: a few frames a payload
_AGAIN_S = 0.2  # s until a broker that was not there is tried again
_WHOLE_OUTBOX = 1 << 20  # bytes: all that the board has to say


class MqttBoard:
    """Publishes what a board says and tells it what the host says; connects again whenever it must."""

    def __init__(self, board, broker):
        self.board = board
        self._broker = broker
        self._topic = f"fasciwatch/{board.device_id.hex()}"
        self._powered_s = time.monotonic()
        self._client = None
        self._running = None
        self._ran = asyncio.Event()
        self._unconfirmed = b""

    async def __aenter__(self):
        self._running = asyncio.create_task(self._run(), name="board")
        return self

    async def __aexit__(self, *error):
        self._running.cancel()
        with suppress(asyncio.CancelledError):
            await self._running

    async def measures(self, count):
        """Return when the board has taken so many further samples."""
        wanted = self.board.samplers[0].next + count
        while self.board.samplers[0].next < wanted:
            self._ran.clear()
            await self._ran.wait()

    def cut(self):
        """Break the connection without a goodbye; the board connects again."""
        if (connection := self._client._client.socket()) is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    async def vanish(self):
        """Go out of reach, without a goodbye, for good."""
        self.cut()
        await self.__aexit__()

    async def _run(self):
        while True:
            with suppress(aiomqtt.MqttError, BaseExceptionGroup):
                await self._connected()
            self.cut()
            self._let_time_pass()
            await asyncio.sleep(_AGAIN_S)

    async def _connected(self):
        self._client = aiomqtt.Client(
            "localhost",
            self._broker.port,
            username=self._broker.user,
            password=self._broker.password,
            identifier=f"board-{self.board.device_id.hex()}",
            clean_session=False,
            timeout=2.0,
            keepalive=5,
            tls_context=ssl.create_default_context(cafile=self._broker.ca_file),
            will=aiomqtt.Will(f"{self._topic}/state", b"gone", qos=1, retain=True),
        )
        async with self._client as client, asyncio.TaskGroup() as tasks:
            await client.subscribe(f"{self._topic}/control", qos=1)
            await client.publish(f"{self._topic}/state", b"online", qos=1, retain=True)
            tasks.create_task(self._listen(client))
            tasks.create_task(self._speak(client))

    async def _listen(self, client):
        async for message in client.messages:
            self.board.receive(message.payload)

    async def _speak(self, client):
        while True:
            self._let_time_pass()
            if not self._unconfirmed and (said := self.board.send(_WHOLE_OUTBOX)):
                self._unconfirmed = encode(self.board.hello()) + said
            if self._unconfirmed:
                await client.publish(f"{self._topic}/data", self._unconfirmed, qos=1)
                self._unconfirmed = b""
            await asyncio.sleep(_PUBLISH_EVERY_S)

    def _let_time_pass(self):
        self.board.run(int((time.monotonic() - self._powered_s) * 1e6))
        self._ran.set()
