"""Journals with traffic, and what InfluxDB has to hold of them."""

import random
from pathlib import Path

from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.schema import DeviceRow, EventRow, MinutePart, NoteRow, Records

MINUTE_NS = 60_000_000_000
START_MINUTE = 29_000_000  # February 2025
SITES = ("biceps-left", "gastrocnemius-right")


def event(site: str, onset_ns: int, number: int, kind: str = "twitch", state: str = "rest") -> EventRow:
    return EventRow(
        wearer="me", site=site, modality="emg", onset_ns=onset_ns, uncertainty_ns=1_000_000, duration_ms=12.5,
        amplitude=80.0, unit="uV", snr=7.5, kind=kind, confidence=0.9, motor_unit=None, state=state,
        reason='isolated "potential", \\ odd', detector="emg-1", device="00a1", boot_id=7, stream=0,
        channel=SITES.index(site), onset_sample=number, recorded_ns=onset_ns,
    )  # fmt: skip


def device_row(time_ns: int) -> DeviceRow:
    return DeviceRow(
        device="00a1", time_ns=time_ns, wearer="me", name="Arm, left", link="/dev/ttyUSB0", state="streaming",
        firmware="1.0.0", boot_id=7, battery_mv=None, battery_percent=81, temperature_degc=29.5, received=5,
        resent=0, doubled=0, lost=0, damaged_frames=0, clock_uncertainty_ns=1_300_000, drift_ppm=None,
    )  # fmt: skip


class Traffic:
    """Minute after minute of what a service writes, seeded; each minute grows twice, as late samples do."""

    def __init__(self, path: Path, seed: int = 1) -> None:
        self.path = path
        self.minute = START_MINUTE
        self._number = 0
        self._random = random.Random(seed)

    def write(self, minutes: int) -> None:
        with Journal(self.path) as journal:
            for _ in range(minutes):
                journal.write(self._minute(elapsed_s=30.0))
                journal.write(self._minute(elapsed_s=60.0))
                self.minute += 1

    def _minute(self, elapsed_s: float) -> Records:
        start_ns = self.minute * MINUTE_NS
        records = Records(devices=[device_row(start_ns + int(elapsed_s))])
        for site in SITES:
            records.minutes.append(
                MinutePart("me", site, "emg", self.minute, rest_s=28.0, elapsed_s=elapsed_s, noise_floor=5.0)
            )
            for _ in range(self._random.randrange(3)):
                self._number += 1
                kind = self._random.choice(("twitch", "twitch", "artefact"))
                onset_ns = start_ns + self._random.randrange(MINUTE_NS)
                records.events.append(event(site, onset_ns, self._number, kind))
        if self._random.random() < 0.1:
            records.notes.append(
                NoteRow("me", start_ns, "felt", f"number {self._number}", "button", start_ns)
            )
        return records


def expected_counts(path: Path) -> dict[str, int]:
    """How many points of each measurement the journal makes."""
    tables = {"twitch": "event", "minute": "minute", "device": "device", "note": "note", "alert": "alert"}
    hour = "SELECT count(*) FROM (SELECT DISTINCT wearer, site, modality, minute / 60 FROM minute)"
    with JournalReader(path) as reader:
        rows = {m: reader.ask(f"SELECT count(*) FROM {table}")[0][0] for m, table in tables.items()}
        return rows | {"hour": reader.ask(hour)[0][0]}
