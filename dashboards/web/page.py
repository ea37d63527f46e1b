"""The live page: what it is made of, and how it keeps up with the journal."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, tzinfo

from nicegui import ui

from dashboards.web.alert_list import AlertList
from dashboards.web.context import PageContext
from dashboards.web.days import zone_named
from dashboards.web.freshness import Headline, Health, headline
from dashboards.web.markup import render
from dashboards.web.notes import note_bar
from dashboards.web.overview_reader import OverviewReader
from dashboards.web.quiet_check import QuietCheck
from dashboards.web.quiet_dialog import QuietDialog
from dashboards.web.told import ToldReader
from dashboards.web.waves import Waves
from ingest.errors import JournalError

FIELD_COLOUR = "#2a9d8f"  # of the field being filled in: contrast of 3 and more on light and on dark
REFRESH_S = 1.0  # how often the page asks the journal; a count may lag its twitch by this


def build_page(context: PageContext, reader: OverviewReader, told: ToldReader, quiet: QuietCheck) -> None:
    """Lay the page out for one browser and keep it up to date while that is connected."""
    ui.add_head_html('<link rel="stylesheet" href="/assets/page.css"><meta name="robots" content="noindex">')
    ui.colors(primary=FIELD_COLOUR)
    Page(context, reader, told, quiet)


class Page:
    """One open page."""

    def __init__(
        self, context: PageContext, reader: OverviewReader, told: ToldReader, quiet: QuietCheck
    ) -> None:
        self._context = context
        self._reader = reader
        self._told = told
        self._zone: tzinfo | None = None
        self._parts: dict[str, ui.html] = {}
        with ui.element("div").classes("page"):
            self._head()
            with ui.element("div").classes("columns"):
                with ui.element("div").classes("measured"):
                    self._section("Today", "today")
                    with _titled("Live", "live"):
                        Waves()
                    self._section("Last 24 hours", "timeline")
                    self._section("Last 14 days", "history")
                with ui.element("div").classes("beside"):
                    notes = note_bar(context, zone=lambda: self._zone or UTC)
                    self._section("Worth knowing", "alerts")
                    _link("Silence an alert", AlertList(context, zone=lambda: self._zone or UTC).open)
                    self._section("Found and noted", "recent")
                    _link("Mend a note", notes.open)
                    self._section("What goes together", "diary")
                    self._section("Sensors", "devices")
                    check = QuietDialog(context, quiet, zone=lambda: self._zone or UTC)
                    _link("Check how often it is wrong", check.open)
                    ui.html(_ADVICE, tag="section", sanitize=False).classes("advice")
        ui.timer(REFRESH_S, self._refresh)

    def _head(self) -> None:
        with ui.element("header").classes("head"):
            ui.html('<h1><img src="/assets/icon.svg" alt="">fasciwatch</h1>', sanitize=False)
            self._headline = ui.label("Reading the journal…").classes("headline").props('role="status"')
        if self._context.made:
            ui.html(
                "<strong>These data are made, not measured.</strong> This is a demonstration with simulated"
                " sensors.",
                tag="p",
                sanitize=False,
            ).classes("banner made")
        ui.html(
            "<strong>The connection to fasciwatch is lost.</strong> Nothing below is up to date, and no note"
            " can be saved until it is back.",
            tag="p",
            sanitize=False,
        ).classes("banner offline").props('role="alert"')

    def _section(self, title: str, name: str) -> None:
        with _titled(title, name):
            self._parts[name] = ui.html("").classes("body")

    async def _refresh(self) -> None:
        if self._zone is None:
            name = await ui.run_javascript("Intl.DateTimeFormat().resolvedOptions().timeZone", timeout=5.0)
            self._zone = zone_named(str(name))
        try:
            line, parts = await asyncio.to_thread(self._read, self._zone)
        except JournalError as error:
            self._say(Headline(Health.SILENT, f"The journal cannot be read: {error}"))
        except Exception:
            self._say(Headline(Health.SILENT, "This page could not be brought up to date"))
            raise
        else:
            self._say(line)
            for name, html in parts.items():
                self._parts[name].set_content(html)

    def _read(self, zone: tzinfo) -> tuple[Headline, dict[str, str]]:
        """What there is to show; read and put into HTML beside the event loop, which has sensors to serve."""
        now_ns = time.time_ns()
        overview, told = self._reader.read(now_ns, zone), self._told.read(now_ns, zone)
        lanes = self._context.live.lanes()
        return headline(overview, lanes), render(overview, lanes, told)

    def _say(self, line: Headline) -> None:
        self._headline.set_text(line.text)
        self._headline.classes(replace=f"headline {line.health}")


def _link(name: str, do: Callable[[], Awaitable[None]]) -> None:
    """A button below a section that does not ask to be pressed."""
    ui.button(name, on_click=do, color=None).props("no-caps flat dense").classes("link-button")


def _titled(title: str, name: str) -> ui.element:
    section = ui.element("section").classes(name).props(f'aria-labelledby="{name}"')
    with section:
        ui.html(f'<h2 id="{name}">{title}</h2>', sanitize=False)
    return section


_ADVICE = """
<details>
  <summary>When to talk to a doctor</summary>
  <p>Most twitches are harmless; healthy calves and feet twitch every day. This page says what was measured
  and how much of the time that covers. It cannot say why a muscle twitches.</p>
  <p>Talk to a doctor if twitching goes on for days or weeks, is in several parts of the body, does not stop,
  comes while moving as well as at rest, or comes with weakness, thinner muscles, altered feeling, pain, fever
  or a new medicine.</p>
  <p><strong>Call emergency services at once</strong> for sudden weakness or numbness on one side, paralysis,
  slurred speech, loss of consciousness, high fever or a missing pulse. These signs are never judged from
  counts on this page.</p>
</details>
"""
