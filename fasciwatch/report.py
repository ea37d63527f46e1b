"""`fasciwatch report`: two pages for the doctor, from the journal."""

import time
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from dashboards.report.phrases import counted
from fasciwatch.console import WRONG_USAGE, err, fail, sentences
from fasciwatch.options import ConfigOption, JournalOption, WearerOption, kept
from ingest.config import DEFAULT_PATH
from ingest.reader import JournalReader

DAYS = 14  # what glucose reports ask for before they speak of a usual day (AGP)
_LOCALTIME = Path("/etc/localtime")  # a link to the zone's rules on Linux and macOS


def command(
    first: Annotated[
        datetime | None,
        typer.Option(
            "--from", formats=["%Y-%m-%d"], help="First day; two weeks before the last if not given."
        ),
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; today if not given.")
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write: .pdf, .html or .json.")
    ] = Path("report.pdf"),
    zone: Annotated[str | None, typer.Option(help="Time zone of the wearer, such as Europe/Vienna.")] = None,
    wearer: WearerOption = None,
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
) -> None:
    """Write the report for the doctor: what was measured, how sure it is, and what could not be judged."""
    from dashboards.report.builder import build_report  # noqa: PLC0415 -- half a second that --help need not wait
    from dashboards.report.document import Format, document  # noqa: PLC0415 -- the same

    kind = output.suffix.removeprefix(".").lower()
    if kind not in set(Format):
        raise fail(f"{output}: a report ends in .pdf, .html or .json", code=WRONG_USAGE)
    where = _zone(zone)
    now_ns = time.time_ns()
    last_day = last.date() if last else datetime.fromtimestamp(now_ns / 1e9, where).date()
    first_day = first.date() if first else last_day - timedelta(days=DAYS - 1)
    if last_day < first_day:
        raise fail(f"--to {last_day} is before --from {first_day}", code=WRONG_USAGE)
    with sentences():
        path, name, _ = kept(config, journal, wearer)
        with JournalReader(path) as reader, err.status("reading the journal"):
            report = build_report(reader, name, first_day, last_day, zone=where, now_ns=now_ns)
    try:
        output.write_bytes(document(report, Format(kind)))
    except OSError as error:
        raise fail(f"{output}: cannot be written: {error.strerror}") from error
    days = counted((last_day - first_day).days + 1, "day")
    err.print(f"{output}: {days}, {counted(len({site.site for site in report.sites}), 'site')}", markup=False)


def _zone(name: str | None) -> tzinfo:
    """The zone of that name; this machine's if none is given."""
    if name:
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise fail(f"--zone {name}: there is no such time zone", code=WRONG_USAGE) from error
    _, _, local = str(_LOCALTIME.resolve()).partition("zoneinfo/")
    try:
        return ZoneInfo(local)
    except (ZoneInfoNotFoundError, ValueError):
        return datetime.now(UTC).astimezone().tzinfo or UTC
