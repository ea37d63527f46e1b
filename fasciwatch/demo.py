"""`fasciwatch demo`: made wearables, the real service, the page, and an honest summary."""

import asyncio
import logging
import re
import tempfile
import time
import webbrowser
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from dashboards.web.context import PageContext
from dashboards.web.wording import place_name
from fasciwatch.console import err, out, sentences
from fasciwatch.page import Serve, load_page
from fasciwatch.run import until_told_to_stop, watchman
from fasciwatch.summary import CLEAR_SNR, NOTHING, Score, score
from ingest.config import Config, DeviceConfig, JournalConfig
from ingest.journal import Journal
from ingest.live import LiveSignal
from ingest.reader import JournalReader
from ingest.service import Service
from ingest.simulated.history import MadeSite, write_history
from ingest.simulated.port import SimulatedPort
from ingest.simulated.wearable import Wearable, wearables
from ingest.sites import Site

WEARER = "demo"
_TAIL_S = 1.5  # at the end, in which a twitch may still be on its way to the journal
_SITES = {  # with the twitches an hour of the made days: one calf is busy, as calves are
    "biceps-left": 4.0,
    "first-dorsal-interosseous-right": 7.0,
    "gastrocnemius-left": 60.0,
    "gastrocnemius-right": 18.0,
}
_UNITS_S = {"": 1, "s": 1, "m": 60, "h": 3600}

_Found = dict[tuple[str, str], Score]


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if match is None or not float(match[1]):
        raise typer.BadParameter(f"{text!r} is no duration; expected something like 60s, 5m or 1h")
    return float(match[1]) * _UNITS_S[match[2]]


def command(
    duration: Annotated[
        float | None,
        typer.Option(parser=_seconds, metavar="60s", help="End after this long; with Ctrl-C if not given."),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where the page is served; 0 takes a free one.")
    ] = 8420,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.")] = True,
    seed: Annotated[int | None, typer.Option(help="Makes the same signals again.")] = None,
) -> None:
    """Show the whole product on simulated wearables at four sites.

    The service reads them through serial ports as it would real boards, over 14 days of made history. All of
    it is in a journal of its own, gone at the end; nothing you measured is touched. The summary at the end
    holds what was found against what was planted.
    """
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    chosen = seed if seed is not None else time.time_ns() // 1_000_000_000 % 2**20
    with tempfile.TemporaryDirectory(prefix="fasciwatch-demo-") as folder, sentences():
        path = Path(folder) / "journal.sqlite3"
        worn = wearables([Site.parse(key) for key in _SITES], seed=chosen, boot_id=chosen + 1)
        _make_history(path, worn)
        serve = load_page()  # before the boards are powered: what they say meanwhile would be late
        with ExitStack() as plugged:
            ports = [plugged.enter_context(SimulatedPort(wearable.board)) for wearable in worn]
            asyncio.run(_demo(path, ports, duration, serve, port, browser=browser))
            found = _scores(path, ports, worn)
    _summarise(found, chosen)


def _make_history(path: Path, worn: list[Wearable]) -> None:
    made = [MadeSite(w.site.key, w.board.device_id.hex(), _SITES[w.site.key]) for w in worn]
    with Journal(path) as journal, err.status("making 14 days of history"):
        write_history(journal, made, wearer=WEARER, until_ns=time.time_ns())


async def _demo(
    path: Path,
    ports: list[SimulatedPort],
    duration_s: float | None,
    serve: Serve,
    web_port: int,
    *,
    browser: bool,
) -> None:
    names = map(place_name, _SITES)
    devices = tuple(  # the boards know their sites
        DeviceConfig(port=str(port.path), name=name) for port, name in zip(ports, names, strict=True)
    )
    config = Config(wearer=WEARER, devices=devices, journal=JournalConfig(path=path))
    live = LiveSignal()

    def ready(address: str) -> None:
        err.print(f"The page is at {address} and the data on it are made.", markup=False)
        err.print("Ctrl-C ends the demo." if duration_s is None else f"The demo ends in {duration_s:g} s.")
        if browser:
            webbrowser.open(address)

    with Journal(path) as journal:
        service = Service(config, journal, watcher=live)
        context = PageContext(path, WEARER, live, service.add_note, made=True, health=service.health)
        work = [service.run(), serve(context, host="127.0.0.1", port=web_port, on_ready=ready)]
        alerts = watchman(config, service, addresses={})  # whoever is configured is not to hear of made data
        await until_told_to_stop(*work, alerts.run(), *(port.run() for port in ports), for_s=duration_s)


def _scores(path: Path, ports: list[SimulatedPort], worn: list[Wearable]) -> _Found:
    """Hold what is in the journal against what was planted, up to shortly before the end."""
    found: _Found = {}
    with JournalReader(path) as reader:
        for wearable, port in zip(worn, ports, strict=True):
            events = [
                stored.row
                for stored in reader.events(site=wearable.site.key, since_ns=port.powered_ns - 10**9)
                if stored.row.device == wearable.board.device_id.hex()
            ]
            end_s = wearable.board.device_us / 1e6 - _TAIL_S
            for signal in (wearable.emg, wearable.accelerometer):
                found[wearable.site.key, signal.modality] = score(
                    [twitch for twitch in signal.planted if twitch.onset_s < end_s],
                    [
                        event
                        for event in events
                        if event.modality == signal.modality and event.onset_sample / signal.rate_hz < end_s
                    ],
                    rate_hz=signal.rate_hz,
                    powered_ns=port.powered_ns,
                )
    return found


def _summarise(found: _Found, seed: int) -> None:
    table = Table("site", "sensor", "planted", "found", "missed", "false", "fainter ones found", box=None)
    for (site, modality), s in found.items():
        table.add_row(site, modality, *_figures(s))
    total = sum(found.values(), start=NOTHING)
    table.add_row("together", "", *_figures(total), style="bold")
    out.print(table)
    out.print(
        f"planted: SNR {CLEAR_SNR:g} and more; recall {total.recall:.3f}, precision {total.precision:.3f}"
        " (fainter ones that were found count as right)"
    )
    if total.delays_ms:
        ordered = sorted(total.delays_ms)
        median, p95 = (ordered[int(q * (len(ordered) - 1))] for q in (0.5, 0.95))
        out.print(f"end of a twitch to its row in the journal: median {median:.0f} ms, p95 {p95:.0f} ms")
    out.print(f"the same signals again: --seed {seed}")


def _figures(s: Score) -> tuple[str, ...]:
    return (
        str(s.planted),
        str(s.found),
        str(s.planted - s.found),
        str(s.false),
        f"{s.fainter_found} of {s.fainter}",
    )
