"""Every query of every dashboard and rule, asked of a real InfluxDB, answers what the journal says."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import astuple, dataclass, replace
from datetime import UTC
from itertools import pairwise
from pathlib import Path

import pytest

from bench.long_journal import sites, write_long_journal
from dashboards.grafana.alerting import rule_groups
from dashboards.grafana.select import ANNOTATIONS, VARIABLES
from ingest.influx.copied import row_feeds
from ingest.influx.cursor import Progress
from ingest.influx.destination import Destination
from ingest.influx.feeds import RollupFeed
from ingest.influx.filler import BucketFiller
from ingest.influx.refused import RefusedPoints
from ingest.influx.server import InfluxServer
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.schema import AlertRow, NoteRow, Records
from tests.integration.influx.asked import Answer, Question, ask, by_tags, by_time, filled, questions
from tests.integration.influx.conftest import prepared
from tests.integration.influx.influxd import ORG, Influxd
from tests.integration.influx.journals import MINUTE_NS, device_row
from tests.integration.influx.oracle import Oracle, expectations

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]

BUCKET, DAYS, SITES, WEARER = "grafana", 14, 16, "me"
DAY_MIN = 1440


@dataclass
class Filled:
    """A server that holds what the oracle's journal holds."""

    influxd: Influxd
    oracle: Oracle
    end_minute: int

    def ask(self, query: str, *, site: str | None = None) -> list[dict]:
        return ask(
            self.influxd,
            BUCKET,
            filled(
                query,
                from_ms=self.oracle.first_minute * 60_000,
                to_ms=self.end_minute * 60_000,
                interval="1h",
                variables={
                    "wearer": [WEARER],
                    "site": [site] if site else sites(SITES),
                    "modality": ["emg"],
                },
            ),
        )


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("journal") / "journal.sqlite3"
    end = time.time_ns() // MINUTE_NS
    first = (end - DAYS * DAY_MIN) // DAY_MIN * DAY_MIN
    write_long_journal(path, days=(end - first) / DAY_MIN, site_count=SITES, end_minute=end)
    with Journal(path) as kept:
        for hour in range(0, 24 * DAYS, 3):
            row = device_row((first + hour * 60) * MINUTE_NS)
            growing = {
                "lost": hour % 60,
                "resent": hour,
                "damaged_frames": 3 * hour,
                "battery_percent": 99 - hour % 90,
            }
            kept.write(
                Records(devices=[replace(row, **growing), replace(row, device="00b2", temperature_degc=31.0)])
            )
        notes = [
            NoteRow(WEARER, (first + n * 500) * MINUTE_NS, "caffeine", f"cup {n}", "page", 1)
            for n in range(9)
        ]
        kept.write(Records(notes=notes))
    levels = {"persistence": ("none", "digest", "notice", "discuss"), "battery 00a1": ("fine", "heed", "act")}
    with closing(sqlite3.connect(path)) as database, database:
        for rule_name, names in levels.items():
            for n, (before, after) in enumerate(pairwise(names)):
                at_ns = (first + n * 999) * MINUTE_NS
                alert = AlertRow(WEARER, rule_name, at_ns, before, after, f"{n} sites")
                database.execute("INSERT INTO alert VALUES (NULL, ?, ?, ?, ?, ?, ?)", astuple(alert))
    return path


@pytest.fixture(scope="module")
def server(influxd: Influxd, journal: Path) -> Iterator[Filled]:
    async def fill(reader: JournalReader) -> None:
        token = (await asyncio.to_thread(prepared, influxd, BUCKET)).forwarder
        async with InfluxServer(Destination(influxd.url, ORG, BUCKET, token)) as to:
            filler = BucketFiller(to, reader, RefusedPoints(journal), Progress())
            for feed in (*row_feeds(), RollupFeed(UTC)):
                while await filler.send_next(feed):
                    pass
            assert filler.progress.set_aside == 0

    with JournalReader(journal) as reader:
        asyncio.run(fill(reader))
        [(first, last)] = reader.ask("SELECT min(minute), max(minute) FROM minute")
        yield Filled(influxd, Oracle(reader, first), last + 1)


def close(found: Answer, expected: Answer) -> None:
    """The same keys; the same words and counts; figures to within rounding."""
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        figures = [pytest.approx(value, rel=1e-9) if isinstance(value, float) else value for value in values]
        assert list(found[key]) == figures, key


