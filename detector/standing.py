"""How a site stands: from hours that were elevated or not to twitching that persists."""

from collections import deque
from enum import IntEnum

from detector.rule import Rule


class Standing(IntEnum):
    """How a site stands against its own usual."""

    USUAL = 0
    RAISED = 1  # elevated in most of its latest valid hours
    PERSISTENT = 2  # and on most of its latest valid days


class Window:
    """The latest valid hours and days of one site, and the standing that follows from them.

    It knows nothing of time: only a valid hour changes the standing, and one elevated hour more, anywhere,
    never makes it lower.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._hours: deque[bool] = deque(maxlen=rule.window_hours)
        self._days: deque[bool] = deque(maxlen=rule.window_days)
        self._today: list[bool] = []
        self.standing = Standing.USUAL

    def add(self, *, elevated: bool) -> None:
        """Take the next valid hour."""
        self._hours.append(elevated)
        self._today.append(elevated)
        if self.elevated_hours >= self._rule.raise_hours:
            enough_days = sum(self.days) >= self._rule.raise_days
            self.standing = max(self.standing, Standing.PERSISTENT if enough_days else Standing.RAISED)
        elif self.elevated_hours <= self._rule.clear_hours:
            self.standing = Standing.USUAL

    def close_day(self) -> None:
        """The day is over: the next hour belongs to another."""
        self._days = deque(self.days, maxlen=self._rule.window_days)
        self._today = []

    @property
    def elevated_hours(self) -> int:
        return sum(self._hours)

    @property
    def valid_hours(self) -> int:
        return len(self._hours)

    @property
    def days(self) -> list[bool]:
        """Whether each of the latest valid days was elevated; today counts as soon as it is valid."""
        today = [self.today_is_elevated] if len(self._today) >= self._rule.valid_day_hours else []
        return [*self._days, *today][-self._rule.window_days :]

    @property
    def today_is_elevated(self) -> bool:
        return any(self._today) and sum(self._today) >= self._rule.elevated_day_share * len(self._today)
