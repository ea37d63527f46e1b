"""What an alert is about and how far it has gone."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from detector.persistence import Level


class Kind(StrEnum):
    """What is watched over. All but the first are about the set-up and never about the wearer."""

    PERSISTENCE = "persistence"
    NO_DATA = "no-data"
    UNJUDGED = "unjudged"
    CONTACT = "contact"
    NOISE = "noise"
    BATTERY = "battery"
    CLOCK = "clock"
    DISK = "disk"
    ARCHIVE = "archive"
    JOURNAL = "journal"
    FORWARDER = "forwarder"


class Alarm(IntEnum):
    """How much is wrong with the set-up."""

    FINE = 0
    HEED = 1  # for the next summary
    ACT = 2  # nothing is measured, or soon will not be: somebody has to do something


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is watched over; its text is the `rule` of an alert row.

    >>> str(Rule(Kind.NO_DATA, "biceps-left emg")), Rule.parse("battery 00a1").kind
    ('no-data biceps-left emg', <Kind.BATTERY: 'battery'>)
    """

    kind: Kind
    subject: str = ""

    def __str__(self) -> str:
        """As it is stored and typed."""
        return f"{self.kind} {self.subject}".strip()

    @staticmethod
    def parse(text: str) -> "Rule":
        """Return the rule of that text. Raises ValueError where it is none."""
        kind, _, subject = text.partition(" ")
        return Rule(Kind(kind), subject)

    def level(self, name: str) -> Level | Alarm:
        """Return the level of that name. Raises KeyError where it is none."""
        return Level[name.upper()] if self.kind is Kind.PERSISTENCE else Alarm[name.upper()]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one look at one rule came to; `why` holds the figures that decided, in sentences."""

    rule: Rule
    level: Level | Alarm
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A verdict that holds since `since_ns`, UTC."""

    verdict: Verdict
    since_ns: int
