"""What a doctor asks, answered one by one in sentences, each figure with what it rests on."""

from collections import Counter
from collections.abc import Callable

from dashboards.report.figures import SiteFigures
from dashboards.report.model import Answer, Report
from dashboards.report.phrases import counted, joined, links, listed, moment, per_hour, span_of
from dashboards.web.wording import UNITS, duration, figure, share
from detector.association import AFTER_H
from ingest.sites import Region

MOST = 4  # sites that are named in a sentence; the table has all of them
SEVERAL_UNITS = 2


def answers(report: Report) -> list[Answer]:
    """Every question, in the order of the report."""
    if not any(site.coverage.observed_h for site in report.sites):
        nothing = ["Nothing could be judged in this period: that is no finding."]
        return [
            Answer("What was measured?", nothing),
            Answer("What other symptoms?", _symptoms(report)),
            Answer("What medicine?", _medicine(report)),
        ]
    return [Answer(question, answer(report)) for question, answer in _QUESTIONS.items()]


def _begin(report: Report) -> list[str]:
    watched = f"This report is about {span_of(report.since, report.until)}."
    first = [site for site in report.sites if site.first_ever]
    if not first:
        return [watched, "None was recorded. When it began cannot be told from that."]
    earliest = min(first, key=lambda site: site.first_ever or "")
    return [
        watched,
        f"The first on record is at the {_place(earliest)}, {moment(earliest.first_ever or '')}.",
        "What was before the sensors were worn is not known.",
    ]


def _where(report: Report) -> list[str]:
    watched = {site.site for site in report.sites}
    twitching = {site.site for site in report.sites if site.count}
    if not twitching:
        observed_h = sum(site.coverage.observed_h for site in report.sites)
        return [
            f"No twitch in {figure(observed_h)} observed hours of {counted(len(watched), 'site')} together."
        ]
    said = f"{len(twitching)} of {counted(len(watched), 'site')} twitched"
    regions = [region for region in Region if region in {site.region for site in report.sites if site.count}]
    if not regions:
        return [f"{said}."]
    known = {site.region for site in report.sites if site.region}
    named = joined(region.plain for region in regions)
    return [f"{said}, in {len(regions)} of {len(known)} body regions watched: {named}."]


def _same_place(report: Report) -> list[str]:
    """Twitches by site; one that two sensors saw is one."""
    by_site = Counter[str]()
    for site in report.sites:
        by_site[site.place] += site.count_alone
    total = by_site.total()
    if not total:
        return ["There was none to compare."]
    [(busiest, most)] = by_site.most_common(1)
    said = [f"{share(most / total)} of {total:,} twitches came from the {_lower(busiest)}."]
    told = [site for site in report.sites if site.units]
    for site in sorted(told, key=lambda site: -site.count)[:SEVERAL_UNITS]:
        shapes = counted(len(site.units), "recurring shape")
        said.append(f"At the {_place(site)} {shapes}; the commonest made {share(site.units[0].share)}.")
    return said if told else [*said, "Shapes were not told apart."]


def _often(report: Report) -> list[str]:
    rated = [site for site in report.sites if site.at_rest]
    if not rated:
        return ["No site was observed at rest for ten minutes."]
    ordered = sorted(rated, key=lambda site: -(site.at_rest.per_hour if site.at_rest else 0.0))
    said = [f"{_place(site)} {per_hour(site.at_rest)}" for site in ordered[:MOST]]
    rest = (
        f"; {counted(len(ordered) - MOST, 'site')} less often, see the table" if len(ordered) > MOST else ""
    )
    return [f"An hour of rest, with 95 % interval: {'; '.join(said)}{rest}."]


def _long(report: Report) -> list[str]:
    said = [
        f"{_place(site)} {figure(site.duration_ms.median)} ms"
        f" ({figure(site.duration_ms.lower)}-{figure(site.duration_ms.upper)}),"
        f" {figure(site.amplitude.median)} {UNITS.get(site.unit, site.unit)}"
        for site in _busiest(report)
        if site.duration_ms and site.amplitude
    ]
    return [f"Median, middle half, size: {'; '.join(said)}."] if said else ["There was none to measure."]


def _spells(report: Report) -> list[str]:
    said = [
        f"{_place(site)} {counted(site.spells.count, 'spell')}, half of them over"
        f" {duration(site.spells.duration_s.median)}, the longest {duration(site.spells.longest_s)}"
        for site in _busiest(report)
        if site.spells
    ]
    head = "Three or more with no pause over a minute: "
    return [head + "; ".join(said) + "."] if said else ["No three came without a pause of over a minute."]


def _moving(report: Report) -> list[str]:
    said = [
        f"{_place(site)} {per_hour(site.moving)} and {per_hour(site.at_rest)}" for site in _busiest(report)
    ]
    missed = "Movement hides twitches: a low rate while moving says little."
    return (
        [f"An hour moving and an hour of rest: {'; '.join(said)}.", missed] if said else ["There was none."]
    )


def _symptoms(report: Report) -> list[str]:
    return [f"Noted: {listed(report.symptoms)}." if report.symptoms else "None was noted."]


def _medicine(report: Report) -> list[str]:
    return [f"Noted: {listed(report.medicines)}." if report.medicines else "None was noted."]


def _triggers(report: Report) -> list[str]:
    if not report.triggers:
        return ["Nothing was noted that it could be held against."]
    said = f"In the {AFTER_H} hours after it, against the same hours without: {links(report.triggers)}."
    return [said, "Going together does not show which comes from which."]


def _felt(report: Report) -> list[str]:
    if report.felt is None:
        return ["Nothing felt was noted."]
    found = report.felt
    return [
        f"It was noted {counted(found.notes, 'time')}, {found.judged} of which could be judged.",
        f"Of these, {found.seen} had a twitch on record in the minute before.",
        f"{found.twitches_felt} of {found.twitches:,} measured twitches were noted as felt.",
    ]


_QUESTIONS: dict[str, Callable[[Report], list[str]]] = {
    "When did it begin?": _begin,
    "Which parts of the body?": _where,
    "Always the same place?": _same_place,
    "How often?": _often,
    "How long does each last?": _long,
    "How long do spells go on?": _spells,
    "At rest only, or also while moving?": _moving,
    "What other symptoms?": _symptoms,
    "What medicine?": _medicine,
    "What makes it come or go?": _triggers,
    "Is it felt?": _felt,
}


def _busiest(report: Report) -> list[SiteFigures]:
    return sorted((site for site in report.sites if site.count), key=lambda site: -site.count)[:MOST]


def _place(site: SiteFigures) -> str:
    """A site within a sentence."""
    place = _lower(site.place)
    return f"{place} (movement sensor)" if site.modality == "accelerometer" else place


def _lower(place: str) -> str:
    return place[:1].lower() + place[1:]
