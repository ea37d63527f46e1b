"""`fasciwatch notes`: read the diary, mend a note, delete one."""

import time
from dataclasses import replace
from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from fasciwatch.console import WRONG_USAGE, err, fail, out, sentences
from fasciwatch.note import instant, say_advice
from fasciwatch.options import TIMES, ConfigOption, JournalOption, WearerOption, kept
from ingest.alerts.phrases import moment
from ingest.config import DEFAULT_PATH
from ingest.diary import delete_note, mend_note, newest_notes, note_of
from ingest.reader import JournalReader
from ingest.schema import NoteKind

SHOWN = 20  # a screen of them

app = typer.Typer(help="Read the diary, mend it.", no_args_is_help=True)

NumberArgument = Annotated[int, typer.Argument(help="Its number, as `fasciwatch notes list` has it.")]


@app.command("list")
def show(
    count: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = SHOWN,
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    wearer: WearerOption = None,
) -> None:
    """List the newest notes with their numbers."""
    with sentences():
        path, name, zone = kept(config, journal, wearer)
        with JournalReader(path) as reader:
            notes = newest_notes(reader, name, count)
    table = Table("number", "when", "what", "in your words", box=None)
    for note in notes:
        table.add_row(str(note.id), moment(note.row.time_ns, zone), note.row.kind, note.row.text)
    out.print(table if notes else "nothing was noted yet")


@app.command()
def mend(
    number: NumberArgument,
    text: Annotated[str | None, typer.Option(help="What to remember.")] = None,
    kind: Annotated[NoteKind | None, typer.Option(help="What it is about.")] = None,
    at: Annotated[datetime | None, typer.Option(formats=TIMES, help="When it was, local time.")] = None,
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    wearer: WearerOption = None,
) -> None:
    """Change a note; what is not given stays."""
    if text is None and kind is None and at is None:
        raise fail("say what is to change: --text, --kind or --at", code=WRONG_USAGE)
    now_ns = time.time_ns()
    with sentences():
        path, name, _ = kept(config, journal, wearer)
        old = note_of(path, name, number)
        new = replace(
            old.row,
            text=old.row.text if text is None else text.strip(),
            kind=old.row.kind if kind is None else kind,
            time_ns=old.row.time_ns if at is None else instant(at, now_ns),
            recorded_ns=now_ns,
        )
        mend_note(path, old, new)
    err.print("mended")
    say_advice(new.kind, new.text)


@app.command()
def delete(
    number: NumberArgument,
    config: ConfigOption = DEFAULT_PATH,
    journal: JournalOption = None,
    wearer: WearerOption = None,
) -> None:
    """Delete a note for good."""
    with sentences():
        path, name, _ = kept(config, journal, wearer)
        delete_note(path, note_of(path, name, number))
    err.print("deleted")
