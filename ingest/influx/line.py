"""InfluxDB's line protocol: one point as one line.

Source: InfluxDB 2.7 reference, "Line protocol": which characters are escaped where, and which cannot be.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import isfinite

FieldValue = float | int | str | None

_TAG_REPLACED = str.maketrans({"\n": " ", "\r": " ", "\\": "/"})
_TAG_ESCAPES = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})
_STRING_ESCAPES = str.maketrans({'"': r"\"", "\\": r"\\"})


@lru_cache(maxsize=4096)  # series: 16 sites x 2 modalities x kinds x devices stay far below
def series_key(measurement: str, tags: tuple[tuple[str, str], ...]) -> str:
    r"""What a point's line begins with: the series it belongs to.

    Tags are sorted, which spares the server the work; an empty value is no tag. Line breaks become spaces and
    backslashes slashes, as neither can stand in a tag's value without changing what follows.

    >>> series_key("note", (("wearer", "Ann B"), ("kind", "felt"), ("site", "")))
    'note,kind=felt,wearer=Ann\\ B'
    """
    named = "".join(
        f",{name}={tag_value(value).translate(_TAG_ESCAPES)}" for name, value in sorted(tags) if value
    )
    return measurement + named


def tag_value(value: str) -> str:
    r"""A tag's value as it is stored: a few characters cannot stand in one.

    >>> tag_value("Ann\\B")
    'Ann/B'
    """
    return value.translate(_TAG_REPLACED)


def line(key: str, fields: Mapping[str, FieldValue], time_ns: int) -> str:
    """One point. A field that is None, or no number, is left out: InfluxDB has no null.

    Args:
        key: From `series_key`.
        fields: Integers are stored as integers, floats as floats, text as text.
        time_ns: UTC.

    >>> line("minute,site=tongue-middle", {"count": 2, "rest_s": 60.0, "noise_floor": None}, 5)
    'minute,site=tongue-middle count=2i,rest_s=60.0 5'
    """
    return f"{key} {','.join(_fields(fields.items()))} {time_ns}"


def _fields(fields: Iterable[tuple[str, FieldValue]]) -> Iterable[str]:
    for name, value in fields:
        if isinstance(value, str):
            yield f'{name}="{value.translate(_STRING_ESCAPES)}"'
        elif isinstance(value, int):
            yield f"{name}={value}i"
        elif value is not None and isfinite(value):
            yield f"{name}={value!r}"
