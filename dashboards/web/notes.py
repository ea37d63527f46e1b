"""Noting something: one button for "felt it", a dialog for the rest, a list to mend what was noted."""

import time
from collections.abc import Callable
from datetime import tzinfo

from nicegui import ui

from dashboards.web.context import PageContext
from dashboards.web.note_dialog import NoteDialog
from dashboards.web.note_list import NoteList
from dashboards.web.saying import said_to_be_noted
from ingest.schema import NoteKind


def note_bar(context: PageContext, zone: Callable[[], tzinfo]) -> NoteList:
    """Lay out the two buttons and the dialog behind the second; return the list in which notes are mended."""
    dialog = NoteDialog(context, zone)

    async def felt() -> None:
        now_ns = time.time_ns()
        await said_to_be_noted(context.add_note(NoteKind.FELT, "", now_ns), NoteKind.FELT, now_ns, zone())

    with ui.element("aside").classes("notes").props('aria-label="Note something"'):
        ui.button("I felt a twitch", on_click=felt, color=None).props("no-caps unelevated").classes("felt")
        ui.button("Add a note", on_click=dialog.open, color=None).props("no-caps flat").classes("add")
    return NoteList(context, zone, mend=dialog.open)
