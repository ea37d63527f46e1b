"""How many false events an hour a set-up makes, from a stretch in which nothing can have twitched."""

from collections.abc import Iterable
from dataclasses import dataclass

from scipy import special

from detector.event import Event, Kind, Span, State

LEVEL = 0.95  # of the interval
FALSE_KINDS = (Kind.TWITCH, Kind.BURST)  # what would be told as twitching; other kinds are no alarm
_TAIL = (1 - LEVEL) / 2


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Events where there should be none.

    Attributes:
        count: So many.
        observed_h: In so many hours that could be judged, of all channels together.
        per_hour: Their rate; NaN where nothing could be judged.
        low, high: Its interval, exact for a Poisson count (F. Garwood, Biometrika 28, 1936).
    """

    count: int
    observed_h: float
    per_hour: float
    low: float
    high: float

    @classmethod
    def of(cls, count: int, observed_h: float) -> "FalseAlarms":
        """So many events in so many hours.

        >>> check = FalseAlarms.of(0, 1.0)
        >>> f"{check.per_hour:.0f} an hour, at most {check.high:.1f}"
        '0 an hour, at most 3.7'
        """
        if observed_h <= 0:
            return cls(count, 0.0, float("nan"), 0.0, float("inf"))
        low = float(special.gammaincinv(count, _TAIL)) if count else 0.0
        high = float(special.gammaincinv(count + 1, 1 - _TAIL))
        return cls(count, observed_h, count / observed_h, low / observed_h, high / observed_h)


def false_alarms(events: Iterable[Event], spans: Iterable[Span], rate_hz: float) -> FalseAlarms:
    """Count what was found in a quiet recording: a relaxed muscle, or electrodes on a place without any.

    >>> false_alarms([], [Span(0, 0, 3_600_000, State.REST, 5.0)], 1000.0).observed_h
    1.0
    """
    count = sum(event.kind in FALSE_KINDS for event in events)
    judged = sum(span.end - span.start for span in spans if span.state in (State.REST, State.MOVEMENT))
    return FalseAlarms.of(count, judged / rate_hz / 3600)


def hours_to_show(per_hour: float) -> float:
    """Hours without any event that it takes to show that there are fewer than `per_hour`.

    The rule of three (J. Hanley and A. Lippman-Hand, JAMA 249, 1983), 3.7 for an interval with two sides.

    >>> f"{hours_to_show(1.0):.1f}"
    '3.7'
    """
    return FalseAlarms.of(0, 1.0).high / per_hour
