"""MQTT: a broker between board and host, which keeps what the board says while the host is away.

The topics are in firmware/PROTOCOL.md, section 9. The session outlives the connection, so what comes in
between is waiting at the next opening; what the broker loses all the same, the board is asked for again. The
broker is told that it may forget a payload only once what came of it is stored: a host that is killed, or
that stops before it has looked at one, gets it again.
"""

import asyncio
import os
import socket
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.config import MqttConfig
from ingest.errors import LinkError
from ingest.transport.link import Link

PASSWORD_VARIABLE = "FASCIWATCH_MQTT_PASSWORD"  # noqa: S105 -- the name of one
GONE = b"gone"  # a board's last will on its state topic; `online` while it is there

_TIMEOUT_S = 5.0  # for each answer of the broker, which is in the house
_WRITE_TIMEOUT_S = 2.0  # for the broker to confirm what is sent: until it does, nobody listens to the board
_KEEPALIVE_S = 10  # a broker that vanished without a word is noticed within twice that, if nothing else does
_SESSION_S = 3600  # how long the broker keeps our place: a host that is updated is back in minutes
_KEPT_WITHIN_S = 1.0  # between two payloads that the broker kept; it sends them as fast as we take them
_UNACKNOWLEDGED = 4096  # payloads of about 1 kB: minutes of a board; the broker keeps the rest until they are
_AT_LEAST_ONCE = 1  # QoS, both ways


