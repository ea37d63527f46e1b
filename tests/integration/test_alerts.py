"""Alerts against real things: the service and a board, a mail server, a web server, a broker."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import aiomqtt
import pytest
from aiosmtpd.controller import Controller

from detector.emg import EmgDetector
from ingest.alerts.links import link_facts
from ingest.alerts.message import Message
from ingest.alerts.watchman import Watchman
from ingest.config import Config, DeviceConfig, JournalConfig, MqttConfig, NotifyConfig
from ingest.hostclock import HostClock
from ingest.journal import Journal
from ingest.notify.apprise import send
from ingest.notify.home_assistant import HomeAssistant
from ingest.reader import JournalReader
from ingest.schema import MinutePart, Records
from ingest.service import Service
from ingest.simulated.port import SimulatedPort
from ingest.simulated.wearable import wearables
from ingest.sites import Site
from tests.integration.mosquitto import Mosquitto

if TYPE_CHECKING:
    from email.message import EmailMessage

MINUTE_NS = 60 * 10**9
MESSAGE = Message("No data", "Left calf (electrodes): no data since 11:00.\nWhat to do: look at it.")


class Mailbox:
    """What a mail server was given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802 -- aiosmtpd's
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"


@contextmanager
def web_server(answer: int) -> Iterator[tuple[int, list[bytes]]]:
    """A web server that keeps what is posted and answers with this status."""
    posted: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(answer)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, posted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_message_goes_out_by_mail() -> None:
    mailbox = Mailbox()
    server = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        problem = send(
            f"mailto://127.0.0.1:{server.port}?from=house@example.org&to=me@example.org&mode=insecure",
            MESSAGE,
        )
    finally:
        server.stop()
    assert problem == ""
    [mail] = mailbox.mails
    text = b"".join(part.get_payload(decode=True) or b"" for part in mail.walk()).decode()
    assert mail["Subject"] == "No data"
    assert "What to do: look at it." in text


def test_a_message_goes_out_to_a_web_service() -> None:
    with web_server(200) as (port, posted):
        assert send(f"json://127.0.0.1:{port}/", MESSAGE) == ""
    [body] = map(json.loads, posted)
    assert (body["title"], body["message"]) == (MESSAGE.title, MESSAGE.body)


def test_a_service_that_refuses_or_is_away_is_said_to() -> None:
    with web_server(500) as (port, _):
        assert "not taken" in send(f"json://127.0.0.1:{port}/", MESSAGE)
    assert "not taken" in send(f"json://127.0.0.1:{free_port()}/", MESSAGE)


def run_for(seconds: float, path: Path, port: SimulatedPort) -> Watchman:
    """Run the real service on a board; return who then looks after it, with the clock still to be moved."""
    config = Config(
        wearer="me",
        devices=(DeviceConfig(port=str(port.path), emg=(Site.parse("biceps-left"),)),),
        journal=JournalConfig(path=path),
    )
    links: list = []

    async def both() -> None:
        with Journal(path) as journal:
            service = Service(config, journal)
            tasks = [asyncio.create_task(service.run()), asyncio.create_task(port.run())]
            await asyncio.wait(tasks, timeout=seconds)
            links.extend(link_facts(service.links))
            for task in reversed(tasks):
                task.cancel()
            await asyncio.wait(tasks)

    asyncio.run(both())
    return Watchman(config, {}, lambda *_: "", links=lambda: links)


def levels(path: Path) -> dict[str, str]:
    with JournalReader(path) as reader:
        rows = reader.ask("SELECT rule, level_to, max(id) FROM alert GROUP BY rule")
    return {rule: level for rule, level, _ in rows if level != "fine"}


def look(watchman: Watchman, after_min: float) -> None:
    watchman.look(time.time_ns() + round(after_min * MINUTE_NS), watchman._links())


def test_a_board_that_works_raises_no_alert(tmp_path: Path) -> None:
    [worn] = wearables([Site.parse("biceps-left")], seed=3, boot_id=1)
    with SimulatedPort(worn.board) as port:
        watchman = run_for(9, tmp_path / "j", port)
    look(watchman, 0)
    assert levels(tmp_path / "j") == {}


def test_a_device_that_is_gone_ends_in_an_alert(tmp_path: Path) -> None:
    [worn] = wearables([Site.parse("biceps-left")], seed=3, boot_id=1)
    with SimulatedPort(worn.board) as port:
        watchman = run_for(9, tmp_path / "j", port)
    look(watchman, 35)
    assert levels(tmp_path / "j")["no-data biceps-left emg"] == "act"


def test_a_detector_that_stops_ends_in_an_alert_and_not_in_quiet_muscles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(EmgDetector, "update", stop)
    [worn] = wearables([Site.parse("biceps-left")], seed=3, boot_id=1)
    with SimulatedPort(worn.board) as port:
        watchman = run_for(9, tmp_path / "j", port)
    look(watchman, 35)
    assert levels(tmp_path / "j")["no-data biceps-left emg"] == "act"
    with JournalReader(tmp_path / "j") as reader:
        assert not any(row.rest_s for row in reader.minutes(site="biceps-left", modality="emg"))


async def retained(broker: MqttConfig, password: str, count: int) -> dict[str, str]:
    """The next messages that the broker holds for Home Assistant, by topic."""
    found: dict[str, str] = {}
    async with aiomqtt.Client(
        broker.host, broker.tcp_port, username=broker.user, password=password,
        tls_params=aiomqtt.TLSParameters(ca_certs=str(broker.ca_file)),
    ) as client:  # fmt: skip
        await client.subscribe("homeassistant/#", qos=1)
        await client.subscribe("fasciwatch/home/#", qos=1)
        async for message in client.messages:
            found[message.topic.value] = message.payload.decode()
            if len(found) == count:
                return found
    raise AssertionError


@pytest.mark.server
@pytest.mark.asyncio
async def test_home_assistant_is_told_of_every_site_and_of_our_end(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    config = Config(
        wearer="me",
        devices=(DeviceConfig(port="/dev/none", emg=(Site.parse("biceps-left"),)),),
        journal=JournalConfig(path=tmp_path / "j"),
        mqtt=mosquitto.settings,
        notify=NotifyConfig(home_assistant=True),
    )
    minute = HostClock().now_ns() // MINUTE_NS
    with Journal(tmp_path / "j") as journal:
        parts = [
            MinutePart("me", "gastrocnemius-left", "emg", minute - ago, rest_s=60.0) for ago in range(1, 31)
        ]
        journal.write(Records(minutes=parts))
    telling = asyncio.create_task(HomeAssistant(config).run())
    try:
        found = await retained(mosquitto.settings, mosquitto.password, 2 + 2 * 3 + 2)
    finally:
        telling.cancel()
        await asyncio.wait([telling])
    entities = {topic: json.loads(text) for topic, text in found.items() if topic.endswith("/config")}
    names = {entity["name"] for entity in entities.values()}
    assert "Left calf (electrodes): twitches an observed hour, last 24 h" in names
    assert all(entity["expire_after"] for entity in entities.values())
    [state] = [json.loads(text) for topic, text in found.items() if topic.endswith("/state")]
    calf, biceps = state["sites"]["gastrocnemius_left_emg"], state["sites"]["biceps_left_emg"]
    assert (calf["per_hour"], calf["connected"]) == (0.0, "ON")
    assert (biceps["per_hour"], biceps["connected"]) == (None, "OFF")
    assert [text for topic, text in found.items() if topic.endswith("/available")] == ["online"]
    found = await retained(mosquitto.settings, mosquitto.password, len(found))
    assert [text for topic, text in found.items() if topic.endswith("/available")] == ["offline"]
