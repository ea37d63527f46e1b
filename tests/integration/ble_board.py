"""A simulated board behind a fake radio, as a firmware would be: firmware/PROTOCOL.md, section 9."""

import asyncio
import time
from contextlib import suppress

import numpy as np

from ingest.protocol import encode
from ingest.transport.ble import payloads
from tests.integration.fake_bluez import Peripheral

ADDRESS = "C0:FF:EE:00:00:01"
_NOTIFY_EVERY_S = 0.02  # s: about a connection interval
_WHOLE_OUTBOX = 1 << 20  # bytes: all that the board has to say


class BleBoard:
    """Notifies what a board says while somebody listens, and tells it what is written.

    Args:
        board: The board.
        air: Whose adapter hears it.
        address: Of its radio.
        loses: Share of notifications that get lost on the way.
        wants_bond: Whether it only speaks over an encrypted link.
    """

    def __init__(self, board, air, *, address=ADDRESS, loses=0.0, wants_bond=False):
        self.board = board
        self.radio = Peripheral(
            address, board.device_id, lambda: encode(board.hello()), board.receive, wants_bond
        )
        self._air = air
        self._loses = loses
        self._dice = np.random.default_rng(1)
        self._powered_s = time.monotonic()
        self._running = None
        self._ran = asyncio.Event()

    async def __aenter__(self):
        self._air.peripherals.append(self.radio)
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

    async def _run(self):
        while True:
            self.board.run(int((time.monotonic() - self._powered_s) * 1e6))
            self._ran.set()
            if self.radio.listener is not None:
                for payload in payloads(self.board.send(_WHOLE_OUTBOX)):
                    if self._dice.random() >= self._loses:
                        self._air.notify(self.radio, payload)
            await asyncio.sleep(_NOTIFY_EVERY_S)
