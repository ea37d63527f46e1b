"""A board whose samples are their own numbers, and a watcher that sees whether any is missing or double."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path

import numpy as np

from ingest.config import Config
from ingest.journal import Journal
from ingest.service import Service
from ingest.simulated.board import Board
from ingest.simulated.converter import Converter

DEVICE = "0123456789abcdef"
_SPAN = 30_000  # where the count begins again: it has to fit in 16 bits


class Counting:
    """A measurement: 0, 1, 2 ... uV."""

    modality = "emg"
    unit = "uV"
    rate_hz = 1000.0
    channels = 1

    def __init__(self):
        self._next = 0

    def read(self, count):
        numbers = np.arange(self._next, self._next + count) % _SPAN
        self._next += count
        return numbers[np.newaxis].astype(np.float32)

    def contact_off(self, time_s):
        return 0


def counting_board(*, device=DEVICE, boot_id=7, buffer_s=25.0):
    return Board(
        [Converter(Counting(), 1.0)], device_id=bytes.fromhex(device), boot_id=boot_id, buffer_s=buffer_s
    )


class Taken:
    """What a service took, in the order in which it took it."""

    def __init__(self):
        self.count = 0
        self._runs = []
        self._grew = asyncio.Event()

    def push(self, *, samples, **about):
        assert np.all(np.diff(samples[0]) % _SPAN == 1)
        self._runs.append((int(samples[0, 0]), int(samples[0, -1])))
        self.count += samples.shape[1]
        self._grew.set()

    @property
    def breaks(self):
        """Return where a sample is not followed by the next one."""
        return [
            (last, first) for (_, last), (first, _) in pairwise(self._runs) if (last + 1) % _SPAN != first
        ]

    async def more(self, count, *, within_s=20.0):
        """Return when so many further samples have come."""
        wanted = self.count + count
        async with asyncio.timeout(within_s):
            while self.count < wanted:
                self._grew.clear()
                await self._grew.wait()


def open_files():
    """Return how many files this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


async def said_by(*arguments):
    """Return what the command prints."""
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fasciwatch", *map(str, arguments)), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await command.communicate()
    assert command.returncode == 0
    return said.decode()


@asynccontextmanager
async def serving(folder, taken, *devices, **settings) -> AsyncIterator[Service]:
    """Run the service over these devices, with its journal in `folder`, as long as the context lasts."""
    values = {"wearer": "test", "devices": [{"emg": ["biceps-left"]} | device for device in devices]}
    config = Config.model_validate(values | settings)
    with Journal(folder / "journal.sqlite3") as journal:
        service = Service(config, journal, watcher=taken)
        running = asyncio.create_task(service.run(), name="service")
        try:
            yield service
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