ALL = list(questions())
ONE = sites(SITES)[5]
EXPECTED = expectations(ONE)


def test_there_is_an_expectation_for_every_panel() -> None:
    assert {question.name for question in ALL} == set(EXPECTED)


@pytest.mark.parametrize("question", ALL, ids=lambda question: question.name)
def test_a_panel_shows_what_the_journal_says(server: Filled, question: Question) -> None:
    expected = EXPECTED[question.name](server.oracle)
    assert expected, "an empty expectation proves nothing"
    series = server.ask(question.query, site=ONE if "$site" in question.panel else None)
    tags = len(series[0].get("tags", {}))
    is_timed = len(next(iter(expected))) > tags
    close((by_time if is_timed else by_tags)(series), expected)


def test_the_variables_offer_what_there_is(server: Filled) -> None:
    offered = [{value for _, value in server.ask(v["query"])[0]["values"]} for v in VARIABLES]
    assert offered == [{WEARER}, {"emg"}, set(sites(SITES))]


def test_notes_and_alerts_are_marked_with_their_words(server: Filled) -> None:
    notes, alerts = (server.ask(annotation["query"])[0] for annotation in ANNOTATIONS)
    assert [text for _, text, kind in notes["values"] if kind == "caffeine"] == [f"cup {n}" for n in range(9)]
    told = [why for _, why, rule in alerts["values"] if rule == "persistence"]
    assert told == [f"{n} sites" for n in range(3)]


def rule(uid: str) -> str:
    [found] = [r["data"][0]["model"]["query"] for r in rule_groups()["groups"][0]["rules"] if r["uid"] == uid]
    return found


def test_the_level_rule_sees_the_level_that_holds(server: Filled) -> None:
    assert by_tags(server.ask(rule("fasciwatch-level"))) == {(WEARER,): (3,)}


def test_the_set_up_rule_sees_what_is_wrong_with_it(server: Filled) -> None:
    assert by_tags(server.ask(rule("fasciwatch-set-up"))) == {("battery 00a1", WEARER): (2,)}


def test_the_rule_for_an_empty_database_sees_that_it_is_not(server: Filled) -> None:
    [[(count,)]] = [list(by_tags(server.ask(rule("fasciwatch-empty"))).values())]
    assert count > DAYS * 16


def signs(influxd: Influxd, journal: Path, bucket: str) -> Answer:
    """What the dead man's switch sees once this journal is in InfluxDB."""

    async def fill() -> None:
        token = (await asyncio.to_thread(prepared, influxd, bucket)).forwarder
        with JournalReader(journal) as reader:
            async with InfluxServer(Destination(influxd.url, ORG, bucket, token)) as to:
                filler = BucketFiller(to, reader, RefusedPoints(journal), Progress())
                for feed in (*row_feeds(), RollupFeed(UTC)):
                    await filler.send_next(feed)

    asyncio.run(fill())
    return by_tags(ask(influxd, bucket, rule("fasciwatch-silent")))


def test_the_dead_mans_switch_is_quiet_while_minutes_come(influxd: Influxd, tmp_path: Path) -> None:
    now = time.time_ns() // MINUTE_NS
    write_long_journal(tmp_path / "j.sqlite3", days=1, site_count=1, end_minute=now)
    assert signs(influxd, tmp_path / "j.sqlite3", "alive")[(WEARER,)][0] >= 1


def test_it_fires_after_half_an_hour_of_silence(influxd: Influxd, tmp_path: Path) -> None:
    now = time.time_ns() // MINUTE_NS
    write_long_journal(tmp_path / "j.sqlite3", days=1, site_count=1, end_minute=now - 31)
    assert signs(influxd, tmp_path / "j.sqlite3", "silent") == {(WEARER,): (0,)}


def test_it_is_quiet_while_the_wearer_said_that_it_is_off(influxd: Influxd, tmp_path: Path) -> None:
    now_ns = time.time_ns()
    write_long_journal(tmp_path / "j.sqlite3", days=1, site_count=1, end_minute=now_ns // MINUTE_NS - 300)
    with Journal(tmp_path / "j.sqlite3") as journal:
        journal.write(
            Records(notes=[NoteRow(WEARER, now_ns - 290 * MINUTE_NS, "off", "swimming", "page", now_ns)])
        )
    assert signs(influxd, tmp_path / "j.sqlite3", "off")[(WEARER,)][0] >= 1
