"""Lines of InfluxDB's protocol say what they were given, whatever characters it holds."""

import math

import pytest

from ingest.influx.line import line, series_key


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Ann B", r"Ann\ B"),
        ("a,b", r"a\,b"),
        ("a=b", r"a\=b"),
        ("two\nlines", r"two\ lines"),
        ("back\\slash", "back/slash"),
        ("Jürgen", "Jürgen"),
    ],
)
def test_what_a_tag_cannot_hold_is_escaped_or_replaced(value: str, written: str) -> None:
    assert series_key("note", (("wearer", value),)) == f"note,wearer={written}"


def test_tags_are_sorted_and_empty_ones_left_out() -> None:
    assert series_key("m", (("site", "s"), ("region", ""), ("kind", "k"))) == "m,kind=k,site=s"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (2, "2i"),
        (2.0, "2.0"),
        (1e-9, "1e-09"),
        ('said "no"', r'"said \"no\""'),
        ("back\\slash", r'"back\\slash"'),
        ("", '""'),
    ],
)
def test_a_field_keeps_its_type(value: float | str, written: str) -> None:
    assert line("m", {"f": value}, 5) == f"m f={written} 5"


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_a_field_without_a_figure_is_left_out(value: float | None) -> None:
    assert line("m", {"f": value, "g": 1}, 5) == "m g=1i 5"
