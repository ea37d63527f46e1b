"""`fasciwatch grafana`: bring the dashboards into a Grafana that runs already."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fasciwatch.console import FAILED, err, out, sentences
from fasciwatch.options import ConfigOption
from ingest.config import DEFAULT_PATH
from ingest.configfile import load_config
from ingest.errors import ConfigError
from ingest.influx.destination import read_token

if TYPE_CHECKING:
    from dashboards.grafana.push import Grafana

TOKEN_VARIABLE = "FASCIWATCH_GRAFANA_TOKEN"  # noqa: S105 -- the variable's name
GRAFANA_INFLUX_TOKEN = "influx-token-grafana"  # noqa: S105 -- a file's name, beside the forwarder's token

app = typer.Typer(help="Bring the dashboards into your own Grafana.", no_args_is_help=True)

UrlOption = Annotated[str, typer.Option(help="Where Grafana answers.")]
TokenFileOption = Annotated[
    Path | None,
    typer.Option(
        help=f"Token of a service account with the role Admin; or in the environment: {TOKEN_VARIABLE}."
    ),
]
InfluxUrlOption = Annotated[
    str | None, typer.Option(help="InfluxDB as Grafana sees it; as configured if not said.")
]
DEFAULT_URL = "http://127.0.0.1:3000"


@app.command()
def push(
    url: UrlOption = DEFAULT_URL,
    token_file: TokenFileOption = None,
    influx_url: InfluxUrlOption = None,
    config: ConfigOption = DEFAULT_PATH,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what changes, line by line.")] = False,
) -> None:
    """Create or update folder, data source and dashboards; doing it again changes nothing."""
    with sentences():
        grafana = _grafana(url, token_file)
        for step in grafana.plan(_source(config, influx_url)):
            out.print(f"{step.action:<7} {step.what}", markup=False)
            if diff and step.diff:
                out.print(step.diff, markup=False)
            if step.action != "same" and not dry_run:
                grafana.push(step)


@app.command()
def verify(
    url: UrlOption = DEFAULT_URL,
    token_file: TokenFileOption = None,
    influx_url: InfluxUrlOption = None,
    config: ConfigOption = DEFAULT_PATH,
) -> None:
    """Say whether everything is there as it should be, and whether Grafana reaches InfluxDB."""
    with sentences():
        grafana = _grafana(url, token_file)
        wrong = [step for step in grafana.plan(_source(config, influx_url)) if step.action != "same"]
        for step in wrong:
            out.print(f"NOT OK  {step.what}: to {step.action}; `fasciwatch grafana push` does", markup=False)
        if not wrong and (problem := grafana.source_problem()):
            out.print(f"NOT OK  Grafana does not reach InfluxDB: {problem}", markup=False)
            raise typer.Exit(FAILED)
        if wrong:
            raise typer.Exit(FAILED)
    out.print("ok  folder, data source and dashboards are as they should be, and InfluxDB answers")


@app.command()
def status(url: UrlOption = DEFAULT_URL, token_file: TokenFileOption = None) -> None:
    """Say which Grafana answers and whether it reaches InfluxDB."""
    with sentences():
        grafana = _grafana(url, token_file)
        out.print(f"{url}: Grafana {grafana.version()}", markup=False)
        problem = grafana.source_problem()
        out.print(f"InfluxDB: {problem or 'answers'}", markup=False)


@app.command()
def write(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")],
) -> None:
    """Write the dashboards and the provisioning files, for those who keep such files themselves."""
    from dashboards.grafana.generate import files  # noqa: PLC0415 -- few need it

    for path, text in files().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    err.print(f"{folder}: written", markup=False)


def _grafana(url: str, token_file: Path | None) -> "Grafana":
    from dashboards.grafana.push import Grafana, GrafanaError  # noqa: PLC0415 -- its client takes a while to load

    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if token_file is not None:
        token = read_token(token_file, url)
    if not token:
        raise GrafanaError(f"{url}: give --token-file, or set {TOKEN_VARIABLE}")
    return Grafana(url, token)


def _source(config: Path, influx_url: str | None) -> dict[str, object]:
    from dashboards.grafana.source import data_source  # noqa: PLC0415 -- few need it

    influx = load_config(config).influx
    if influx is None:
        raise ConfigError("name the server in a section [influx] first", path=config, key="influx")
    token = read_token(influx.token_file.with_name(GRAFANA_INFLUX_TOKEN), influx.url)
    return data_source(influx_url or influx.url, influx.bucket, token)
