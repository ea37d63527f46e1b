"""Rows of the journal as tests start from them."""

from pathlib import Path

from ingest.journal import Journal
from ingest.schema import EventRow, MinutePart, Records

START = 29_540_160  # 2 March 2026, 00:00 UTC, in minutes

TWITCH = EventRow(
    wearer="me",
    site="biceps-left",
    modality="emg",
    onset_ns=0,
    uncertainty_ns=1_000_000,
    duration_ms=12.0,
    amplitude=80.0,
    unit="uV",
    snr=8.0,
    kind="twitch",
    confidence=0.9,
    motor_unit=None,
    state="rest",
    reason="potential",
    detector="emg-1",
    device="a1",
    boot_id=1,
    stream=0,
    channel=0,
    onset_sample=1000,
    recorded_ns=0,
)


def journal_of_rest(path: Path, minutes: int) -> Path:
    """Write a journal in which one site was at rest for so many minutes from START on."""
    with Journal(path) as kept:
        parts = [MinutePart("me", "biceps-left", "emg", START + n, rest_s=60.0) for n in range(minutes)]
        kept.write(Records(minutes=parts))
    return path
