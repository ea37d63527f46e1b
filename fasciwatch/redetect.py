"""`fasciwatch redetect`: today's detector over the archive."""

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from fasciwatch.console import WRONG_USAGE, err, fail, out, progress, sentences
from fasciwatch.options import TIMES, ConfigOption, JournalOption
from ingest.archive.reading import streams
from ingest.config import DEFAULT_PATH, ArchiveConfig
from ingest.configfile import load_config
from ingest.errors import FasciwatchError
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.redetection import live_twitches, redetect
from ingest.schema import EventRow, RedetectionRow

_Judged = list[tuple[RedetectionRow, int]]


def command(
    since: Annotated[
        datetime, typer.Option(formats=TIMES, help="From when on, local time, in whole hours of signal.")
    ],
    until: Annotated[
        datetime | None, typer.Option(formats=TIMES, help="Until when; up to now if not given.")
    ] = None,
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    archive: Annotated[Path | None, typer.Option(help="The archive, if not the configured one.")] = None,
) -> None:
    """Run today's detector over the archived signal; what was found live stays as it is.

    The results are kept in the journal beside the live ones, under the detector's version. Running it again
    with the same version replaces what that version found before.
    """
    now_ns = time.time_ns()
    since_ns, until_ns = _utc_ns(since), _utc_ns(until) if until else now_ns
    if since_ns >= until_ns:
        raise fail("there is nothing between --since and --until", code=WRONG_USAGE)
    with sentences():
        path, folder = _places(config, journal, archive)
        judged = _redetect(folder, path, since_ns, until_ns, now_ns)
        with JournalReader(path) as reader:
            out.print(_table(reader, judged))


def _places(config: Path, journal: Path | None, archive: Path | None) -> tuple[Path, Path]:
    """The journal and its archive: as given, or beside the journal that is given, or as configured."""
    if journal:
        return journal, archive or ArchiveConfig().folder(journal)
    settings = load_config(config)
    return settings.journal.path, archive or settings.archive.folder(settings.journal.path)


def _utc_ns(local: datetime) -> int:
    return int(local.astimezone().timestamp()) * 1_000_000_000


def _redetect(folder: Path, path: Path, since_ns: int, until_ns: int, now_ns: int) -> _Judged:
    held = [segment for _, found in streams(folder, since_ns, until_ns) for segment in found]
    if not held:
        raise FasciwatchError(f"{folder}: the archive holds nothing of that time")
    total = sum(segment.path.stat().st_size for segment in held if segment.path.exists())
    judged: _Judged = []
    with Journal(path) as journal, progress("redetecting", total) as bar:
        for result in redetect(
            folder,
            journal,
            since_ns=since_ns,
            until_ns=until_ns,
            now_ns=now_ns,
            advance=lambda size: bar.advance(bar.task_ids[0], size),
        ):
            for problem in result.problems:
                err.print(problem, markup=False)
            judged += [(row, _twitches(row, result.events)) for row in result.judged]
    return judged


def _twitches(row: RedetectionRow, events: list[EventRow]) -> int:
    return sum(
        event.kind == "twitch"
        and event.channel == row.channel
        and row.start_sample <= event.onset_sample < row.end_sample
        for event in events
    )


def _table(reader: JournalReader, judged: _Judged) -> Table:
    table = Table("site", "sensor", "from", "observed", "detector", "twitches", "per observed hour", box=None)
    for row, found in sorted(judged, key=lambda pair: (pair[0].site, pair[0].modality, pair[0].start_ns)):
        observed_h = (row.rest_s + row.movement_s) / 3600
        began = datetime.fromtimestamp(row.start_ns / 1e9).astimezone().strftime("%Y-%m-%d %H:%M")
        rate = f"{found / observed_h:.1f}" if observed_h else "nothing could be observed"
        table.add_row(
            row.site, row.modality, began, f"{observed_h:.2f} h", f"now: {row.detector}", str(found), rate
        )
        for version, count in live_twitches(reader, row).items():
            table.add_row("", "", "", "", f"live: {version}", str(count), "")
    return table
