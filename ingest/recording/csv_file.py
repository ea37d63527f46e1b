"""Recordings as text: a header with a name for each channel, then one line for each sampling instant."""

import csv
from math import isfinite
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from ingest.errors import RecordingError
from ingest.recording.content import Content

TIME = "time_s"
_STEP_TOLERANCE = 0.5  # of a step: more than that apart from the usual one, and samples are missing


def read(path: Path, _modality: str | None, _unit: str | None) -> Content:
    """Return the columns; the rate comes from a column `time_s` if there is one.

    Raises:
        RecordingError: Not text, no header, or a line that does not fit; names the line and the column.
    """
    try:
        names = _header(path)
        table = _numbers(path, names)
    except UnicodeDecodeError as error:
        raise RecordingError(path, "is not text in UTF-8") from error
    if TIME not in names:
        return Content(table=table, channels=names)
    column = names.index(TIME)
    return Content(
        table=np.delete(table, column, axis=1),
        channels=names[:column] + names[column + 1 :],
        rate_hz=_rate_hz(path, table[:, column]),
    )


def _header(path: Path) -> tuple[str, ...]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = tuple(name.strip() for name in next(csv.reader(file), []))
    if all(_is_number(name) for name in names):
        raise RecordingError(path, "line 1: expected the names of the channels")
    if "" in names:
        raise RecordingError(path, f"line 1: column {names.index('') + 1} has no name")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise RecordingError(path, f"line 1: column {repeated[0]} is there more than once")
    return names


def _numbers(path: Path, names: tuple[str, ...]) -> NDArray[np.float64]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        next(file)
        lines = [line for line in file if line.strip()]
    if not lines:
        raise RecordingError(path, "has a header but no samples")
    try:
        table = np.loadtxt(lines, delimiter=",", ndmin=2, comments=None, quotechar='"')
    except ValueError:
        _explain(path, names)
    if table.shape[1] != len(names) or not np.isfinite(table).all():
        _explain(path, names)
    return table


def _explain(path: Path, names: tuple[str, ...]) -> NoReturn:
    """Find the first line that does not fit, for the fast reader does not tell it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for row in rows:
            if not "".join(row).strip():
                continue
            if len(row) != len(names):
                raise RecordingError(
                    path, f"line {rows.line_num}: has {len(row)} columns, the header has {len(names)}"
                )
            for name, cell in zip(names, row, strict=True):
                if not _is_number(cell) or not isfinite(float(cell)):
                    raise RecordingError(
                        path, f"line {rows.line_num}: column {name} holds {cell!r}, expected a finite number"
                    )
    raise RecordingError(path, "does not hold one line of numbers for each sampling instant")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _rate_hz(path: Path, time_s: NDArray[np.float64]) -> float:
    if time_s.size < 2:
        raise RecordingError(path, f"column {TIME} needs two lines to tell the sampling rate")
    steps_s = np.diff(time_s)
    usual_s = float(np.median(steps_s))
    if usual_s <= 0:
        raise RecordingError(path, f"column {TIME} does not rise")
    odd = np.flatnonzero(np.abs(steps_s - usual_s) > _STEP_TOLERANCE * usual_s)
    if odd.size:
        sample = int(odd[0])
        raise RecordingError(
            path,
            f"column {TIME} goes from {time_s[sample]:g} to {time_s[sample + 1]:g} s at sample {sample + 2}, "
            f"where {usual_s:g} s is the usual step; cut the file where samples are missing",
        )
    return float((time_s.size - 1) / (time_s[-1] - time_s[0]))
