"""Twitches that were felt against twitches that were measured."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dashboards.report.model import Felt
from dashboards.report.twitches import Twitches
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader
from ingest.schema import NoteKind, NoteRow

BEFORE_NS = 60_000_000_000  # a minute from the twitch to the note: the time it takes to find the button
AFTER_NS = 2_000_000_000  # 2 s: the clocks of a sensor and of the house differ a little
NONE_NS = np.empty(0, dtype=np.int64)


def felt(reader: JournalReader, wearer: str, notes: list[NoteRow], sites: Iterable[Twitches]) -> Felt | None:
    """How often the one met the other, all sites together; None where nothing felt was noted.

    A twitch that two sensors saw is one.
    """
    noted_ns = np.array([note.time_ns for note in notes if note.kind == NoteKind.FELT], dtype=np.int64)
    if not noted_ns.size:
        return None
    alone = (twitches.onset_ns[twitches.stands_alone] for twitches in sites)
    onsets_ns = np.sort(np.concatenate([NONE_NS, *alone]))
    judged = np.array([_judged(reader, wearer, note_ns // MINUTE_NS) for note_ns in noted_ns.tolist()])
    seen = _any_within(onsets_ns, noted_ns - BEFORE_NS, noted_ns + AFTER_NS)
    return Felt(
        notes=noted_ns.size,
        judged=int(judged.sum()),
        seen=int((judged & seen).sum()),
        twitches=onsets_ns.size,
        twitches_felt=int(_any_within(noted_ns, onsets_ns - AFTER_NS, onsets_ns + BEFORE_NS).sum()),
    )


def _judged(reader: JournalReader, wearer: str, minute: int) -> bool:
    """Whether twitches could be seen anywhere in that minute or the one before."""
    return bool(
        reader.ask(
            "SELECT 1 FROM minute WHERE wearer = ? AND minute BETWEEN ? AND ?"
            " AND rest_s + movement_s > 0 LIMIT 1",
            (wearer, minute - 1, minute),
        )
    )


def _any_within(
    times_ns: NDArray[np.int64], first_ns: NDArray[np.int64], last_ns: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """For each stretch whether any of the times, ascending, lies in it."""
    before = np.searchsorted(times_ns, first_ns, side="left")
    upto = np.searchsorted(times_ns, last_ns, side="right")
    return np.asarray(upto > before)
