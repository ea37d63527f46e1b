"""Quiet checks: what is found where there should be nothing, and what that says of a wearer's set-up."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from detector.emg import EmgDetector
from detector.false_alarms import FALSE_KINDS, FalseAlarms, false_alarms
from ingest.detection import detector_for_recording, judge
from ingest.errors import FasciwatchError
from ingest.journal import Journal
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader
from ingest.recording import Recording
from ingest.schema import QuietRow

JOURNAL = "journal"  # the source of what was found live
CHECK_MIN = 10  # long enough to show under 22 an hour, short enough to keep still
SETTLED_S = 15  # after the end until the last rows are written: they are every 5 s
_NAMES = ", ".join(field.name for field in fields(QuietRow))
_PLACES = ", ".join("?" * len(fields(QuietRow)))
_ADD = f"INSERT INTO quiet ({_NAMES}) VALUES ({_PLACES})"  # noqa: S608 -- our own columns
_FORGET_SAME = """
    DELETE FROM quiet
    WHERE wearer = ? AND site = ? AND modality = ? AND source = ? AND start_ns < ? AND end_ns > ?
"""
_FOUND = f"""
    SELECT count(*) FROM event
    WHERE wearer = ? AND site = ? AND modality = ? AND onset_ns >= ? AND onset_ns < ?
        AND kind IN ({", ".join("?" * len(FALSE_KINDS))})
"""  # noqa: S608 -- places, not values
_IN_MINUTES = """
    SELECT site, modality, sum(rest_s + movement_s) FROM minute
    WHERE wearer = ? AND minute >= ? AND minute < ? GROUP BY site, modality ORDER BY site, modality
"""


@dataclass(frozen=True, slots=True)
class StoredQuiet:
    """A quiet stretch and its number in the journal."""

    id: int
    row: QuietRow


def quiet_in_journal(
    reader: JournalReader, wearer: str, start_minute: int, end_minute: int, *, now_ns: int
) -> list[QuietRow]:
    """What was found live at each site in [start, end), minutes since 1970, UTC."""
    start_ns, end_ns = start_minute * MINUTE_NS, end_minute * MINUTE_NS

    def found(site: str, modality: str) -> int:
        kinds = map(str, FALSE_KINDS)
        [(count,)] = reader.ask(_FOUND, (wearer, site, modality, start_ns, end_ns, *kinds))
        return int(count)

    return [
        QuietRow(
            wearer=wearer,
            site=site,
            modality=modality,
            detector=_version(reader, wearer, modality, end_ns),
            source=JOURNAL,
            start_ns=start_ns,
            end_ns=end_ns,
            observed_s=observed_s,
            count=found(site, modality),
            recorded_ns=now_ns,
        )
        for site, modality, observed_s in reader.ask(_IN_MINUTES, (wearer, start_minute, end_minute))
    ]


def quiet_in_recording(
    recording: Recording,
    sites: Sequence[str],
    wearer: str,
    *,
    now_ns: int,
    advance: Callable[[float], None] = lambda _: None,
) -> list[QuietRow]:
    """What today's detector finds in each channel of a quiet recording, an accelerometer's axes together.

    Args:
        recording: Of a stretch in which nothing can have twitched.
        sites: Where each channel was; one for an accelerometer.
        wearer: On whom.
        now_ns: Goes with the result.
        advance: Is told how many seconds of signal were done.

    Raises:
        ValueError: The rate, or the number of axes, is none that the detector can judge.
    """
    detector = detector_for_recording(recording)
    found = list(judge(recording, detector, advance=advance))
    checks = [
        false_alarms(
            (event for one in found for event in one.events if event.channel == channel),
            (span for one in found for span in one.spans if span.channel == channel),
            recording.rate_hz,
        )
        for channel in range(len(sites))
    ]
    return [
        QuietRow(
            wearer=wearer,
            site=site,
            modality=recording.modality,
            detector=detector.version,
            source=recording.name,
            start_ns=0,
            end_ns=round(recording.duration_s * 1e9),
            observed_s=check.observed_h * 3600,
            count=check.count,
            recorded_ns=now_ns,
        )
        for site, check in zip(sites, checks, strict=True)
    ]


def check_quiet(
    journal: Path, wearer: str, start_minute: int, end_minute: int, *, now_ns: int
) -> list[QuietRow]:
    """What was found live at each site in that stretch; what of it could be judged is kept.

    Raises:
        JournalError: The journal cannot be read or written.
    """
    with JournalReader(journal) as reader:
        rows = quiet_in_journal(reader, wearer, start_minute, end_minute, now_ns=now_ns)
    keep_quiet(journal, rows)
    return rows


def quiet_note(minutes: int) -> str:
    """What the diary says of a check."""
    return f"quiet check, {minutes} min"


def keep_quiet(journal: Path, rows: Sequence[QuietRow]) -> None:
    """Keep those that could be judged, in place of those of the same signal.

    Raises:
        JournalError: It cannot be written.
    """
    with Journal(journal) as kept:
        for row in filter(lambda row: row.observed_s, rows):
            same = (row.wearer, row.site, row.modality, row.source, row.end_ns, row.start_ns)
            kept.change([(_FORGET_SAME, same), (_ADD, astuple(row))])


def stored_quiet(reader: JournalReader, wearer: str) -> list[StoredQuiet]:
    """What is kept, oldest first. Raises JournalError where the journal cannot be read."""
    rows = reader.ask(f"SELECT id, {_NAMES} FROM quiet WHERE wearer = ? ORDER BY recorded_ns, id", (wearer,))  # noqa: S608 -- our own columns
    return [StoredQuiet(number, QuietRow(*row)) for number, *row in rows]


def forget_quiet(journal: Path, wearer: str, number: int) -> None:
    """Take one out of the journal. Raises FasciwatchError where there is none of that number."""
    with JournalReader(journal) as reader:
        if number not in {one.id for one in stored_quiet(reader, wearer)}:
            raise FasciwatchError(
                f"there is no quiet check {number}; `fasciwatch quiet list` has their numbers"
            )
    with Journal(journal) as kept:
        kept.change([("DELETE FROM quiet WHERE id = ?", (number,))])


def by_set_up(kept: Sequence[StoredQuiet]) -> Mapping[tuple[str, str], tuple[FalseAlarms, QuietRow]]:
    """For each site and modality all that its newest detector was checked on together, and the newest row."""
    newest = {(one.row.site, one.row.modality): one.row for one in kept}
    return {
        key: (together([one.row for one in kept if _same_set_up(one.row, last)]), last)
        for key, last in newest.items()
    }


def together(rows: Sequence[QuietRow]) -> FalseAlarms:
    """All of them as one stretch."""
    return FalseAlarms.of(sum(row.count for row in rows), sum(row.observed_s for row in rows) / 3600)


def _same_set_up(one: QuietRow, other: QuietRow) -> bool:
    return (one.site, one.modality, one.detector) == (other.site, other.modality, other.detector)


def _version(reader: JournalReader, wearer: str, modality: str, until_ns: int) -> str:
    """The detector at that time: only events say which, and it stays until another one finds something."""
    rows = reader.ask(
        "SELECT detector FROM event WHERE wearer = ? AND modality = ? AND onset_ns < ?"
        " ORDER BY onset_ns DESC LIMIT 1",
        (wearer, modality, until_ns),
    )
    return rows[0][0] if rows else EmgDetector.version if modality == "emg" else modality
