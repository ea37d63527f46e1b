"""Whatever happens, InfluxDB ends with exactly what the journal holds."""

import asyncio
import contextlib
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import astuple, replace
from datetime import UTC
from pathlib import Path

import pytest

from bench.long_journal import write_long_journal
from ingest.diary import delete_note, mend_note, note_of
from ingest.influx.destination import Destination
from ingest.influx.forwarder import Forwarder
from ingest.influx.server import InfluxServer
from ingest.journal import Journal
from ingest.schema import AlertRow, Amendment, MinutePart, NoteRow, Records
from tests.integration.influx.conftest import Target
from tests.integration.influx.journals import (
    MINUTE_NS,
    SITES,
    START_MINUTE,
    Traffic,
    event,
    expected_counts,
)

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]

FIELDS = {
    "twitch": "snr",
    "minute": "rest_s",
    "device": "received",
    "note": "source",
    "alert": "why",
    "hour": "rest_s",
}
WITHIN_S = 40.0
KILLED = Path(__file__).parent / "forward.py"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@contextlib.asynccontextmanager
async def forwarding(journal: Path, to: Callable[[], Destination]) -> AsyncIterator[Forwarder]:
    """A forwarder at work, that looks more often than it would at home."""
    forwarder = Forwarder(to, journal, zone=UTC, jitter=lambda: 1.0, poll_s=0.05, round_s=0.3)
    task = asyncio.create_task(forwarder.run())
    try:
        yield forwarder
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def counts(target: Target) -> dict[str, int]:
    return {measurement: target.count(measurement, field) for measurement, field in FIELDS.items()}


async def until(holds: Callable[[], bool]) -> None:
    """Return as soon as it holds; it has to within `WITHIN_S`."""
    deadline_s = time.monotonic() + WITHIN_S
    while not await asyncio.to_thread(holds):
        assert time.monotonic() < deadline_s, "it never came"
        await asyncio.sleep(0.05)


async def in_step(target: Target, journal: Path) -> None:
    expected = expected_counts(journal)
    await until(lambda: counts(target) == expected)


def test_everything_in_the_journal_is_in_influxdb(target: Target, path: Path) -> None:
    Traffic(path).write(90)

    async def scene() -> None:
        async with forwarding(path, lambda: target.destination) as forwarder:
            await in_step(target, path)
            assert forwarder.problem == ""

    asyncio.run(scene())


def test_a_point_says_what_its_row_says(target: Target, path: Path) -> None:
    row = event("biceps-left", START_MINUTE * MINUTE_NS + 5_000, 1)
    with Journal(path) as journal:
        journal.write(
            Records(events=[row], minutes=[MinutePart("me", "biceps-left", "emg", START_MINUTE, rest_s=60)])
        )

    async def scene() -> None:
        async with forwarding(path, lambda: target.destination):
            await in_step(target, path)

    asyncio.run(scene())
    [series] = target.influxd.influxql("SELECT * FROM twitch", target.bucket)
    point = dict(zip(series["columns"], series["values"][0], strict=True))
    assert point["time"] // 1000 == row.onset_ns // 1000
    named = (
        "wearer",
        "site",
        "modality",
        "duration_ms",
        "amplitude",
        "unit",
        "snr",
        "kind",
        "state",
        "reason",
    )
    assert {name: point[name] for name in named} == {name: getattr(row, name) for name in named}
    assert point["region"] == "cervical"


def test_a_minute_that_grows_later_is_mended_and_its_hour_too(target: Target, path: Path) -> None:
    part = MinutePart("me", "biceps-left", "emg", START_MINUTE)

    def last(measurement: str) -> float:
        series = target.influxd.influxql(f"SELECT last(rest_s) FROM {measurement}", target.bucket)
        return series[0]["values"][0][1] if series else -1.0

    async def scene() -> None:
        with Journal(path) as journal:
            journal.write(Records(minutes=[part]))
            async with forwarding(path, lambda: target.destination):
                await until(lambda: last("hour") == 0.0)
                journal.write(Records(minutes=[replace(part, rest_s=45.0)]))
                await until(lambda: (last("minute"), last("hour")) == (45.0, 45.0))
                await in_step(target, path)

    asyncio.run(scene())


def test_an_event_that_other_sensors_amend_stays_one_point(target: Target, path: Path) -> None:
    row = event("biceps-left", START_MINUTE * MINUTE_NS, 1)

    def kinds() -> list[str]:
        series = target.influxd.influxql("SELECT kind FROM twitch", target.bucket)
        return [kind for _, kind in series[0]["values"]] if series else []

    async def scene() -> None:
        with Journal(path) as journal:
            journal.write(Records(events=[row]))
            async with forwarding(path, lambda: target.destination):
                await until(lambda: kinds() == ["twitch"])
                journal.write(
                    Records(amendments=[Amendment(row.key, "artefact", 0.8, "at all sites at once")])
                )
                await until(lambda: kinds() == ["artefact"])

    asyncio.run(scene())


