"""How the command speaks: results to stdout, everything else to stderr, errors as one sentence."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from ingest.errors import FasciwatchError

PIPED_WIDTH = 200  # columns of what goes to a file or another program: no row is folded there

out = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPED_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)

FAILED = 1  # exit code: what was asked for could not be done
WRONG_USAGE = 2  # exit code: it was asked for wrongly


def fail(error: FasciwatchError | str, *, code: int = FAILED) -> typer.Exit:
    """Say what is wrong; raise what is returned to end the command."""
    err.print(f"[bold red]fasciwatch:[/] {str(error).replace('[', chr(92) + '[')}")
    return typer.Exit(code)


@contextmanager
def sentences() -> Iterator[None]:
    """Within this, our own errors end the command with their sentence and exit code 1."""
    try:
        yield
    except FasciwatchError as error:
        raise fail(error) from error


@contextmanager
def progress(what: str, total_s: float) -> Iterator[Progress]:
    """Show how far a piece of work over `total_s` seconds of signal is, if stderr is a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        bar.add_task(what, total=total_s)
        yield bar
