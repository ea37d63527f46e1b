"""The stretch of time that a report is about, on the wearer's clock."""

from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from dashboards.web.days import LocalDay, local_time
from ingest.minutes import MINUTE_NS

MINUTES_AN_HOUR = 60
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days, the last one cut off at the time of the report.

    Attributes:
        days: In order, each from midnight to midnight.
        zone: Where the wearer lives.
        now_ns: When the report is made, UTC.
    """

    days: tuple[LocalDay, ...]
    zone: tzinfo
    now_ns: int

    @staticmethod
    def of(first: date, last: date, zone: tzinfo, now_ns: int) -> "Period":
        """Both days included. Raises ValueError if the last is before the first."""
        if last < first:
            raise ValueError(f"the last day, {last}, is before the first, {first}")
        count = (last - first).days + 1
        return Period(
            tuple(LocalDay.of(first + timedelta(days=ahead), zone) for ahead in range(count)), zone, now_ns
        )

    @property
    def start_minute(self) -> int:
        return self.days[0].start

    @property
    def end_minute(self) -> int:
        """The minute after the last that can have been measured."""
        return max(self.start_minute, min(self.days[-1].end, self.now_ns // MINUTE_NS + 1))

    @property
    def start_ns(self) -> int:
        return self.start_minute * MINUTE_NS

    @property
    def end_ns(self) -> int:
        return self.end_minute * MINUTE_NS

    @property
    def length_s(self) -> float:
        """Seconds of it that have passed."""
        return max(0.0, min(self.days[-1].end * MINUTE_S, self.now_ns / 1e9) - self.start_minute * MINUTE_S)

    def place(self, minute: int) -> tuple[int, int]:
        """Number of the local day and hour of the day of a minute UTC."""
        local = local_time(minute * MINUTE_NS, self.zone)
        return (local.date() - self.days[0].day).days, local.hour

    def iso(self, time_ns: int) -> str:
        """A time on the wearer's clock, to the second."""
        return local_time(time_ns, self.zone).isoformat(timespec="seconds")
