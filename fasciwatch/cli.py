"""The command line: one sub-command a module."""

from importlib.metadata import version
from typing import Annotated

import typer

from fasciwatch import (
    alerts,
    config,
    demo,
    detect,
    devices,
    flash,
    grafana,
    influx,
    note,
    notes,
    quiet,
    redetect,
    replay,
    report,
    run,
    sensor,
    status,
)
from fasciwatch.console import out

app = typer.Typer(
    name="fasciwatch",
    help="Wearable sensors that watch muscles for twitches, at home, day and night.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


def _say_version(wanted: bool) -> None:
    if wanted:
        out.print(f"fasciwatch {version('fasciwatch')}")
        raise typer.Exit


@app.callback()
def _root(
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is."),
    ] = False,
) -> None:
    """Wearable sensors that watch muscles for twitches, at home, day and night."""


app.command("demo")(demo.command)
app.command("run")(run.command)
app.add_typer(config.app, name="config")
app.add_typer(influx.app, name="influx")
app.add_typer(grafana.app, name="grafana")
app.command("devices")(devices.command)
app.add_typer(sensor.app, name="sensor")
app.command("flash")(flash.command)
app.command("status")(status.command)
app.add_typer(quiet.app, name="quiet")
app.command("report")(report.command)
app.command("note")(note.command)
app.add_typer(notes.app, name="notes")
app.add_typer(alerts.app, name="alerts")
app.command("replay")(replay.command)
app.command("detect")(detect.command)
app.command("redetect")(redetect.command)


def main() -> None:
    """Run the command."""
    app()
