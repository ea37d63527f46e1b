"""The page's figures are the journal's, by the wearer's own days."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboards.web.overview import Overview, Place
from dashboards.web.overview_reader import OverviewReader
from detector.event import State
from ingest.errors import JournalError
from ingest.journal import Journal
from ingest.schema import Amendment, EventRow, MinutePart, Records
from tests.rows import TWITCH

MINUTE_NS = 60_000_000_000
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
NOON_MINUTE = round(NOON.timestamp()) // 60
NOON_NS = NOON_MINUTE * MINUTE_NS


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite3") as journal:
        yield journal


def observe(
    journal: Journal, start: int, minutes: int, *, site: str = "biceps-left", **seconds: float
) -> None:
    parts = [MinutePart("me", site, "emg", minute, **seconds) for minute in range(start, start + minutes)]
    journal.write(Records(minutes=parts))


def twitch(
    journal: Journal, minute: int, *, wearer: str = "me", modality: str = "emg", amplitude: float = 80.0
) -> EventRow:
    onset_ns = minute * MINUTE_NS + 1
    row = replace(
        TWITCH,
        wearer=wearer,
        modality=modality,
        onset_ns=onset_ns,
        amplitude=amplitude,
        unit="uV" if modality == "emg" else "mg",
        stream=int(modality != "emg"),
        onset_sample=minute,
    )
    journal.write(Records(events=[row]))
    return row


def read(journal: Journal, now_ns: int = NOON_NS, zone: tzinfo = UTC) -> Overview:
    return OverviewReader(journal.path, "me").read(now_ns, zone)


def only_place(overview: Overview) -> Place:
    [place] = overview.places
    return place


def test_a_rate_is_twitches_over_observed_time_with_its_coverage(journal: Journal) -> None:
    observe(journal, NOON_MINUTE - 60, 60, rest_s=30.0, movement_s=15.0, not_worn_s=15.0)
    for minute in range(9):
        twitch(journal, NOON_MINUTE - 60 + minute)
    today = only_place(read(journal)).today
    assert today.observation.observed_s == 45 * 60
    assert today.per_hour == pytest.approx(12.0)
    assert today.coverage == pytest.approx(0.75 / 12)


def test_too_little_observed_gives_no_rate_and_no_zero(journal: Journal) -> None:
    observe(journal, NOON_MINUTE - 9, 9, rest_s=60.0)
    assert only_place(read(journal)).today.per_hour is None


def test_a_day_begins_at_the_wearers_midnight(journal: Journal) -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")  # its midnight is at 18:15 UTC
    observe(journal, NOON_MINUTE + 6 * 60, 30, rest_s=60.0)
    place = only_place(read(journal, NOON_NS + 8 * 60 * MINUTE_NS, kathmandu))
    assert [day.observation.observed_s / 60 for day in place.days[-2:]] == [15, 15]


def test_a_day_without_any_row_is_there_and_empty(journal: Journal) -> None:
    observe(journal, NOON_MINUTE - 5 * 1440, 1, rest_s=60.0)
    days = only_place(read(journal)).days
    assert len(days) == 14
    assert [day.observation.observed_s for day in days[-6:]] == [60, 0, 0, 0, 0, 0]


def test_the_last_day_has_no_hole_and_what_nobody_wrote_is_missing(journal: Journal) -> None:
    observe(journal, NOON_MINUTE - 60, 20, rest_s=60.0)
    observe(journal, NOON_MINUTE - 40, 20, bad_contact_s=40.0)
    overview = read(journal, NOON_NS + 3 * MINUTE_NS)
    runs = only_place(overview).runs
    assert (runs[0].start, runs[-1].end) == overview.timeline
    assert all(one.end == other.start for one, other in pairwise(runs))
    assert [run.state for run in runs] == [State.MISSING, State.REST, State.BAD_CONTACT, State.MISSING]
    assert runs[1].end - runs[1].start == 20


def test_the_last_day_adds_up_to_its_length(journal: Journal) -> None:
    observe(journal, NOON_MINUTE - 60, 20, rest_s=60.0)
    overview = read(journal, NOON_NS + 3 * MINUTE_NS)
    spent_s = only_place(overview).spent_s
    start, end = overview.timeline
    assert spent_s == {State.REST: 20 * 60, State.MISSING: (end - start - 20) * 60}


def test_the_slot_that_has_only_begun_is_not_called_missing(journal: Journal) -> None:
    observe(journal, NOON_MINUTE - 10, 10, rest_s=60.0)
    assert only_place(read(journal)).runs[-1].state is State.REST


def test_samples_that_come_late_mend_yesterday(journal: Journal) -> None:
    reader = OverviewReader(journal.path, "me")
    observe(journal, NOON_MINUTE - 1440, 1, rest_s=10.0)
    reader.read(NOON_NS, UTC)
    observe(journal, NOON_MINUTE - 1440, 1, rest_s=50.0)
    place = only_place(reader.read(NOON_NS + 2 * MINUTE_NS, UTC))
    assert place.days[-2].observation.observed_s == 60


def test_another_wearer_does_not_show(journal: Journal) -> None:
    twitch(journal, NOON_MINUTE, wearer="somebody else")
    journal.write(
        Records(minutes=[MinutePart("somebody else", "biceps-left", "emg", NOON_MINUTE, rest_s=60.0)])
    )
    overview = read(journal)
    assert (overview.places, overview.twitches) == ((), ())


def test_the_newest_twitch_comes_first(journal: Journal) -> None:
    for minute in (1, 2, 3):
        twitch(journal, NOON_MINUTE - minute)
    onsets = [event.row.onset_ns // MINUTE_NS - NOON_MINUTE for event in read(journal).twitches]
    assert onsets == [-1, -2, -3]


def test_a_twitch_that_both_sensors_saw_is_listed_once(journal: Journal) -> None:
    whole = twitch(journal, NOON_MINUTE - 2)
    view = twitch(journal, NOON_MINUTE - 2, modality="accelerometer", amplitude=8.3)
    alone = twitch(journal, NOON_MINUTE - 1, modality="accelerometer")
    journal.write(Records(amendments=[Amendment(view.key, "twitch", 0.99, "seen by both", whole.key)]))
    newest, both = read(journal).twitches
    assert (newest.row, newest.views) == (alone, ())
    assert (both.row, [one.amplitude for one in both.views]) == (whole, [8.3])


def test_sites_are_shown_from_head_to_foot(journal: Journal) -> None:
    for site in ("gastrocnemius-left", "masseter-right", "biceps-left"):
        observe(journal, NOON_MINUTE - 1, 1, site=site, rest_s=60.0)
    assert [place.site for place in read(journal).places] == [
        "masseter-right",
        "biceps-left",
        "gastrocnemius-left",
    ]


def test_without_a_journal_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no journal here yet"):
        OverviewReader(tmp_path / "none", "me").read(NOON_NS, UTC)
