"""The dialog in which a note is written or mended."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo

from nicegui import ui

from dashboards.report.advice import Symptom, advice_on, symptom_text
from dashboards.web.context import PageContext
from dashboards.web.days import local_time
from dashboards.web.saying import NOTE_NAMES, said_to_be_noted, say
from ingest.diary import StoredNote, mend_note
from ingest.schema import NoteKind, NoteRow

LONGEST_TEXT = 500  # characters: a paragraph; it has to fit a list on a phone
_SYMPTOMS = {symptom.value: f"Symptom: {symptom}" for symptom in Symptom}
_LOCAL = "%Y-%m-%dT%H:%M"  # of a browser's date and time field


class NoteDialog:
    """Asks what, when and in which words; shows at once what has to be read by whoever notes a symptom."""

    def __init__(self, context: PageContext, zone: Callable[[], tzinfo]) -> None:
        self._context, self._zone = context, zone
        self._old: StoredNote | None = None
        with ui.dialog().props('aria-label="Add a note"') as self._dialog, ui.element("form") as form:
            form.classes("dialog card").on("submit.prevent", self._submit)
            self._title = ui.label().classes("title").props('role="heading" aria-level="2"')
            self._kind = ui.select(_choices(), value=NoteKind.OTHER.value, label="What").props("outlined")
            self._text = (
                ui.textarea("In your words (optional)")
                .props(f"outlined autogrow maxlength={LONGEST_TEXT}")
                .mark("note-text")
            )
            self._when = ui.input("When").props("outlined type=datetime-local stack-label")
            with ui.element("div").classes("buttons"):
                ui.button("Cancel", on_click=self._dialog.close, color=None).props("no-caps flat")
                ui.button("Save", color=None).props("no-caps unelevated type=submit").classes("felt")
        with ui.dialog().props('aria-label="Please read this"') as self._advice, ui.element("div") as card:
            card.classes("dialog card")
            self._advice_text = ui.column()
            understood = ui.button("Understood", on_click=self._advice.close, color=None)
            understood.props("no-caps unelevated").classes("felt")

    def open(self, note: StoredNote | None = None) -> None:
        """Show it: with a note that is to be mended, or empty and set to now."""
        self._old = note
        at = local_time(note.row.time_ns, self._zone()) if note else datetime.now(self._zone())
        self._title.text = "Mend a note" if note else "Add a note"
        self._kind.value = note.row.kind if note else NoteKind.OTHER.value
        self._text.value = note.row.text if note else ""
        self._when.value = at.strftime(_LOCAL)
        self._dialog.open()

    async def _submit(self) -> None:
        time_ns = _instant(self._when.value, self._zone())
        if time_ns is None:
            say("This is no date and time.", "doubtful")
            return
        if time_ns > time.time_ns():
            say("This time has not come yet.", "doubtful")
            return
        kind, text = _meant(self._kind.value, self._text.value)
        self._show_advice(kind, text)
        if await said_to_be_noted(self._write(kind, text, time_ns), kind, time_ns, self._zone()):
            self._dialog.close()

    async def _write(self, kind: str, text: str, time_ns: int) -> None:
        if self._old is None:
            await self._context.add_note(kind, text, time_ns)
            return
        new: NoteRow = replace(
            self._old.row, kind=kind, text=text, time_ns=time_ns, recorded_ns=time.time_ns()
        )
        await asyncio.to_thread(mend_note, self._context.journal, self._old, new)

    def _show_advice(self, kind: str, text: str) -> None:
        """Whether or not the note can be saved."""
        if advice := advice_on(kind, text):
            self._advice_text.clear()
            with self._advice_text:
                for sentence in advice:
                    ui.label(sentence)
            self._advice.open()


def _choices() -> dict[str, str]:
    """What can be chosen: the kinds of notes, the symptoms that a doctor asks about among them."""
    choices: dict[str, str] = {}
    for kind, name in NOTE_NAMES.items():
        if kind is NoteKind.SYMPTOM:
            choices |= _SYMPTOMS
        choices[kind.value] = name
    return choices


def _meant(choice: str, words: str) -> tuple[str, str]:
    """The kind and the text of a note, from what was chosen and written."""
    if choice in _SYMPTOMS:
        return NoteKind.SYMPTOM, symptom_text(Symptom(choice), words)[:LONGEST_TEXT]
    return choice, words.strip()[:LONGEST_TEXT]


def _instant(text: str | None, zone: tzinfo) -> int | None:
    """What a browser's date and time field holds, in ns UTC; now where it holds nothing."""
    if not text:
        return time.time_ns()
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=zone)
    except ValueError:
        return None
    return round(local.timestamp()) * 1_000_000_000
