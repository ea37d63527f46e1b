"""What the page says in a moment's notice: noted, not noted, and why."""

import time
from collections.abc import Awaitable
from datetime import tzinfo

from nicegui import ui

from dashboards.web.wording import clock
from ingest.errors import FasciwatchError
from ingest.schema import NoteKind

NOTE_NAMES = {
    NoteKind.FELT: "Felt a twitch",
    NoteKind.CAFFEINE: "Caffeine",
    NoteKind.NICOTINE: "Nicotine",
    NoteKind.SLEEP: "Sleep",
    NoteKind.EXERCISE: "Exercise",
    NoteKind.STRESS: "Stress",
    NoteKind.WATER: "Drank water",
    NoteKind.FOOD: "Food",
    NoteKind.MEDICINE: "Medicine, new or changed",
    NoteKind.SYMPTOM: "Another symptom",
    NoteKind.OFF: "Sensor off on purpose",
    NoteKind.OTHER: "Something else",
}


def say(text: str, how: str, *, close_button: str | bool = False) -> None:
    """Say it at the head of the page: for some seconds, or until a button is pressed."""
    stay_ms = 0 if close_button else 4000  # long enough to read a line twice; 0 is until pressed
    ui.notify(text, position="top", classes=f"said {how}", timeout=stay_ms, close_button=close_button)


async def said_to_be_noted(writing: Awaitable[None], kind: str, time_ns: int, zone: tzinfo) -> bool:
    """Wait for a note to be written and say whether it was."""
    try:
        await writing
    except FasciwatchError as error:
        say(f"This note was not saved: {error}", "failed", close_button="Understood")
        return False
    noted = clock(time_ns, zone, time.time_ns())
    say(f"Noted: {NOTE_NAMES[NoteKind(kind)].lower()}, {noted}", "saved")
    return True
