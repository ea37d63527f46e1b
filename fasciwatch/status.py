"""`fasciwatch status`: how the sensors are and what today came to, from the journal alone."""

import json
import time
from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from fasciwatch.console import err, out, sentences
from fasciwatch.options import ConfigOption, JournalOption
from ingest.config import DEFAULT_PATH
from ingest.configfile import load_config
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader
from ingest.schema import ARCHIVE_PROBLEM, DeviceRow, MinuteRow
from ingest.sites import Site

_FRESH_NS = 60_000_000_000  # a sensor says how it is every 10 s; after a minute of silence it is gone


def command(
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Say how the sensors are and what the last 24 hours came to."""
    now_ns = time.time_ns()
    with sentences():
        path = journal or load_config(config).journal.path
        with JournalReader(path) as reader, reader.snapshot():
            devices = reader.devices()
            minutes = reader.minutes(since_minute=now_ns // MINUTE_NS - 24 * 60)
            archive_problem = reader.meta(ARCHIVE_PROBLEM) or ""
    sites = [_day_of(key, rows) for key, rows in _by_site(minutes).items()]
    if as_json:
        told = [
            asdict(d) | {"seconds_ago": _seconds_ago(d, now_ns), "live": _is_live(d, now_ns)} for d in devices
        ]
        out.print_json(
            json.dumps(
                {
                    "journal": str(path),
                    "archive_problem": archive_problem,
                    "devices": told,
                    "last_24_h": sites,
                }
            )
        )
        return
    if archive_problem:
        err.print(archive_problem, style="bold red", markup=False)
    if not devices and not sites:
        out.print(f"{path}: nothing has been measured yet", markup=False)
        return
    out.print(_device_table(devices, now_ns))
    out.print()
    out.print(_site_table(sites))


def _by_site(minutes: list[MinuteRow]) -> dict[tuple[str, str], list[MinuteRow]]:
    found: dict[tuple[str, str], list[MinuteRow]] = {}
    for row in minutes:
        found.setdefault((row.site, row.modality), []).append(row)
    return dict(sorted(found.items()))


def _day_of(key: tuple[str, str], rows: list[MinuteRow]) -> dict[str, object]:
    observed_s = sum(row.rest_s + row.movement_s for row in rows)
    known_s = observed_s + sum(row.not_worn_s + row.bad_contact_s + row.missing_s for row in rows)
    count = sum(row.count for row in rows)
    return {
        "site": key[0],
        "modality": key[1],
        "twitches": count,
        "observed_hours": round(observed_s / 3600, 3),
        "coverage": round(observed_s / known_s, 3) if known_s else None,
        "per_observed_hour": round(count * 3600 / observed_s, 2) if observed_s else None,
    }


def _seconds_ago(device: DeviceRow, now_ns: int) -> float:
    return round((now_ns - device.time_ns) / 1e9, 1)


def _is_live(device: DeviceRow, now_ns: int) -> bool:
    return device.state == "streaming" and now_ns - device.time_ns < _FRESH_NS


def _device_table(devices: list[DeviceRow], now_ns: int) -> Table:
    table = Table("sensor", "link", "state", "battery", "samples", "lost", "resent", "clock", box=None)
    for d in devices:
        ago = f"{_seconds_ago(d, now_ns):.0f} s ago"
        state = f"live, {ago}" if _is_live(d, now_ns) else f"no data, last {ago}"
        battery = f"{d.battery_percent} %" if d.battery_percent is not None else "-"
        clock = f"±{d.clock_uncertainty_ns / 1e6:.1f} ms" if d.clock_uncertainty_ns is not None else "-"
        table.add_row(
            d.name, d.link, state, battery, f"{d.received:,}", f"{d.lost:,}", f"{d.resent:,}", clock
        )
    return table


def _site_table(sites: list[dict[str, object]]) -> Table:
    table = Table("site", "sensor", "twitches in 24 h", "observed", "coverage", "per observed hour", box=None)
    for site in sites:
        rate, coverage = site["per_observed_hour"], site["coverage"]
        table.add_row(
            _plain(str(site["site"])),
            str(site["modality"]),
            str(site["twitches"]) if site["observed_hours"] else "nothing measured",
            f"{site['observed_hours']:.2f} h",
            f"{coverage:.0%}" if isinstance(coverage, float) else "-",
            f"{rate:.1f}" if isinstance(rate, float) else "-",
        )
    return table


def _plain(site: str) -> str:
    try:
        return Site.parse(site).plain
    except ValueError:
        return site
