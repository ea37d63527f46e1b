"""The wearer's days: from midnight to midnight where they live, in minutes UTC."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingest.minutes import MINUTE_NS


@dataclass(frozen=True, slots=True)
class LocalDay:
    """One calendar day somewhere: minutes [start, end) since 1970, UTC; 23 or 25 hours when clocks change.

    Attributes:
        day: Its date.
        start: Minute of its first midnight.
        end: And of the next.

    >>> day = LocalDay.of(date(2026, 10, 25), zone_named("Europe/Berlin"))
    >>> day.end - day.start
    1500
    """

    day: date
    start: int
    end: int

    @staticmethod
    def of(day: date, zone: tzinfo) -> "LocalDay":
        """That day in that zone."""
        return LocalDay(day, _midnight(day, zone), _midnight(day + timedelta(days=1), zone))

    def elapsed_s(self, now_ns: int) -> float:
        """Seconds of the day that have passed."""
        until = min(now_ns / MINUTE_NS, self.end)
        return max(0.0, until - self.start) * 60


def last_days(now_ns: int, zone: tzinfo, count: int) -> list[LocalDay]:
    """The last `count` days, today included, oldest first."""
    today = local_time(now_ns, zone).date()
    return [LocalDay.of(today - timedelta(days=ago), zone) for ago in reversed(range(count))]


def local_time(time_ns: int, zone: tzinfo) -> datetime:
    """That instant on the wearer's clock."""
    return datetime.fromtimestamp(time_ns / 1e9, zone)


def hour_marks(start: int, end: int, zone: tzinfo, step: int = 6) -> list[tuple[int, str]]:
    """Minutes in [start, end) at which a clock there shows a full hour divided by `step`, and what it shows.

    >>> hour_marks(0, 1440, UTC)
    [(0, '00:00'), (360, '06:00'), (720, '12:00'), (1080, '18:00')]
    """
    quarters = range(
        start + -start % 15, end, 15
    )  # every zone of today is whole quarters of an hour from UTC
    clocks = ((minute, local_time(minute * MINUTE_NS, zone)) for minute in quarters)
    return [(minute, f"{t:%H:%M}") for minute, t in clocks if t.minute == 0 and t.hour % step == 0]


def zone_named(name: str) -> tzinfo:
    """The time zone that a browser names; UTC where this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def _midnight(day: date, zone: tzinfo) -> int:
    return round(datetime.combine(day, time(), zone).timestamp()) // 60
