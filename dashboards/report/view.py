"""The report in words and drawings, ready to be laid out: the same for the PDF and for the page."""

from collections import defaultdict
from dataclasses import asdict, dataclass
from typing import Any

from dashboards.report.advice import EMERGENCY, NO_VERDICT, SEE_A_DOCTOR
from dashboards.report.body import body_svg
from dashboards.report.drawing import days_svg, hours_svg, scale_per_hour, strip_svg
from dashboards.report.figures import Coverage, SiteFigures, Strip
from dashboards.report.model import Report
from dashboards.report.phrases import (
    NOT_OBSERVED,
    change_a_week,
    covered,
    day_of,
    hours,
    joined,
    moment,
    per_hour,
    span_of,
    with_interval,
)
from dashboards.web.wording import MODALITIES, UNITS, duration, figure, share

COLUMNS = (
    "place",
    "observed",
    "twitches",
    "an hour of rest",
    "an hour moving",
    "a week",
    "longest spell",
    "first seen",
)
BLANK = "-"


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG, what it says in words, and its caption."""

    svg: str
    alt: str
    caption: str


@dataclass(frozen=True, slots=True)
class SiteRow:
    """The drawings of one site."""

    place: str
    sensor: str
    days: Drawing
    hours: Drawing
    strips: list[Drawing]


@dataclass(frozen=True, slots=True)
class View:
    """Everything on the two pages, in order."""

    title: str
    wearer: str
    period: str
    created: str
    warning: str
    answers: list[tuple[str, str]]
    body: Drawing
    columns: tuple[str, ...]
    table: list[tuple[str, ...]]
    sites: list[SiteRow]
    method: list[str]
    unjudged: list[str]
    advice: list[str]

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def view(report: Report) -> View:
    """Lay the report out in words."""
    return View(
        title="Muscle twitches, as measured at home",
        wearer=report.wearer,
        period=span_of(report.since, report.until),
        created=f"{moment(report.created)} ({report.zone})",
        warning="Made data, for demonstration only: nothing here was measured." if report.made else "",
        answers=[(answer.question, " ".join(answer.sentences)) for answer in report.answers],
        body=_body(report),
        columns=COLUMNS,
        table=[_row(site) for site in report.sites],
        sites=[_site(site) for site in report.sites],
        method=_method(report),
        unjudged=_unjudged(report),
        advice=[NO_VERDICT, SEE_A_DOCTOR, EMERGENCY],
    )


def _row(site: SiteFigures) -> tuple[str, ...]:
    return (
        _place(site),
        covered(site.coverage),
        f"{site.count:,}",
        per_hour(site.at_rest),
        per_hour(site.moving),
        change_a_week(site.trend),
        duration(site.spells.longest_s) if site.spells else BLANK,
        day_of(site.first) if site.first else BLANK,
    )


def _body(report: Report) -> Drawing:
    places = "; ".join(f"{site.place} {per_hour(site.at_rest)} an hour of rest" for site in report.sites)
    return Drawing(
        body_svg(report.sites),
        f"Front and back of a body with a dot at each site. {places}",
        "Front and back. Area of a dot: twitches an hour of rest. White: none seen.",
    )


def _site(site: SiteFigures) -> SiteRow:
    rated = [day for day in site.days if day.rate]
    days = ", ".join(f"{day_of(day.day)} {per_hour(day.rate)}" for day in rated) or "no day was observed"
    by_hour = ", ".join(f"{hour} h {figure(rate.per_hour)}" for hour, rate in enumerate(site.by_hour) if rate)
    top = max([1.0, *(rate.per_hour for rate in site.by_hour if rate)])
    return SiteRow(
        place=site.place,
        sensor=f"{site.term or site.region}, {MODALITIES.get(site.modality, site.modality)}",
        days=Drawing(
            days_svg(site.days),
            f"{site.place}, twitches an hour of rest by day: {days}",
            f"{_span(site)}, top {figure(scale_per_hour(site.days))} an hour",
        ),
        hours=Drawing(
            hours_svg(site.by_hour),
            f"{site.place}, twitches an hour of rest by hour of the day: {by_hour or NOT_OBSERVED}",
            f"0 to 24 h, top {figure(top)} an hour",
        ),
        strips=[_strip(site, strip) for strip in site.strips],
    )


def _span(site: SiteFigures) -> str:
    return f"{day_of(site.days[0].day)} to {day_of(site.days[-1].day)}"


def _strip(site: SiteFigures, strip: Strip) -> Drawing:
    unit = UNITS.get(strip.unit, strip.unit)
    reach = max(strip.samples, default=0.0) - min(strip.samples, default=0.0)
    length_ms = 1000 * len(strip.samples) / strip.rate_hz
    return Drawing(
        strip_svg(strip),
        f"{site.place}, signal around a twitch at {moment(strip.onset)}",
        f"{figure(reach)} {unit}, {length_ms:.0f} ms",
    )


def _method(report: Report) -> list[str]:
    total = sum(site.count_alone for site in report.sites)
    doubtful = sum(site.uncertain for site in report.sites)
    return [
        f"Sensors: {_sensors(report)}. Detector: {', '.join(report.detectors) or 'no event on record'}.",
        f"By the detector's own confidence {doubtful:,.0f} of the {total:,} twitches are something else.",
        _false_alarms(report),
        "A rate is the twitches over the hours in which they were looked for.",
        "In brackets: bounds that hold the truth with 95 % probability, clusters allowed for.",
        "Signal: a small, a middling and a large twitch of each site.",
    ]


def _false_alarms(report: Report) -> str:
    """What was found where there was nothing, site by site, or that nobody looked."""
    checked = [(site, site.quiet) for site in report.sites if site.quiet]
    if not checked:
        return (
            "How often it is wrong with this wearer and these sensors was never measured; the command"
            " “fasciwatch quiet now” does."
        )
    told = [
        f"{_place(site)} {with_interval(quiet.found)} in {hours(quiet.found.observed_h)}"
        for site, quiet in checked
    ]
    never = [_place(site) for site in report.sites if not site.quiet]
    rest = f"; never measured: {joined(never)}" if never else ""
    what = "Quiet checks: found in an hour of rest without a felt twitch, at most so many are false"
    return f"{what}: {'; '.join(told)}{rest}."


def _place(site: SiteFigures) -> str:
    """A site, and its sensor where that are not electrodes."""
    return site.place if site.modality == "emg" else f"{site.place}, {MODALITIES[site.modality]}"


def _sensors(report: Report) -> str:
    """Every device; those of the same firmware and losses together."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for sensor in report.sensors:
        sent = sensor.lost + sensor.received
        lost = share(sensor.lost / sent if sent else 0.0)
        alike[f"firmware {sensor.firmware}, {lost} of samples lost"].append(sensor.name or sensor.device)
    return "; ".join(f"{joined(names)} ({how})" for how, names in alike.items()) or "none on record"


def _unjudged(report: Report) -> list[str]:
    return [f"{_place(site)}: {_lost_time(site.coverage)}" for site in report.sites]


def _lost_time(coverage: Coverage) -> str:
    parts = {
        "not worn": coverage.not_worn_h,
        "bad contact": coverage.bad_contact_h,
        "without data": coverage.missing_h,
    }
    lost = [f"{hours(length_h)} {what}" for what, length_h in parts.items() if length_h * 3600 >= 1]
    return ", ".join(lost) or "all of it was judged"
