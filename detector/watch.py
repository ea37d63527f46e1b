"""Watching one series over days, against its own usual."""

from collections import deque
from dataclasses import dataclass

from detector.baseline import Baseline, Day
from detector.grid import Series
from detector.hour import Hour
from detector.rate import lower_bound
from detector.rule import Rule
from detector.standing import Standing, Window


@dataclass(frozen=True, slots=True)
class Finding:
    """How one series stands and the figures that decided it.

    Attributes:
        series: Site, region and modality.
        standing: The verdict.
        elevated_hours: Elevated among the latest valid hours.
        valid_hours: How many of these there were; 0 while the baseline is being learned.
        elevated_days: Elevated among the latest valid days.
        valid_days: How many of these there were.
        baseline_per_h: Its usual rate; None while that is being learned.
        per_hour: Its rate over the latest valid hours; None before the first.
        last_elevated_hour: The latest elevated hour, hours since the epoch; None if there was none.
    """

    series: Series
    standing: Standing
    elevated_hours: int
    valid_hours: int
    elevated_days: int
    valid_days: int
    baseline_per_h: float | None
    per_hour: float | None
    last_elevated_hour: int | None


class Watch:
    """Watches one series, valid hour by valid hour. What was not measured changes nothing."""

    def __init__(self, series: Series, rule: Rule) -> None:
        self.series = series
        self._rule = rule
        self._baseline = Baseline(rule.learn_days, rule.memory_days)
        self._window = Window(rule)
        self._today: list[Hour] = []
        self._latest: deque[Hour] = deque(maxlen=rule.window_hours)
        self._last_elevated_hour: int | None = None

    @property
    def standing(self) -> Standing:
        return self._window.standing

    def update(self, hour: Hour) -> None:
        """Take the next hour. Hours come in order; those that cannot be judged are passed over."""
        if hour.in_step or hour.rest_h * 60 < self._rule.valid_rest_min:
            return
        if self._today and self._rule.day(self._today[-1].hour) != self._rule.day(hour.hour):
            self._close_day()
        self._today.append(hour)
        self._latest.append(hour)
        if not self._baseline.learned:
            return
        elevated = self._is_elevated(hour)
        self._window.add(elevated=elevated)
        if elevated:
            self._last_elevated_hour = hour.hour

    def is_persistent_since(self, hour: int) -> bool:
        """Whether it is persistent and has been elevated in or after this hour."""
        last = self._last_elevated_hour
        return self.standing is Standing.PERSISTENT and last is not None and last >= hour

    def finding(self) -> Finding:
        """How the series stands now."""
        rest_h = sum(hour.rest_h for hour in self._latest)
        days = self._window.days
        return Finding(
            series=self.series,
            standing=self.standing,
            elevated_hours=self._window.elevated_hours,
            valid_hours=self._window.valid_hours,
            elevated_days=sum(days),
            valid_days=len(days),
            baseline_per_h=self._baseline.per_hour if self._baseline.learned else None,
            per_hour=sum(hour.count_rest for hour in self._latest) / rest_h if rest_h else None,
            last_elevated_hour=self._last_elevated_hour,
        )

    def _is_elevated(self, hour: Hour) -> bool:
        """Whether the rate is surely above both bounds.

        How twitches cluster is taken from the baseline and not from the hour itself, so that one twitch more
        never makes it less elevated.
        """
        bound = max(self._rule.times_baseline * self._baseline.per_hour, self._rule.floor_per_h)
        low_per_h = lower_bound(hour.count_rest, hour.rest_h, self._baseline.dispersion, self._rule.sure)
        return low_per_h > bound

    def _close_day(self) -> None:
        """Begin a new day. An ordinary one becomes part of the usual, unless the site is under suspicion."""
        ordinary = self.standing is Standing.USUAL and not self._window.today_is_elevated
        if ordinary and len(self._today) >= self._rule.valid_day_hours:
            self._baseline.update(
                Day(
                    count=sum(hour.count_rest for hour in self._today),
                    rest_h=sum(hour.rest_h for hour in self._today),
                    dispersion=sum(hour.dispersion for hour in self._today) / len(self._today),
                )
            )
        self._window.close_day()
        self._today = []
