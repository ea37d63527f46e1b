"""When twitching is persistent, and in how many body regions: a detector on the scale of days."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from detector.hour import Hour
from detector.rule import Rule
from detector.standing import Standing
from detector.watch import Finding, Watch

if TYPE_CHECKING:
    from detector.grid import Series


class Level(IntEnum):
    """How much a wearer should be told. Counts alone are never urgent."""

    NONE = 0
    DIGEST = 1  # for the next summary: a site has been twitching more than usual for hours
    NOTICE = 2  # a site has been for days
    DISCUSS = 3  # several body regions have: worth discussing with your doctor


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is told at one look.

    Attributes:
        hour: The hour at whose end it was made, hours since the epoch.
        level: How much the wearer should be told.
        findings: Every series seen so far.
    """

    hour: int
    level: Level
    findings: tuple[Finding, ...]


class Persistence:
    """Watches every series of one wearer and tells the level at the looks of each day."""

    def __init__(self, rule: Rule | None = None) -> None:
        self._rule = rule or Rule()
        self._watches: dict[Series, Watch] = {}

    def update(self, hour: Hour) -> None:
        """Take the next hour of any series; each series' hours come in order."""
        if hour.series not in self._watches:
            self._watches[hour.series] = Watch(hour.series, self._rule)
        self._watches[hour.series].update(hour)

    def assess(self, hour: int) -> Assessment:
        """What holds at the end of an hour."""
        return Assessment(hour, self._level(hour), tuple(watch.finding() for watch in self._watches.values()))

    def _level(self, hour: int) -> Level:
        since = hour - self._rule.together_hours + 1
        regions = {
            watch.series.region for watch in self._watches.values() if watch.is_persistent_since(since)
        }
        if len(regions) >= self._rule.regions:
            return Level.DISCUSS
        standing = max((watch.standing for watch in self._watches.values()), default=Standing.USUAL)
        return Level(standing)


def replay(hours: Iterable[Hour], until_hour: int, rule: Rule | None = None) -> Iterator[Assessment]:
    """Every look from the first hour on and before `until_hour`, as it was or would have been.

    Args:
        hours: The hours of all series of one wearer, in order of time.
        until_hour: Hours since the epoch; looks go on to it though nothing be measured.
        rule: The figures that decide.
    """
    rule = rule or Rule()
    persistence = Persistence(rule)
    now: int | None = None
    for hour in hours:
        if now is not None:
            yield from _looks(persistence, rule, now, hour.hour)
        now = hour.hour
        persistence.update(hour)
    if now is not None:
        yield from _looks(persistence, rule, now, until_hour)


def _looks(persistence: Persistence, rule: Rule, first: int, until: int) -> Iterator[Assessment]:
    """The looks at the ends of the hours from `first` on and before `until`."""
    return (persistence.assess(hour) for hour in range(first, until) if rule.looks_at(hour))
