"""Hours and days of a site summed up from the journal, so that a panel over 90 days reads few points.

An hour is UTC's, with the local hour of the day as a tag; a day is the wearer's, from local midnight to local
midnight. Both are computed whole each time, so a point is overwritten by a better one and never added to.
"""

from collections.abc import Sequence
from datetime import date, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

from detector.rate import Rate
from detector.spell import Spell, spells
from ingest.influx.line import FieldValue, line, series_key
from ingest.influx.localday import local, midnight_ns
from ingest.influx.points import region, site_tags
from ingest.influx.slots import SUMS, Series, Slots, read_slots
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader

HOUR_NS = 60 * MINUTE_NS
BASELINE_DAYS = 28  # four weeks hold every weekday equally often
ACTIVE_ABOVE_PER_H = 1.0  # what noise alone may cause; a site is active if it surely twitches more often
DURATION_EDGES_MS = (0, 8, 12, 16, 24, 40, 60, 100, 200, 350)  # from EMG potentials to movements (DOMAIN.md)

_COUNTS = frozenset({"count", "count_rest"})


def hour_lines(
    reader: JournalReader, series: Series, hours: Sequence[int], zone: tzinfo | None = None
) -> list[str]:
    """Points of these hours of a series, as far as anything is on record.

    Args:
        reader: The journal.
        series: Whose.
        hours: Since 1970, UTC, ascending.
        zone: The wearer's time zone; that of this machine if None.
    """
    slots = read_slots(reader, series, hours[0] * HOUR_NS, (hours[-1] + 1) * HOUR_NS)
    lines = []
    for hour in hours:
        start_ns = hour * HOUR_NS
        part = slots.between(start_ns, start_ns + HOUR_NS)
        if part.start_ns.size:
            tags = ("clock", f"{local(start_ns, zone).hour:02}"), *site_tags(*series)
            lines.append(line(series_key("hour", tags), _fields(part), start_ns))
    return lines


def day_lines(
    reader: JournalReader, series: Series, days: Sequence[date], zone: tzinfo | None = None
) -> list[str]:
    """Points of these days (ascending) of a series, at local midnight, as far as anything is on record.

    Args:
        reader: The journal.
        series: Whose.
        days: Local dates.
        zone: The wearer's time zone; that of this machine if None.
    """
    slots = read_slots(
        reader,
        series,
        midnight_ns(days[0] - timedelta(BASELINE_DAYS), zone),
        midnight_ns(_next(days[-1]), zone),
    )
    lines = []
    for day in days:
        start_ns = midnight_ns(day, zone)
        part = slots.between(start_ns, midnight_ns(_next(day), zone))
        before = slots.between(midnight_ns(day - timedelta(BASELINE_DAYS), zone), start_ns)
        if part.start_ns.size:
            fields = _fields(part) | _judged(part, before)
            lines.append(line(series_key("day", site_tags(*series)), fields, start_ns))
    return lines


def wearer_day_lines(
    reader: JournalReader, wearer: str, modality: str, days: Sequence[date], zone: tzinfo | None = None
) -> list[str]:
    """Points of these days (ascending) of all sites of a wearer together: how many of them were active."""
    start_ns, end_ns = midnight_ns(days[0], zone), midnight_ns(_next(days[-1]), zone)
    sites = reader.ask(
        "SELECT DISTINCT site FROM minute WHERE wearer = ? AND modality = ? AND minute >= ? AND minute < ?",
        (wearer, modality, start_ns // MINUTE_NS, end_ns // MINUTE_NS),
    )
    slots = {site: read_slots(reader, Series(wearer, site, modality), start_ns, end_ns) for (site,) in sites}
    key = series_key("wearer_day", (("modality", modality), ("wearer", wearer)))
    lines = []
    for day in days:
        begin_ns, stop_ns = midnight_ns(day, zone), midnight_ns(_next(day), zone)
        rates = {site: slots[site].between(begin_ns, stop_ns).rate_at_rest for site in slots}
        active = [site for site, own in rates.items() if own is not None and _is_active(own)]
        judged = sum(own is not None for own in rates.values())
        if judged:
            regions = len({region(site) for site in active})
            fields = {"active_regions": regions, "active_sites": len(active), "judged_sites": judged}
            lines.append(line(key, fields, begin_ns))
    return lines


def _next(day: date) -> date:
    return day + timedelta(1)


def _fields(part: Slots) -> dict[str, FieldValue]:
    total = dict(zip(SUMS, part.sums.sum(0).tolist(), strict=True))
    fields: dict[str, FieldValue] = {n: int(v) if n in _COUNTS else v for n, v in total.items()}
    return fields | _durations(part.durations_ms) | _spells(spells(part.onsets_ns))


def _durations(durations_ms: NDArray[np.float64]) -> dict[str, FieldValue]:
    if not durations_ms.size:
        return {}
    median_ms, p90_ms = np.quantile(durations_ms, (0.5, 0.9)).tolist()
    return {
        "duration_ms": float(durations_ms.sum()),
        "duration_median_ms": median_ms,
        "duration_p90_ms": p90_ms,
    }


def _spells(found: list[Spell]) -> dict[str, FieldValue]:
    """Spells as far as they lie within the hour or day."""
    lengths_s = [spell.duration_s for spell in found]
    return {
        "spells": len(found),
        "spell_s": sum(lengths_s, 0.0),
        "spell_longest_s": max(lengths_s, default=0.0),
    }


def _judged(part: Slots, before: Slots) -> dict[str, FieldValue]:
    """What a day came to, as a rate between bounds, beside the site's own four weeks before."""
    own, rest_h = part.rate_at_rest, before.total("rest_s") / 3600
    fields: dict[str, FieldValue] = _duration_counts(part.durations_ms)
    if rest_h:
        fields["baseline_per_h"] = before.total("count_rest") / rest_h
    if own is not None:
        fields |= {"per_h": own.per_hour, "low_per_h": own.low, "high_per_h": own.high}
        fields["active"] = int(_is_active(own))
    return fields


def _is_active(own: Rate) -> bool:
    return own.low > ACTIVE_ABOVE_PER_H


def _duration_counts(durations_ms: NDArray[np.float64]) -> dict[str, FieldValue]:
    """How many twitches lasted how long, by the bins of `DURATION_EDGES_MS`."""
    places = np.searchsorted(DURATION_EDGES_MS, durations_ms, side="right") - 1
    counts = np.bincount(places, minlength=len(DURATION_EDGES_MS)).tolist()
    return {f"from_{edge}_ms": count for edge, count in zip(DURATION_EDGES_MS, counts, strict=True)}
