"""Bluetooth Low Energy: scan, connect, listen; every step bounded in time, everything closed again.

The service is described in firmware/PROTOCOL.md, section 9. A sensor is known by the device id it advertises,
not by its address. Each opening scans anew, because BlueZ forgets a sensor that was away.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Collection, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from bleak import BleakClient, BleakScanner
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.exc import BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode
from bleak_retry_connector import establish_connection

from ingest.config import ANY_BLE
from ingest.errors import LinkError
from ingest.protocol import FRAME_LIMIT
from ingest.transport.link import Link

if sys.platform == "linux":
    from ingest.transport import bluez

SERVICE = "fa5c0001-7a3e-4c52-9d0b-6f6d757363fe"
DATA = "fa5c0002-7a3e-4c52-9d0b-6f6d757363fe"
CONTROL = "fa5c0003-7a3e-4c52-9d0b-6f6d757363fe"
INFO = "fa5c0004-7a3e-4c52-9d0b-6f6d757363fe"

SCAN_S = 10.0  # a board advertises every 0.1-1 s; a busy adapter misses most of it
_CONNECT_S = 15.0  # a few tries of what takes 0.5-5 s
_CALL_S = 5.0  # a GATT call takes two intervals of 60 ms; the supervision timeout is 5 s
_PAIR_S = 30.0  # the Security Manager's own timeout (Bluetooth Core, vol. 3, part H, 3.4)
_CLEAN_UP_S = 2.0  # for a cancelled call to put things in order, which on BlueZ takes further calls
_TRIES = 3  # to connect: BlueZ gives up the first try for reasons of its own, such as a scan that is ending
_QUEUE_LIMIT = 4096  # notifications, 1 MB: what does not fit is lost and asked for again
_LOCKED = {  # what a board answers that wants an encrypted link
    BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION,
    BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHORIZATION,
    BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION,
}

_Result = TypeVar("_Result")


class BleLink(Link):
    """What goes over the air to and from one sensor."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._client: BleakClient | None = None
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self._is_lost = False

    async def read(self) -> bytes:
        """Return the next bytes, at least one. Raises LinkError when the connection is lost."""
        if not self._is_lost or not self._arrived.empty():
            pieces = [await self._arrived.get()]
            while not self._arrived.empty():
                pieces.append(self._arrived.get_nowait())
            if data := b"".join(pieces):
                return data
        raise LinkError(self.name, "the connection was lost")

    async def write(self, data: bytes) -> None:
        """Send bytes. Raises LinkError if the sensor does not confirm them."""
        assert self._client is not None
        for payload in payloads(data):
            await self._within(
                _CALL_S, "writing", self._client.write_gatt_char(CONTROL, payload, response=True)
            )

    async def connect(self, device: BLEDevice) -> None:
        """Connect, pair if the sensor wants that, and listen. Raises LinkError; `close` is due even then."""
        connecting = establish_connection(
            BleakClient, device, self.name, disconnected_callback=self._lost, max_attempts=_TRIES
        )
        self._client = client = await self._within(_CONNECT_S, "connecting", connecting)
        try:
            hello = await self._within(_CALL_S, "reading", client.read_gatt_char(INFO))
        except LinkError as error:
            if not _wants_pairing(error.__cause__):
                raise
            await self._within(_PAIR_S, "pairing", _pair(client, device))
            hello = await self._within(_CALL_S, "reading", client.read_gatt_char(INFO))
        self._arrived.put_nowait(bytes(hello))
        listening = client.start_notify(DATA, self._notified, bluez={"use_start_notify": True})
        await self._within(_CALL_S, "listening", listening)

    async def close(self) -> None:
        """Disconnect, whatever state it is in."""
        if self._client is not None:
            with suppress(LinkError):
                await self._within(_CALL_S, "disconnecting", self._client.disconnect())

    def _notified(self, _data: BleakGATTCharacteristic, value: bytearray) -> None:
        if self._arrived.qsize() < _QUEUE_LIMIT:
            self._arrived.put_nowait(bytes(value))

    def _lost(self, _client: BleakClient) -> None:
        self._is_lost = True
        self._arrived.put_nowait(b"")  # wakes whoever reads

    async def _within(self, limit_s: float, doing: str, call: Coroutine[Any, Any, _Result]) -> _Result:
        return await within(limit_s, self.name, doing, call)


