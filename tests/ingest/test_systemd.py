"""What systemd is told."""

import asyncio
import socket
from pathlib import Path

import pytest

from ingest.systemd import keep_alive, notify


@pytest.mark.asyncio
async def test_the_watchdog_is_fed_twice_in_its_time(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000"}
        feeding = asyncio.create_task(keep_alive(environment))
        loop = asyncio.get_running_loop()
        heard = [await asyncio.wait_for(loop.sock_recv(systemd, 100), 5) for _ in range(4)]
        feeding.cancel()
    assert heard == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1", b"WATCHDOG=1"]


def test_without_systemd_nothing_is_said() -> None:
    notify("READY=1", {})
    asyncio.run(keep_alive({}))
