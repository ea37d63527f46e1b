"""Rows of the journal as points. A row always becomes the same point, so sending it again changes nothing."""

from functools import cache
from zlib import crc32

from detector.persistence import Level
from ingest.alerts.alarm import Alarm
from ingest.influx.line import FieldValue, line, series_key
from ingest.minutes import MINUTE_NS
from ingest.schema import AlertRow, DeviceRow, EventRow, MinuteRow, NoteKind, NoteRow
from ingest.sites import Site

OFF_H = 24  # how long a note "off on purpose" stands for life: longer would hide a failure after a return
OFF_NS = OFF_H * 60 * MINUTE_NS
_OFF_STEP_NS = 10 * MINUTE_NS  # so that each half hour holds some
_LEVELS = {level.name.lower(): int(level) for level in (*Level, *Alarm)}
_APART_NS = 1000  # rows of one series and microsecond are told apart by the digits below it


@cache
def region(site: str) -> str:
    """The body region of a site, for a tag; empty where the site is none of ours."""
    try:
        return str(Site.parse(site).region)
    except ValueError:
        return ""


def site_tags(wearer: str, site: str, modality: str) -> tuple[tuple[str, str], ...]:
    """The tags that everything measured at a site carries."""
    return ("modality", modality), ("region", region(site)), ("site", site), ("wearer", wearer)


def twitch(row: EventRow) -> str:
    """An event of any kind. `kind` is a field and no tag: it may be amended, and the point stays one."""
    key = series_key("twitch", (("device", row.device), *site_tags(row.wearer, row.site, row.modality)))
    fields: dict[str, FieldValue] = {
        "kind": row.kind,
        "duration_ms": row.duration_ms,
        "amplitude": row.amplitude,
        "unit": row.unit,
        "snr": row.snr,
        "confidence": row.confidence,
        "motor_unit": row.motor_unit,
        "state": row.state,
        "reason": row.reason,
        "uncertainty_ms": row.uncertainty_ns / 1e6,
        "detector": row.detector,
    }
    name = f"{row.device} {row.boot_id} {row.stream} {row.channel} {row.onset_sample} {row.detector}"
    return line(key, fields, _told_apart(row.onset_ns, name))


def minute(row: MinuteRow) -> str:
    """A minute of a site, at its start."""
    fields = {
        "rest_s": row.rest_s,
        "movement_s": row.movement_s,
        "not_worn_s": row.not_worn_s,
        "bad_contact_s": row.bad_contact_s,
        "missing_s": row.missing_s,
        "count": row.count,
        "count_rest": row.count_rest,
        "duration_ms": row.duration_ms,
        "noise_floor": row.noise_floor,
    }
    key = series_key("minute", site_tags(row.wearer, row.site, row.modality))
    return line(key, fields, row.minute * MINUTE_NS)


def device(row: DeviceRow) -> str:
    """How a device was."""
    fields: dict[str, FieldValue] = {
        "name": row.name,
        "link": row.link,
        "state": row.state,
        "firmware": row.firmware,
        "boot_id": row.boot_id,
        "battery_mv": row.battery_mv,
        "battery_percent": row.battery_percent,
        "temperature_degc": row.temperature_degc,
        "received": row.received,
        "resent": row.resent,
        "doubled": row.doubled,
        "lost": row.lost,
        "damaged_frames": row.damaged_frames,
        "clock_uncertainty_ms": _ms(row.clock_uncertainty_ns),
        "drift_ppm": row.drift_ppm,
    }
    return line(series_key("device", (("device", row.device), ("wearer", row.wearer))), fields, row.time_ns)


def note(row: NoteRow) -> str:
    """What the wearer noted."""
    key = series_key("note", (("kind", row.kind), ("wearer", row.wearer)))
    fields = {"text": row.text, "source": row.source}
    return line(key, fields, _told_apart(row.time_ns, row.source + row.text))


def life(wearer: str, time_ns: int) -> str:
    """A sign of life, for the dead man's switch: at this time minutes were recorded, or were not to be."""
    return line(series_key("life", (("wearer", wearer),)), {"alive": 1}, time_ns)


def off_on_purpose(row: NoteRow) -> list[str]:
    """Signs of life for the hours after a note that says it is off on purpose; none for other notes."""
    if row.kind != NoteKind.OFF:
        return []
    steps = range(0, OFF_NS, _OFF_STEP_NS)
    return [life(row.wearer, row.time_ns + step_ns) for step_ns in steps]


def alert(row: AlertRow) -> str:
    """A change of level; `level` is the number of its name, in the order of how much it matters."""
    key = series_key("alert", (("rule", row.rule), ("wearer", row.wearer)))
    fields = {
        "level": _LEVELS.get(row.level_to.lower()),
        "level_from": row.level_from,
        "level_to": row.level_to,
        "why": row.why,
    }
    return line(key, fields, row.time_ns)


def _told_apart(time_ns: int, name: str) -> int:
    """The time to the microsecond, and below it digits that follow from what names the row."""
    return time_ns - time_ns % _APART_NS + crc32(name.encode()) % _APART_NS


def _ms(span_ns: int | None) -> float | None:
    return None if span_ns is None else span_ns / 1e6
