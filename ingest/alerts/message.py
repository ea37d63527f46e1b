"""The messages themselves: what was measured, over how much coverage, what it may mean, what to do.

They are calm, name no disease, and nothing that was counted makes them urgent.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from detector.persistence import Level
from ingest.alerts.alarm import Kind, Standing
from ingest.alerts.news import News

MOST = 6  # lines of one kind: what fits a phone


@dataclass(frozen=True, slots=True)
class Message:
    """What goes out, in plain text."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class _Words:
    """What a kind of alert is called, what it may mean, what to do, and what its end is called."""

    title: str
    meaning: str
    action: str
    over: str = ""


_TWITCHING = {
    Level.NONE: _Words(
        "Twitching is back to its usual",
        "No site is above its own usual any more.",
        "There is nothing to do.",
    ),
    Level.DIGEST: _Words(
        "A site twitched more than usual",
        "Muscles twitch more after exercise, coffee, little sleep or stress. Most twitching is harmless.",
        "There is nothing to do. A note in the diary helps to see later what it goes with.",
    ),
    Level.NOTICE: _Words(
        "A site has twitched more than usual for days",
        "Most twitching is harmless, and one place has many local reasons: exercise, posture, a cable.",
        "Look whether the electrode sits well, and keep the diary. If it goes on or worries you, show your"
        " doctor the report.",
    ),
    Level.DISCUSS: _Words(
        "Worth discussing with your doctor",
        "Several parts of the body have twitched more than usual for days. Most twitching is harmless, in"
        " several places too; this cannot say why it comes.",
        "It is not urgent. Make an appointment when it suits you, and bring the report of the last 14 days.",
    ),
}
_SYSTEM = {
    Kind.NO_DATA: _Words(
        "No data",
        "Nothing is measured there meanwhile, so nothing can be said about twitches. The battery may be"
        " empty, the sensor out of reach or unplugged.",
        "Look at the sensor, its battery and its link. If it is off on purpose, note that.",
        "Data are arriving again",
    ),
    Kind.UNJUDGED: _Words(
        "Data are not being judged",
        "The sensor sends, but no twitch would be found. The machine may be overloaded, or the service ill.",
        "Restart the service; if it comes again, its log says more.",
        "Data are being judged again",
    ),
    Kind.CONTACT: _Words(
        "An electrode is off",
        "An electrode or its cable has come off, or has dried. Nothing is measured there meanwhile.",
        "Put the electrode on again, or take a fresh one.",
        "The electrode is on again",
    ),
    Kind.NOISE: _Words(
        "An electrode may be drying",
        "Small twitches may be hidden by the noise.",
        "Press the electrode on, moisten it or take a fresh one; keep chargers and cables away.",
        "The noise has gone down",
    ),
    Kind.BATTERY: _Words(
        "A battery is running low",
        "The sensor will stop measuring when it is empty.",
        "Charge it, best before the night.",
        "The battery is charged",
    ),
    Kind.CLOCK: _Words(
        "A clock is not right",
        "Twitches may have been written down under a wrong time. None is lost.",
        "Look whether this machine sets its clock from the network. A sensor's clock is set right by itself"
        " some minutes after it is connected again.",
        "The clock is right again",
    ),
    Kind.DISK: _Words(
        "The disk is filling up",
        "When it is full, nothing more can be kept.",
        "Make room on the disk of the journal.",
        "There is room on the disk again",
    ),
    Kind.ARCHIVE: _Words(
        "Raw signal is not being archived",
        "Twitches are found and kept as always; a better detector cannot be run over this time later.",
        "Make room, or look at [archive] in the configuration.",
        "Raw signal is being archived again",
    ),
    Kind.JOURNAL: _Words(
        "The journal cannot be written",
        "What is measured now is not kept until it can. Sensors with a memory hold some of it.",
        "Look at the disk of the journal: is it full, read-only or gone?",
        "The journal is being written again",
    ),
    Kind.FORWARDER: _Words(
        "Grafana is behind",
        "Nothing is lost: the journal has everything, and it is copied when InfluxDB is back.",
        "Look whether InfluxDB runs: fasciwatch influx check.",
        "Grafana has caught up",
    ),
}


def words(standing: Standing) -> _Words:
    """What is said about a rule that stands at this level, whatever the figures."""
    kind, level = standing.verdict.rule.kind, standing.verdict.level
    return _TWITCHING[Level(level)] if kind is Kind.PERSISTENCE else _SYSTEM[kind]


def compose(found: Sequence[News]) -> Message:
    """One message of all that is to be told; each kind's meaning and advice once."""
    by_title: defaultdict[str, list[News]] = defaultdict(list)
    for one in found:
        by_title[_title(one)].append(one)
    first, *more = by_title
    title = f"{first}, and {len(more)} more" if more else first
    return Message(title, "\n\n".join(map(_paragraph, by_title.values())))


def _title(one: News) -> str:
    said = words(one.standing)
    return said.over if one.is_over and said.over else said.title


def _paragraph(some: Sequence[News]) -> str:
    said = [one.standing.verdict.why for one in some[:MOST]]
    if len(some) > MOST:
        said.append(f"And {len(some) - MOST} more.")
    spoken = words(some[0].standing)
    if some[0].is_over and spoken.over:
        return "\n".join(said)
    return "\n".join([*said, f"What it may mean: {spoken.meaning}", f"What to do: {spoken.action}"])
