"""The configuration's file: TOML, read and checked; what is wrong is named by key and line."""

import re
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ingest.config import Config
from ingest.errors import ConfigError

TEMPLATE = """\
# fasciwatch: who is watched, by which sensors, on which muscles.
# `fasciwatch config check` reads this file and says what it makes of it.

wearer = "me"

# One block for each sensor, with one of port, ble and mqtt. `fasciwatch devices` lists the ports that answer,
# `fasciwatch devices --ble` the sensors in the air; `fasciwatch config sites` the places that can be named.
[[devices]]
port = "/dev/ttyUSB0"
# ble = "00a1b2c3d4e5f600"  # its device id or address; "auto" if it is the only one
# mqtt = "00a1b2c3d4e5f600"  # its device id
emg = ["biceps-left"]  # the site of each EMG channel, in the order of the board's inputs
# accelerometer = "gastrocnemius-left"  # where its accelerometer sits, if it has one
# port = "auto"  # whichever port it answers on; a pattern such as "/dev/ttyUSB*" will do too
# id = "00a1b2c3d4e5f600"  # only this very board, if several come and go
# name = "arm"  # what you call it
# baud = 500000

# [journal]
# path = "~/fasciwatch/journal.sqlite3"

# [archive]  # the raw signal, so that a better detector can be run over it; about 350 MB a day for 4 x 1 kHz
# enabled = false
# path = "~/fasciwatch/journal.archive"
# keep_days = 30
# max_gb = 20
# leave_free_gb = 1  # with less room on the disk the archive stops, and says so; the journal goes on

# [web]
# port = 8420  # http://localhost:8420, reachable from this machine only

# [mqtt]
# host = "localhost"  # the broker; TLS on port 8883 unless told otherwise
# user = "fasciwatch"
# password_file = "~/fasciwatch/mqtt-password"  # or in the environment: FASCIWATCH_MQTT_PASSWORD
# ca_file = "~/fasciwatch/ca.pem"  # who vouches for the broker, if it is not one that the system trusts

# [influx]  # copies everything to InfluxDB 2, for Grafana; `fasciwatch influx setup` prepares it
# url = "http://127.0.0.1:8086"
# org = "home"
# bucket = "fasciwatch"
# token_file = "~/.config/fasciwatch/influx-token"  # or in the environment: FASCIWATCH_INFLUX_TOKEN
# retention_days = 0  # how long the server keeps it; 0 is for good

# [alerts]
# quiet_from = "22:00"  # no message goes out from here to quiet_until
# quiet_until = "07:00"
# digest_at = "09:00"  # when the summary goes out, if there is anything to say
# time_zone = "Europe/Vienna"  # of these times; this machine's if not given
# persistence = { times_baseline = 2.0 }  # and the other figures of docs/persistence.md

# [notify]
# addresses_file = "~/.config/fasciwatch/notify"  # a line for each: a name and its Apprise address, such as
#                                                 # phone ntfy://some-long-topic-that-nobody-guesses
# home_assistant = true  # through the broker of [mqtt]
"""


def load_config(path: Path) -> Config:
    """Read and check the file.

    Raises:
        ConfigError: It is not there, is no TOML, or a key is unknown, missing or of the wrong kind.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError("there is no such file; `fasciwatch config init` writes one", path=path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the file cannot be read: {error}", path=path) from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"this is not TOML: {error}", path=path) from error
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        keys = tuple(key for key in first["loc"] if not str(key).startswith("function-"))
        raise ConfigError(
            _sentence(first), path=path, key=".".join(map(str, keys)), line=_line_of(text, keys)
        ) from error
    _check_names(config, path)
    return config


def _check_names(config: Config, path: Path) -> None:
    seen: set[tuple[str, str]] = set()
    for name, use in [*config.sites, *((device.link_name, "a device") for device in config.devices)]:
        if (name, use) in seen:
            raise ConfigError(f"{name} is named twice for {use}", path=path, key="devices")
        seen.add((name, use))


def _sentence(error: Any) -> str:
    match error["type"]:
        case "extra_forbidden":
            return "there is no such key"
        case "missing":
            return "this key is missing"
        case "value_error":
            return str(error["ctx"]["error"])
        case _:
            expected = str(error["msg"]).removeprefix("Input ").replace("tuple", "list")
            return f"{expected}, not {error['input']!r}"


def _line_of(text: str, keys: tuple[int | str, ...]) -> int | None:
    """Find the line of a key such as ("devices", 1, "port"): the nearest of its parents that is written."""
    counts: dict[str, int] = {}
    lines: dict[tuple[int | str, ...], int] = {}
    table: tuple[int | str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[\[?\s*([\w.-]+)\s*\]", line):
            name = header.group(1)
            table = (name,)
            if line.lstrip().startswith("[["):
                table = (name, counts.get(name, 0))
                counts[name] = counts.get(name, 0) + 1
            lines[table] = number
        elif key := re.match(r"\s*([\w-]+)\s*=", line):
            lines[*table, key.group(1)] = number
    for length in range(len(keys), 0, -1):
        if keys[:length] in lines:
            return lines[keys[:length]]
    return None
