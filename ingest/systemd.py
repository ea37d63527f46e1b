"""Tells systemd that the service is up and alive (sd_notify); does nothing where systemd did not start it.

Source of the protocol: sd_notify(3) and sd_watchdog_enabled(3).
"""

import asyncio
import os
import socket
from collections.abc import Mapping


def notify(message: str, environment: Mapping[str, str] = os.environ) -> None:
    """Send one message, such as `READY=1`."""
    address = environment.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.connect("\0" + address[1:] if address.startswith("@") else address)
        link.send(message.encode())


async def keep_alive(environment: Mapping[str, str] = os.environ) -> None:
    """Say that the event loop turns, twice in each time after which systemd would restart us."""
    limit_us = int(environment.get("WATCHDOG_USEC", "0"))
    notify("READY=1", environment)
    while limit_us:
        notify("WATCHDOG=1", environment)
        await asyncio.sleep(limit_us / 2e6)
