"""Enough of org.bluez for unmodified bleak: one adapter, and peripherals with the service of a sensor.

It follows BlueZ's documentation of its D-Bus interfaces: a device is an object only once it was seen; a lost
connection takes its subscription along; a program that leaves the bus leaves its connections behind.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from dbus_fast import Message, MessageType, NameFlag, RequestNameReply, Variant
from dbus_fast.aio import MessageBus

from ingest.transport.ble import CONTROL, DATA, INFO, SERVICE

ADAPTER = "/org/bluez/hci0"
_ADVERTISE_S = 0.01  # s: ten times as often as a board, so that tests are quick
_ADAPTER = "org.bluez.Adapter1"
_DEVICE = "org.bluez.Device1"
_SERVICE = "org.bluez.GattService1"
_CHARACTERISTIC = "org.bluez.GattCharacteristic1"
_OBJECTS = "org.freedesktop.DBus.ObjectManager"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_SILENCE = object()  # instead of an answer


class BluezError(Exception):
    """What a call is answered with instead of a result."""

    def __init__(self, name: str, text: str = "") -> None:
        super().__init__(text)
        self.name = f"org.bluez.Error.{name}"


def _ignore(_data: bytes) -> None:
    pass


@dataclass(eq=False)
class Peripheral:
    """A sensor as the adapter sees it.

    Attributes:
        address: Of its radio.
        device_id: What it advertises.
        read_info: Gives the hello of now.
        write_control: Takes what the host says.
        wants_bond: Whether it lets itself be read only over an encrypted link.
        in_reach: Whether it can be heard.
        calls: The names of the methods that were called on it.
    """

    address: str
    device_id: bytes
    read_info: Callable[[], bytes]
    write_control: Callable[[bytes], None] = _ignore
    wants_bond: bool = False
    in_reach: bool = True
    is_known: bool = False
    is_connected: bool = False
    is_bonded: bool = False
    listener: str | None = None
    calls: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"{ADAPTER}/dev_{self.address.replace(':', '_')}"

    @property
    def service_path(self) -> str:
        return f"{self.path}/service000a"

    @property
    def characteristics(self) -> dict[str, tuple[str, list[str]]]:
        """Return UUID and flags of each, by path."""
        kinds = [(DATA, ["notify"]), (CONTROL, ["write"]), (INFO, ["read"])]
        return {f"{self.service_path}/char{11 + 3 * n:04x}": kind for n, kind in enumerate(kinds)}

    def device(self) -> dict[str, Variant]:
        return {
            "Address": Variant("s", self.address),
            "AddressType": Variant("s", "random"),
            "Name": Variant("s", "fasciwatch"),
            "Alias": Variant("s", "fasciwatch"),
            "Adapter": Variant("o", ADAPTER),
            "UUIDs": Variant("as", [SERVICE]),
            "ServiceData": Variant("a{sv}", {SERVICE: Variant("ay", self.device_id)}),
            "RSSI": Variant("n", -50),
            "Paired": Variant("b", self.is_bonded),
            "Connected": Variant("b", self.is_connected),
            "ServicesResolved": Variant("b", self.is_connected),
        }

    def gatt(self) -> dict[str, dict[str, dict[str, Variant]]]:
        service = {
            "UUID": Variant("s", SERVICE),
            "Device": Variant("o", self.path),
            "Primary": Variant("b", True),
        }
        objects = {self.service_path: {_SERVICE: service}}
        for path, (uuid, flags) in self.characteristics.items():
            characteristic = {
                "UUID": Variant("s", uuid),
                "Service": Variant("o", self.service_path),
                "Flags": Variant("as", flags),
                "MTU": Variant("q", 247),
            }
            objects[path] = {_CHARACTERISTIC: characteristic}
        return objects


class FakeBluez:
    """bluetoothd on a bus of the tests' own.

    Attributes:
        peripherals: Those that there are; they outlive its end.
        faults: By the name of a method, what its next calls are answered with.
    """

    def __init__(self, address: str) -> None:
        self.peripherals: list[Peripheral] = []
        self.faults: dict[str, list[object]] = {}
        self._address = address
        self._bus: MessageBus
        self._scanning: set[str] = set()
        self._agents: dict[str, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._received)
        watch = "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'"
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=[watch],
            )
        )
        reply = await self._bus.request_name("org.bluez", NameFlag.DO_NOT_QUEUE)
        assert reply is RequestNameReply.PRIMARY_OWNER
        self._spawn(self._advertise())

    async def die(self) -> None:
        """End without a word to anybody, as a killed process does; every connection is lost."""
        for task in self._tasks.copy():
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks)
        for peripheral in self.peripherals:
            peripheral.is_known = peripheral.is_connected = False
            peripheral.listener = None
        self._bus.disconnect()
        with suppress(Exception):  # whatever ended the bus: it has ended
            await self._bus.wait_for_disconnect()

    def never_answer(self, method: str) -> None:
        """Leave the next call of this method without an answer."""
        self.faults.setdefault(method, []).append(_SILENCE)

    def refuse(self, method: str, error: BluezError) -> None:
        """Answer the next call of this method with an error."""
        self.faults.setdefault(method, []).append(error)

    def notify(self, peripheral: Peripheral, value: bytes) -> bool:
        """Send a notification; return False if nobody listens."""
        if peripheral.listener is None:
            return False
        [path] = [path for path, (uuid, _) in peripheral.characteristics.items() if uuid == DATA]
        self._changed(path, _CHARACTERISTIC, {"Value": Variant("ay", value)})
        return True

    def lose(self, peripheral: Peripheral) -> None:
        """The connection breaks: out of reach for longer than the supervision timeout."""
        if peripheral.is_connected:
            peripheral.is_connected, peripheral.listener = False, None
            state = {"ServicesResolved": Variant("b", False), "Connected": Variant("b", False)}
            self._changed(peripheral.path, _DEVICE, state)

    def forget(self, peripheral: Peripheral) -> None:
        """The connection breaks, and the device is dropped from the bus."""
        self.lose(peripheral)
        if peripheral.is_known:
            peripheral.is_known = False
            self._signal("/", _OBJECTS, "InterfacesRemoved", "oas", [peripheral.path, [_DEVICE]])

    async def _advertise(self) -> None:
        while True:
            for peripheral in self.peripherals:
                if self._scanning and peripheral.in_reach and not peripheral.is_connected:
                    self._see(peripheral)
            await asyncio.sleep(_ADVERTISE_S)

    def _see(self, peripheral: Peripheral) -> None:
        if peripheral.is_known:
            self._changed(peripheral.path, _DEVICE, {"RSSI": Variant("n", -50)})
            return
        peripheral.is_known = True
        self._added(peripheral.path, {_DEVICE: peripheral.device()})

    def _received(self, message: Message) -> bool | None:
        if message.message_type is MessageType.SIGNAL and message.member == "NameOwnerChanged":
            name, _, owner = message.body
            if not owner:
                self._client_gone(name)
        if message.message_type is not MessageType.METHOD_CALL:
            return None
        self._spawn(self._serve(message))
        return True

    def _client_gone(self, name: str) -> None:
        """A program has left the bus: its scans and subscriptions end, its connections do not."""
        self._scanning.discard(name)
        for peripheral in self.peripherals:
            if peripheral.listener == name:
                peripheral.listener = None

    async def _serve(self, call: Message) -> None:
        try:
            if faults := self.faults.get(call.member):
                fault = faults.pop(0)
                if isinstance(fault, BluezError):
                    raise fault
                return
            signature, body = await self._answer(call)
        except BluezError as error:
            self._bus.send(Message.new_error(call, error.name, str(error)))
        else:
            self._bus.send(Message.new_method_return(call, signature, body))

    async def _answer(self, call: Message) -> tuple[str, list[object]]:
        match call.member:
            case "GetManagedObjects":
                return "a{oa{sa{sv}}}", [self._objects()]
            case "RegisterAgent":
                self._agents[call.sender] = call.body[0]
            case "SetDiscoveryFilter":
                pass
            case "StartDiscovery":
                self._scanning.add(call.sender)
            case "StopDiscovery":
                self._scanning.discard(call.sender)
            case _:
                return await self._answer_for(self._peripheral(call.path), call)
        return "", []

    async def _answer_for(self, peripheral: Peripheral, call: Message) -> tuple[str, list[object]]:
        peripheral.calls.append(call.member)
        match call.member:
            case "Connect":
                self._connect(peripheral)
            case "Disconnect":
                self.lose(peripheral)
            case "Pair":
                await self._pair(peripheral, call)
            case _ if not peripheral.is_connected:
                raise BluezError("NotConnected", "Not Connected")
            case "ReadValue":
                if peripheral.wants_bond and not peripheral.is_bonded:
                    raise BluezError("NotPermitted", "Not paired")
                return "ay", [peripheral.read_info()]
            case "WriteValue":
                peripheral.write_control(bytes(call.body[0]))
            case "StartNotify":
                peripheral.listener = call.sender
            case _:
                raise BluezError("NotSupported", call.member)
        return "", []

    def _connect(self, peripheral: Peripheral) -> None:
        if not peripheral.in_reach:
            raise BluezError("Failed", "le-connection-abort-by-local")
        peripheral.is_connected = True
        self._changed(peripheral.path, _DEVICE, {"Connected": Variant("b", True)})
        for path, interfaces in peripheral.gatt().items():
            self._added(path, interfaces)
        self._changed(peripheral.path, _DEVICE, {"ServicesResolved": Variant("b", True)})

    async def _pair(self, peripheral: Peripheral, call: Message) -> None:
        if (agent := self._agents.get(call.sender)) is None:
            raise BluezError("AuthenticationFailed", "Authentication Failed")
        answer = await self._bus.call(
            Message(
                destination=call.sender,
                path=agent,
                interface="org.bluez.Agent1",
                member="RequestAuthorization",
                signature="o",
                body=[peripheral.path],
            )
        )
        if answer.message_type is MessageType.ERROR:
            raise BluezError("AuthenticationRejected", "Authentication Rejected")
        peripheral.is_bonded = True
        self._changed(peripheral.path, _DEVICE, {"Paired": Variant("b", True)})

    def _peripheral(self, path: str) -> Peripheral:
        for peripheral in self.peripherals:
            if peripheral.is_known and path.startswith(peripheral.path):
                return peripheral
        error = BluezError("", f"no object at {path}")
        error.name = "org.freedesktop.DBus.Error.UnknownObject"
        raise error

    def _objects(self) -> dict[str, dict[str, dict[str, Variant]]]:
        adapter = {
            "Address": Variant("s", "00:11:22:33:44:55"),
            "Powered": Variant("b", True),
            "Roles": Variant("as", ["central"]),
        }
        objects: dict[str, dict[str, dict[str, Variant]]] = {ADAPTER: {_ADAPTER: adapter}}
        for peripheral in self.peripherals:
            if peripheral.is_known:
                objects[peripheral.path] = {_DEVICE: peripheral.device()}
                objects |= peripheral.gatt() if peripheral.is_connected else {}
        return objects

    def _added(self, path: str, interfaces: dict[str, dict[str, Variant]]) -> None:
        self._signal("/", _OBJECTS, "InterfacesAdded", "oa{sa{sv}}", [path, interfaces])

    def _changed(self, path: str, interface: str, properties: dict[str, Variant]) -> None:
        self._signal(path, _PROPERTIES, "PropertiesChanged", "sa{sv}as", [interface, properties, []])

    def _signal(self, path: str, interface: str, member: str, signature: str, body: list[object]) -> None:
        with suppress(OSError):  # of a message bus that was killed
            self._bus.send(Message.new_signal(path, interface, member, signature, body))

    def _spawn(self, work) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
