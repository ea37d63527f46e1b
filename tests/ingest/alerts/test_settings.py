"""What the configuration says of alerts: times, zones, figures; wrong ones are named."""

from datetime import time
from pathlib import Path

import pytest

from ingest.alerts.settings import figures_of, hours_of
from ingest.config import Config
from ingest.configfile import load_config
from ingest.errors import ConfigError, NotifyError
from ingest.notify.addresses import ADDRESSES_VARIABLE, read_addresses
from tests.ingest.alerts.made import HOUR_NS, NOON_NS

BASE = 'wearer = "me"\n[[devices]]\nport = "/dev/none"\n'


def configured(tmp_path: Path, more: str) -> Config:
    path = tmp_path / "fasciwatch.toml"
    path.write_text(BASE + more)
    return load_config(path)


def test_times_of_day_and_figures_are_taken(tmp_path: Path) -> None:
    config = configured(
        tmp_path,
        '[alerts]\nquiet_from = "21:30"\ndigest_at = "08:15"\ntime_zone = "Asia/Kolkata"\n'
        "persistence = { regions = 3, times_baseline = 2.5 }\n",
    )
    assert (hours_of(config).quiet_from, hours_of(config).digest_at) == (time(21, 30), time(8, 15))
    figures = figures_of(config, NOON_NS)
    assert (figures.regions, figures.times_baseline, figures.valid_rest_min) == (3, 2.5, 20.0)
    assert figures.utc_offset_min == 330


def test_the_figures_follow_the_clock_of_the_wearers_summer(tmp_path: Path) -> None:
    config = configured(tmp_path, '[alerts]\ntime_zone = "Europe/Berlin"\n')
    offsets = {figures_of(config, NOON_NS + day * 24 * HOUR_NS).utc_offset_min for day in range(365)}
    assert offsets == {60, 120}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('quiet_from = "25:00"', "no time of day"),
        ('time_zone = "Mars/Olympus"', "no time zone"),
        ("persistence = { volume = 11 }", "none of the figures"),
        ('persistence = { regions = "two" }', "regions"),
        ("loud = true", "no such key"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, wrong: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as raised:
        configured(tmp_path, f"[alerts]\n{wrong}\n")
    assert raised.value.line in {4, 5}


def test_addresses_are_read_from_their_file_and_the_environment_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notify").write_text("# who is told\n\nphone ntfy://topic\n")
    config = configured(tmp_path, f'[notify]\naddresses_file = "{tmp_path}/notify"\n')
    assert read_addresses(config.notify) == {"phone": "ntfy://topic"}
    monkeypatch.setenv(ADDRESSES_VARIABLE, "mail mailto://me:word@example.org")
    assert read_addresses(config.notify) == {"mail": "mailto://me:word@example.org"}


@pytest.mark.parametrize("line", ["ntfy://topic", "phone", "phone a://b\nphone c://d"])
def test_a_line_that_is_no_name_and_address_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setenv(ADDRESSES_VARIABLE, line)
    with pytest.raises(NotifyError, match="line "):
        read_addresses(configured(tmp_path, "").notify)


def test_an_addresses_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    config = configured(tmp_path, f'[notify]\naddresses_file = "{tmp_path}/none"\n')
    with pytest.raises(NotifyError, match="none"):
        read_addresses(config.notify)
