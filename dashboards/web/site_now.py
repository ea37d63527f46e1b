"""What a site is doing now, seen from the growth of its newest minute."""

from detector.event import State
from ingest.minutes import MINUTE_NS
from ingest.schema import MinuteRow
from ingest.summary import Observation

STALE_NS = 15_000_000_000  # 15 s without growth: longer than the service takes to write down what it received


class SiteNow:
    """One site, looked at again and again.

    A minute row only says what its seconds were, not in which order; the seconds that it gained since the
    last look say what is now.
    """

    def __init__(self) -> None:
        self._newest: MinuteRow | None = None
        self._state = State.MISSING
        self._grown_ns: int | None = None

    def update(self, newest: MinuteRow | None, now_ns: int) -> tuple[State, int | None]:
        """Look at the newest minute in which anything was received.

        Returns:
            The state now, and when anything was last received, UTC; None if never.
        """
        if newest is None:
            return State.MISSING, None
        gained = _gained(self._newest, newest)
        if max(gained.values()) > 0:
            self._state = max(gained, key=lambda state: gained[state])
            self._grown_ns = min(now_ns, (newest.minute + 1) * MINUTE_NS)
        self._newest = newest
        stale = self._grown_ns is None or now_ns - self._grown_ns > STALE_NS
        return State.MISSING if stale else self._state, self._grown_ns


def main_state(seconds: MinuteRow | Observation) -> State:
    """What most of the time was; where two had as much, the one that judged less."""
    by_state = {State.MISSING: seconds.missing_s} | _received(seconds)
    return max(by_state, key=lambda state: by_state[state])


def _gained(before: MinuteRow | None, after: MinuteRow) -> dict[State, float]:
    gained = _received(after)
    if before is None or before.minute != after.minute:
        return gained
    return {state: gained[state] - seconds for state, seconds in _received(before).items()}


def _received(seconds: MinuteRow | Observation) -> dict[State, float]:
    return {
        State.BAD_CONTACT: seconds.bad_contact_s,
        State.NOT_WORN: seconds.not_worn_s,
        State.MOVEMENT: seconds.movement_s,
        State.REST: seconds.rest_s,
    }
