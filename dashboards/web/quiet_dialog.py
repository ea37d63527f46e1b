"""The dialog in which a quiet check is begun, with what earlier ones came to."""

import asyncio
import time
from collections.abc import Callable
from datetime import tzinfo

from nicegui import ui

from dashboards.report.phrases import with_interval
from dashboards.web.context import PageContext
from dashboards.web.overview import head_to_foot
from dashboards.web.quiet_check import QuietCheck
from dashboards.web.saying import say
from dashboards.web.wording import MODALITIES, clock, duration, place_name
from ingest.errors import FasciwatchError
from ingest.quiet import CHECK_MIN, by_set_up, quiet_note, stored_quiet
from ingest.reader import JournalReader
from ingest.schema import NoteKind

_WHAT = (
    f"For {CHECK_MIN} minutes lie down and relax, with the sensors where they always are and no twitch to be"
    " felt. What is found all the same is taken as false. Where no muscle is, such as on the shin bone, that"
    " is surer still."
)
_LIMIT = "What truly twitched is counted too: at most so many are false."


class QuietDialog:
    """Says what to do, begins a check, and shows what is known of each set-up."""

    def __init__(self, context: PageContext, check: QuietCheck, zone: Callable[[], tzinfo]) -> None:
        self._context, self._check, self._zone = context, check, zone
        with ui.dialog().props('aria-label="Check this set-up"') as self._dialog, ui.element("div") as card:
            card.classes("dialog card note-list")
            ui.html("<h2>How often is it wrong?</h2>", sanitize=False)
            ui.label(_WHAT)
            self._running = ui.label().props('role="status"')
            self._known = ui.element("ul").classes("links")
            with ui.element("div").classes("buttons"):
                ui.button("Close", on_click=self._dialog.close, color=None).props("no-caps flat")
                self._begin_button = ui.button("Begin", on_click=self._begin, color=None)
                self._begin_button.props("no-caps unelevated").classes("felt")

    async def open(self) -> None:
        """Show what is known now."""
        try:
            known = await asyncio.to_thread(self._read)
        except FasciwatchError as error:
            say(f"The checks cannot be read: {error}", "failed", close_button="Understood")
            return
        self._known.clear()
        with self._known:
            for line in known:
                with ui.element("li"):
                    ui.label(line)
        self._say_running()
        self._dialog.open()

    async def _begin(self) -> None:
        self._check.begin()
        self._say_running()
        try:
            await self._context.add_note(NoteKind.OTHER, quiet_note(CHECK_MIN), time.time_ns())
        except FasciwatchError as error:
            say(f"It runs, and is not in the diary: {error}", "failed", close_button="Understood")

    def _say_running(self) -> None:
        ends_ns = self._check.ends_ns
        until = clock(ends_ns, self._zone(), time.time_ns()) if ends_ns else ""
        self._running.set_text(f"Keep still until {until}. You may close this page." if until else "")
        self._begin_button.set_enabled(ends_ns is None)

    def _read(self) -> list[str]:
        with JournalReader(self._context.journal) as reader:
            known = by_set_up(stored_quiet(reader, self._context.wearer))
        lines = [
            f"{place_name(site)}, {MODALITIES.get(modality, modality)}: found {with_interval(found)} an hour"
            f" in {duration(found.observed_h * 3600)}"
            for (site, modality), (found, _) in sorted(known.items(), key=lambda one: head_to_foot(*one[0]))
        ]
        return [*lines, _LIMIT] if lines else ["It was never measured for this set-up."]
