"""The level of twitching as it is followed through a journal: what the pure rules say of the same minutes."""

from pathlib import Path

import numpy as np
import pytest

from detector.grid import minute_grid
from detector.hour import hours
from detector.minute import Minute
from detector.persistence import Assessment, Level
from detector.persistence import replay as pure_replay
from detector.rule import Rule
from ingest.alerts.persistence import verdict
from ingest.alerts.twitching import HOUR_NS, SETTLE_NS, TwitchingFollower
from ingest.influx.points import region
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.schema import MinutePart, Records

SITES = ("biceps-left", "gastrocnemius-left")
FIRST_HOUR = 489_000 // 24 * 24
DAYS = 12
END_NS = (FIRST_HOUR + DAYS * 24) * HOUR_NS + SETTLE_NS


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two sites at rest for six hours an evening; both twitch ten times as often after six days."""
    path = tmp_path_factory.mktemp("twitching") / "journal.sqlite3"
    rng = np.random.default_rng(11)
    minutes = [
        (FIRST_HOUR + day * 24 + hour) * 60 + minute
        for day in range(DAYS)
        for hour in range(17, 23)
        for minute in range(60)
    ]
    with Journal(path) as kept:
        kept.write(
            Records(
                minutes=[MinutePart("me", site, "emg", m, rest_s=60.0) for site in SITES for m in minutes]
            )
        )
        for site in SITES:
            counts = rng.poisson([0.2 if minute // 60 < FIRST_HOUR + 6 * 24 else 3.0 for minute in minutes])
            kept.change(
                (
                    "UPDATE minute SET count = ?, count_rest = ? WHERE site = ? AND minute = ?",
                    (int(count), int(count), site, minute),
                )
                for minute, count in zip(minutes, counts, strict=True)
            )
    return path


def followed(journal: Path, *now_ns: int) -> list[Assessment]:
    follower = TwitchingFollower("me", Rule(), since_hour=FIRST_HOUR)
    with JournalReader(journal) as reader:
        return [look for now in now_ns for look in follower.read(reader, now)]


def test_it_says_what_the_pure_rules_say(journal: Path) -> None:
    with JournalReader(journal) as reader:
        rows = [
            Minute(
                r.site, region(r.site), r.modality, r.minute, r.rest_s, r.movement_s, r.not_worn_s,
                r.bad_contact_s, r.missing_s, r.count, r.count_rest, r.duration_ms, float("nan"),
            )
            for r in reader.minutes()
        ]  # fmt: skip
    pure = {look.hour: look for look in pure_replay(hours(minute_grid(rows)), FIRST_HOUR + DAYS * 24)}
    found = [look for look in followed(journal, END_NS) if look.findings]
    assert found == [pure[look.hour] for look in found]
    assert found[-1].level is Level.DISCUSS


def test_hour_by_hour_it_says_the_same_as_at_once(journal: Path) -> None:
    hourly = range(FIRST_HOUR * HOUR_NS + SETTLE_NS, END_NS + 1, HOUR_NS)
    assert followed(journal, *hourly) == followed(journal, END_NS)


def test_an_hour_is_not_judged_before_what_a_board_held_back_is_in(journal: Path) -> None:
    look_ns = (FIRST_HOUR + 8) * HOUR_NS
    assert followed(journal, look_ns + SETTLE_NS - 1) == []
    assert len(followed(journal, look_ns + SETTLE_NS)) == 1


def test_the_verdict_tells_rates_their_usual_and_the_coverage(journal: Path) -> None:
    *_, last = followed(journal, END_NS)
    with JournalReader(journal) as reader:
        told = verdict(reader, "me", last)
    assert "Left calf (electrodes): 1" in told.why  # some 180 an hour
    assert "where 11 are its usual" in told.why
    assert "judged for 18 of the last 72 hours" in told.why
