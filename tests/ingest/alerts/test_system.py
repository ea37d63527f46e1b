"""What is wrong with the set-up is told, and never taken for silence of the muscles."""

from datetime import UTC

import pytest

from ingest.alerts.alarm import Alarm
from ingest.alerts.facts import Facts
from ingest.alerts.system import look
from tests.ingest.alerts.made import (
    GOOD,
    HOUR_NS,
    LOOSE,
    MINUTE_NS,
    NOON_NS,
    SECOND_NS,
    device,
    facts,
    site,
)

FINE, HEED, ACT = Alarm.FINE, Alarm.HEED, Alarm.ACT


def standing(known: Facts, before: dict[str, int] | None = None) -> dict[str, Alarm]:
    """The rules that are not fine."""
    return {str(one.rule): one.level for one in look(known, before or {}, UTC) if one.level}


def level(known: Facts, rule: str, before: dict[str, int] | None = None) -> Alarm:
    return standing(known, before).get(rule, FINE)


def test_nothing_is_said_where_all_is_well() -> None:
    assert standing(facts(devices=(device(),), free_bytes=10**11, forwards=True, forwarded_ns=NOON_NS)) == {}


@pytest.mark.parametrize(
    ("minutes", "expected"), [(14, FINE), (15, HEED), (29, HEED), (30, ACT), (9999, ACT)]
)
def test_a_site_without_data_is_told_after_a_quarter_and_half_an_hour(minutes: int, expected: Alarm) -> None:
    silent = site(received_ns=NOON_NS - minutes * MINUTE_NS)
    assert level(facts(silent), "no-data biceps-left emg") is expected


def test_a_configured_site_that_never_sent_is_told_from_the_start_on() -> None:
    never = site(received_ns=None, judged_ns=None, minutes=())
    assert level(facts(never, started_ns=NOON_NS - 31 * MINUTE_NS), "no-data biceps-left emg") is ACT


def test_it_says_since_when_and_what_the_link_says() -> None:
    silent = site(received_ns=NOON_NS - HOUR_NS, problem="/dev/ttyUSB0: no such port")
    [told] = [one.why for one in look(facts(silent), {}, UTC) if one.level]
    assert "11:00" in told
    assert "no such port" in told


def test_nothing_is_missed_while_it_is_off_on_purpose() -> None:
    silent = site(received_ns=NOON_NS - 5 * HOUR_NS, judged_ns=NOON_NS - 5 * HOUR_NS)
    assert standing(facts(silent, off_ns=NOON_NS - 5 * HOUR_NS)) == {}


def test_off_on_purpose_ends_after_a_day() -> None:
    silent = site(received_ns=NOON_NS - 25 * HOUR_NS, judged_ns=NOON_NS - 25 * HOUR_NS)
    assert level(facts(silent, off_ns=NOON_NS - 25 * HOUR_NS), "no-data biceps-left emg") is ACT


def test_off_on_purpose_ends_when_it_is_worn_again() -> None:
    lost_again = site(received_ns=NOON_NS - HOUR_NS, judged_ns=NOON_NS - HOUR_NS)
    assert level(facts(lost_again, off_ns=NOON_NS - 5 * HOUR_NS), "no-data biceps-left emg") is ACT


def test_a_sensor_that_sends_while_nothing_is_judged_is_told() -> None:
    stuck = site(received_ns=NOON_NS - 15 * MINUTE_NS, heard_ns=NOON_NS - 10 * SECOND_NS)
    assert level(facts(stuck), "unjudged biceps-left emg") is ACT


@pytest.mark.parametrize(("loose", "expected"), [(5, FINE), (10, HEED), (30, ACT)])
def test_an_electrode_that_stays_off_is_told(loose: int, expected: Alarm) -> None:
    off = site(minutes=(GOOD,) * (30 - loose) + (LOOSE,) * loose)
    assert level(facts(off), "contact biceps-left emg") is expected


def test_noise_far_above_rest_is_told_as_a_drying_electrode() -> None:
    dry = site(minutes=(GOOD.__class__(60.0, 0.0, 40.0),) * 30)
    assert standing(facts(dry)) == {"noise biceps-left emg": HEED}


@pytest.mark.parametrize(("percent", "expected"), [(31, FINE), (30, HEED), (21, HEED), (20, ACT), (0, ACT)])
def test_a_battery_is_told_at_30_and_20_percent(percent: int, expected: Alarm) -> None:
    assert level(facts(devices=(device(battery_percent=percent),)), "battery 00a1") is expected


@pytest.mark.parametrize(("percent", "expected"), [(24, ACT), (26, HEED), (34, HEED), (36, FINE)])
def test_a_battery_must_be_clearly_better_to_be_well_again(percent: int, expected: Alarm) -> None:
    charging = facts(devices=(device(battery_percent=percent),))
    assert level(charging, "battery 00a1", {"battery 00a1": ACT}) is expected


def test_a_clock_that_was_set_back_is_told_by_what_lies_ahead_of_it() -> None:
    assert level(facts(now_ns=NOON_NS - 2 * HOUR_NS), "clock") is ACT


@pytest.mark.parametrize(("step_s", "expected"), [(1, FINE), (-5, HEED), (3600, ACT), (-3600, ACT)])
def test_a_clock_that_was_set_is_told(step_s: int, expected: Alarm) -> None:
    assert level(facts(stepped=(NOON_NS - HOUR_NS, step_s * SECOND_NS)), "clock") is expected


@pytest.mark.parametrize(
    ("doubt_ns", "drift_ppm", "expected"),
    [(10**6, 100.0, FINE), (10**6, -900.0, HEED), (10**8, 0.0, HEED), (2 * 10**9, 0.0, ACT)],
)
def test_a_sensor_whose_clock_cannot_be_told_is_told(
    doubt_ns: int, drift_ppm: float, expected: Alarm
) -> None:
    unsure = device(clock_uncertainty_ns=doubt_ns, drift_ppm=drift_ppm)
    assert level(facts(devices=(unsure,)), "clock 00a1") is expected


@pytest.mark.parametrize(("free_gb", "expected"), [(2.0, FINE), (0.9, HEED), (0.1, ACT)])
def test_a_disk_that_fills_up_is_told(free_gb: float, expected: Alarm) -> None:
    assert level(facts(free_bytes=round(free_gb * 1e9)), "disk") is expected


def test_a_journal_and_an_archive_that_cannot_be_written_are_told() -> None:
    found = standing(facts(journal_problem="disk full", archive_problem="no room"))
    assert found == {"journal": ACT, "archive": HEED}


@pytest.mark.parametrize(("hours", "expected"), [(0.5, FINE), (2, HEED), (30, ACT)])
def test_a_forwarder_that_is_behind_is_told(hours: float, expected: Alarm) -> None:
    behind = facts(forwards=True, forwarded_ns=NOON_NS - round(hours * HOUR_NS))
    assert level(behind, "forwarder") is expected


def test_a_forwarder_is_not_missed_where_there_is_none() -> None:
    assert standing(facts(forwards=False)) == {}
