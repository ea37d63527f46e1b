"""`fasciwatch devices`: which serial ports a sensor answers on."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from fasciwatch.console import FAILED, err, out
from ingest.config import DEFAULT_BAUD
from ingest.errors import LinkError
from ingest.messages import MODALITY_NAMES, Hello
from ingest.probe import probe, serial_ports
from ingest.sites import Site
from ingest.transport.serial import open_serial


def command(
    ports: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PORT...]", help="Ports to ask; all of this machine if none."),
    ] = None,
    baud: Annotated[int, typer.Option(help="Speed of the line.")] = DEFAULT_BAUD,
) -> None:
    """List the sensors that answer on serial ports.

    A port that a running `fasciwatch run` is reading cannot be asked at the same time.
    """
    asked = ports or serial_ports()
    if not asked:
        err.print("This machine has no serial port; plug a sensor in.")
        raise typer.Exit(FAILED)
    with err.status(f"asking {len(asked)} ports"):
        answers = asyncio.run(_ask_all(asked, baud))
    found = {port: answer for port, answer in zip(asked, answers, strict=True) if isinstance(answer, Hello)}
    if found:
        out.print(_table(found))
    for answer in answers:
        if isinstance(answer, LinkError):
            err.print(str(answer), markup=False)
    if not found:
        raise typer.Exit(FAILED)


async def _ask_all(ports: list[str], baud: int) -> list[Hello | LinkError]:
    answers = await asyncio.gather(
        *(probe(open_serial(port, baud)) for port in ports), return_exceptions=True
    )
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, LinkError):
            raise answer
    return [answer for answer in answers if isinstance(answer, Hello | LinkError)]


def _table(found: dict[str, Hello]) -> Table:
    table = Table("port", "device", "name", "firmware", "measures", "sites it was told", box=None)
    for port, hello in found.items():
        measures = [f"{MODALITY_NAMES[s.modality]} {s.channels} x {s.rate_hz:g} Hz" for s in hello.streams]
        sites = [
            site.key if (site := Site.from_hint(hint)) else "-"
            for stream in hello.streams
            for hint in stream.site_hints
        ]
        firmware = ".".join(map(str, hello.firmware))
        table.add_row(
            port, hello.device_id.hex(), hello.name or "-", firmware, ", ".join(measures), ", ".join(sites)
        )
    return table
