"""What a detector finds: events, and for every stretch of time the state of the site."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What an event is. Only `TWITCH` counts as a twitch."""

    TWITCH = "twitch"
    BURST = "burst"  # grouped, rhythmic discharges (myokymia)
    MYOCLONUS = "myoclonus"
    TREMOR = "tremor"
    LIMB_MOVEMENT = "limb-movement"
    CONTRACTION = "contraction"
    ARTEFACT = "artefact"


class State(StrEnum):
    """What could be judged at a site. Twitches are looked for at rest and while moving, nowhere else."""

    REST = "rest"
    MOVEMENT = "movement"
    NOT_WORN = "not-worn"
    BAD_CONTACT = "bad-contact"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at one channel.

    Attributes:
        channel: Row of the block's samples; 0 for an accelerometer, whose axes are judged together.
        onset: Sampling instant at which it began, on the scale of `Block.start`.
        duration_ms: From onset to end, ms.
        amplitude: Peak to peak, uV for EMG, mg for an accelerometer.
        snr: Peak over the rms of the noise floor at the time.
        kind: What it is.
        confidence: Probability, 0 to 1, that the kind is right.
        state: The site's state at the time.
        reason: Why it is of this kind, in a few plain words.
        unit: Which of the site's recurring shapes (motor units) it is; None where that is not told.
    """

    channel: int
    onset: int
    duration_ms: float
    amplitude: float
    snr: float
    kind: Kind
    confidence: float
    state: State
    reason: str
    unit: int | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The state of one channel over a stretch of time: [start, end) in sampling instants."""

    channel: int
    start: int
    end: int
    state: State
    noise_floor: float  # rms of the noise in the detection band, uV or mg; NaN where it is not known


@dataclass(frozen=True, slots=True)
class Glimpse:
    """Something like a twitch, told the moment it is over and before it is known what it was.

    Most are soon confirmed by an event of nearly the same onset; of the others nothing more is heard. For
    whoever watches live; it counts nowhere.

    Attributes:
        channel: Row of the block's samples.
        onset: Sampling instant at which it seems to have begun; its event may know better.
        duration_ms: As far as it was seen, ms.
        snr: Peak over the rms of the noise floor at the time.
    """

    channel: int
    onset: int
    duration_ms: float
    snr: float


@dataclass(frozen=True, slots=True)
class Findings:
    """What one update brought to light.

    Spans of a channel follow each other without hole or overlap, in order; a gap is a span of `MISSING`.
    Events are final when they are returned; glimpses are provisional.
    """

    events: list[Event] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    glimpses: list[Glimpse] = field(default_factory=list)

    def extend(self, later: "Findings") -> None:
        """Add what was found next."""
        self.events.extend(later.events)
        self.spans.extend(later.spans)
        self.glimpses.extend(later.glimpses)
