"""What the journal holds of the alerts: how each rule stands, what was told, what is not to be told."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ingest.alerts.alarm import Rule, Standing, Verdict
from ingest.reader import JournalReader

EVERY_RULE = ""  # in place of a rule: a silence that holds for all of them
WATCHED_NS = 300 * 10**9  # 5 min: five looks that did not come; then nobody looks
Statement = tuple[str, Sequence[object]]

_RECORD = """
    INSERT OR REPLACE INTO alert (wearer, rule, time_ns, level_from, level_to, why) VALUES (?, ?, ?, ?, ?, ?)
"""


@dataclass(frozen=True, slots=True)
class Told:
    """The level up to which the wearer was told of a rule, and when."""

    level: int
    time_ns: int


@dataclass(frozen=True, slots=True)
class Silence:
    """What the wearer does not want to be told.

    Attributes:
        until_ns: End of a snooze; None for an acknowledgement, which ends when the rule is well again.
        level: The level that was acknowledged: a worse one is told.
    """

    until_ns: int | None
    level: int = 0

    def holds(self, level: int, now_ns: int) -> bool:
        """Whether a rule at this level is not to be told now."""
        return 0 < level <= self.level if self.until_ns is None else now_ns < self.until_ns


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything on record about one wearer's alerts, by the text of the rule."""

    standing: dict[str, Standing]
    told: dict[str, Told]
    silences: dict[str, Silence]

    @property
    def levels(self) -> dict[str, int]:
        """The level that each rule stands at."""
        return {rule: int(standing.verdict.level) for rule, standing in self.standing.items()}

    def told_level(self, rule: str) -> int:
        """The level up to which the wearer was told of a rule."""
        return self.told[rule].level if rule in self.told else 0

    def is_silenced(self, rule: str, level: int, now_ns: int) -> bool:
        """Whether the wearer does not want to be told of this rule at this level now."""
        found = (self.silences.get(rule), self.silences.get(EVERY_RULE))
        return any(silence.holds(level, now_ns) for silence in found if silence)


def watched_key(wearer: str) -> str:
    """Where `meta` has when somebody last looked at all of the rules."""
    return f"watched {wearer}"


def watched_ns(reader: JournalReader, wearer: str) -> int:
    """When somebody last looked at all of the rules, UTC; 0 if never."""
    return int(reader.meta(watched_key(wearer)) or 0)


def is_watched(reader: JournalReader, wearer: str, now_ns: int) -> bool:
    """Whether somebody looks at the rules: only then does it mean anything that none of them stands."""
    return abs(now_ns - watched_ns(reader, wearer)) < WATCHED_NS


def read_ledger(reader: JournalReader, wearer: str) -> Ledger:
    """Everything on record. Raises JournalError where the journal cannot be read."""
    standing = {}
    for text, level, _, since_ns, why in reader.ask(
        "SELECT rule, level_to, max(id), time_ns, why FROM alert WHERE wearer = ? GROUP BY rule", (wearer,)
    ):  # SQLite takes the other columns from the row with the maximum
        with suppress(KeyError, ValueError):  # a rule that this version does not know any more
            rule = Rule.parse(text)
            standing[text] = Standing(Verdict(rule, rule.level(level), why), since_ns)
    told = reader.ask("SELECT rule, level, time_ns FROM told WHERE wearer = ?", (wearer,))
    silences = reader.ask("SELECT rule, until_ns, level FROM silence WHERE wearer = ?", (wearer,))
    return Ledger(
        standing,
        {rule: Told(level, time_ns) for rule, level, time_ns in told},
        {rule: Silence(until_ns, level) for rule, until_ns, level in silences},
    )


def pressing_first(ledger: Ledger) -> tuple[Standing, ...]:
    """What stands above its lowest level."""
    found = (one for one in ledger.standing.values() if one.verdict.level)
    return tuple(sorted(found, key=lambda one: (-one.verdict.level, one.since_ns)))


def changes(ledger: Ledger, verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Those of the verdicts that say something new; what never stood anywhere stood at its lowest."""
    levels = ledger.levels
    return [one for one in verdicts if one.level != levels.get(str(one.rule), 0)]


def recording(ledger: Ledger, wearer: str, changed: Iterable[Verdict], now_ns: int) -> list[Statement]:
    """Put changes on record; a rule that is well again ends its acknowledgement."""
    statements: list[Statement] = []
    for verdict in changed:
        rule, level = str(verdict.rule), verdict.level
        before = ledger.standing[rule].verdict.level if rule in ledger.standing else type(level)(0)
        statements.append(
            (
                _RECORD,
                (wearer, rule, now_ns, before.name.lower(), level.name.lower(), verdict.why),
            )
        )
        if not level:
            statements.append(
                ("DELETE FROM silence WHERE wearer = ? AND rule = ? AND until_ns IS NULL", (wearer, rule))
            )
    return statements


def telling(wearer: str, standings: Iterable[Standing], now_ns: int) -> list[Statement]:
    """Remember that the wearer was told how these rules stand."""
    return [
        (
            "INSERT OR REPLACE INTO told VALUES (?, ?, ?, ?)",
            (wearer, str(one.verdict.rule), int(one.verdict.level), now_ns),
        )
        for one in standings
    ]


def snoozing(wearer: str, rule: str, until_ns: int) -> list[Statement]:
    """Do not tell of a rule until then; if it still stands, it is told anew."""
    return [
        ("INSERT OR REPLACE INTO silence VALUES (?, ?, ?, 0)", (wearer, rule, until_ns)),
        ("UPDATE told SET level = 0 WHERE wearer = ? AND ? IN (rule, '')", (wearer, rule)),
    ]


def acknowledging(wearer: str, standing: Standing) -> list[Statement]:
    """Do not tell of a rule again until it was well or is worse."""
    rule, level = str(standing.verdict.rule), int(standing.verdict.level)
    return [("INSERT OR REPLACE INTO silence VALUES (?, ?, NULL, ?)", (wearer, rule, level))]


def ending_silence(wearer: str, rule: str) -> list[Statement]:
    """Tell of a rule again."""
    return [("DELETE FROM silence WHERE wearer = ? AND rule = ?", (wearer, rule))]
