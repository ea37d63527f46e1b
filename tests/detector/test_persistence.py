"""Weeks of hours in, what a wearer is told at each look out."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.grid import Series
from detector.hour import Hour
from detector.persistence import Assessment, Level, Persistence, replay
from detector.rule import Rule
from detector.standing import Standing

CALF = Series("gastrocnemius-left", "lumbosacral", "emg")
THIGH = Series("vastus-medialis-left", "lumbosacral", "emg")
ARM = Series("biceps-left", "cervical", "emg")
MIDNIGHT = 20_000 * 24  # some midnight, in hours since the epoch, UTC
WORN = range(10, 22)  # hours of the day
USUAL, MUCH = 10, 60  # twitches an hour; the baseline and far above twice it
LEARNED = 3  # days


def hour(
    series: Series, day: int, of_day: int, count: int, rest_h: float = 0.9, *, in_step: bool = False
) -> Hour:
    return Hour(
        series, MIDNIGHT + day * 24 + of_day, rest_h, 0.0, count, count, dispersion=2.0, in_step=in_step
    )


def days(series: Series, *counts: int) -> list[Hour]:
    """Days of twelve worn hours, each with the same count in every hour."""
    return [hour(series, day, of_day, count) for day, count in enumerate(counts) for of_day in WORN]


def looks(*series_hours: list[Hour], until_day: int, rule: Rule | None = None) -> list[Assessment]:
    together = sorted((hour for hours in series_hours for hour in hours), key=lambda hour: hour.hour)
    return list(replay(together, MIDNIGHT + until_day * 24, rule))


def levels(*series_hours: list[Hour], until_day: int, rule: Rule | None = None) -> list[Level]:
    return [look.level for look in looks(*series_hours, until_day=until_day, rule=rule)]


def test_nothing_measured_is_nothing_told() -> None:
    assert levels(until_day=10) == []


def test_the_level_is_told_twice_a_day_though_nothing_is_measured() -> None:
    assert len(levels(days(CALF, USUAL), until_day=10)) == 19  # the first look is in the first evening


def test_what_is_usual_raises_nothing() -> None:
    assert set(levels(days(CALF, *[MUCH] * 20), until_day=20)) == {Level.NONE}


def test_nothing_is_said_before_the_baseline_is_learned() -> None:
    assert set(levels(days(CALF, USUAL, USUAL, MUCH), until_day=3)) == {Level.NONE}


def test_a_rise_goes_to_the_digest_on_its_first_day_and_to_a_notice_on_its_third() -> None:
    told = levels(days(CALF, *[USUAL] * LEARNED, *[MUCH] * 3), until_day=6)
    assert told[-6:] == [Level.NONE, Level.DIGEST, Level.DIGEST, Level.DIGEST, Level.DIGEST, Level.NOTICE]


def test_two_sites_of_one_region_are_a_notice() -> None:
    rise = [*[USUAL] * LEARNED, *[MUCH] * 5]
    assert max(levels(days(CALF, *rise), days(THIGH, *rise), until_day=8)) is Level.NOTICE


def test_two_regions_are_worth_discussing() -> None:
    rise = [*[USUAL] * LEARNED, *[MUCH] * 5]
    assert max(levels(days(CALF, *rise), days(ARM, *rise), until_day=8)) is Level.DISCUSS


def test_two_regions_weeks_apart_are_not() -> None:
    calf = days(CALF, *[USUAL] * LEARNED, *[MUCH] * 5)  # then the sensor is taken off
    arm = days(ARM, *[USUAL] * 20, *[MUCH] * 5)
    assert max(levels(calf, arm, until_day=25)) is Level.NOTICE


def test_two_regions_in_step_are_not() -> None:
    rise = [*[USUAL] * LEARNED, *[MUCH] * 5]
    common = [
        Hour(
            one.series,
            one.hour,
            one.rest_h,
            0.0,
            one.count,
            one.count_rest,
            one.dispersion,
            one.count == MUCH,
        )
        for series in (CALF, ARM)
        for one in days(series, *rise)
    ]
    assert set(levels(common, until_day=8)) == {Level.NONE}


def test_a_notice_is_over_when_a_day_is_as_usual() -> None:
    told = levels(days(CALF, *[USUAL] * LEARNED, *[MUCH] * 5, *[USUAL] * 3), until_day=11)
    assert told[-1] is Level.NONE


def test_a_sensor_taken_off_is_no_recovery() -> None:
    assert levels(days(CALF, *[USUAL] * LEARNED, *[MUCH] * 5), until_day=30)[-1] is Level.NOTICE


@pytest.mark.parametrize(
    ("count", "level"),
    [(11, Level.NONE), (15, Level.NONE), (MUCH, Level.NOTICE)],
)
def test_a_quiet_site_must_pass_the_floor(count: int, level: Level) -> None:
    assert levels(days(CALF, *[1] * LEARNED, *[count] * 5), until_day=8)[-1] is level


def test_an_hour_with_little_rest_is_not_judged() -> None:
    short = [hour(CALF, day, of_day, 100, rest_h=0.3) for day in range(LEARNED, 9) for of_day in WORN]
    assert set(levels([*days(CALF, *[USUAL] * LEARNED), *short], until_day=9)) == {Level.NONE}


def test_the_baseline_follows_slowly_and_stands_still_while_elevated() -> None:
    rise = looks(days(CALF, *[USUAL] * LEARNED, *[MUCH] * 20), until_day=23)[-1].findings[0]
    assert rise.baseline_per_h == pytest.approx(USUAL / 0.9)
    drift = looks(days(CALF, *[USUAL] * LEARNED, *[USUAL + 2] * 20), until_day=23)[-1].findings[0]
    assert drift.baseline_per_h is not None
    assert USUAL / 0.9 < drift.baseline_per_h < (USUAL + 2) / 0.9


def test_a_site_under_suspicion_is_not_learned_from() -> None:
    """Three elevated hours of twelve are too many to clear it and too few to make the day elevated."""
    restless = [
        hour(CALF, day, of_day, MUCH if of_day < 13 else USUAL + 2) for day in range(6, 20) for of_day in WORN
    ]
    (finding,) = looks([*days(CALF, *[USUAL] * LEARNED, *[MUCH] * 3), *restless], until_day=20)[-1].findings
    assert finding.standing is Standing.PERSISTENT
    assert finding.elevated_days == 0
    assert finding.baseline_per_h == pytest.approx(USUAL / 0.9)


def test_a_finding_carries_the_figures_that_decided() -> None:
    (finding,) = looks(days(CALF, *[USUAL] * LEARNED, *[MUCH] * 3), until_day=6)[-1].findings
    assert finding.standing is Standing.PERSISTENT
    assert (finding.elevated_hours, finding.valid_hours) == (12, 12)
    assert (finding.elevated_days, finding.valid_days) == (3, 3)
    assert finding.baseline_per_h == pytest.approx(USUAL / 0.9)
    assert finding.last_elevated_hour == MIDNIGHT + 5 * 24 + 19


def test_days_are_the_wearers_own() -> None:
    eastern = Rule(utc_offset_min=-5 * 60)
    assert eastern.day(MIDNIGHT + 4) == eastern.day(MIDNIGHT - 1)
    assert eastern.day(MIDNIGHT + 5) == eastern.day(MIDNIGHT) + 1
    assert [of_day for of_day in range(24) if eastern.looks_at(MIDNIGHT + of_day)] == [0, 12]


some_hours = st.lists(st.sampled_from([0, USUAL, 25, MUCH, 100]), min_size=24, max_size=24)
some_days = st.lists(some_hours, min_size=1, max_size=6).map(lambda days: [*[[USUAL] * 24] * LEARNED, *days])


def hours_of(counts: list[list[int]], series: Series = CALF) -> list[Hour]:
    return [
        hour(series, day, of_day, count)
        for day, of_days in enumerate(counts)
        for of_day, count in enumerate(of_days)
    ]


@settings(max_examples=60, deadline=None)
@given(some_days, st.lists(st.integers(0, 100), min_size=24, max_size=24))
def test_more_twitches_in_a_day_never_lower_what_is_told_on_it(
    counts: list[list[int]], more: list[int]
) -> None:
    """On later days they may: what was ordinary has become part of the usual."""
    raised = [*counts[:-1], [count + extra for count, extra in zip(counts[-1], more, strict=True)]]
    until_day = len(counts)
    plain_levels = levels(hours_of(counts), hours_of(counts, ARM), until_day=until_day)
    raised_levels = levels(hours_of(raised), hours_of(raised, ARM), until_day=until_day)
    assert all(after >= before for after, before in zip(raised_levels, plain_levels, strict=True))


@settings(max_examples=60, deadline=None)
@given(some_days, st.integers(1, 400))
def test_a_gap_never_raises_the_level(counts: list[list[int]], gap_hours: int) -> None:
    persistence, last = Persistence(), MIDNIGHT + len(counts) * 24 - 1
    for series in (CALF, ARM):
        for one in hours_of(counts, series):
            persistence.update(one)
    assert persistence.assess(last + gap_hours).level <= persistence.assess(last).level


@settings(max_examples=40, deadline=None)
@given(some_days)
def test_the_level_changes_at_most_twice_a_day_whatever_happens(counts: list[list[int]]) -> None:
    told = looks(hours_of(counts), hours_of(counts, ARM), until_day=len(counts))
    changes = [after.hour // 24 for before, after in pairwise(told) if after.level is not before.level]
    assert all(changes.count(day) <= 2 for day in changes)
