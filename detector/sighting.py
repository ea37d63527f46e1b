"""An event as one sensor saw it, on the time that all sensors share."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from detector.contract import StateValue
from detector.event import Event, Kind, State


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One kind of sensor at one site: `emg` or `accelerometer`."""

    site: str
    modality: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """One event of one source.

    Attributes:
        source: Who saw it.
        onset_ns: When it began, UTC.
        uncertainty_ns: How far off that may be.
        event: What it was.
        tag: The caller's own name for it, brought back unchanged.
    """

    source: Source
    onset_ns: int
    uncertainty_ns: int
    event: Event
    tag: str = ""

    @property
    def order(self) -> tuple[int, Source, str]:
        """A place among others that does not depend on which came first."""
        return self.onset_ns, self.source, self.tag

    @property
    def end_ns(self) -> int:
        return self.onset_ns + round(self.event.duration_ms * 1e6)

    def state(self) -> dict[str, StateValue]:
        return asdict(self)

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> Self:
        event = dict(state["event"])
        event["kind"], event["state"] = Kind(event["kind"]), State(event["state"])
        return cls(
            Source(**state["source"]),
            state["onset_ns"],
            state["uncertainty_ns"],
            Event(**event),
            state["tag"],
        )


@dataclass(frozen=True, slots=True)
class Fused:
    """What one or more sightings turned out to be.

    Attributes:
        sighting: The one that stands for all, its event's kind, confidence and reason now of all of them.
        absorbed: The others, which are not events of their own.
        is_news: False if the event was told before and only what it absorbed is new.
    """

    sighting: Sighting
    absorbed: tuple[Sighting, ...] = ()
    is_news: bool = True
