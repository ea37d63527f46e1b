"""Recordings as NumPy archives: `x` (samples, channels), `fs_hz`, `channels`, `unit`, `modality`."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import RecordingError
from ingest.recording.content import Content

_OWN_KEYS = frozenset({"x", "fs_hz", "channels", "unit", "modality"})


def read(path: Path, _modality: str | None, _unit: str | None) -> Content:
    """Return what the archive says; clips (clips, samples, channels) are joined along time.

    Raises:
        RecordingError: It is damaged, lacks `x`, or a key holds something else than expected.
    """
    arrays = _arrays(path)
    if "x" not in arrays:
        raise RecordingError(path, f"key x with the samples is missing; found {', '.join(arrays) or 'none'}")
    table = arrays["x"]
    if table.dtype.kind not in "iuf":
        raise RecordingError(path, f"key x holds {table.dtype}, expected numbers")
    extra = {key: values for key, values in arrays.items() if key not in _OWN_KEYS}
    if table.ndim == 3:
        clips, instants, channels = table.shape
        extra.setdefault("segment_length", np.full(clips, instants))
        table = table.reshape(clips * instants, channels)
    if table.ndim == 1:
        table = table[:, np.newaxis]
    if table.ndim != 2:
        raise RecordingError(path, f"key x has {table.ndim} dimensions, expected (samples, channels)")
    return Content(
        table=table,
        channels=_channels(path, arrays, table.shape[1]),
        rate_hz=_number(path, arrays, "fs_hz"),
        modality=_word(arrays, "modality"),
        unit=_word(arrays, "unit"),
        extra=extra,
    )


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    broken = "is no whole .npz archive; it may be damaged or cut short"
    if not zipfile.is_zipfile(path):
        raise RecordingError(path, broken)
    try:
        with np.load(path, allow_pickle=False) as archive:
            entries = {key: archive[key] for key in archive.files}
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise RecordingError(path, broken) from error
    except ValueError as error:
        raise RecordingError(path, f"does not hold plain arrays: {error}") from error
    return {key: values for key, values in entries.items() if isinstance(values, np.ndarray)}


def _channels(path: Path, arrays: dict[str, NDArray[Any]], count: int) -> tuple[str, ...]:
    if "channels" not in arrays:
        return tuple(f"ch{number}" for number in range(1, count + 1))
    names = tuple(str(name) for name in arrays["channels"].ravel())
    if len(names) != count:
        raise RecordingError(path, f"key channels has {len(names)} names, x has {count} columns")
    return names


def _number(path: Path, arrays: dict[str, NDArray[Any]], key: str) -> float | None:
    if key not in arrays:
        return None
    value = arrays[key]
    if value.size != 1 or value.dtype.kind not in "iuf":
        raise RecordingError(path, f"key {key} is not one number")
    return float(value.reshape(()))


def _word(arrays: dict[str, NDArray[Any]], key: str) -> str | None:
    return str(arrays[key].reshape(-1)[0]) if key in arrays and arrays[key].size else None
