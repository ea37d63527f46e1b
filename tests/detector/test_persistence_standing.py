"""The state machine: which standing follows from which hours were elevated."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.rule import Rule
from detector.standing import Standing, Window

RULE = Rule()
USUAL, RAISED, PERSISTENT = Standing

days_of_hours = st.lists(st.lists(st.booleans(), max_size=24), max_size=12)


def standings(days: list[list[bool]]) -> list[Standing]:
    """The standing after every hour."""
    window = Window(RULE)
    found = []
    for hours in days:
        for elevated in hours:
            window.add(elevated=elevated)
            found.append(window.standing)
        window.close_day()
    return found


def day(pattern: str) -> list[bool]:
    """`#` is an elevated hour, `.` one that is not."""
    return [hour == "#" for hour in pattern]


@pytest.mark.parametrize(
    ("days", "standing"),
    [
        ([], USUAL),
        (["............"], USUAL),
        (["#####......."], USUAL),
        (["######......"], RAISED),
        (["#.#.#.#.#.#."], RAISED),
        (["######", "............"], USUAL),  # cleared: none of twelve
        (["######", "#.#........."], USUAL),  # cleared: two of twelve
        (["######", "#.#.#......."], RAISED),  # three of twelve neither raise nor clear
        (["######", "......"], RAISED),  # six of twelve still
        (["############", "############"], RAISED),  # two days
        (["############", "############", "####"], PERSISTENT),  # the third, valid with its fourth hour
        (["############", "############", "###"], RAISED),
        (["############", "....", "############", "....", "############"], PERSISTENT),  # three of five
        (["############", "....", "....", "....", "####", "######"], RAISED),  # the first is out of sight
        (["####", "####", "####"], PERSISTENT),
        (["###", "###", "###", "###", "###"], RAISED),  # no day is valid
        (["#####......."] * 3, USUAL),  # elevated days, but never half of twelve hours
        (["####", "####", "####", "............"], USUAL),
        # only few elevated hours clear it, not days that are as usual
        (["####"] * 3 + [".........###.........###"] * 4 + [".........######"], PERSISTENT),
    ],
)
def test_standing_follows_from_the_latest_hours_and_days(days: list[str], standing: Standing) -> None:
    found = standings([day(pattern) for pattern in days])
    assert (found[-1] if found else USUAL) is standing


def test_a_day_is_elevated_when_a_third_of_its_hours_are() -> None:
    window = Window(RULE)
    for elevated in day("####........"):
        window.add(elevated=elevated)
    assert window.days == [True]
    window.add(elevated=False)
    assert window.days == [False]


@given(days_of_hours, st.data())
def test_more_elevated_hours_never_lower_the_standing(days: list[list[bool]], data: st.DataObject) -> None:
    more = [[elevated or data.draw(st.booleans()) for elevated in hours] for hours in days]
    assert all(raised >= plain for raised, plain in zip(standings(more), standings(days), strict=True))


@given(days_of_hours)
def test_an_hour_that_is_not_elevated_never_raises_suspicion(days: list[list[bool]]) -> None:
    hours = [elevated for hours in days for elevated in hours]
    steps = zip(hours, pairwise([USUAL, *standings(days)]), strict=True)
    assert all(elevated or before is not USUAL or after is USUAL for elevated, (before, after) in steps)


@given(days_of_hours)
def test_the_end_of_a_day_changes_no_standing(days: list[list[bool]]) -> None:
    window = Window(RULE)
    for hours in days:
        for elevated in hours:
            window.add(elevated=elevated)
        before = window.standing
        window.close_day()
        assert window.standing is before
