"""What the level of twitching says in an alert: which sites, how often, over how much coverage."""

from detector.persistence import Assessment, Level
from detector.standing import Standing
from detector.watch import Finding
from ingest.alerts.alarm import Kind, Rule, Verdict
from ingest.alerts.phrases import place
from ingest.alerts.twitching import HOUR_NS
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader
from ingest.summary import observations

COVERED_HOURS = 72  # that a message tells the coverage of: as long as regions count as together
MOST = 4  # sites that are named in full; the report has all of them


def verdict(reader: JournalReader, wearer: str, assessment: Assessment) -> Verdict:
    """A look as a verdict, its figures in sentences.

    Raises:
        JournalError: The journal cannot be read.
    """
    raised = sorted(
        (finding for finding in assessment.findings if finding.standing > Standing.USUAL),
        key=lambda finding: (-finding.standing, -(finding.per_hour or 0.0)),
    )
    observed_h = _observed_h(reader, wearer, assessment.hour + 1)
    told = [_figures(finding, observed_h) for finding in raised[:MOST]]
    if len(raised) > MOST:
        told.append(f"{len(raised) - MOST} more sites were raised too.")
    if assessment.level is Level.NONE:
        told = ["No site was above its own usual for hours, as far as it was measured."]
    return Verdict(Rule(Kind.PERSISTENCE), assessment.level, " ".join(told))


def _figures(finding: Finding, observed_h: dict[tuple[str, str], float]) -> str:
    key = (finding.series.site, finding.series.modality)
    return (
        f"{place(key)}: {finding.per_hour or 0.0:.0f} twitches an hour of rest over its latest"
        f" {finding.valid_hours} valid hours, where {finding.baseline_per_h or 0.0:.0f} are its usual;"
        f" above that in {finding.elevated_hours} of these hours and on {finding.elevated_days} of"
        f" {finding.valid_days} valid days. It could be judged for"
        f" {observed_h.get(key, 0.0):.0f} of the last {COVERED_HOURS} hours."
    )


def _observed_h(reader: JournalReader, wearer: str, until_hour: int) -> dict[tuple[str, str], float]:
    hour_min = HOUR_NS // MINUTE_NS
    seen = observations(
        reader,
        wearer=wearer,
        since_minute=(until_hour - COVERED_HOURS) * hour_min,
        until_minute=until_hour * hour_min,
    )
    return {(one.site, one.modality): one.observed_s / 3600 for one in seen}
