"""`fasciwatch detect`: offline detection in recordings."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from detector.event import State
from fasciwatch.console import err, progress, sentences
from ingest.detection import Tally, detect
from ingest.errors import FasciwatchError, RecordingError
from ingest.recording import Recording, read_recording


class ModalityChoice(StrEnum):
    EMG = "emg"
    ACCELEROMETER = "accelerometer"


Recordings = Annotated[
    list[Path], typer.Argument(metavar="RECORDING...", help="Files ending in .npz, .csv or .edf.")
]
ModalityOption = Annotated[
    ModalityChoice | None, typer.Option("--modality", help="What was measured, if the file does not say.")
]
RateOption = Annotated[
    float | None, typer.Option("--rate-hz", metavar="R", help="Sampling rate, if the file does not say.")
]
UnitOption = Annotated[
    str | None,
    typer.Option("--unit", metavar="U", help="uV, mV, V, mg, g, m/s2 or adc, if the file does not say."),
]


def read_all(
    paths: list[Path], modality: ModalityChoice | None, rate_hz: float | None, unit: str | None
) -> list[Recording]:
    """Read every file before anything is done with the first, so that a bad one costs nothing."""
    return [
        read_recording(path, modality=modality and str(modality), rate_hz=rate_hz, unit=unit)
        for path in paths
    ]


def command(
    recordings: Recordings,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE.jsonl|-", help="Where the events go; - is stdout.")
    ],
    modality: ModalityOption = None,
    rate_hz: RateOption = None,
    unit: UnitOption = None,
) -> None:
    """Find twitches in recordings: one JSON object a line.

    EMG is judged channel by channel, an accelerometer's three axes together. What counts as a twitch has the
    kind "twitch"; other kinds say what else was seen. A summary goes to stderr.
    """
    tally = Tally()
    with sentences():
        read = read_all(recordings, modality, rate_hz, unit)
        total_s = sum(recording.duration_s for recording in read)
        with _destination(output) as file, progress("detecting", total_s) as bar:
            for path, recording in zip(recordings, read, strict=True):
                try:
                    for found in detect(recording, tally, advance=lambda s: bar.advance(bar.task_ids[0], s)):
                        file.write(json.dumps(asdict(found)) + "\n")
                except ValueError as error:
                    raise RecordingError(path, str(error)) from error
    _summarise(tally)


@contextmanager
def _destination(output: str) -> Iterator[TextIO]:
    if output == "-":
        yield sys.stdout
        return
    try:
        file = Path(output).open("w", encoding="utf-8")  # noqa: SIM115 -- closed below
    except OSError as error:
        raise FasciwatchError(f"{output}: cannot be written: {error.strerror}") from error
    with file:
        yield file


def _summarise(tally: Tally) -> None:
    seconds = tally.seconds
    unusable = seconds[State.BAD_CONTACT] + seconds[State.NOT_WORN] + seconds[State.MISSING]
    rate = tally.rate_per_hour
    err.print(
        f"observed {tally.observed_s:.1f} s: rest {seconds[State.REST]:.1f} s,"
        f" moving {seconds[State.MOVEMENT]:.1f} s; unusable {unusable:.1f} s"
    )
    err.print(
        f"twitches {tally.twitches}; rate "
        + (f"{rate:.1f} per observed hour" if rate is not None else "not known, nothing could be observed")
        + f"; other events {tally.others}"
    )
