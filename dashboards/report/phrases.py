"""Figures as they are written in the report: always with what they rest on."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time, timedelta

from dashboards.report.figures import Coverage
from dashboards.report.model import Noted, Trigger
from dashboards.web.wording import duration, figure, share
from detector.false_alarms import FalseAlarms
from detector.rate import Rate
from detector.trend import Trend

LONGEST_NOTE = 60  # characters: the page has to hold a dozen
NOT_OBSERVED = "too little observed"
MOST_TREND = 100  # between the bounds of a trend: it may as well fall tenfold as rise tenfold


def per_hour(rate: Rate | None) -> str:
    """A rate with its interval.

    >>> per_hour(None)
    'too little observed'
    """
    return NOT_OBSERVED if rate is None else with_interval(rate)


def with_interval(rate: Rate | FalseAlarms) -> str:
    """How often an hour, and between which bounds.

    >>> with_interval(FalseAlarms.of(0, 2.0))
    '0 (0-1.8)'
    """
    if not rate.observed_h:
        return "nothing could be judged"
    return f"{figure(rate.per_hour)} ({figure(rate.low)}-{figure(rate.high)})"


def change_a_week(trend: Trend | None) -> str:
    """A trend with its interval.

    >>> change_a_week(Trend(times_a_week=1.05, low=0.9, high=1.22, days=28))
    '+5 % (-10 to +22)'
    """
    if trend is None:
        return "too few days"
    if trend.high / trend.low > MOST_TREND:
        return "not known"
    change, low, high = (100 * (times - 1) for times in (trend.times_a_week, trend.low, trend.high))
    return f"{change:+.0f} % ({low:+.0f} to {high:+.0f})"


def hours(length_h: float) -> str:
    """A length of time.

    >>> hours(0.1), hours(31.4)
    ('6 min', '31 h')
    """
    return duration(length_h * 3600)


def covered(coverage: Coverage) -> str:
    """Hours observed and the share of the period."""
    return f"{hours(coverage.observed_h)} ({share(coverage.share)})"


def day_of(iso: str) -> str:
    """A date for people.

    >>> day_of("2026-03-01T08:30:00+01:00")
    '1 Mar 2026'
    """
    day = datetime.fromisoformat(iso)
    return f"{day.day} {day:%b %Y}"


def span_of(since: str, until: str) -> str:
    """Whole days as such, the last one to the minute if it is not over.

    >>> span_of("2026-03-01T00:00:00+01:00", "2026-03-15T00:00:00+01:00")
    '1 Mar 2026 to 14 Mar 2026'
    >>> span_of("2026-03-01T00:00:00+01:00", "2026-03-02T00:00:00+01:00")
    '1 Mar 2026'
    >>> span_of("2026-03-01T00:00:00+01:00", "2026-03-02T09:30:00+01:00")
    '1 Mar 2026 to 2 Mar 2026, 09:30'
    """
    end = datetime.fromisoformat(until)
    if end.time() != time():
        return f"{day_of(since)} to {moment(until)}"
    first, last = day_of(since), day_of((end - timedelta(days=1)).isoformat())
    return first if first == last else f"{first} to {last}"


def moment(iso: str) -> str:
    """A date and a time of day for people.

    >>> moment("2026-03-01T08:30:00+01:00")
    '1 Mar 2026, 08:30'
    """
    return f"{day_of(iso)}, {datetime.fromisoformat(iso):%H:%M}"


def listed(notes: list[Noted], most: int = 6) -> str:
    """Notes with how often and when last, most frequent first; the rest is counted."""
    by_text = Counter(_short(note.text) for note in notes)
    last = {_short(note.text): note.time for note in notes}
    said = [
        f"{text} ({count} times, last {day_of(last[text])})"
        if count > 1
        else f"{text} ({day_of(last[text])})"
        for text, count in by_text.most_common(most)
    ]
    more = len(by_text) - len(said)
    return "; ".join(said) + (f"; and {more} more" if more else "")


def _short(text: str) -> str:
    """A note in one line: its beginning, if it is long."""
    words = " ".join(text.split()) or "(no words)"
    return words if len(words) <= LONGEST_NOTE else words[: LONGEST_NOTE - 1].rstrip() + "…"


def links(triggers: list[Trigger]) -> str:
    """What the hours after things noted looked like; those with too few occasions together at the end."""
    told = [f"{trigger.kind} {link(trigger)}" for trigger in triggers if trigger.times is not None]
    few = too_few(triggers)
    return "; ".join([*told, few] if few else told)


def link(trigger: Trigger) -> str:
    """How often after it against the same hours without, and how often chance goes as far."""
    return (
        f"{figure(trigger.times or 0.0)} times as often"
        f" ({figure(trigger.low or 0.0)}-{figure(trigger.high or 0.0)}; {trigger.occasions} occasions;"
        f" chance alone goes as far in {share(trigger.by_chance or 0.0)})"
    )


def too_few(triggers: Iterable[Trigger]) -> str:
    """What was noted too seldom, or too often to have days without; nothing if all can be told."""
    few = [
        f"{trigger.kind} ({counted(trigger.occasions, 'occasion')},"
        f" {counted(trigger.days_without, 'day')} without)"
        for trigger in triggers
        if trigger.times is None
    ]
    return f"too few to say: {joined(few)}" if few else ""


def counted(count: int, thing: str) -> str:
    """A number of things.

    >>> counted(1, "day"), counted(2, "day")
    ('1 day', '2 days')
    """
    return f"{count} {thing}{'s' * (count != 1)}"


def joined(parts: Iterable[str]) -> str:
    """A list in words.

    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last
