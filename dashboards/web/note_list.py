"""The list of notes in which one is chosen to be mended or deleted."""

import asyncio
import time
from collections.abc import Callable
from datetime import tzinfo
from functools import partial

from nicegui import ui

from dashboards.web.context import PageContext
from dashboards.web.saying import NOTE_NAMES, say
from dashboards.web.wording import clock
from ingest.diary import StoredNote, delete_note, newest_notes
from ingest.errors import FasciwatchError
from ingest.reader import JournalReader
from ingest.schema import NoteKind

SHOWN = 20  # what is mended is mostly of today; `fasciwatch notes` reaches all of them


class NoteList:
    """The newest notes, each with what can be done to it."""

    def __init__(
        self, context: PageContext, zone: Callable[[], tzinfo], *, mend: Callable[[StoredNote], None]
    ) -> None:
        self._context, self._zone, self._mend = context, zone, mend
        with ui.dialog().props('aria-label="Your notes"') as self._dialog, ui.element("div") as card:
            card.classes("dialog card note-list")
            ui.html("<h2>Your notes</h2>", sanitize=False)
            self._rows = ui.element("ol").classes("log")
            ui.button("Close", on_click=self._dialog.close, color=None).props("no-caps flat")

    async def open(self) -> None:
        """Show what is in the journal now."""
        try:
            notes = await asyncio.to_thread(self._read)
        except FasciwatchError as error:
            say(f"The notes cannot be read: {error}", "failed", close_button="Understood")
            return
        self._rows.clear()
        with self._rows:
            for note in notes:
                self._row(note)
            if not notes:
                ui.label("Nothing was noted yet.").classes("faint")
        self._dialog.open()

    def _row(self, note: StoredNote) -> None:
        row = note.row
        with ui.element("li").classes("note"):
            ui.label(clock(row.time_ns, self._zone(), time.time_ns())).classes("faint")
            with ui.element("span"):
                what = NOTE_NAMES[NoteKind(row.kind)] if row.kind in set(NoteKind) else row.kind
                ui.label(f"{what}: {row.text}" if row.text else what)
                for name, do in {"Mend": self._chosen, "Delete": self._delete}.items():
                    ui.button(name, on_click=partial(do, note), color=None).props("no-caps flat dense")

    async def _chosen(self, note: StoredNote) -> None:
        self._dialog.close()
        self._mend(note)

    async def _delete(self, note: StoredNote) -> None:
        try:
            await asyncio.to_thread(delete_note, self._context.journal, note)
        except FasciwatchError as error:
            say(f"This note was not deleted: {error}", "failed", close_button="Understood")
            return
        say("Deleted", "saved")
        await self.open()

    def _read(self) -> list[StoredNote]:
        with JournalReader(self._context.journal) as reader:
            return newest_notes(reader, self._context.wearer, SHOWN)
