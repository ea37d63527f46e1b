"""Made days look like lived ones: rhythm, gaps and a busier site; nothing in them contradicts itself."""

import numpy as np
import pytest

from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.simulated.history import MadeSite, write_history

MINUTE_NS = 60_000_000_000
UNTIL_NS = 1_700_000_000_000_000_000  # ns UTC, an afternoon
SITES = (
    MadeSite("biceps-left", "aa" * 8, 12),
    MadeSite("gastrocnemius-left", "bb" * 8, 45),
    MadeSite("tibialis-anterior-right", "bb" * 8, 6, "accelerometer", stream=1),
)


def made(path, *, days=7, seed=1, utc_offset_s=0):
    with Journal(path) as journal:
        write_history(
            journal, SITES, wearer="demo", until_ns=UNTIL_NS, days=days, utc_offset_s=utc_offset_s, seed=seed
        )
    return JournalReader(path)


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    with made(tmp_path_factory.mktemp("history") / "journal.db") as reader:
        yield reader


def rate_by_hour(reader, site):
    rows = reader.ask(
        "SELECT minute / 60 % 24 AS hour, sum(count) / sum(rest_s + movement_s) FROM minute"
        " WHERE site = ? GROUP BY hour ORDER BY hour",
        (site,),
    )
    return np.array([rate for _, rate in rows])


def test_every_site_has_a_whole_row_for_every_minute(week):
    for site in SITES:
        rows = week.minutes(site=site.site)
        assert [row.minute for row in rows] == list(
            range(UNTIL_NS // MINUTE_NS - 7 * 1440, UNTIL_NS // MINUTE_NS)
        )
        for row in rows:
            parts_s = row.rest_s + row.movement_s + row.not_worn_s + row.bad_contact_s + row.missing_s
            assert parts_s == pytest.approx(60)


def test_minutes_count_the_very_events_on_record(week):
    for site in SITES:
        events = week.events(site=site.site)
        rows = week.minutes(site=site.site)
        assert len(events) == sum(row.count for row in rows)
        assert sum(event.row.state == "rest" for event in events) == sum(row.count_rest for row in rows)


def test_no_twitch_is_where_nothing_was_observed(week):
    assert all(row.count == 0 for row in week.minutes() if row.rest_s + row.movement_s == 0)


def test_one_site_is_busier_in_the_measure_asked_for(week):
    busy, calm = (np.mean(rate_by_hour(week, site)) for site in ("gastrocnemius-left", "biceps-left"))
    assert busy / calm == pytest.approx(45 / 12, rel=0.3)


def test_nights_are_calmer_than_days(week):
    rate = rate_by_hour(week, "gastrocnemius-left")
    assert rate[[0, 1, 2, 3, 4, 5]].mean() < 0.6 * rate[[8, 9, 10, 14, 15, 16]].mean()


def test_nights_follow_the_time_zone(tmp_path):
    with made(tmp_path / "journal.db", utc_offset_s=12 * 3600) as reader:
        rate = rate_by_hour(reader, "gastrocnemius-left")
    assert rate[[12, 13, 14, 15, 16, 17]].mean() < 0.6 * rate[[20, 21, 22, 2, 3, 4]].mean()


def test_every_kind_of_gap_in_coverage_is_there(week):
    for site in SITES:
        rows = week.minutes(site=site.site)
        assert sum(row.missing_s for row in rows) > 3600
        assert sum(row.not_worn_s for row in rows) > 3600
        assert sum(row.bad_contact_s for row in rows) > 3600
        observed_s = sum(row.rest_s + row.movement_s for row in rows)
        assert 0.7 < observed_s / (7 * 86_400) < 0.97


def test_the_wearer_wrote_notes_and_the_devices_told_how_they_were(week):
    assert {"caffeine", "sleep", "felt"} <= {note.kind for note in week.notes()}
    assert [row.device for row in week.devices()] == ["aa" * 8, "bb" * 8]
    battery = [row.battery_percent for row in week.device_rows("aa" * 8)]
    assert len(battery) == 7 * 24
    assert max(battery) == 100
    assert 0 < min(battery) < 60


def test_the_seed_decides(tmp_path, week):
    with made(tmp_path / "same.db") as same, made(tmp_path / "other.db", seed=2) as other:
        assert same.events() == week.events()
        assert len(other.events()) != len(week.events())
