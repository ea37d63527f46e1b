"""Recordings in the European Data Format, read by edfio in their physical units."""

import warnings
from pathlib import Path

import edfio
import numpy as np

from ingest.errors import RecordingError
from ingest.recording.content import Content
from ingest.recording.units import conversion_of


def read(path: Path, modality: str | None, unit: str | None) -> Content:
    """Return the signals of one modality: the one asked for, otherwise that of the first usable signal.

    Raises:
        RecordingError: Damaged, cut short, no usable signal, or signals of different rates or units.
    """
    signals = _signals(path)
    words = [unit or signal.physical_dimension for signal in signals]
    known = [conversion_of(word) for word in words]
    wanted = modality or next((one.modality for one in known if one and one.modality), None)
    chosen = [
        (signal, word)
        for signal, word, one in zip(signals, words, known, strict=True)
        if one and (one.modality is None or wanted in {None, one.modality})
    ]
    if not chosen:
        found = ", ".join(f"{signal.label} in {signal.physical_dimension!r}" for signal in signals)
        raise RecordingError(path, f"has no signal in a unit of {wanted or 'any modality'}; found {found}")
    first, first_word = chosen[0]
    for signal, word in chosen[1:]:
        if signal.sampling_frequency != first.sampling_frequency or word != first_word:
            raise RecordingError(
                path,
                f"signals {first.label} ({first.sampling_frequency:g} Hz, {first_word}) and {signal.label} "
                f"({signal.sampling_frequency:g} Hz, {word}) differ; expected one rate and one unit",
            )
    return Content(
        table=np.stack([signal.data for signal, _ in chosen], axis=1),
        channels=tuple(signal.label for signal, _ in chosen),
        rate_hz=first.sampling_frequency,
        unit=first_word,
    )


def _signals(path: Path) -> tuple[edfio.EdfSignal, ...]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # edfio mends a short file with a warning; we do not
            signals = edfio.read_edf(path, lazy_load_data=False).signals
    except (ValueError, IndexError, TypeError, UserWarning) as error:
        raise RecordingError(path, "is no whole EDF file; it may be damaged or cut short") from error
    if not signals:
        raise RecordingError(path, "has no channel")
    return signals
