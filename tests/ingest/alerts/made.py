"""Made facts and verdicts: one site that is fine unless told otherwise."""

from dataclasses import replace

from detector.persistence import Level
from ingest.alerts.alarm import Alarm, Kind, Rule, Verdict
from ingest.alerts.facts import Facts, Minute, Recorded, SiteFacts
from ingest.schema import DeviceRow

SECOND_NS, MINUTE_NS, HOUR_NS = 10**9, 60 * 10**9, 3600 * 10**9
NOON_NS = 1_760_000_400_000_000_000 // (24 * HOUR_NS) * 24 * HOUR_NS + 12 * HOUR_NS  # of some day, UTC
KEY = ("biceps-left", "emg")
GOOD = Minute(60.0, 0.0, 5.0)
LOOSE = Minute(60.0, 60.0, None)


def site(**changes: object) -> SiteFacts:
    fine = SiteFacts(KEY, NOON_NS, NOON_NS, minutes=(GOOD,) * 30)
    return replace(fine, **changes)


def device(**changes: object) -> DeviceRow:
    fine = DeviceRow(
        device="00a1", time_ns=NOON_NS, wearer="me", name="arm", link="pty", state="streaming",
        firmware="1.0.0", boot_id=1, battery_mv=3900, battery_percent=80, temperature_degc=None, received=1,
        resent=0, doubled=0, lost=0, damaged_frames=0, clock_uncertainty_ns=1_000_000, drift_ppm=20.0,
    )  # fmt: skip
    return replace(fine, **changes)


def facts(
    *sites: SiteFacts,
    now_ns: int = NOON_NS,
    devices: tuple[DeviceRow, ...] = (),
    off_ns: int | None = None,
    archive_problem: str = "",
    forwarded_ns: int = 0,
    **changes: object,
) -> Facts:
    recorded = Recorded(sites or (site(),), devices, off_ns, archive_problem, forwarded_ns)
    return replace(Facts(now_ns, NOON_NS - 24 * HOUR_NS, recorded), **changes)


def no_data(level: Alarm, where: str = "biceps-left emg") -> Verdict:
    return Verdict(Rule(Kind.NO_DATA, where), level, f"{where}: {level.name}.")


def twitching(level: Level) -> Verdict:
    return Verdict(Rule(Kind.PERSISTENCE), level, "Left calf: 40 an hour, 15 are its usual.")
