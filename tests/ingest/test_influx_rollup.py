"""Hours and days are what the journal's minutes and twitches add up to, in the wearer's time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ingest.influx.localday import day_of, midnight_ns
from ingest.influx.rollup import day_lines, hour_lines, wearer_day_lines
from ingest.influx.slots import Series
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.schema import EventRow, MinutePart, Records

MINUTE_NS = 60_000_000_000
HOUR_MIN, DAY_MIN = 60, 1440
ARM = Series("me", "biceps-left", "emg")
FIRST_DAY = date(2025, 3, 3)
FIRST_MINUTE = int(datetime(2025, 3, 3, tzinfo=UTC).timestamp()) // 60
TWITCH = EventRow(
    wearer="me", site="biceps-left", modality="emg", onset_ns=0, uncertainty_ns=0, duration_ms=10.0,
    amplitude=80.0, unit="uV", snr=7.0, kind="twitch", confidence=0.9, motor_unit=None, state="rest",
    reason="", detector="emg-1", device="00a1", boot_id=1, stream=0, channel=0, onset_sample=0, recorded_ns=0,
)  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite3") as journal:
        yield journal


def write(
    journal: Journal,
    *,
    minutes: range,
    twitch_at_s: Sequence[float] = (),
    site: str = ARM.site,
    **state: float,
) -> None:
    """Minutes after `FIRST_MINUTE`, at rest unless said otherwise, and twitches after it."""
    state = state or {"rest_s": 60.0}
    events = [
        replace(
            TWITCH,
            site=site,
            onset_ns=FIRST_MINUTE * MINUTE_NS + round(at_s * 1e9),
            onset_sample=round(at_s * 1e3),
            duration_ms=10.0 + number,
        )
        for number, at_s in enumerate(twitch_at_s)
    ]
    parts = [MinutePart("me", site, "emg", FIRST_MINUTE + minute, **state) for minute in minutes]
    journal.write(Records(events=events, minutes=parts))


def fields(line: str) -> dict[str, str]:
    """The fields of a line without text."""
    return dict(pair.split("=") for pair in line.rsplit(" ", 2)[1].split(","))


def tags(line: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in line.split(" ", maxsplit=1)[0].split(",")[1:])


def days(journal: Journal, *wanted: date, zone=UTC) -> list[str]:
    with JournalReader(journal.path) as reader:
        return day_lines(reader, ARM, wanted, zone)


def test_an_hour_adds_its_minutes_up(journal: Journal) -> None:
    write(journal, minutes=range(50), twitch_at_s=[60, 61, 2000])
    write(journal, minutes=range(50, 60), not_worn_s=60.0)
    with JournalReader(journal.path) as reader:
        [line] = hour_lines(reader, ARM, [FIRST_MINUTE // HOUR_MIN], UTC)
    told = fields(line)
    assert (told["rest_s"], told["not_worn_s"], told["count"], told["count_rest"]) == (
        "3000.0",
        "600.0",
        "3i",
        "3i",
    )
    assert (told["duration_median_ms"], told["duration_ms"]) == ("11.0", "33.0")
    assert line.endswith(f" {FIRST_MINUTE * MINUTE_NS}")


def test_an_hour_without_any_row_makes_no_point(journal: Journal) -> None:
    write(journal, minutes=range(60))
    with JournalReader(journal.path) as reader:
        assert (
            len(hour_lines(reader, ARM, [FIRST_MINUTE // HOUR_MIN, FIRST_MINUTE // HOUR_MIN + 1], UTC)) == 1
        )


def test_an_hour_knows_what_the_wearers_clock_said(journal: Journal) -> None:
    write(journal, minutes=range(60))
    with JournalReader(journal.path) as reader:
        [line] = hour_lines(reader, ARM, [FIRST_MINUTE // HOUR_MIN], timezone(timedelta(hours=-5)))
    assert tags(line)["clock"] == "19"


def test_a_day_begins_at_the_wearers_midnight(journal: Journal) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    write(journal, minutes=range(2 * DAY_MIN))
    first, second, third = days(journal, FIRST_DAY, date(2025, 3, 4), date(2025, 3, 5), zone=berlin)
    assert [fields(line)["rest_s"] for line in (first, second, third)] == ["82800.0", "86400.0", "3600.0"]
    assert int(second.rsplit(" ", 1)[1]) == int(datetime(2025, 3, 4, tzinfo=berlin).timestamp()) * 10**9


def test_the_day_on_which_clocks_go_forward_has_23_hours(journal: Journal) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    spring = date(2025, 3, 30)
    after_min = (spring - FIRST_DAY).days * DAY_MIN
    write(journal, minutes=range(after_min - 120, after_min + DAY_MIN))
    [line] = days(journal, spring, zone=berlin)
    assert fields(line)["rest_s"] == str(23 * 3600.0)


def test_a_zone_off_by_a_quarter_of_an_hour_cuts_days_right(journal: Journal) -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    write(journal, minutes=range(DAY_MIN))
    assert [
        fields(line)["rest_s"] for line in days(journal, FIRST_DAY, date(2025, 3, 4), zone=kathmandu)
    ] == [
        str(3600 * 18.25),
        str(3600 * 5.75),
    ]


def test_a_day_is_compared_with_the_four_weeks_before_it_and_not_with_itself(journal: Journal) -> None:
    write(journal, minutes=range(60), twitch_at_s=[5.0, 6.0])
    write(journal, minutes=range(DAY_MIN, DAY_MIN + 60), twitch_at_s=[DAY_MIN * 60 + n for n in range(8)])
    first, second = days(journal, FIRST_DAY, date(2025, 3, 4))
    assert "baseline_per_h" not in fields(first)
    assert (fields(second)["baseline_per_h"], fields(second)["per_h"]) == ("2.0", "8.0")


def test_a_day_without_rest_has_no_rate(journal: Journal) -> None:
    write(journal, minutes=range(60), movement_s=60.0)
    [line] = days(journal, FIRST_DAY)
    assert "per_h" not in fields(line)
    assert "active" not in fields(line)


def test_a_spell_counts_from_three_twitches_on(journal: Journal) -> None:
    write(journal, minutes=range(60), twitch_at_s=[10, 40, 70, 600, 610])
    told = fields(days(journal, FIRST_DAY)[0])
    assert (told["spells"], told["spell_longest_s"]) == ("1i", "60.0")


def test_durations_are_counted_in_bins_that_together_hold_all(journal: Journal) -> None:
    write(journal, minutes=range(60), twitch_at_s=[10 * n for n in range(9)])  # 10 to 18 ms long
    told = fields(days(journal, FIRST_DAY)[0])
    bins = {name: int(value[:-1]) for name, value in told.items() if name.startswith("from_")}
    assert (bins["from_8_ms"], bins["from_12_ms"], bins["from_16_ms"], sum(bins.values())) == (2, 4, 3, 9)


def test_regions_count_as_active_only_where_more_than_noise_was_found(journal: Journal) -> None:
    lively = [100.0 * n for n in range(144)]
    write(journal, minutes=range(HOUR_MIN * 4), twitch_at_s=lively)
    write(journal, minutes=range(HOUR_MIN * 4), twitch_at_s=[5.0], site="gastrocnemius-left")
    with JournalReader(journal.path) as reader:
        [line] = wearer_day_lines(reader, "me", "emg", [FIRST_DAY], UTC)
    assert fields(line) == {"active_regions": "1i", "active_sites": "1i", "judged_sites": "2i"}


def test_days_and_their_midnights_agree() -> None:
    for zone in (UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")):
        for day in (FIRST_DAY, date(2025, 3, 30), date(2025, 10, 26)):
            assert day_of(midnight_ns(day, zone), zone) == day
            assert day_of(midnight_ns(day, zone) - 1, zone) == day - timedelta(1)
