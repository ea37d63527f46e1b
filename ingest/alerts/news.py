"""What the wearer is to be told: the difference between how things stand and what was told."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import IntEnum

from detector.persistence import Level
from ingest.alerts.alarm import Alarm, Kind, Standing
from ingest.alerts.ledger import Ledger

REMIND_NS = 24 * 3600 * 10**9  # a set-up that does not measure is told once a day until somebody acts


class Urgency(IntEnum):
    """How soon something is told."""

    SILENT = 0  # it is on the page and in the list
    DIGEST = 1  # in the next summary
    NOW = 2  # as soon as no quiet hour forbids it


@dataclass(frozen=True, slots=True)
class News:
    """Something that is to be told; `is_over` where a rule has come down to where all is well."""

    standing: Standing
    urgency: Urgency

    @property
    def is_over(self) -> bool:
        return not self.standing.verdict.level


@dataclass(frozen=True, slots=True)
class Hours:
    """When the wearer is told.

    Attributes:
        quiet_from: Begin of the hours in which no message goes out, local time.
        quiet_until: Their end; the same as the begin for none.
        digest_at: When the summary goes out.
        zone: Whose time; this machine's if None.
    """

    quiet_from: time = time(22)
    quiet_until: time = time(7)
    digest_at: time = time(9)
    zone: tzinfo | None = None

    def is_quiet(self, now_ns: int) -> bool:
        """Whether nothing is to go out now."""
        now = self._local(now_ns).time()
        if self.quiet_from <= self.quiet_until:
            return self.quiet_from <= now < self.quiet_until
        return now >= self.quiet_from or now < self.quiet_until

    def last_digest_ns(self, now_ns: int) -> int:
        """When the latest summary was due."""
        now = self._local(now_ns)
        day = now.date() if now.time() >= self.digest_at else now.date() - timedelta(days=1)
        return int(datetime.combine(day, self.digest_at, self.zone).timestamp()) * 10**9

    def _local(self, time_ns: int) -> datetime:
        return datetime.fromtimestamp(time_ns / 1e9, self.zone)


def news(ledger: Ledger, now_ns: int) -> list[News]:
    """What has changed since the wearer was last told, most pressing first; what is silenced is left out."""
    found = [
        News(standing, urgency)
        for rule, standing in ledger.standing.items()
        if (urgency := _urgency(ledger, rule, now_ns))
    ]
    return sorted(found, key=lambda one: (-one.urgency, -one.standing.verdict.level, one.standing.since_ns))


def forgotten(ledger: Ledger) -> list[Standing]:
    """What is over without being worth a word: were it to come again, it would be new."""
    return [
        standing
        for rule, standing in ledger.standing.items()
        if ledger.told_level(rule) > standing.verdict.level
        and _of_fall(standing, ledger.told_level(rule)) is Urgency.SILENT
    ]


def _urgency(ledger: Ledger, rule: str, now_ns: int) -> Urgency:
    standing = ledger.standing[rule]
    level, before = int(standing.verdict.level), ledger.told_level(rule)
    if ledger.is_silenced(rule, level, now_ns):
        return Urgency.SILENT
    if level > before:
        return _of_level(standing, level)
    if level < before:
        return _of_fall(standing, before)
    is_old = level and now_ns - ledger.told[rule].time_ns >= REMIND_NS
    return Urgency.NOW if is_old and standing.verdict.level is Alarm.ACT else Urgency.SILENT


def _of_level(standing: Standing, level: int) -> Urgency:
    if not level:
        return Urgency.SILENT
    twitching = standing.verdict.rule.kind is Kind.PERSISTENCE
    return Urgency.DIGEST if level < (Level.NOTICE if twitching else Alarm.ACT) else Urgency.NOW


def _of_fall(standing: Standing, before: int) -> Urgency:
    """Twitching that has become less is for the summary; a set-up that measures again is told at once."""
    if standing.verdict.rule.kind is Kind.PERSISTENCE or standing.verdict.level:
        return Urgency.DIGEST
    return _of_level(standing, before) if before >= Alarm.ACT else Urgency.SILENT
