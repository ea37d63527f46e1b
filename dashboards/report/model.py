"""What the report says: values and sentences, as they go into the JSON. Times are local ISO 8601."""

from dataclasses import dataclass

from dashboards.report.figures import SiteFigures


@dataclass(frozen=True, slots=True)
class Trigger:
    """Something noted and the twitches in the hours after it, all sites together; see `Association`."""

    kind: str
    notes: int
    occasions: int
    days_without: int
    after_h: float
    without_h: float
    times: float | None
    low: float | None
    high: float | None
    by_chance: float | None


@dataclass(frozen=True, slots=True)
class Felt:
    """Twitches felt and twitches measured.

    Attributes:
        notes: Times that the wearer noted a twitch.
        judged: Those of them at which some site could be judged.
        seen: Those of these with a twitch at some site in the minute before.
        twitches: Twitches measured.
        twitches_felt: Those of them within the minute before a note.
    """

    notes: int
    judged: int
    seen: int
    twitches: int
    twitches_felt: int


@dataclass(frozen=True, slots=True)
class Noted:
    """One note: when, of which kind, in which words."""

    time: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Sensor:
    """A device, as it was last heard of."""

    device: str
    name: str
    firmware: str
    lost: int
    received: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a doctor asks, and what can be said to it."""

    question: str
    sentences: list[str]


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report.

    Attributes:
        wearer: Whose.
        created: When it was made.
        since: Start of the period.
        until: Its end.
        zone: Time zone of every time in it.
        made: The data were made for a demonstration, not measured.
        sites: Head to foot.
        triggers: By kind of note.
        felt: None where nothing felt was noted.
        symptoms: Noted symptoms.
        medicines: Noted medicines.
        sensors: Devices of the wearer.
        detectors: Versions that found the events.
        answers: The questions of a doctor, in order.
    """

    wearer: str
    created: str
    since: str
    until: str
    zone: str
    made: bool
    sites: list[SiteFigures]
    triggers: list[Trigger]
    felt: Felt | None
    symptoms: list[Noted]
    medicines: list[Noted]
    sensors: list[Sensor]
    detectors: list[str]
    answers: list[Answer]
