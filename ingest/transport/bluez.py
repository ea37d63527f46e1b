"""What bleak leaves to be done with BlueZ: to find what was left connected, and to pair with an agent.

Source: the D-Bus interfaces org.bluez.Device, org.bluez.AgentManager and org.bluez.Agent, as BlueZ documents
them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from bleak.backends.bluezdbus.utils import get_dbus_authenticator
from bleak.backends.device import BLEDevice
from bleak.exc import BleakDBusError, BleakError
from dbus_fast import BusType, Message, MessageType, unpack_variants
from dbus_fast.aio import MessageBus
from dbus_fast.errors import AuthError

_BLUEZ = "org.bluez"
_DEVICE = "org.bluez.Device1"
_AGENT = "org.bluez.Agent1"
_AGENT_PATH = "/fasciwatch/agent"


async def left_connected(service: str) -> list[tuple[BLEDevice, str]]:
    """Return the connected devices that have `service`, each with the device id it advertised.

    BlueZ keeps a device connected after the program that connected it was killed. It does not advertise then,
    so no scan finds it.
    """
    async with _system_bus() as bus:
        objects = await _call(bus, "/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
    found = []
    for path, interfaces in unpack_variants(objects[0]).items():
        device = interfaces.get(_DEVICE, {})
        if device.get("Connected") and service in device.get("UUIDs", []):
            details = {"path": path, "props": device}
            device_id = bytes(device.get("ServiceData", {}).get(service, b"")).hex()
            found.append((BLEDevice(device["Address"], device.get("Name"), details), device_id))
    return found


async def pair(path: str) -> None:
    """Pair and bond with the device at this path of BlueZ.

    A board has no display and no keys, so neither side is asked for anything. The agent that says so answers
    for this one device, and only while it is being paired.

    Raises:
        BleakError: It does not want to.
    """

    def answer(message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != _AGENT:
            return None
        asks = message.member in {"RequestAuthorization", "RequestConfirmation"}
        if not asks or message.body[0] == path:
            return Message.new_method_return(message)
        return Message.new_error(message, "org.bluez.Error.Rejected", "another device is being paired")

    async with _system_bus() as bus:
        bus.add_message_handler(answer)
        manager = "org.bluez.AgentManager1"
        await _call(bus, "/org/bluez", manager, "RegisterAgent", "os", [_AGENT_PATH, "NoInputNoOutput"])
        await _call(bus, path, _DEVICE, "Pair")


@asynccontextmanager
async def _system_bus() -> AsyncIterator[MessageBus]:
    bus = MessageBus(bus_type=BusType.SYSTEM, auth=get_dbus_authenticator())
    try:
        await bus.connect()
        yield bus
    except AuthError as error:
        raise BleakError(f"D-Bus does not let us in: {error}") from error
    finally:
        bus.disconnect()


async def _call(
    bus: MessageBus,
    path: str,
    interface: str,
    member: str,
    signature: str = "",
    body: list[Any] | None = None,
) -> list[Any]:
    reply = await bus.call(
        Message(
            destination=_BLUEZ,
            path=path,
            interface=interface,
            member=member,
            signature=signature,
            body=body or [],
        )
    )
    assert reply is not None
    if reply.message_type is MessageType.ERROR:
        raise BleakDBusError(reply.error_name or "", reply.body)
    return reply.body
