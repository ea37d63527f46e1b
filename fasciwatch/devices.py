"""`fasciwatch devices`: which sensors answer, on serial ports, in the air or through the broker."""

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from fasciwatch.console import FAILED, err, out, sentences
from fasciwatch.options import ConfigOption
from ingest.config import DEFAULT_BAUD, DEFAULT_PATH
from ingest.configfile import load_config
from ingest.errors import LinkError
from ingest.messages import MODALITY_NAMES, Hello
from ingest.probe import probe, serial_ports
from ingest.sites import Site
from ingest.transport.mqtt import online_devices
from ingest.transport.serial import open_serial


def command(
    ports: Annotated[
        list[str] | None,
        typer.Argument(metavar="[PORT...]", help="Ports to ask; all of this machine if none."),
    ] = None,
    baud: Annotated[int, typer.Option(help="Speed of the line.")] = DEFAULT_BAUD,
    ble: Annotated[
        bool, typer.Option("--ble", help="Ask the sensors in the air; pair with new ones.")
    ] = False,
    mqtt: Annotated[bool, typer.Option("--mqtt", help="Ask the configured broker.")] = False,
    config: ConfigOption = DEFAULT_PATH,
) -> None:
    """List the sensors that answer: on serial ports, or in the air, or through the broker.

    A sensor that a running `fasciwatch run` is reading cannot be asked at the same time.
    """
    with sentences():
        if mqtt:
            _list_online(asyncio.run(online_devices(load_config(config).mqtt)))
            return
        if ble:
            with err.status("listening to the air"):
                answers = asyncio.run(_ask_in_the_air())
            missing = "There is no sensor in the air; charge one, bring it near, switch it on."
        else:
            asked = ports or serial_ports()
            with err.status(f"asking {len(asked)} ports"):
                answers = asyncio.run(_ask_ports(asked, baud))
            missing = "This machine has no serial port; plug a sensor in."
    _list_answers(answers, missing)


def _list_answers(answers: dict[str, Hello | LinkError], missing: str) -> None:
    found = {link: answer for link, answer in answers.items() if isinstance(answer, Hello)}
    if found:
        out.print(_table(found))
    if not answers:
        err.print(missing)
    for answer in answers.values():
        if isinstance(answer, LinkError):
            err.print(str(answer), markup=False)
    if not found:
        raise typer.Exit(FAILED)


def _list_online(known: dict[str, bool]) -> None:
    if not known:
        err.print("The broker knows of no sensor; switch one on.")
        raise typer.Exit(FAILED)
    table = Table("device", "state", box=None)
    for device_id, is_online in sorted(known.items()):
        table.add_row(device_id, "online" if is_online else "gone")
    out.print(table)


async def _ask_ports(ports: list[str], baud: int) -> dict[str, Hello | LinkError]:
    answers = await asyncio.gather(*(_answer(probe(open_serial(port, baud))) for port in ports))
    return dict(zip(ports, answers, strict=True))


async def _ask_in_the_air() -> dict[str, Hello | LinkError]:
    from ingest.transport.ble import open_ble, sensors_in_the_air  # noqa: PLC0415 -- 0.3 s that ports need not wait

    addresses = await sensors_in_the_air()
    return {address: await _answer(probe(open_ble(address))) for address in addresses}


async def _answer(probing: Coroutine[Any, Any, Hello]) -> Hello | LinkError:
    try:
        return await probing
    except LinkError as error:
        return error


def _to_copy(*names: str) -> list[Column]:
    """Return columns whose content goes into the configuration: never cut, however narrow the screen."""
    return [Column(name, no_wrap=True, overflow="ignore") for name in names]


def _table(found: dict[str, Hello]) -> Table:
    table = Table(*_to_copy("link", "device"), "name", "firmware", "measures", "sites it was told", box=None)
    for link, hello in found.items():
        measures = [f"{MODALITY_NAMES[s.modality]} {s.channels} x {s.rate_hz:g} Hz" for s in hello.streams]
        sites = [
            site.key if (site := Site.from_hint(hint)) else "-"
            for stream in hello.streams
            for hint in stream.site_hints
        ]
        firmware = ".".join(map(str, hello.firmware))
        table.add_row(
            link, hello.device_id.hex(), hello.name or "-", firmware, ", ".join(measures), ", ".join(sites)
        )
    return table
