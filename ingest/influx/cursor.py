"""How far each bucket has been filled, kept in the journal: a backup holds both, and they always agree."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ingest.journal import Journal
from ingest.reader import JournalReader

SAVE_EVERY_S = 10.0  # spares the card; what a crash forgets is sent again and overwrites itself


@dataclass(slots=True)
class Progress:
    """How far one bucket has been filled.

    Attributes:
        cursors: Of each feed, by its name.
        set_aside: Points that the server refuses for good.
        last_refusal: Why the last of them was, in a sentence.
        stored_ns: When the server last took points, ns UTC; 0 if never.
    """

    cursors: dict[str, int] = field(default_factory=dict)
    set_aside: int = 0
    last_refusal: str = ""
    stored_ns: int = 0


def load_progress(reader: JournalReader, bucket_id: str) -> Progress:
    """How far this bucket has been filled; nothing yet where it was never met."""
    kept = reader.meta(_key(bucket_id))
    return Progress(**json.loads(kept)) if kept else Progress()


class ProgressKeeper:
    """Keeps the progress of a bucket in the journal, now and then."""

    def __init__(self, journal: Path, bucket_id: str, now_s: Callable[[], float] = time.monotonic) -> None:
        self._journal = journal
        self._bucket_id = bucket_id
        self._now_s = now_s
        self._saved_s = -SAVE_EVERY_S

    def save(self, progress: Progress, *, at_once: bool = False) -> None:
        """Keep it if some time has passed since the last one was kept, or `at_once`."""
        if not at_once and self._now_s() - self._saved_s < SAVE_EVERY_S:
            return
        with Journal(self._journal) as journal:
            journal.set_meta(_key(self._bucket_id), json.dumps(asdict(progress)))
        self._saved_s = self._now_s()


def _key(bucket_id: str) -> str:
    return f"influx {bucket_id}"
