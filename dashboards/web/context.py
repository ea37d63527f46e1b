"""What the page is given by the service that serves it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.live import LiveSignal


@dataclass(frozen=True, slots=True)
class PageContext:
    """What the page reads, and what it can do.

    Attributes:
        journal: The SQLite file; written only to mend notes and to silence alerts.
        wearer: Whose page this is.
        live: The signal of the last half minute.
        add_note: Writes a note: kind (see `ingest.schema.NoteKind`), text, time in ns UTC. Raises
            FasciwatchError where it could not be written.
        made: The data are made, not measured; the page says so.
        health: How the service is, for `/healthz`; None where there is no service behind the page.
    """

    journal: Path
    wearer: str
    live: LiveSignal
    add_note: Callable[[str, str, int], Awaitable[None]]
    made: bool = False
    health: Callable[[], Mapping[str, object]] | None = None
