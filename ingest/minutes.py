"""Spans of state to minute rows."""

from collections import defaultdict
from dataclasses import dataclass, field

from detector.event import State
from ingest.schema import MinutePart

MINUTE_NS = 60_000_000_000


@dataclass(slots=True)
class _Tally:
    seconds: dict[State, float] = field(default_factory=lambda: defaultdict(float))
    noise_floor: float | None = None


class MinuteBook:
    """Adds up what one site was doing, minute by minute, until it is taken.

    What is missing is not added up: it is what of a minute nobody accounts for (see `MinutePart`).
    """

    def __init__(self, *, wearer: str, site: str, modality: str) -> None:
        self._wearer, self._site, self._modality = wearer, site, modality
        self._tallies: dict[int, _Tally] = defaultdict(_Tally)
        self._until_ns = 0

    def add(self, start_ns: int, end_ns: int, state: State, noise_floor: float | None) -> None:
        """The site was in `state` in [start_ns, end_ns), UTC."""
        self._until_ns = max(self._until_ns, end_ns)
        at_ns = start_ns
        while at_ns < end_ns:
            minute = at_ns // MINUTE_NS
            stop_ns = min(end_ns, (minute + 1) * MINUTE_NS)
            tally = self._tallies[minute]
            tally.seconds[state] += (stop_ns - at_ns) / 1e9
            if noise_floor is not None:
                tally.noise_floor = noise_floor
            at_ns = stop_ns

    def take(self) -> list[MinutePart]:
        """Return what has been added since the last time."""
        parts = [
            MinutePart(
                self._wearer,
                self._site,
                self._modality,
                minute,
                rest_s=tally.seconds[State.REST],
                movement_s=tally.seconds[State.MOVEMENT],
                not_worn_s=tally.seconds[State.NOT_WORN],
                bad_contact_s=tally.seconds[State.BAD_CONTACT],
                elapsed_s=min(60.0, (self._until_ns - minute * MINUTE_NS) / 1e9),
                noise_floor=tally.noise_floor,
            )
            for minute, tally in sorted(self._tallies.items())
        ]
        self._tallies.clear()
        return parts
