"""`fasciwatch influx`: prepare InfluxDB, look at it, fill it."""

import asyncio
import os
from pathlib import Path
from types import ModuleType
from typing import Annotated

import typer

from fasciwatch.console import FAILED, err, sentences
from fasciwatch.grafana import GRAFANA_INFLUX_TOKEN
from fasciwatch.options import ConfigOption
from ingest.config import DEFAULT_PATH, InfluxConfig
from ingest.configfile import load_config
from ingest.errors import ConfigError, InfluxError
from ingest.influx.destination import read_token

ADMIN_VARIABLE = "FASCIWATCH_INFLUX_ADMIN_TOKEN"

app = typer.Typer(help="Copy the journal to InfluxDB 2.", no_args_is_help=True)


@app.command()
def setup(
    config: ConfigOption = DEFAULT_PATH,
    admin_token_file: Annotated[
        Path | None,
        typer.Option(
            help=f"A token that may make buckets and tokens; or in the environment: {ADMIN_VARIABLE}."
        ),
    ] = None,
    grafana_token_file: Annotated[
        Path | None,
        typer.Option(help="Where Grafana's read-only token goes; beside the forwarder's if not said."),
    ] = None,
) -> None:
    """Make the bucket, set how long it keeps points, and make the two tokens; doing it again is harmless."""
    with sentences():
        settings = _influx(config)
        admin = os.environ.get(ADMIN_VARIABLE, "").strip()
        if not admin:
            if admin_token_file is None:
                raise InfluxError(settings.url, f"give --admin-token-file, or set {ADMIN_VARIABLE}")
            admin = read_token(admin_token_file, settings.url)
        for_grafana = grafana_token_file or settings.token_file.with_name(GRAFANA_INFLUX_TOKEN)
        _work().prepare(settings, admin, settings.token_file, for_grafana)
    err.print(
        f"bucket {settings.bucket} is ready; tokens: {settings.token_file}, {for_grafana}", markup=False
    )


@app.command()
def check(config: ConfigOption = DEFAULT_PATH) -> None:
    """Say whether server, token, bucket and retention are as they should be."""
    with sentences():
        settings = _influx(config)
        if not asyncio.run(_work().check(settings)):
            raise typer.Exit(FAILED)


@app.command()
def backfill(config: ConfigOption = DEFAULT_PATH) -> None:
    """Send the whole journal once more. Points that are there are overwritten; a running service goes on."""
    with sentences():
        settings = load_config(config)
        asyncio.run(_work().backfill(settings, _influx(config)))


@app.command()
def status(config: ConfigOption = DEFAULT_PATH) -> None:
    """Say how far InfluxDB is behind the journal."""
    with sentences():
        settings = load_config(config)
        asyncio.run(_work().status(settings, _influx(config)))


def _influx(path: Path) -> InfluxConfig:
    influx = load_config(path).influx
    if influx is None:
        raise ConfigError("name the server in a section [influx] first", path=path, key="influx")
    return influx


def _work() -> ModuleType:
    from fasciwatch import influx_work  # noqa: PLC0415 -- takes a second that --help need not wait

    return influx_work
