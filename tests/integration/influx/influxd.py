"""A real InfluxDB 2 for tests: started, killed, started again, asked in InfluxQL."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ORG, USER, PASSWORD, TOKEN = "home", "tests", "only-in-tests", "operator-token-of-these-tests"
STARTS_WITHIN_S = 30.0
SCRIPT = Path(__file__).parent.parent / "influxd.sh"


def binary() -> Path | None:
    """influxd from PATH, or as built before by influxd.sh; built now if this is CI."""
    if found := shutil.which("influxd"):
        return Path(found)
    cache = Path(
        os.environ.get("FASCIWATCH_CACHE") or os.environ.get("XDG_CACHE_HOME", "~/.cache")
    ).expanduser()
    folder = cache if "FASCIWATCH_CACHE" in os.environ else cache / "fasciwatch"
    built = sorted(folder.glob("influxd-*"))
    if not built and os.environ.get("CI") == "true":
        return Path(subprocess.run([SCRIPT], check=True, capture_output=True, text=True).stdout.strip())
    return built[-1] if built else None


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Influxd:
    """One server with its own files, loopback only."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.url = f"http://127.0.0.1:{free_port()}"
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                self._program,
                f"--bolt-path={self._folder}/influxd.bolt",
                f"--sqlite-path={self._folder}/influxd.sqlite",
                f"--engine-path={self._folder}/engine",
                f"--http-bind-address={self.url.removeprefix('http://')}",
                "--reporting-disabled",
                "--log-level=error",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline_s = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                self.ask("GET", "/health")
            except urllib.error.URLError:
                assert self._process.poll() is None, "influxd ended at once"
                assert time.monotonic() < deadline_s, "influxd does not answer"
                time.sleep(0.05)
            else:
                return

    def onboard(self) -> None:
        first = {"username": USER, "password": PASSWORD, "org": ORG, "bucket": "first", "token": TOKEN}
        self.ask("POST", "/api/v2/setup", first)

    def stop(self, how: int = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(20)
            self._process = None

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def ask(self, method: str, path: str, body: object = None) -> dict[str, object]:
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else {}

    def influxql(self, query: str, bucket: str, *, epoch: str = "ns") -> list[dict[str, object]]:
        """The series that a query returns, as InfluxDB 1's HTTP interface tells them."""
        values = urllib.parse.urlencode({"db": bucket, "q": query, "epoch": epoch})
        [result] = self.ask("GET", f"/query?{values}")["results"]
        assert "error" not in result, result
        return result.get("series", [])

    def count(self, measurement: str, field: str, bucket: str) -> int:
        series = self.influxql(f'SELECT count("{field}") FROM "{measurement}"', bucket)
        return series[0]["values"][0][1] if series else 0

    def delete_bucket(self, name: str) -> None:
        [bucket] = self.ask("GET", f"/api/v2/buckets?name={name}")["buckets"]
        self.ask("DELETE", f"/api/v2/buckets/{bucket['id']}")
