"""A site's own usual: how often it twitches on ordinary days, and how clustered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Day:
    """One day of one site, its valid hours together.

    Attributes:
        count: Twitches at rest.
        rest_h: Hours judged at rest.
        dispersion: Variance over mean of the counts within the hours, the mean of the hours.
    """

    count: int
    rest_h: float
    dispersion: float


class Baseline:
    """The mean of the days shown to it; once it knows `memory_days`, each new day moves it by that fraction.

    Which days are ordinary is for the caller to say: what is watched for must not become the usual.
    """

    def __init__(self, learn_days: int, memory_days: int) -> None:
        self._learn_days = learn_days
        self._memory_days = memory_days
        self.days = 0
        self.per_hour = 0.0  # twitches an hour of rest
        self.dispersion = 1.0  # variance over mean within an hour

    @property
    def learned(self) -> bool:
        return self.days >= self._learn_days

    def update(self, day: Day) -> None:
        """Take one more ordinary day."""
        self.days += 1
        weight = 1 / min(self.days, self._memory_days)
        self.per_hour += weight * (day.count / day.rest_h - self.per_hour)
        self.dispersion += weight * (day.dispersion - self.dispersion)
