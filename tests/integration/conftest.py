"""Servers of the tests' own: a broker, a message bus. All on loopback, each ended by its fixture."""

import os
import shutil
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.counting import Taken
from tests.integration.mosquitto import Mosquitto


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


@pytest_asyncio.fixture
async def mosquitto(tmp_path: Path):
    folder = tmp_path / "mosquitto"
    folder.mkdir()
    broker = Mosquitto(program("mosquitto"), folder)
    await broker.start()
    yield broker
    await broker.stop()
