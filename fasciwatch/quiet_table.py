"""What quiet checks came to, and what they can and cannot show."""

from collections.abc import Sequence
from datetime import tzinfo

from rich.table import Table

from dashboards.report.phrases import with_interval
from dashboards.web.overview import head_to_foot
from dashboards.web.wording import MODALITIES, duration, figure, place_name
from detector.false_alarms import hours_to_show
from fasciwatch.console import err, out
from ingest.alerts.phrases import moment
from ingest.quiet import JOURNAL, StoredQuiet, together
from ingest.schema import QuietRow


def kept_table(checks: Sequence[StoredQuiet], zone: tzinfo | None) -> Table:
    """What is kept, by number."""
    table = Table("number", "when", "place", "sensor", "judged", "found", "detector", box=None)
    for one in checks:
        row = one.row
        when = moment(row.start_ns, zone) if row.source == JOURNAL else row.source
        place, sensor = place_name(row.site), MODALITIES.get(row.modality, row.modality)
        table.add_row(
            str(one.id), when, place, sensor, duration(row.observed_s), str(row.count), _detector(row)
        )
    return table


def tell(rows: Sequence[QuietRow]) -> None:
    """The figures, and what they can and cannot show."""
    table = Table("place", "sensor", "judged", "found", "an hour, with 95 % interval", "detector", box=None)
    for row in sorted(rows, key=lambda row: head_to_foot(row.site, row.modality)):
        place, sensor = place_name(row.site), MODALITIES.get(row.modality, row.modality)
        judged = duration(row.observed_s)
        table.add_row(place, sensor, judged, str(row.count), with_interval(together([row])), _detector(row))
    if len(rows) > 1:
        check = together(rows)
        table.add_row(
            "together", "", duration(check.observed_h * 3600), str(check.count), with_interval(check), ""
        )
    out.print(table)
    longest_h = max(row.observed_s for row in rows) / 3600
    if not longest_h:
        err.print("nothing could be judged: were the sensors worn, and still?")
        return
    err.print(
        "Whatever truly twitched is counted with the false ones: they can be fewer than this, not more."
        f"\n{duration(longest_h * 3600)} without any would show no better than under"
        f" {figure(hours_to_show(1.0) / longest_h)} an hour; to show under one an hour takes"
        f" {duration(hours_to_show(1.0) * 3600)} without any (rule of three)."
    )


def _detector(row: QuietRow) -> str:
    """Which, without its settings: these are the same for all sensors of a kind."""
    return row.detector.split()[0]
