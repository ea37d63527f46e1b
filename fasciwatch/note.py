"""`fasciwatch note`: write something into the diary."""

import time
from datetime import datetime
from typing import Annotated

import typer

from dashboards.report.advice import Symptom, advice_on, symptom_text
from fasciwatch.console import WRONG_USAGE, err, fail, sentences
from fasciwatch.options import TIMES, ConfigOption, JournalOption, WearerOption, kept
from ingest.config import DEFAULT_PATH
from ingest.journal import Journal
from ingest.schema import NoteKind, NoteRow, Records


def command(
    text: Annotated[
        str, typer.Argument(help="What to remember; may be left out where --kind says it all.")
    ] = "",
    kind: Annotated[NoteKind, typer.Option(help="What it is about.")] = NoteKind.OTHER,
    at: Annotated[
        datetime | None,
        typer.Option(
            formats=TIMES,
            help="When it was, local time; now if not given.",
        ),
    ] = None,
    symptom: Annotated[
        Symptom | None, typer.Option(help="A symptom that a doctor asks about; then --kind is symptom.")
    ] = None,
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    wearer: WearerOption = None,
) -> None:
    """Write a note into the journal: what you felt, drank, took, did."""
    if symptom:
        kind, text = NoteKind.SYMPTOM, symptom_text(symptom, text)
    if not text.strip() and kind is NoteKind.OTHER:
        raise fail("an empty note says nothing", code=WRONG_USAGE)
    now_ns = time.time_ns()
    at_ns = instant(at, now_ns)
    with sentences():
        path, name, _ = kept(config, journal, wearer)
        with Journal(path) as diary:
            diary.write(Records(notes=[NoteRow(name, at_ns, kind, text.strip(), "command", now_ns)]))
    err.print("noted")
    say_advice(kind, text)


def instant(at: datetime | None, now_ns: int) -> int:
    """When a note is about, ns UTC; now if not given. Ends the command if it is still to come."""
    at_ns = int(at.astimezone().timestamp() * 1e9) if at else now_ns
    if at_ns > now_ns:
        raise fail("a note cannot be in the future", code=WRONG_USAGE)
    return at_ns


def say_advice(kind: str, text: str) -> None:
    """Say at once what has to be read by whoever notes this."""
    for advice in advice_on(kind, text):
        err.print(advice, markup=False)
