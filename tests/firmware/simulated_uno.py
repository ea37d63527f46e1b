"""The Uno's sketch, running in simavr behind a pseudo terminal."""

import asyncio
import json
from pathlib import Path

import numpy as np

FIRMWARE = Path(__file__).parents[2] / "firmware"
CLOCK_HZ = 16_000_000
EMG_UV = 5e6 / 1024 / 200  # per count: 5 V over 10 bits, through a MyoWare 2.0
MOTION_MG = 1000 / 16384  # per count of an MPU-6050 at +-2 g


class SimulatedUno:
    """A board that takes its samples from arrays; a context in which it is on from its first opening.

    Args:
        folder: For its files.
        emg: Codes 0-1023, over and over.
        motion: Shape (n, 3), int16, over and over; None if nothing is on I2C.
        patience_ms: For how long the line waits for a reader before it throws bytes away.
        deaf_s: From when to when the line throws everything away, in seconds of the board's time.
    """

    def __init__(self, folder, *, emg, motion=None, patience_ms=30_000, deaf_s=(0, 0)):
        self.port = folder / "uno"
        self.eeprom = folder / "eeprom"
        np.asarray(emg, "<u2").tofile(folder / "emg")
        self._arguments = ["--link", self.port, "--emg", folder / "emg", "--eeprom", self.eeprom]
        self._arguments += ["--patience", str(patience_ms), "--deaf", "{}-{}".format(*deaf_s)]
        if motion is not None:
            np.asarray(motion, "<i2").tofile(folder / "motion")
            self._arguments += ["--motion", folder / "motion"]

    async def __aenter__(self):
        self._process = await asyncio.create_subprocess_exec(
            FIRMWARE / "build" / "simulated_uno",
            *("--elf", FIRMWARE / "build" / "avr" / "uno.elf"),
            *self._arguments,
            stdout=asyncio.subprocess.PIPE,
        )
        assert await self._told() == {"ready": True}
        return self

    async def __aexit__(self, *error):
        if self._process.returncode is None:
            await self.switch_off()

    async def seconds(self, count):
        """Return when so many seconds of the board's time have gone by."""
        while (await self._told()).get("second", 0) < count:
            pass

    async def switch_off(self):
        """End it; return what was measured of it."""
        self._process.terminate()
        told = [json.loads(line) for line in (await self._process.communicate())[0].splitlines()]
        return told[-1]

    async def _told(self):
        return json.loads(await self._process.stdout.readline())
