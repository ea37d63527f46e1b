"""The figures of one site, from the journal."""

from dashboards.report.figures import DayFigure, QuietFigures, SiteFigures
from dashboards.report.hourly import Array, Hourly, Key
from dashboards.report.period import MINUTE_S, Period
from dashboards.report.strips import read_strips
from dashboards.report.twitches import Twitches, first_twitch_ns, quartiles
from dashboards.web.wording import anatomical_term, place_name
from detector.profile import hour_of_day
from detector.rate import Rate, rate, ratio
from detector.trend import trend
from ingest.reader import JournalReader
from ingest.sites import Site

MIN_OBSERVED_H = 1 / 6  # with less, one twitch more or less moves a rate by over 6 an hour
MIN_DAYS = 7  # from which days, and not hours, are the blocks of a rate: they differ by more


def site_figures(
    reader: JournalReader,
    wearer: str,
    key: Key,
    hourly: Hourly,
    twitches: Twitches,
    period: Period,
    *,
    quiet: QuietFigures | None = None,
) -> SiteFigures:
    """Everything the report says about one site."""
    site, modality = key
    first_ever_ns = first_twitch_ns(reader, wearer, site, modality)
    at_rest = _overall(hourly.count_rest, hourly.rest_h)
    moving = _overall(hourly.count_moving, hourly.movement_h)
    return SiteFigures(
        site=site,
        place=place_name(site),
        term=anatomical_term(site),
        region=_region(site),
        modality=modality,
        coverage=hourly.coverage(period.length_s),
        count=round(float(hourly.count_rest.sum() + hourly.count_moving.sum())),
        count_rest=round(float(hourly.count_rest.sum())),
        count_alone=int(twitches.stands_alone.sum()),
        at_rest=at_rest,
        moving=moving,
        moving_to_rest=ratio(moving, at_rest) if moving and at_rest and at_rest.count else None,
        first=period.iso(int(twitches.onset_ns[0])) if twitches.onset_ns.size else None,
        first_ever=None if first_ever_ns is None else period.iso(first_ever_ns),
        duration_ms=quartiles(twitches.duration_ms),
        amplitude=quartiles(twitches.amplitude),
        unit=twitches.unit,
        uncertain=float((1 - twitches.confidence[twitches.stands_alone]).sum()),
        spells=twitches.spells(),
        units=twitches.units(),
        days=_days(hourly, period),
        by_hour=hour_of_day(hourly.count_rest, hourly.rest_h),
        trend=trend(hourly.count_rest.sum(1), hourly.rest_h.sum(1)),
        strips=read_strips(reader, wearer, site, modality, period),
        quiet=quiet,
    )


def _overall(counts: Array, hours: Array) -> Rate | None:
    """The rate over the whole period, from days if there are enough of them and from hours otherwise."""
    if hours.sum() < MIN_OBSERVED_H:
        return None
    if (hours.sum(1) > 0).sum() >= MIN_DAYS:
        return rate(counts.sum(1), hours.sum(1))
    return rate(counts.ravel(), hours.ravel())


def _days(hourly: Hourly, period: Period) -> list[DayFigure]:
    observed_h = (hourly.rest_h + hourly.movement_h).sum(1)
    return [
        DayFigure(
            day=day.day.isoformat(),
            rest_h=float(hourly.rest_h[number].sum()),
            covered=float(
                min(1.0, observed_h[number] * 60 * MINUTE_S / max(day.elapsed_s(period.now_ns), 1.0))
            ),
            rate=rate(hourly.count_rest[number], hourly.rest_h[number])
            if hourly.rest_h[number].sum() >= MIN_OBSERVED_H
            else None,
        )
        for number, day in enumerate(period.days)
    ]


def _region(site: str) -> str:
    try:
        return Site.parse(site).region.value
    except ValueError:
        return ""
