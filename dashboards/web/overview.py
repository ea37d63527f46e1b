"""Everything that the page says, but for the waves: values, not yet in words."""

from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby

from dashboards.web.days import LocalDay
from detector.event import State
from ingest.schema import DeviceRow, EventRow, NoteRow
from ingest.sites import MUSCLES
from ingest.summary import Observation

_MUSCLE_ORDER = {muscle.key: place for place, muscle in enumerate(MUSCLES)}
MIN_OBSERVED_S = 600.0  # less: one twitch more or less moves the rate by over 6 an hour, so none is shown


@dataclass(frozen=True, slots=True)
class Day:
    """One site on one of the wearer's days.

    Attributes:
        day: The day.
        observation: What is on record.
        elapsed_s: How much of the day has passed.
    """

    day: LocalDay
    observation: Observation
    elapsed_s: float

    @property
    def coverage(self) -> float:
        """The share of the day so far in which the site could be judged, 0 to 1."""
        return min(1.0, self.observation.observed_s / self.elapsed_s) if self.elapsed_s else 0.0

    @property
    def per_hour(self) -> float | None:
        """Twitches an observed hour; None where too little was observed to say."""
        observed_s = self.observation.observed_s
        return self.observation.count / observed_s * 3600 if observed_s >= MIN_OBSERVED_S else None


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive slots in which a site was mostly in one state: minutes [start, end)."""

    state: State
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """One site under one kind of sensor.

    Attributes:
        site: Its key.
        modality: emg or accelerometer.
        state: What it is doing now.
        last_ns: When anything was last received, UTC, to the minute; None: never.
        days: The last days, today last.
        runs: The last 24 hours, without a hole.
        busy: Slots of them with twitches: (first minute, count).
    """

    site: str
    modality: str
    state: State
    last_ns: int | None
    days: tuple[Day, ...]
    runs: tuple[Run, ...]
    busy: tuple[tuple[int, int], ...]

    @property
    def today(self) -> Day:
        return self.days[-1]

    @property
    def spent_s(self) -> dict[State, float]:
        """How the last 24 hours were spent; states in which no time was are left out."""
        return {
            state: sum(60.0 * (run.end - run.start) for run in self.runs if run.state is state)
            for state in State
            if any(run.state is state for run in self.runs)
        }

    @property
    def has_rates(self) -> bool:
        """Whether enough was observed on any of the days to say how often."""
        return any(day.per_hour is not None for day in self.days)

    @property
    def scale_per_hour(self) -> float:
        """The rate that fills the height of a day's bar: the highest of these days, 1 an hour at least."""
        return max(1.0, *(day.per_hour or 0.0 for day in self.days))


@dataclass(frozen=True, slots=True)
class Found:
    """A twitch, and what the site's other sensor saw of it."""

    row: EventRow
    views: tuple[EventRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    """What the page shows of one wearer at one moment.

    Attributes:
        now_ns: That moment, UTC.
        zone: Where the wearer lives.
        timeline: The stretch that the places' runs fill: minutes [start, end), UTC.
        places: By body region, from head to foot.
        devices: The newest row of each.
        twitches: The newest, newest first.
        notes: Likewise.
    """

    now_ns: int
    zone: tzinfo
    timeline: tuple[int, int]
    places: tuple[Place, ...]
    devices: tuple[DeviceRow, ...]
    twitches: tuple[Found, ...]
    notes: tuple[NoteRow, ...]

    @property
    def sites(self) -> list[tuple[str, list[Place]]]:
        """The places, by site."""
        return [(site, list(places)) for site, places in groupby(self.places, key=lambda place: place.site)]


def head_to_foot(site: str, modality: str) -> tuple[int, str, bool]:
    """Sort key: the order of a body, and at each site the electrodes before the movement sensor."""
    muscle, _, _ = site.rpartition("-")
    return _MUSCLE_ORDER.get(muscle, len(_MUSCLE_ORDER)), site, modality == "accelerometer"
