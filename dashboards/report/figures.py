"""The figures of one site, as they go into the JSON. Times are local ISO 8601."""

from dataclasses import dataclass

from detector.false_alarms import FalseAlarms
from detector.rate import Rate, Ratio
from detector.trend import Trend


@dataclass(frozen=True, slots=True)
class Coverage:
    """What became of the time of one site, hours; together the length of the period."""

    rest_h: float
    movement_h: float
    not_worn_h: float
    bad_contact_h: float
    missing_h: float

    @property
    def observed_h(self) -> float:
        """Hours in which twitches could be seen."""
        return self.rest_h + self.movement_h

    @property
    def period_h(self) -> float:
        return self.observed_h + self.not_worn_h + self.bad_contact_h + self.missing_h

    @property
    def share(self) -> float:
        """The share of the period in which twitches could be seen."""
        return self.observed_h / self.period_h if self.period_h else 0.0


@dataclass(frozen=True, slots=True)
class DayFigure:
    """One site on one local day.

    Attributes:
        day: ISO date.
        rest_h: Hours judged at rest.
        covered: Share of the day in which twitches could be seen.
        rate: Twitches an hour of rest; None where too little was observed.
    """

    day: str
    rest_h: float
    covered: float
    rate: Rate | None


@dataclass(frozen=True, slots=True)
class Quartiles:
    """The middle half of something, and its median."""

    lower: float
    median: float
    upper: float


@dataclass(frozen=True, slots=True)
class SpellFigures:
    """How long twitching went on: spells, and how long they were, s."""

    count: int
    duration_s: Quartiles
    longest_s: float


@dataclass(frozen=True, slots=True)
class MotorUnit:
    """One recurring shape among the twitches of a site: its number, how many twitches, and their share."""

    number: int
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class QuietFigures:
    """What this site's set-up makes of nothing: the quiet checks of its newest detector together.

    Attributes:
        found: Twitches and bursts found, an hour that was judged; an upper limit of the false ones.
        detector: Version that was checked.
        checked: When it last was.
    """

    found: FalseAlarms
    detector: str
    checked: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The signal around one twitch, as it was measured.

    Attributes:
        onset: When it began.
        unit: Of the samples: uV, mg or adc.
        rate_hz: Samples a second.
        onset_sample: Index of the onset in the samples.
        samples: The channel on which it was found; of an accelerometer the axis that moved most.
    """

    onset: str
    unit: str
    rate_hz: float
    onset_sample: int
    samples: list[float]


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """Everything about one site under one kind of sensor.

    Attributes:
        site: Its key.
        place: What a person calls it.
        term: What an anatomist calls the muscle.
        region: Body region; empty for a site outside the vocabulary.
        modality: emg or accelerometer.
        coverage: What became of the time.
        count: Twitches.
        count_rest: Those of them at rest.
        count_alone: Those that are not only this sensor's view of one that another sensor has on record:
            added up over all sensors, each twitch is counted once.
        at_rest: Rate at rest.
        moving: Rate while moving.
        moving_to_rest: The one over the other.
        first: Onset of the first twitch of the period; None where there was none.
        first_ever: Onset of the first in the journal.
        duration_ms: Of the twitches.
        amplitude: Of the twitches, peak to peak.
        unit: Of the amplitude.
        uncertain: How many of these, by the detector's own confidence, are something else.
        spells: None where there was none.
        units: Recurring shapes, most frequent first.
        days: Every day of the period.
        by_hour: Rate at rest by local hour of the day.
        trend: None where there are too few days or twitches.
        strips: A small, a middling and a large twitch.
        quiet: What is found where there is nothing; None where that was never measured.
    """

    site: str
    place: str
    term: str
    region: str
    modality: str
    coverage: Coverage
    count: int
    count_rest: int
    count_alone: int
    at_rest: Rate | None
    moving: Rate | None
    moving_to_rest: Ratio | None
    first: str | None
    first_ever: str | None
    duration_ms: Quartiles | None
    amplitude: Quartiles | None
    unit: str
    uncertain: float
    spells: SpellFigures | None
    units: list[MotorUnit]
    days: list[DayFigure]
    by_hour: list[Rate | None]
    trend: Trend | None
    strips: list[Strip]
    quiet: QuietFigures | None