def test_notes_of_one_moment_are_all_kept(target: Target, path: Path) -> None:
    notes = [NoteRow("me", 10**18, "medicine", f"the {n}th", "page", 1) for n in range(20)]
    with Journal(path) as journal:
        journal.write(Records(notes=notes))

    async def scene() -> None:
        async with forwarding(path, lambda: target.destination):
            await in_step(target, path)

    asyncio.run(scene())
    [series] = target.influxd.influxql("SELECT text FROM note", target.bucket)
    assert sorted(text for _, text in series["values"]) == sorted(note.text for note in notes)


def texts(target: Target) -> list[str]:
    series = target.influxd.influxql("SELECT text FROM note", target.bucket)
    return sorted(text for one in series for _, text in one["values"])


WEARER = 'Ann "B", \\ = 1'  # whatever can stand in a name


def test_a_note_that_is_mended_or_deleted_is_so_in_influxdb_too(target: Target, path: Path) -> None:
    at_ns = START_MINUTE * MINUTE_NS
    noted = [
        NoteRow(WEARER, at_ns + place * MINUTE_NS, "caffeine", text, "page", 1)
        for place, text in enumerate(("one cup", "two cups", "mistake"))
    ]
    same_moment = replace(noted[0], text="and a cake")
    with Journal(path) as journal:
        journal.write(Records(notes=[*noted, same_moment]))

    async def scene() -> None:
        async with forwarding(path, lambda: target.destination):
            await until(lambda: len(texts(target)) == 4)
            first, second, third = (note_of(path, WEARER, number) for number in (1, 2, 3))
            mend_note(path, first, replace(first.row, text="one large cup"))
            mend_note(path, second, replace(second.row, time_ns=at_ns + 99 * MINUTE_NS, kind="water"))
            delete_note(path, third)
            await until(lambda: texts(target) == ["and a cake", "one large cup", "two cups"])
            await in_step(target, path)

    asyncio.run(scene())
    [moved] = [
        row
        for one in target.influxd.influxql("SELECT text, kind FROM note", target.bucket)
        for row in one["values"]
        if row[1] == "two cups"
    ]
    assert (moved[0] // MINUTE_NS, moved[2]) == (START_MINUTE + 99, "water")


def test_off_on_purpose_that_is_taken_back_is_no_sign_of_life_any_more(target: Target, path: Path) -> None:
    at_ns = START_MINUTE * MINUTE_NS
    minutes = [MinutePart("me", "biceps-left", "emg", START_MINUTE + 3, rest_s=60.0)]
    with Journal(path) as journal:
        journal.write(Records(notes=[NoteRow("me", at_ns, "off", "", "page", 1)], minutes=minutes))
    signs = lambda: target.count("life", "alive")  # noqa: E731 -- one line in a scene

    async def scene() -> None:
        async with forwarding(path, lambda: target.destination):
            await until(lambda: signs() == 24 * 6 + 1)
            delete_note(path, note_of(path, "me", 1))
            await until(lambda: signs() == 1)

    asyncio.run(scene())


def test_hours_of_traffic_while_the_server_was_away_come_later(target: Target, path: Path) -> None:
    traffic = Traffic(path)
    traffic.write(10)

    async def scene() -> None:
        async with forwarding(path, lambda: target.destination) as forwarder:
            await in_step(target, path)
            target.influxd.kill()
            await until(lambda: forwarder.problem != "")
            await asyncio.to_thread(traffic.write, 8 * 60)
            target.influxd.start()
            await in_step(target, path)

    asyncio.run(scene())
    assert target.count("minute", "rest_s") == (8 * 60 + 10) * len(SITES)


@pytest.mark.timeout(400)
def test_a_million_points_of_backlog_are_all_there(target: Target, path: Path) -> None:
    site_count = 16
    days = 1_000_000 / site_count / 1440
    write_long_journal(path, days=days, site_count=site_count, end_minute=START_MINUTE)
    expected = expected_counts(path)
    assert expected["minute"] == 1_000_000

    async def scene() -> None:
        async with forwarding(path, lambda: target.destination) as forwarder:
            deadline_s = time.monotonic() + 300
            while counts(target) != expected:
                assert forwarder.problem == ""
                assert time.monotonic() < deadline_s
                await asyncio.sleep(1)

    asyncio.run(scene())


def test_a_server_killed_amid_traffic_misses_nothing(target: Target, path: Path) -> None:
    traffic = Traffic(path)

    async def scene() -> None:
        traffic.write(20)
        async with forwarding(path, lambda: target.destination) as forwarder:
            for _ in range(3):
                await asyncio.to_thread(traffic.write, 20)
                target.influxd.kill()
                await until(lambda: forwarder.problem != "")
                assert "no InfluxDB answers" in forwarder.problem
                await asyncio.to_thread(traffic.write, 20)
                target.influxd.start()
                await until(lambda: forwarder.problem == "")
            await in_step(target, path)

    asyncio.run(scene())


def test_a_forwarder_killed_at_any_instant_goes_on_where_it_was(target: Target, path: Path) -> None:
    chance = random.Random(5)
    traffic = Traffic(path)
    traffic.write(200)
    for _ in range(4):
        traffic.write(50)
        command = [sys.executable, str(KILLED), str(path), target.influxd.url, target.bucket]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forwarder:
            assert forwarder.stdout
            assert forwarder.stdin
            forwarder.stdout.readline()
            forwarder.stdin.write(target.tokens.forwarder + "\n")
            forwarder.stdin.flush()
            with contextlib.suppress(subprocess.TimeoutExpired):
                forwarder.wait(chance.uniform(0.01, 0.6))
            forwarder.send_signal(signal.SIGKILL)

    async def scene() -> None:
        async with forwarding(path, lambda: target.destination):
            await in_step(target, path)

    asyncio.run(scene())


def test_a_revoked_token_is_told_and_a_new_one_taken_up_without_a_restart(target: Target, path: Path) -> None:
    traffic = Traffic(path)
    opened_by = [target.destination]

    async def scene() -> None:
        traffic.write(5)
        async with forwarding(path, lambda: opened_by[-1]) as forwarder:
            await in_step(target, path)
            again = await asyncio.to_thread(target.prepare_again)
            await until(lambda: "the token is not valid" in forwarder.problem)
            traffic.write(5)
            opened_by.append(again)
            await in_step(target, path)

    asyncio.run(scene())


def test_a_bucket_made_anew_is_filled_from_the_beginning(target: Target, path: Path) -> None:
    traffic = Traffic(path)
    opened_by = [target.destination]

    async def scene() -> None:
        traffic.write(30)
        async with forwarding(path, lambda: opened_by[-1]) as forwarder:
            await in_step(target, path)
            await asyncio.to_thread(target.influxd.delete_bucket, target.bucket)
            await until(lambda: "there is no bucket" in forwarder.problem)
            traffic.write(5)
            opened_by.append(await asyncio.to_thread(target.prepare_again))
            await in_step(target, path)

    asyncio.run(scene())


def test_a_clock_set_back_and_far_ahead_changes_nothing(target: Target, path: Path) -> None:
    moments = (START_MINUTE, START_MINUTE + 20 * 525_600, START_MINUTE - 60, START_MINUTE + 1)

    async def scene() -> None:
        async with forwarding(path, lambda: target.destination):
            for number, minute in enumerate(moments):
                rows = [event(site, minute * MINUTE_NS + 7, number) for site in SITES]
                parts = [MinutePart("me", site, "emg", minute, rest_s=60.0) for site in SITES]
                with Journal(path) as journal:
                    journal.write(Records(events=rows, minutes=parts))
                await in_step(target, path)

    asyncio.run(scene())


def test_what_the_server_refuses_is_set_aside_and_holds_nothing_up(target: Target, path: Path) -> None:
    async def scene() -> None:
        async with InfluxServer(target.destination) as server:
            await server.write(["note,kind=felt,wearer=me text=1.5 1000000000000000000"])
        with Journal(path) as journal:
            journal.write(
                Records(
                    events=[event("biceps-left", START_MINUTE * MINUTE_NS, 1)],
                    notes=[
                        NoteRow("me", 10**18 + 1000 * n, "felt", "text is no number", "page", 1)
                        for n in range(3)
                    ],
                )
            )
        async with forwarding(path, lambda: target.destination) as forwarder:
            await until(lambda: target.count("twitch", "snr") == 1)
            await until(lambda: refused.exists() and refused.read_text().count("\nnote,") == 3)
            assert forwarder.problem == ""

    refused = path.with_name(path.name + ".influx-refused")
    asyncio.run(scene())
    assert "field type conflict" in refused.read_text()


def test_points_older_than_the_bucket_keeps_are_not_sent(
    fresh_bucket: Callable[[str, int], Target], path: Path
) -> None:
    target = fresh_bucket("short", 7 * 86_400)
    now_minute = time.time_ns() // MINUTE_NS
    rows = [
        event("biceps-left", minute * MINUTE_NS, n) for n, minute in enumerate((START_MINUTE, now_minute - 5))
    ]
    with Journal(path) as journal:
        journal.write(Records(events=rows))

    async def scene() -> None:
        async with forwarding(path, lambda: target.destination):
            await until(lambda: target.count("twitch", "snr") == 1)

    asyncio.run(scene())
    assert not path.with_name(path.name + ".influx-refused").exists()


def test_levels_of_alerts_are_numbers_too(target: Target, path: Path) -> None:
    Journal(path).close()
    with contextlib.closing(sqlite3.connect(path)) as database, database:
        row = astuple(AlertRow("me", "persistence", 10**18, "none", "discuss", "two regions"))
        database.execute("INSERT INTO alert VALUES (NULL, ?, ?, ?, ?, ?, ?)", row)

    async def scene() -> None:
        async with forwarding(path, lambda: target.destination):
            await in_step(target, path)

    asyncio.run(scene())
    [series] = target.influxd.influxql("SELECT level, level_to, why FROM alert", target.bucket)
    assert series["values"] == [[10**18, 3, "discuss", "two regions"]]
