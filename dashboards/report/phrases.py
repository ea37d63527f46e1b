"""Figures as they are written in the report: always with what they rest on."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from dashboards.report.model import Coverage, Noted, Trigger
from dashboards.web.wording import figure, share
from detector.rate import Rate
from detector.trend import Trend

NOT_OBSERVED = "not observed"


def per_hour(rate: Rate | None) -> str:
    """A rate with its interval.

    >>> per_hour(None)
    'not observed'
    """
    if rate is None:
        return NOT_OBSERVED
    return f"{figure(rate.per_hour)} ({figure(rate.low)}-{figure(rate.high)})"


def times_a_week(trend: Trend | None) -> str:
    """A trend with its interval."""
    if trend is None:
        return "too few days"
    if trend.high / trend.low > 100:  # it may as well fall tenfold as rise tenfold
        return "not known"
    return f"x {figure(trend.times_a_week)} ({figure(trend.low)}-{figure(trend.high)})"


def covered(coverage: Coverage) -> str:
    """Hours observed and the share of the period."""
    return f"{figure(coverage.observed_h)} h ({share(coverage.share)})"


def day_of(iso: str) -> str:
    """A date for people.

    >>> day_of("2026-03-01T08:30:00+01:00")
    '1 Mar 2026'
    """
    day = datetime.fromisoformat(iso)
    return f"{day.day} {day:%b %Y}"


def moment(iso: str) -> str:
    """A date and a time of day for people.

    >>> moment("2026-03-01T08:30:00+01:00")
    '1 Mar 2026, 08:30'
    """
    return f"{day_of(iso)}, {datetime.fromisoformat(iso):%H:%M}"


def listed(notes: list[Noted], most: int = 6) -> str:
    """Notes with how often and when last, most frequent first; the rest is counted."""
    by_text = Counter(note.text or "(no words)" for note in notes)
    last = {note.text or "(no words)": note.time for note in notes}
    said = [
        f"{text} ({count} times, last {day_of(last[text])})"
        if count > 1
        else f"{text} ({day_of(last[text])})"
        for text, count in by_text.most_common(most)
    ]
    more = len(by_text) - len(said)
    return "; ".join(said) + (f"; and {more} more" if more else "")


def link(trigger: Trigger) -> str:
    """What the hours after something noted looked like."""
    if trigger.times is None or trigger.low is None or trigger.high is None or trigger.by_chance is None:
        return (
            f"{trigger.kind}: too few to say ({_occasions(trigger.occasions)} with observed hours after,"
            f" {_days(trigger.days_without)} without)"
        )
    return (
        f"{trigger.kind}: {figure(trigger.times)} times ({figure(trigger.low)}-{figure(trigger.high)})"
        f" the usual of the same hours, over {_occasions(trigger.occasions)}; shuffled diaries reach that in"
        f" {share(trigger.by_chance)}"
    )


def joined(parts: Iterable[str]) -> str:
    """A list in words.

    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def _occasions(count: int) -> str:
    return f"{count} occasion{'s' * (count != 1)}"


def _days(count: int) -> str:
    return f"{count} day{'s' * (count != 1)}"
