"""Builds the report from the journal, all of it from one moment."""

from datetime import date, tzinfo

from dashboards.report.answers import answers
from dashboards.report.felt import felt
from dashboards.report.figures import QuietFigures
from dashboards.report.hourly import Key, read_hours
from dashboards.report.model import Noted, Report, Sensor
from dashboards.report.period import Period
from dashboards.report.site_figures import site_figures
from dashboards.report.triggers import triggers
from dashboards.report.twitches import read_twitches
from dashboards.web.overview import head_to_foot
from ingest.quiet import by_set_up, stored_quiet
from ingest.reader import JournalReader
from ingest.schema import NoteKind, NoteRow

MADE = "made"  # how the versions of those begin who made events for a demonstration


def build_report(
    reader: JournalReader, wearer: str, first: date, last: date, *, zone: tzinfo, now_ns: int
) -> Report:
    """The report on the local days from `first` to `last`, both included.

    Args:
        reader: The journal.
        wearer: Whose report.
        first: First local day.
        last: Last local day; may be today.
        zone: Where the wearer lives.
        now_ns: When it is made, UTC.

    Raises:
        JournalError: The journal cannot be read.
        ValueError: The last day is before the first.
    """
    period = Period.of(first, last, zone, now_ns)
    with reader.snapshot():
        hours = read_hours(reader, wearer, period)
        notes = reader.notes(wearer=wearer, since_ns=period.start_ns, until_ns=period.end_ns)
        keys = sorted(hours, key=lambda key: head_to_foot(*key))
        twitches = {key: read_twitches(reader, wearer, *key, period) for key in keys}
        quiet = _quiet(reader, wearer, period)
        sites = [
            site_figures(reader, wearer, key, hours[key], twitches[key], period, quiet=quiet.get(key))
            for key in keys
        ]
        detectors = _detectors(reader, wearer, period)
        report = Report(
            wearer=wearer,
            created=period.iso(now_ns),
            since=period.iso(period.start_ns),
            until=period.iso(min(period.end_ns, now_ns)),
            zone=str(zone),
            made=any(version.startswith(MADE) for version in detectors),
            sites=sites,
            triggers=triggers(notes, hours.values(), period),
            felt=felt(reader, wearer, notes, twitches.values()),
            symptoms=_noted(notes, NoteKind.SYMPTOM, period),
            medicines=_noted(notes, NoteKind.MEDICINE, period),
            sensors=[
                Sensor(row.device, row.name, row.firmware, row.lost, row.received)
                for row in reader.devices()
                if row.wearer == wearer
            ],
            detectors=detectors,
            answers=[],
        )
    report.answers.extend(answers(report))
    return report


def _quiet(reader: JournalReader, wearer: str, period: Period) -> dict[Key, QuietFigures]:
    """Also checks from before the period: the set-up is the same."""
    return {
        key: QuietFigures(found, last.detector, period.iso(last.recorded_ns))
        for key, (found, last) in by_set_up(stored_quiet(reader, wearer)).items()
    }


def _noted(notes: list[NoteRow], kind: NoteKind, period: Period) -> list[Noted]:
    return [Noted(period.iso(note.time_ns), note.kind, note.text) for note in notes if note.kind == kind]


def _detectors(reader: JournalReader, wearer: str, period: Period) -> list[str]:
    rows = reader.ask(
        "SELECT DISTINCT detector FROM event WHERE wearer = ? AND onset_ns >= ? AND onset_ns < ? ORDER BY 1",
        (wearer, period.start_ns, period.end_ns),
    )
    return [version for (version,) in rows]
