"""The list of alerts that stand, in which one is acknowledged or snoozed."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import tzinfo

from nicegui import ui

from dashboards.web.context import PageContext
from dashboards.web.saying import say
from dashboards.web.wording import clock
from ingest.alerts.alarm import Standing
from ingest.alerts.ledger import (
    Ledger,
    Statement,
    acknowledging,
    ending_silence,
    pressing_first,
    read_ledger,
    snoozing,
)
from ingest.alerts.message import words
from ingest.errors import FasciwatchError
from ingest.journal import Journal
from ingest.reader import JournalReader

SNOOZE_NS = 8 * 3600 * 10**9  # 8 h: a night, or a day at work


class AlertList:
    """What stands, each with what can be done about being told of it."""

    def __init__(self, context: PageContext, zone: Callable[[], tzinfo]) -> None:
        self._context, self._zone = context, zone
        with ui.dialog().props('aria-label="Alerts that stand"') as self._dialog, ui.element("div") as card:
            card.classes("dialog card note-list")
            ui.html("<h2>Alerts that stand</h2>", sanitize=False)
            self._rows = ui.element("ol").classes("log")
            ui.button("Close", on_click=self._dialog.close, color=None).props("no-caps flat")

    async def open(self) -> None:
        """Show what stands now."""
        try:
            ledger = await asyncio.to_thread(self._read)
        except FasciwatchError as error:
            say(f"The alerts cannot be read: {error}", "failed", close_button="Understood")
            return
        standing = pressing_first(ledger)
        self._rows.clear()
        with self._rows:
            for one in standing:
                self._row(one, ledger)
            if not standing:
                ui.label("None stands.").classes("faint")
        self._dialog.open()

    def _row(self, one: Standing, ledger: Ledger) -> None:
        now_ns, wearer, rule = time.time_ns(), self._context.wearer, str(one.verdict.rule)
        until_ns = now_ns + SNOOZE_NS
        with ui.element("li").classes("note"):
            ui.label(clock(one.since_ns, self._zone(), now_ns)).classes("faint")
            with ui.element("span"):
                ui.label(words(one).title)
                if ledger.is_silenced(rule, one.verdict.level, now_ns):
                    self._button("Tell me again", ending_silence(wearer, rule), "It is told again")
                else:
                    until = clock(until_ns, self._zone(), now_ns)
                    self._button(
                        "I know", acknowledging(wearer, one), "Silent until it is worse, or comes anew"
                    )
                    self._button("Snooze 8 h", snoozing(wearer, rule, until_ns), f"Silent until {until}")

    def _button(self, name: str, statements: Sequence[Statement], done: str) -> None:
        async def act() -> None:
            try:
                await asyncio.to_thread(self._change, statements)
            except FasciwatchError as error:
                say(f"This was not done: {error}", "failed", close_button="Understood")
                return
            say(done, "saved")
            await self.open()

        ui.button(name, on_click=act, color=None).props("no-caps flat dense")

    def _read(self) -> Ledger:
        with JournalReader(self._context.journal) as reader:
            return read_ledger(reader, self._context.wearer)

    def _change(self, statements: Sequence[Statement]) -> None:
        with Journal(self._context.journal) as journal:
            journal.change(statements)