class MqttLink(Link):
    """What goes through the broker to and from one board."""

    def __init__(self, name: str, client: aiomqtt.Client, topic: str) -> None:
        self.name = name
        self._client = client
        self._control, self._state = f"{topic}/control", f"{topic}/state"
        self._coming: asyncio.Task[aiomqtt.Message] | None = None
        self._gone_s: float | None = None  # since when the board is gone, by the event loop's time
        self._unacknowledged = deque[int]()  # packet identifiers of what was read, in its order
        self._acknowledged = 0

    async def read(self) -> bytes:
        """Return the next bytes, at least one. Raises LinkError when broker or board are gone."""
        while True:
            message = await self._next()
            if message.topic.value == self._state:
                self._gone_s = asyncio.get_running_loop().time() if message.payload == GONE else None
            elif message.payload:
                return message.payload

    async def write(self, data: bytes) -> None:
        """Send bytes. Raises LinkError if the broker does not take them."""
        if not data:
            return
        try:
            await self._client.publish(self._control, data, _AT_LEAST_ONCE, timeout=_WRITE_TIMEOUT_S)
        except aiomqtt.MqttError as error:
            raise LinkError(self.name, f"the broker does not take what is sent ({error})") from error

    def receipt(self) -> Callable[[], None]:
        """Return what tells the broker that it may forget all that was read by now."""
        return partial(self._acknowledge, self._acknowledged + len(self._unacknowledged))

    async def close(self) -> None:
        """Stop waiting for what comes next."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.wait({self._coming})

    async def _next(self) -> aiomqtt.Message:
        """Return the next message; one that is on its way outlives the cancellation of this."""
        if self._coming is None:
            self._coming = asyncio.create_task(anext(self._client.messages), name=f"{self.name} message")
        await asyncio.wait({self._coming}, timeout=self._patience_s())
        if not self._coming.done():
            raise LinkError(self.name, "the sensor has left the network, says the broker")
        coming, self._coming = self._coming, None
        try:
            message = coming.result()
        except aiomqtt.MqttError as error:
            raise LinkError(self.name, f"the connection to the broker was lost ({error})") from error
        if message.qos == _AT_LEAST_ONCE:
            self._unacknowledged.append(message.mid)
        return message

    def _acknowledge(self, upto: int) -> None:
        """Acknowledge the first `upto` messages that were read over this link."""
        while self._acknowledged < upto:
            self._client._client.ack(self._unacknowledged.popleft(), _AT_LEAST_ONCE)  # noqa: SLF001 -- aiomqtt has no way to
            self._acknowledged += 1

    def _patience_s(self) -> float | None:
        """Return how long to wait: after a last will only for what the broker kept from after it."""
        if self._gone_s is None:
            return None
        return max(0.0, self._gone_s + _KEPT_WITHIN_S - asyncio.get_running_loop().time())


@asynccontextmanager
async def open_mqtt(broker: MqttConfig, device_id: str) -> AsyncIterator[MqttLink]:
    """Listen to a board through the broker for as long as the context lasts.

    Raises:
        LinkError: The broker cannot be reached, is not who it should be, or does not let us in.
    """
    name, topic = f"mqtt {device_id}", f"fasciwatch/{device_id}"
    async with connected(broker, name, session=f"fasciwatch-{device_id}") as client:
        await _subscribe(client, name, [f"{topic}/data", f"{topic}/state"])
        link = MqttLink(name, client, topic)
        try:
            yield link
        finally:
            await link.close()


async def online_devices(broker: MqttConfig, *, within_s: float = 1.0) -> dict[str, bool]:
    """Return which device ids the broker knows, and whether each is online. Raises LinkError like open_mqtt.

    The broker sends what it keeps at once; it does not say that this is all, hence `within_s`.
    """
    name = f"mqtt {broker.host}"
    found = {}
    async with connected(broker, name, session=None) as client:
        await _subscribe(client, name, ["fasciwatch/+/state"])
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                async for message in client.messages:
                    found[message.topic.value.split("/")[1]] = message.payload != GONE
    return found


async def see_online(broker: MqttConfig, device_id: str) -> None:
    """Return if the board is there. Raises LinkError if it is not, or like open_mqtt."""
    if not (await online_devices(broker)).get(device_id):
        raise LinkError(f"mqtt {device_id}", "the sensor is not on the network, says the broker")


@asynccontextmanager
async def connected(
    broker: MqttConfig, name: str, *, session: str | None, will: aiomqtt.Will | None = None
) -> AsyncIterator[aiomqtt.Client]:
    """Connect, to the named session that outlives this or to a new one that does not.

    Args:
        broker: Where it is and who we are to it.
        name: What it is for, in errors.
        session: Its name.
        will: What the broker says of us if we vanish.

    Raises:
        LinkError: The broker cannot be reached, is not who it should be, or does not let us in.
    """
    where = f"{broker.host}:{broker.tcp_port}"
    kept = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    kept.SessionExpiryInterval = _SESSION_S if session else 0
    kept.ReceiveMaximum = _UNACKNOWLEDGED
    client = aiomqtt.Client(
        broker.host,
        broker.tcp_port,
        username=broker.user or None,
        password=_password(broker, name),
        identifier=session,
        protocol=aiomqtt.ProtocolVersion.V5,
        clean_start=session is None,
        properties=kept,
        will=will,
        timeout=_TIMEOUT_S,
        keepalive=_KEEPALIVE_S,
        max_queued_incoming_messages=_UNACKNOWLEDGED,
        tls_context=_tls(broker, name) if broker.tls else None,
    )
    client._client.manual_ack_set(session is not None)  # noqa: SLF001 -- aiomqtt acknowledges what nobody has read
    try:
        await client.__aenter__()
        try:
            yield client
        finally:
            with suppress(aiomqtt.MqttError):  # a broker that is gone needs no goodbye
                await client.__aexit__(None, None, None)
    except MqttConnectError as error:
        raise LinkError(name, f"the broker at {where} does not let {_who(broker)} in ({error})") from error
    except aiomqtt.MqttError as error:
        raise LinkError(name, f"the broker at {where} cannot be reached ({error})") from error
    finally:
        _hang_up(client)


async def _subscribe(client: aiomqtt.Client, name: str, topics: list[str]) -> None:
    try:
        codes = await client.subscribe([(topic, _AT_LEAST_ONCE) for topic in topics])
    except aiomqtt.MqttError as error:
        raise LinkError(name, f"the broker does not answer ({error})") from error
    for topic, code in zip(topics, codes, strict=True):
        if isinstance(code, ReasonCode) and code.is_failure:
            raise LinkError(name, f"the broker does not let us read {topic} ({code})")


def _hang_up(client: aiomqtt.Client) -> None:
    """Close the socket to a broker that did not answer; aiomqtt 2.5 leaves that to the keepalive."""
    connection = client._client.socket()  # noqa: SLF001 -- it has no other way to ask for it
    if isinstance(connection, socket.socket):
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _password(broker: MqttConfig, name: str) -> str | None:
    if (password := os.environ.get(PASSWORD_VARIABLE)) is not None or broker.password_file is None:
        return password
    try:
        return broker.password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LinkError(name, f"the password file {broker.password_file} cannot be read ({error})") from error


def _tls(broker: MqttConfig, name: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=broker.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise LinkError(name, f"the certificate {broker.ca_file} cannot be read ({error})") from error


def _who(broker: MqttConfig) -> str:
    return f"user {broker.user}" if broker.user else "a nameless user"
