"""How many false events an hour a set-up makes, from a recording in which nothing can have twitched."""

from collections.abc import Iterable
from dataclasses import dataclass

from scipy.stats import chi2

from detector.event import Event, Kind, Span, State

LEVEL = 0.95  # of the interval


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Events where there should be none.

    Attributes:
        count: So many.
        observed_h: In so many hours of all channels together that could be judged.
        per_hour: Their rate; NaN where nothing could be judged.
        low, high: Its interval, exact for a Poisson count (F. Garwood, Biometrika 28, 1936).
    """

    count: int
    observed_h: float
    per_hour: float
    low: float
    high: float


def false_alarms(events: Iterable[Event], spans: Iterable[Span], rate_hz: float) -> FalseAlarms:
    """Count what was found in a quiet recording: a relaxed muscle, or electrodes on a place without any.

    >>> check = false_alarms([], [Span(0, 0, 3_600_000, State.REST, 5.0)], 1000.0)
    >>> f"{check.per_hour:.0f} an hour, at most {check.high:.1f}"
    '0 an hour, at most 3.7'
    """
    count = sum(event.kind in (Kind.TWITCH, Kind.BURST) for event in events)
    judged = sum(span.end - span.start for span in spans if span.state in (State.REST, State.MOVEMENT))
    hours = judged / rate_hz / 3600
    if hours == 0:
        return FalseAlarms(count, 0.0, float("nan"), 0.0, float("inf"))
    tail = (1 - LEVEL) / 2
    low = float(chi2.ppf(tail, 2 * count)) / 2 if count else 0.0
    high = float(chi2.ppf(1 - tail, 2 * count + 2)) / 2
    return FalseAlarms(count, hours, count / hours, low / hours, high / hours)
