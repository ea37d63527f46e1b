"""What docker-compose.yml starts works, without Docker: the same commands, environment and health check."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.integration.influx.conftest import ORG, TOKEN
from tests.integration.influx.influxd import Influxd, free_port

pytestmark = pytest.mark.timeout(120)
BIN = Path(sys.executable).parent
STARTS_WITHIN_S = 60.0


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a user has after cloning, as far as compose reads it, and after the first run's step."""
    shutil.copytree(
        REPOSITORY / "docker", tmp_path / "docker", ignore=shutil.ignore_patterns("secrets", "config")
    )
    shutil.copy(REPOSITORY / "docker-compose.yml", tmp_path)
    subprocess.run([tmp_path / "docker" / "first-run.sh"], check=True, capture_output=True)
    return tmp_path


@pytest.fixture
def compose(checkout: Path) -> dict[str, Any]:
    """The compose file as Docker's own parser reads it."""
    command = [BIN / "docker-compose", "--profile", "*", "config", "--format", "json"]
    told = subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True)
    assert told.stderr == ""
    return json.loads(told.stdout)


def test_the_first_run_makes_secrets_that_only_their_owner_finds(checkout: Path) -> None:
    secrets = checkout / "docker" / "secrets"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    texts = {path.name: path.read_text() for path in secrets.iterdir()}
    assert all(len(text) >= 32 for text in texts.values())
    assert len(set(texts.values())) == len(texts) == 4


def test_a_second_first_run_changes_nothing(checkout: Path) -> None:
    def kept() -> dict[Path, str]:
        return {path: path.read_text() for path in checkout.rglob("*") if path.is_file()}

    (checkout / "docker" / "config" / "fasciwatch.toml").write_text("mine")
    before = kept()
    subprocess.run([checkout / "docker" / "first-run.sh"], check=True, capture_output=True)
    assert kept() == before


def test_every_image_is_pinned_and_every_port_on_loopback(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert re.fullmatch(r"[a-z/-]+:\d+\.\d+\.\d+", service["image"])
        assert {port["host_ip"] for port in service.get("ports", ())} <= {"127.0.0.1"}


def test_every_secret_is_one_that_the_first_run_makes(compose: dict[str, Any], checkout: Path) -> None:
    for secret in compose["secrets"].values():
        assert Path(secret["file"]).is_relative_to(checkout)
        assert Path(secret["file"]).is_file()


def test_no_password_stands_in_the_compose_file(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in (service.get("environment") or {}).items():
            assert not re.search("PASSWORD|TOKEN", name) or value.startswith("/run/secrets/")


def test_our_own_service_may_do_no_more_than_it_must(compose: dict[str, Any]) -> None:
    ours = compose["services"]["fasciwatch"]
    assert ours["read_only"]
    assert ours["cap_drop"] == ["ALL"]
    assert "privileged" not in ours
    assert ours["healthcheck"]["test"][0] == "CMD"


@pytest.fixture
def on_this_machine(influxd: Influxd, checkout: Path, compose: dict[str, Any]) -> dict[str, str]:
    """Where the paths and ports of the containers lie here."""
    token = Path(compose["secrets"]["influx_admin_token"]["file"])
    token.chmod(0o600)
    token.write_text(TOKEN)
    for folder in ("data", "tokens"):
        (checkout / folder).mkdir()
    places = {
        "/run/secrets": str(checkout / "docker" / "secrets"),
        "/config": str(checkout / "docker" / "config"),
        "/data": str(checkout / "data"),
        "/tokens": str(checkout / "tokens"),
        "http://127.0.0.1:8086": influxd.url,
        "127.0.0.1:8420": f"127.0.0.1:{free_port()}",
    }
    config = checkout / "docker" / "config" / "fasciwatch.toml"
    port = places["127.0.0.1:8420"].rpartition(":")[2]
    config.write_text(here(config.read_text(), places) + f"\n[web]\nport = {port}\n")
    return places


def here(text: str, places: dict[str, str]) -> str:
    for there, place in places.items():
        text = text.replace(there, place)
    return text


def command(service: dict[str, Any], places: dict[str, str]) -> list[str]:
    return [str(BIN / "fasciwatch"), *(here(word, places) for word in service["command"])]


@pytest.fixture
def environment(compose: dict[str, Any]) -> dict[str, str]:
    return os.environ | {k: str(v) for k, v in compose["services"]["fasciwatch"]["environment"].items()}


@pytest.fixture
def set_up(compose: dict[str, Any], on_this_machine: dict[str, str], environment: dict[str, str]) -> Path:
    """What influx-setup does; returns the folder with the tokens."""
    setup = command(compose["services"]["influx-setup"], on_this_machine)
    subprocess.run(setup, check=True, env=environment, capture_output=True)
    return Path(on_this_machine["/tokens"])


@pytest.fixture
def service(
    compose: dict[str, Any],
    set_up: Path,
    on_this_machine: dict[str, str],
    environment: dict[str, str],
    checkout: Path,
) -> Iterator[subprocess.Popen]:
    """What fasciwatch does after influx-setup, as compose orders them."""
    ours = compose["services"]["fasciwatch"]
    assert ours["depends_on"]["influx-setup"]["condition"] == "service_completed_successfully"
    with (
        (checkout / "log").open("w") as log,
        subprocess.Popen(command(ours, on_this_machine), env=environment, stdout=log, stderr=log) as process,
    ):
        yield process
        process.terminate()
        assert process.wait(20) == 0


@pytest.mark.server
def test_the_service_becomes_healthy_and_fills_influxdb(
    service: subprocess.Popen,
    compose: dict[str, Any],
    on_this_machine: dict[str, str],
    influxd: Influxd,
    checkout: Path,
) -> None:
    _, program, *words = compose["services"]["fasciwatch"]["healthcheck"]["test"]
    assert program == "python"
    deadline_s = time.monotonic() + STARTS_WITHIN_S
    check = [sys.executable, *(here(word, on_this_machine) for word in words)]
    while subprocess.run(check, check=False, capture_output=True).returncode:
        assert service.poll() is None, (checkout / "log").read_text()
        assert time.monotonic() < deadline_s, (checkout / "log").read_text()
        time.sleep(0.5)
    assert influxd.ask("GET", f"/api/v2/buckets?name=fasciwatch&org={ORG}")["buckets"]
    status = [
        str(BIN / "fasciwatch"),
        "influx",
        "status",
        "--config",
        str(checkout / "docker/config/fasciwatch.toml"),
    ]
    told = subprocess.run(status, check=True, capture_output=True, text=True).stdout
    assert "event   0 waiting" in told


@pytest.mark.server
def test_the_tokens_are_readable_by_whom_they_are_for(set_up: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in set_up.iterdir()}
    assert modes == {"influx-token": 0o600, "influx-token-grafana": 0o640}
