"""Noting something: one button for "felt it", a dialog for the rest."""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, tzinfo

from nicegui import ui

from dashboards.web.wording import clock
from ingest.errors import FasciwatchError
from ingest.schema import NoteKind

AddNote = Callable[[str, str, int], Awaitable[None]]

NOTE_NAMES = {
    NoteKind.FELT: "Felt a twitch",
    NoteKind.CAFFEINE: "Caffeine",
    NoteKind.NICOTINE: "Nicotine",
    NoteKind.SLEEP: "Sleep",
    NoteKind.EXERCISE: "Exercise",
    NoteKind.STRESS: "Stress",
    NoteKind.WATER: "Drank water",
    NoteKind.FOOD: "Food",
    NoteKind.MEDICINE: "Medicine",
    NoteKind.SYMPTOM: "Another symptom",
    NoteKind.OFF: "Sensor off on purpose",
    NoteKind.OTHER: "Something else",
}
LONGEST_TEXT = 500  # characters: a paragraph; it has to fit a list on a phone


def note_bar(add_note: AddNote, zone: Callable[[], tzinfo]) -> None:
    """Lay out the two buttons and the dialog behind the second."""
    dialog = NoteDialog(add_note, zone)

    async def felt() -> None:
        await _save(add_note, zone(), NoteKind.FELT, "", time.time_ns())

    with ui.element("aside").classes("notes").props('aria-label="Note something"'):
        ui.button("I felt a twitch", on_click=felt, color=None).props("no-caps unelevated").classes("felt")
        ui.button("Add a note", on_click=dialog.open, color=None).props("no-caps flat").classes("add")


class NoteDialog:
    """Asks what, when and in which words."""

    def __init__(self, add_note: AddNote, zone: Callable[[], tzinfo]) -> None:
        self._add_note = add_note
        self._zone = zone
        with ui.dialog().props('aria-label="Add a note"') as self._dialog, ui.element("form") as form:
            form.classes("dialog card").on("submit.prevent", self._submit)
            ui.html("<h2>Add a note</h2>", sanitize=False)
            self._kind = ui.select(dict(NOTE_NAMES), value=NoteKind.OTHER, label="What").props("outlined")
            self._text = (
                ui.textarea("In your words (optional)")
                .props(f"outlined autogrow maxlength={LONGEST_TEXT}")
                .mark("note-text")
            )
            self._when = ui.input("When").props("outlined type=datetime-local stack-label")
            with ui.element("div").classes("buttons"):
                ui.button("Cancel", on_click=self._dialog.close, color=None).props("no-caps flat")
                ui.button("Save", color=None).props("no-caps unelevated type=submit").classes("felt")

    def open(self) -> None:
        """Show it, empty and set to now."""
        self._kind.value = NoteKind.OTHER
        self._text.value = ""
        self._when.value = datetime.now(self._zone()).strftime("%Y-%m-%dT%H:%M")
        self._dialog.open()

    async def _submit(self) -> None:
        time_ns = _instant(self._when.value, self._zone())
        if time_ns is None:
            _say("This is no date and time.", "doubtful")
        elif time_ns > time.time_ns():
            _say("This time has not come yet.", "doubtful")
        elif await _save(self._add_note, self._zone(), self._kind.value, self._text.value.strip(), time_ns):
            self._dialog.close()


async def _save(add_note: AddNote, zone: tzinfo, kind: NoteKind, text: str, time_ns: int) -> bool:
    try:
        await add_note(kind, text[:LONGEST_TEXT], time_ns)
    except FasciwatchError as error:
        _say(f"This note was not saved: {error}", "failed", close_button="Understood")
        return False
    noted = clock(time_ns, zone, time.time_ns())
    _say(f"Noted: {NOTE_NAMES[kind].lower()}, {noted}", "saved")
    return True


def _say(text: str, how: str, *, close_button: str | bool = False) -> None:
    """Say it at the head of the page: for some seconds, or until a button is pressed."""
    stay_ms = 0 if close_button else 4000  # long enough to read a line twice; 0 is until pressed
    ui.notify(text, position="top", classes=f"said {how}", timeout=stay_ms, close_button=close_button)


def _instant(text: str | None, zone: tzinfo) -> int | None:
    """What a browser's date and time field holds, in ns UTC; now where it holds nothing."""
    if not text:
        return time.time_ns()
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        return None
    return round(local.timestamp()) * 1_000_000_000
