"""Options that several sub-commands share, and what follows from them."""

from datetime import tzinfo
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from dashboards.report.phrases import joined
from fasciwatch.console import WRONG_USAGE, fail
from ingest.configfile import load_config
from ingest.reader import JournalReader

TIMES = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"]  # how a time is given, local

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
JournalOption = Annotated[Path | None, typer.Option(help="The journal, if not the configured one.")]
WearerOption = Annotated[str | None, typer.Option(help="Whose, if the journal is not of one wearer alone.")]


class Kept(NamedTuple):
    """Which journal, whose rows of it, and the wearer's time zone; None for this machine's."""

    journal: Path
    wearer: str
    time_zone: tzinfo | None = None


def kept(config: Path, journal: Path | None, wearer: str | None) -> Kept:
    """Where to read, and of whom.

    A journal that is named tells its wearer itself, if it has only one: the configuration is read only where
    it is needed.

    Raises:
        ConfigError: It is needed, and cannot be used.
        JournalError: The journal that was named cannot be read.
    """
    if journal is None:
        settings = load_config(config)
        return Kept(settings.journal.path, wearer or settings.wearer, settings.alerts.time_zone)
    if wearer:
        return Kept(journal, wearer)
    with JournalReader(journal) as reader:
        wearers = reader.wearers()
    if len(wearers) == 1:
        return Kept(journal, wearers[0])
    if config.exists():
        return Kept(journal, load_config(config).wearer)
    raise fail(
        f"{journal}: has rows of {joined(wearers or ['nobody'])}; say whose with --wearer", code=WRONG_USAGE
    )
