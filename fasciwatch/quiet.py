"""`fasciwatch quiet`: how often this set-up is wrong, from stretches in which nothing can have twitched."""

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from fasciwatch.console import WRONG_USAGE, err, fail, out, progress, sentences
from fasciwatch.detect import ModalityOption, RateOption, Recordings, UnitOption, read_all
from fasciwatch.options import TIMES, ConfigOption, JournalOption, WearerOption, kept
from fasciwatch.quiet_table import kept_table, tell
from ingest.alerts.phrases import moment
from ingest.config import DEFAULT_PATH
from ingest.detection import site_of
from ingest.errors import FasciwatchError, RecordingError
from ingest.journal import Journal
from ingest.minutes import MINUTE_NS
from ingest.quiet import (
    CHECK_MIN,
    SETTLED_S,
    check_quiet,
    forget_quiet,
    keep_quiet,
    quiet_in_recording,
    quiet_note,
    stored_quiet,
)
from ingest.reader import JournalReader
from ingest.recording import Recording
from ingest.schema import NoteKind, NoteRow, QuietRow, Records
from ingest.sites import Site

FRESH_MIN = 2  # a sensor that is read has a row of this minute or the last
STEP_S = 1.0  # of the progress bar

app = typer.Typer(
    help="Measure how often this set-up is wrong: what it finds where there is nothing to find.",
    no_args_is_help=True,
)


@app.command()
def now(
    minutes: Annotated[int, typer.Option(min=1, max=24 * 60, help="For so long.")] = CHECK_MIN,
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    wearer: WearerOption = None,
) -> None:
    """Count what the running service finds from now on, while you keep still.

    Lie down and relax, with the sensors where they always are and no twitch to be felt; or put them where no
    muscle is, such as the shin bone. A sensor on a table is not worn, and cannot be judged.
    """
    first = time.time_ns() // MINUTE_NS + 1
    with sentences():
        path, name, zone = kept(config, journal, wearer)
        with JournalReader(path) as reader:
            if not reader.minutes(wearer=name, since_minute=first - FRESH_MIN):
                raise FasciwatchError("no sensor is being read; start `fasciwatch run` first")
        note = NoteRow(
            name, first * MINUTE_NS, NoteKind.OTHER, quiet_note(minutes), "command", time.time_ns()
        )
        with Journal(path) as diary:
            diary.write(Records(notes=[note]))
        err.print(f"keep still until {moment((first + minutes) * MINUTE_NS, zone)}")
        _wait((first + minutes) * MINUTE_NS + SETTLED_S * 10**9)
        _judge_journal(path, name, first, first + minutes)


@app.command()
def past(
    since: Annotated[
        datetime, typer.Option("--from", formats=TIMES, help="When it began, local time, to the minute.")
    ],
    until: Annotated[datetime, typer.Option("--to", formats=TIMES, help="When it ended.")],
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    wearer: WearerOption = None,
) -> None:
    """Count what was found in a stretch of the journal in which you kept still and felt no twitch."""
    first, end = (int(at.astimezone().timestamp()) // 60 for at in (since, until))
    if not first < end <= time.time_ns() // MINUTE_NS:
        raise fail("--to has to be after --from, and not in the future", code=WRONG_USAGE)
    with sentences():
        path, name, _ = kept(config, journal, wearer)
        _judge_journal(path, name, first, end)


@app.command()
def recording(
    recordings: Recordings,
    site: Annotated[
        list[str] | None,
        typer.Option(help="Where each channel was, if they are not named so; once for each channel."),
    ] = None,
    modality: ModalityOption = None,
    rate_hz: RateOption = None,
    unit: UnitOption = None,
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    wearer: WearerOption = None,
) -> None:
    """Count what today's detector finds in recordings in which nothing can have twitched.

    What it comes to is kept in the journal where every channel has a site, and only shown where not.
    """
    with sentences():
        named = [_site(one) for one in site or []]
        read = read_all(recordings, modality, rate_hz, unit)
        places = [_places(path, one, named) for path, one in zip(recordings, read, strict=True)]
        known = all(site_of(place) for one in places for place in one)
        path, name, _ = kept(config, journal, wearer) if known else (None, "", None)
        rows: list[QuietRow] = []
        with progress("judging", sum(one.duration_s for one in read)) as bar:
            for file, one, sites in zip(recordings, read, places, strict=True):
                try:
                    rows += quiet_in_recording(
                        one,
                        sites,
                        name,
                        now_ns=time.time_ns(),
                        advance=lambda s: bar.advance(bar.task_ids[0], s),
                    )
                except ValueError as error:
                    raise RecordingError(file, str(error)) from error
        tell(rows)
        if path is None:
            err.print("not kept: name the place of every channel with --site, and it goes into the report")
        else:
            keep_quiet(path, rows)
            _say_kept(path, rows)


@app.command("list")
def show(
    config: ConfigOption = DEFAULT_PATH, journal: JournalOption = None, wearer: WearerOption = None
) -> None:
    """List the checks that are kept; the report has them together."""
    with sentences():
        path, name, zone = kept(config, journal, wearer)
        with JournalReader(path) as reader:
            checks = stored_quiet(reader, name)
    out.print(
        kept_table(checks, zone) if checks else "this set-up was never checked; `fasciwatch quiet now` does"
    )


@app.command()
def forget(
    number: Annotated[int, typer.Argument(help="Its number, as `fasciwatch quiet list` has it.")],
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    wearer: WearerOption = None,
) -> None:
    """Take a check out again, if it was not as quiet as it should have been."""
    with sentences():
        path, name, _ = kept(config, journal, wearer)
        forget_quiet(path, name, number)
    err.print("forgotten")


def _wait(until_ns: int) -> None:
    with progress("keep still", (until_ns - time.time_ns()) / 1e9) as bar:
        while time.time_ns() < until_ns:
            time.sleep(STEP_S)
            bar.advance(bar.task_ids[0], STEP_S)


def _judge_journal(path: Path, wearer: str, first_minute: int, end_minute: int) -> None:
    rows = check_quiet(path, wearer, first_minute, end_minute, now_ns=time.time_ns())
    if not rows:
        raise FasciwatchError(f"{path}: nothing is on record of that time")
    tell(rows)
    _say_kept(path, rows)


def _say_kept(path: Path, rows: Sequence[QuietRow]) -> None:
    if any(row.observed_s for row in rows):
        err.print(f"{path}: kept, for the report", markup=False)


def _site(name: str) -> str:
    try:
        return Site.parse(name).key
    except ValueError as error:
        raise fail(f"--site {error}", code=WRONG_USAGE) from error


def _places(path: Path, recording: Recording, sites: Sequence[str]) -> list[str]:
    """Where each channel was: as said, or as it is called."""
    whole = recording.modality == "accelerometer"
    channels = ["+".join(recording.channels)] if whole else list(recording.channels)
    if not sites:
        return channels
    if len(sites) != len(channels):
        raise RecordingError(path, f"{len(channels)} to be placed, --site names {len(sites)}")
    return list(sites)
