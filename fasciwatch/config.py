"""`fasciwatch config`: write a first configuration, check one, list the sites."""

from typing import Annotated

import typer
from rich.table import Table

from fasciwatch.console import err, fail, out, sentences
from fasciwatch.options import ConfigOption
from ingest.config import DEFAULT_PATH
from ingest.configfile import TEMPLATE, load_config
from ingest.sites import MUSCLES, Side

app = typer.Typer(help="Write and check the configuration.", no_args_is_help=True)


@app.command()
def init(
    config: ConfigOption = DEFAULT_PATH,
    force: Annotated[bool, typer.Option("--force", help="Replace the file that is there.")] = False,
) -> None:
    """Write a commented configuration to start from."""
    if config.exists() and not force:
        raise fail(f"{config}: is there already; --force replaces it")
    try:
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(TEMPLATE, encoding="utf-8")
    except OSError as error:
        raise fail(f"{config}: cannot be written: {error.strerror}") from error
    err.print(
        f"{config}: written; name your ports and sites in it, then `fasciwatch config check`", markup=False
    )


@app.command()
def check(config: ConfigOption = DEFAULT_PATH) -> None:
    """Say what the configuration means, or what is wrong with it."""
    with sentences():
        settings = load_config(config)
    out.print(f"{config}: in order", markup=False)
    out.print(f"wearer {settings.wearer}, journal {settings.journal.path}", markup=False)
    for device in settings.devices:
        emg = [f"EMG {site.plain} ({site.key})" for site in device.emg]
        skin = [f"accelerometer {s.plain} ({s.key})" for s in (device.accelerometer,) if s]
        places = ", ".join(emg + skin) or "sites as the board was told"
        speed = f" at {device.baud} Bd" if device.port else ""
        out.print(f"{device.link_name}{speed}: {places}", markup=False)


@app.command()
def sites() -> None:
    """List the places that can be named: muscle-left, muscle-right or muscle-middle."""
    table = Table("muscle", "where that is", "body region", box=None)
    for muscle in MUSCLES:
        table.add_row(muscle.key, muscle.plain, muscle.region.plain)
    out.print(table)
    out.print(f"Each with one of {', '.join(f'-{side}' for side in Side)}, such as {MUSCLES[0].key}-middle.")
