"""Turns an overview into HTML: the templates beside this file, every value escaped."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboards.report.phrases import link, too_few
from dashboards.web import wording
from dashboards.web.days import hour_marks
from dashboards.web.freshness import device_state, is_fresh, last_heard, signal
from dashboards.web.overview import Found, Overview
from dashboards.web.overview_reader import RECENT, SLOT_MINUTES
from dashboards.web.saying import NOTE_NAMES
from dashboards.web.told import Told
from detector.association import AFTER_H
from detector.event import State
from ingest.alerts.message import words
from ingest.live import Lane
from ingest.minutes import MINUTE_NS
from ingest.schema import NoteRow

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals |= {
    "LOW_BATTERY_PERCENT": 20,  # about a night's worth: the second level of the battery alert
    "MINUTE_NS": MINUTE_NS,
    "NOW_WIDTH_MINUTES": 400,  # so much of the time axis an hour and the word "now" take on a phone
    "SLOT_MINUTES": SLOT_MINUTES,
    "STATES": wording.STATES,
    "AFTER_H": AFTER_H,
    "State": State,
    "hour_marks": hour_marks,
}
_TEMPLATES.filters |= {
    "alert_words": words,
    "clock": wording.clock,
    "duration": wording.duration,
    "figure": wording.figure,
    "link": link,
    "too_few": too_few,
    "modality": lambda name: wording.MODALITIES.get(name, name),
    "place": wording.place_name,
    "share": wording.share,
    "term": wording.anatomical_term,
    "unit": lambda name: wording.UNITS.get(name, name),
}
_PARTS = {
    part: _TEMPLATES.get_template(f"{part}.html")
    for part in ("today", "timeline", "history", "alerts", "diary", "recent", "devices")
}


def render(overview: Overview, lanes: Sequence[Lane], told: Told) -> dict[str, str]:
    """The HTML of each part of the page, by its template's name."""
    heard = last_heard(lanes)
    shared = {"overview": overview, "now_ns": overview.now_ns, "zone": overview.zone}
    return {
        part: template.render(
            shared,
            told=told,
            recent=_recent(overview),
            note_names=NOTE_NAMES,
            fresh={device for device, last_ns in heard.items() if is_fresh(last_ns, overview.now_ns)},
            device_states={
                row.device: device_state(heard.get(row.device), row.time_ns, overview.now_ns, overview.zone)
                for row in overview.devices
            },
            signals={row.device: signal(row.device, lanes, overview.places) for row in overview.devices},
        )
        for part, template in _PARTS.items()
    }


def _recent(overview: Overview) -> list[tuple[str, int, Found | NoteRow]]:
    """Twitches and notes in one list, newest first."""
    both: list[tuple[str, int, Found | NoteRow]] = [
        *(("twitch", found.row.onset_ns, found) for found in overview.twitches),
        *(("note", note.time_ns, note) for note in overview.notes),
    ]
    return sorted(both, key=lambda item: item[1], reverse=True)[:RECENT]
