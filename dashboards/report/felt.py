"""Twitches that were felt against twitches that were measured."""

import numpy as np
from numpy.typing import NDArray

from dashboards.report.model import Felt
from dashboards.report.period import Period
from dashboards.web.days import MINUTE_NS
from detector.event import Kind
from ingest.reader import JournalReader
from ingest.schema import NoteKind, NoteRow

BEFORE_NS = 60_000_000_000  # a minute from the twitch to the note: the time it takes to find the button
AFTER_NS = 2_000_000_000  # 2 s: the clocks of a sensor and of the house differ a little


def felt(reader: JournalReader, wearer: str, notes: list[NoteRow], period: Period) -> Felt | None:
    """How often the one met the other; None where nothing felt was noted."""
    noted_ns = np.array([note.time_ns for note in notes if note.kind == NoteKind.FELT], dtype=np.int64)
    if not noted_ns.size:
        return None
    onsets_ns = _column(
        reader,
        "SELECT onset_ns FROM event WHERE wearer = ? AND kind = ? AND onset_ns >= ? AND onset_ns < ?"
        " ORDER BY onset_ns",
        (wearer, Kind.TWITCH.value, period.start_ns - BEFORE_NS, period.end_ns),
    )
    judged = np.array([_judged(reader, wearer, note_ns // MINUTE_NS) for note_ns in noted_ns.tolist()])
    seen = _any_within(onsets_ns, noted_ns - BEFORE_NS, noted_ns + AFTER_NS)
    inside = onsets_ns[onsets_ns >= period.start_ns]
    return Felt(
        notes=noted_ns.size,
        judged=int(judged.sum()),
        seen=int((judged & seen).sum()),
        twitches=inside.size,
        twitches_felt=int(_any_within(noted_ns, inside - AFTER_NS, inside + BEFORE_NS).sum()),
    )


def _judged(reader: JournalReader, wearer: str, minute: int) -> bool:
    """Whether twitches could be seen anywhere in that minute or the one before."""
    return bool(
        reader.ask(
            "SELECT 1 FROM minute WHERE wearer = ? AND minute IN (?, ?) AND rest_s + movement_s > 0 LIMIT 1",
            (wearer, minute, minute - 1),
        )
    )


def _any_within(
    times_ns: NDArray[np.int64], first_ns: NDArray[np.int64], last_ns: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """For each stretch whether any of the times, ascending, lies in it."""
    before = np.searchsorted(times_ns, first_ns, side="left")
    upto = np.searchsorted(times_ns, last_ns, side="right")
    return np.asarray(upto > before)


def _column(reader: JournalReader, sql: str, values: tuple[object, ...]) -> NDArray[np.int64]:
    return np.array([value for (value,) in reader.ask(sql, values)], dtype=np.int64)
