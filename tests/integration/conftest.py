"""Servers of the tests' own: a broker, a message bus. All on loopback, each ended by its fixture."""

import os
import shutil
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.counting import Taken
from tests.integration.fake_bluez import FakeBluez
from tests.integration.faults_table import BACK_WITHIN_S, note_back
from tests.integration.mosquitto import Mosquitto
from tests.integration.private_bus import PrivateBus


def program(name: str) -> str:
    """Return the path of a server's program; without it the test is skipped, or fails in CI."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} has to be there in CI")
        pytest.skip(f"no {name} on this machine")
    return found


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
def back_after(taken: Taken) -> Callable[[str], Awaitable[None]]:
    """Return what waits, now that a fault is over, until samples come again; they have to, soon."""

    async def samples_come_again(fault: str, within_s: float = BACK_WITHIN_S) -> None:
        over_s = time.monotonic()
        await taken.more(1, within_s=within_s)
        note_back(fault, time.monotonic() - over_s)

    return samples_come_again


@pytest_asyncio.fixture
async def mosquitto(tmp_path: Path):
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    broker = Mosquitto(program("mosquitto"), folder)
    await broker.start()
    yield broker
    await broker.stop()


@pytest_asyncio.fixture
async def system_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    bus = PrivateBus(program("dbus-daemon"), tmp_path)
    await bus.start()
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
    yield bus
    await bus.kill()


@pytest_asyncio.fixture
async def air(system_bus: PrivateBus):
    """Bluetooth with nothing in the air yet."""
    bluez = FakeBluez(system_bus.address)
    await bluez.start()
    yield bluez
    await bluez.die()
