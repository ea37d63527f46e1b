"""Rows of the journal as tests start from them."""

from ingest.schema import EventRow

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
