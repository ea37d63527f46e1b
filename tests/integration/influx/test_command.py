"""`fasciwatch influx` says in sentences what is right and what is wrong."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from fasciwatch.cli import app
from tests.integration.influx.conftest import ORG, TOKEN
from tests.integration.influx.influxd import Influxd
from tests.integration.influx.journals import Traffic, expected_counts

pytestmark = [pytest.mark.server, pytest.mark.timeout(60)]

Command = Callable[..., Result]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    path = tmp_path / "journal.sqlite3"
    Traffic(path).write(90)
    return path


@pytest.fixture
def bucket(request: pytest.FixtureRequest) -> str:
    return request.node.name


@pytest.fixture
def command(influxd: Influxd, bucket: str, journal: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("FASCIWATCH_INFLUX_ADMIN_TOKEN", TOKEN)
    config = journal.with_name("fasciwatch.toml")

    def run(name: str, *, url: str = influxd.url, retention_days: int = 0) -> Result:
        config.write_text(
            f'wearer = "me"\n[[devices]]\nport = "x"\n[journal]\npath = "{journal}"\n'
            f'[influx]\nurl = "{url}"\n'
            f'org = "{ORG}"\nbucket = "{bucket}"\ntoken_file = "{journal.parent}/token"\n'
            f"retention_days = {retention_days}\n"
        )
        return CliRunner().invoke(app, ["influx", name, "--config", str(config)])

    return run


def test_after_setup_everything_is_in_order(command: Command) -> None:
    assert command("setup").exit_code == 0
    told = command("check")
    assert (told.exit_code, told.output.count("ok  "), "NOT OK" in told.output) == (0, 4, False)


def test_setting_up_again_keeps_the_tokens(command: Command, journal: Path) -> None:
    command("setup")
    before = journal.with_name("token").read_text()
    command("setup")
    assert journal.with_name("token").read_text() == before


def test_a_token_that_no_longer_works_is_replaced(command: Command, journal: Path) -> None:
    command("setup")
    journal.with_name("token").write_text("revoked\n")
    command("setup")
    assert command("check").exit_code == 0


def test_without_a_token_the_file_is_named(command: Command) -> None:
    told = command("check")
    assert told.exit_code == 1
    assert "token file" in told.output


def test_a_server_that_is_away_is_told_in_one_sentence(command: Command) -> None:
    command("setup")
    told = command("check", url="http://127.0.0.1:1")
    assert told.exit_code == 1
    assert "no InfluxDB answers there" in told.output


def test_another_retention_than_configured_is_told_and_setup_mends_it(command: Command) -> None:
    command("setup")
    told = command("check", retention_days=400)
    assert told.exit_code == 1
    assert "kept for good, the configuration wants for 400 days" in told.output
    command("setup", retention_days=400)
    assert command("check", retention_days=400).exit_code == 0


def test_a_backfill_sends_everything_and_leaves_the_cursors_alone(
    command: Command, journal: Path, influxd: Influxd, bucket: str
) -> None:
    command("setup")
    assert command("backfill").exit_code == 0
    expected = expected_counts(journal)
    assert influxd.count("minute", "rest_s", bucket) == expected["minute"]
    assert influxd.count("twitch", "snr", bucket) == expected["twitch"]
    assert f"event   {expected['twitch']} waiting" in command("status").output
