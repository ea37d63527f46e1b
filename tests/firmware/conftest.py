"""What the tests of the firmware run: built once, by its own Makefile."""

import fcntl
import os
import shutil
import subprocess

import pytest

from tests.firmware.simulated_uno import FIRMWARE


def _make(target, *, needs):
    missing = [program for program in ("make", *needs) if shutil.which(program) is None]
    if missing:
        reason = f"firmware/packages.txt is not installed: no {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    (FIRMWARE / "build").mkdir(exist_ok=True)
    with (FIRMWARE / "build" / "lock").open("w") as lock:  # tests may run on several cores
        fcntl.flock(lock, fcntl.LOCK_EX)
        subprocess.run(["make", "--silent", "-C", FIRMWARE, target], check=True)


@pytest.fixture(scope="session")
def uno():
    """The Uno's sketch and what runs it."""
    _make("uno", needs=("avr-g++", "cc"))


@pytest.fixture(scope="session")
def core():
    """The core as a library."""
    _make("core", needs=("c++",))