@asynccontextmanager
async def open_ble(wanted: str, *, others: Collection[str] = ()) -> AsyncIterator[BleLink]:
    """Find a sensor and stay connected to it for as long as the context lasts.

    Args:
        wanted: Its device id or its address; or "auto" for any but `others`.
        others: Device ids that belong to other links.

    Raises:
        LinkError: There is no Bluetooth, the sensor is not in the air, or it does not let us in.
    """
    link = BleLink(f"ble {wanted}")
    try:
        await link.connect(await _find(link.name, wanted, others))
        yield link
    finally:
        await link.close()


async def sensors_in_the_air(*, listen_s: float = SCAN_S / 2) -> dict[str, str]:
    """Return the device id of every sensor that advertises, by its address. Raises LinkError."""

    async def listen() -> dict[str, str]:
        found = {}
        async with BleakScanner(service_uuids=[SERVICE]) as scanner:
            with suppress(TimeoutError):
                async with asyncio.timeout(listen_s):
                    async for device, advertised in scanner.advertisement_data():
                        found[device.address] = advertised.service_data.get(SERVICE, b"").hex()
        return found

    return await within(listen_s + _CALL_S, "Bluetooth", "scanning", listen())


def payloads(data: bytes) -> Iterator[bytes]:
    """Cut bytes into writes or notifications: whole frames, as many as fit."""
    start = end = 0
    while (frame_end := data.find(b"\0", end) + 1) > 0:
        if frame_end - start > FRAME_LIMIT and end > start:
            yield data[start:end]
            start = end
        end = frame_end
    if end > start:
        yield data[start:end]


async def within(limit_s: float, name: str, doing: str, call: Coroutine[Any, Any, _Result]) -> _Result:
    """Return what a call to Bluetooth brings; raise LinkError if it fails or takes too long.

    No D-Bus call of bleak is bounded, nor are those with which it cleans up after a cancellation; so the
    call is cancelled again until it has ended.
    """
    task = asyncio.ensure_future(call)
    try:
        await asyncio.wait({task}, timeout=limit_s)
    finally:
        while not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_CLEAN_UP_S)
    if task.cancelled():
        raise LinkError(name, f"{doing} took over {limit_s:g} s")
    try:
        return task.result()
    except (BleakError, OSError, EOFError, TimeoutError) as error:
        raise LinkError(name, f"{doing} failed ({str(error) or type(error).__name__})") from error


async def _find(name: str, wanted: str, others: Collection[str]) -> BLEDevice:
    def is_meant(device: BLEDevice, device_id: str) -> bool:
        if wanted == ANY_BLE:
            return device_id not in others
        return wanted in {device_id, device.address.upper()}

    async def find() -> BLEDevice | None:
        if sys.platform == "linux":
            for device, device_id in await bluez.left_connected(SERVICE):
                if is_meant(device, device_id):
                    return device
        async with BleakScanner(service_uuids=[SERVICE]) as scanner:
            with suppress(TimeoutError):
                async with asyncio.timeout(SCAN_S):
                    async for device, advertised in scanner.advertisement_data():
                        if is_meant(device, advertised.service_data.get(SERVICE, b"").hex()):
                            return device
        return None

    found = await within(SCAN_S + _CALL_S, name, "scanning", find())
    if found is None:
        raise LinkError(name, "no such sensor is in the air; charge it, bring it near, switch it on")
    return found


async def _pair(client: BleakClient, device: BLEDevice) -> None:
    if sys.platform == "linux":
        await bluez.pair(device.details["path"])
    else:
        await client.pair()


def _wants_pairing(error: BaseException | None) -> bool:
    if isinstance(error, BleakGATTProtocolError):
        return error.code in _LOCKED
    return isinstance(error, BleakError) and "Not paired" in str(error)  # BlueZ's word for some of them
