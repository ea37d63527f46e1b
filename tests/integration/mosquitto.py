"""A Mosquitto of the tests' own: on loopback, with a certificate made for it and a random password."""

import asyncio
import secrets
import signal
import socket
import subprocess
from pathlib import Path

from ingest.config import MqttConfig

_UP_WITHIN_S = 10.0  # s; it takes 20 ms


class Mosquitto:
    """A broker that can be stopped, killed, frozen and started again, with its store kept on disk."""

    def __init__(self, program: str, folder: Path) -> None:
        self.port = _free_port()
        self.user, self.password = "house", secrets.token_hex(16)
        self.ca_file = folder / "ca.pem"
        self.password_file = folder / "password"
        self.password_file.write_text(f"{self.password}\n")
        self._program, self._folder = program, folder
        self._process: asyncio.subprocess.Process | None = None
        self._write_certificate()
        self._write_configuration()

    @property
    def settings(self) -> MqttConfig:
        return MqttConfig(
            port=self.port, user=self.user, password_file=self.password_file, ca_file=self.ca_file
        )

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            self._program, "-c", self._folder / "mosquitto.conf", stderr=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(_UP_WITHIN_S):
            while not await self._listens():
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Stop it in good order, if it runs."""
        if self._process is not None:
            self.thaw()
            self._process.terminate()
            await self._gone()

    async def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        await self._gone()

    def freeze(self) -> None:
        """Let it answer nobody, with every connection open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def _gone(self) -> None:
        assert self._process is not None
        await self._process.wait()
        self._process = None

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except ConnectionRefusedError:
            return False
        writer.close()
        await writer.wait_closed()
        return True

    def _write_certificate(self) -> None:
        _run(
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", self._folder / "key.pem", "-out", self.ca_file),
        )

    def _write_configuration(self) -> None:
        users = self._folder / "users"
        users.write_text(f"{self.user}:{self.password}\n")
        _run("mosquitto_passwd", "-U", users)
        self._folder.joinpath("mosquitto.conf").write_text(f"""\
listener {self.port} 127.0.0.1
cafile {self.ca_file}
certfile {self.ca_file}
keyfile {self._folder / "key.pem"}
allow_anonymous false
password_file {users}
persistence true
persistence_location {self._folder}/
max_queued_messages 20000
user root
log_dest stderr
""")


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
