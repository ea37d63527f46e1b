"""The way from a file to a `Recording`: read, judge, convert."""

from collections.abc import Callable
from math import isfinite
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import RecordingError
from ingest.recording import csv_file, edf_file, npz_file
from ingest.recording.content import Content, Modality, Recording
from ingest.recording.units import CONVERSIONS, Conversion, conversion_of

Reader = Callable[[Path, str | None, str | None], Content]

_READERS: dict[str, Reader] = {".npz": npz_file.read, ".csv": csv_file.read, ".edf": edf_file.read}

_MODALITIES: dict[str, Modality] = {"emg": "emg", "ecg": "emg", "accelerometer": "accelerometer"}


def read_recording(
    path: Path | str, *, modality: str | None = None, rate_hz: float | None = None, unit: str | None = None
) -> Recording:
    """Read a recording; the ending of its name says what it is.

    Args:
        path: `.npz` with the keys x (samples, channels), fs_hz, channels, unit and modality; `.csv` with
            a header of channel names and, if wished, a column time_s; or `.edf`.
        modality: emg or accelerometer; goes before what the file says. Where neither says it, the unit
            decides, and where that does not either, it is emg.
        rate_hz: Goes before what the file says.
        unit: uV, mV, V, mg, g, m/s2 or adc; goes before what the file says. Where neither says it, an EMG
            is in counts of unknown scale.

    Raises:
        RecordingError: It cannot be read, or not be understood; says in one sentence why.
    """
    path = Path(path)
    if path.suffix.lower() not in _READERS:
        raise RecordingError(path, f"expected a file ending in {', '.join(_READERS)}")
    if not path.is_file():
        raise RecordingError(path, "is a directory" if path.is_dir() else "there is no such file")
    try:
        empty = path.stat().st_size == 0
        content = None if empty else _READERS[path.suffix.lower()](path, modality, unit)
    except OSError as error:
        raise RecordingError(path, f"cannot be read: {error.strerror or error}") from error
    if content is None:
        raise RecordingError(path, "the file is empty")
    conversion, measured = _meaning(path, content, modality, unit)
    return Recording(
        name=path.stem,
        samples=_samples(path, content, conversion.factor),
        rate_hz=_rate_hz(path, content, rate_hz),
        modality=measured,
        unit=conversion.unit,
        channels=content.channels,
        extra=content.extra,
    )


def _meaning(
    path: Path, content: Content, modality: str | None, unit: str | None
) -> tuple[Conversion, Modality]:
    said = modality or content.modality
    measured = _MODALITIES.get(said) if said else None
    if said and measured is None:
        raise RecordingError(path, f"modality {said!r} is none of {', '.join(_MODALITIES)}")
    word = unit or content.unit
    if word is None and measured == "accelerometer":
        raise RecordingError(path, "the unit is not known; say whether it is mg, g or m/s2")
    conversion = conversion_of(word) if word else CONVERSIONS["adc"]
    if conversion is None:
        raise RecordingError(path, f"unit {word!r} is none of {', '.join(CONVERSIONS)}; say which it is")
    measured = measured or conversion.modality or "emg"
    if conversion.modality not in {None, measured}:
        raise RecordingError(path, f"modality {measured} is not measured in {word}")
    return conversion, measured


def _rate_hz(path: Path, content: Content, asked_hz: float | None) -> float:
    rate_hz = asked_hz if asked_hz is not None else content.rate_hz
    if rate_hz is None:
        raise RecordingError(path, "the sampling rate is not known; say it, or add a column time_s")
    if not isfinite(rate_hz) or rate_hz <= 0:
        raise RecordingError(path, f"the sampling rate is {rate_hz:g} Hz; expected more than 0")
    return rate_hz


def _samples(path: Path, content: Content, factor: float) -> NDArray[np.float32]:
    instants, channels = content.table.shape
    if not channels:
        raise RecordingError(path, "has no channel")
    if not instants:
        raise RecordingError(path, "has no samples")
    with np.errstate(over="ignore", invalid="ignore"):
        samples = np.ascontiguousarray((content.table.T * factor).astype(np.float32, copy=False))
    bad = np.argwhere(~np.isfinite(samples.T))
    if bad.size:
        instant, channel = bad[0]
        raise RecordingError(
            path, f"sample {instant + 1} of channel {content.channels[channel]} is not a finite number"
        )
    return samples
