"""Options that several sub-commands share."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[Path, typer.Option("--config", "-c", help="The configuration file.")]
JournalOption = Annotated[Path | None, typer.Option(help="The journal, if not the configured one.")]
