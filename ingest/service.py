"""The service: a task for each sensor, one writer, and the minutes of those who are silent."""

import asyncio
import logging

from ingest.archive.archive import Archive
from ingest.config import Config
from ingest.fuser import REMEMBERED, Fuser
from ingest.hostclock import HostClock
from ingest.journal import Journal
from ingest.listener import Listener
from ingest.pipeline import Watcher
from ingest.schema import NoteRow, Records
from ingest.silence import Silence
from ingest.systemd import keep_alive
from ingest.writer import JournalWriter

_TEND_EVERY_S = 60.0  # far less than a segment of the archive lasts
_FILL_EVERY_S = 10.0  # a row for a minute in which nothing came may be so late

_log = logging.getLogger(__name__)


class Service:
    """Reads every configured sensor and keeps what comes, until cancelled.

    One sensor's trouble never touches another: each has its own task, which opens its port again and again.
    """

    def __init__(
        self,
        config: Config,
        journal: Journal,
        *,
        watcher: Watcher | None = None,
        clock: HostClock | None = None,
    ) -> None:
        kept = config.archive
        self.archive = Archive(kept.folder(journal.path), kept.limits) if kept.enabled else None
        self.writer = JournalWriter(journal, self.archive)
        self._config = config
        self._clock = clock or HostClock()
        self._clock.on_step.append(self._host_stepped)
        fuser = Fuser(journal.latest_events(config.wearer, REMEMBERED))
        self.links: list[Listener] = []
        self.links += [
            Listener(
                device,
                config,
                listeners=self.links,
                load=journal.checkpoints,
                clock=self._clock,
                writer=self.writer,
                fuser=fuser,
                watcher=watcher,
            )
            for device in config.devices
        ]
        self._silence = Silence(config.wearer, journal.last_minute)

    async def run(self) -> None:
        """Run until cancelled; then everything that came is in the journal before this returns."""
        writing = asyncio.create_task(self.writer.run(), name="journal writer")
        try:
            async with asyncio.TaskGroup() as tasks:
                for link in self.links:
                    tasks.create_task(link.run(), name=f"link {link.device.link_name}")
                tasks.create_task(self._fill_minutes(), name="minutes")
                tasks.create_task(keep_alive(), name="watchdog")
                if self.archive:
                    tasks.create_task(self._tend(self.archive), name="archive")
        finally:
            await self.writer.drain()
            writing.cancel()
            if self.archive:
                self.archive.close()

    async def add_note(self, kind: str, text: str, time_ns: int, source: str = "page") -> None:
        """Keep a note of the wearer; returns when it is in the journal."""
        note = NoteRow(self._config.wearer, time_ns, kind, text, source, self._clock.now_ns())
        await self.writer.write(Records(notes=[note]))

    def health(self) -> dict[str, object]:
        """How the service is, for programs: `ok` as long as what comes is being kept."""
        return {
            "ok": not self.writer.problem,
            "journal": {"waiting": self.writer.waiting, "problem": self.writer.problem},
            "archive": {"problem": self.archive.problem if self.archive else "switched off"},
            "links": [
                {
                    "link": link.device.link_name,
                    "device": link.pipeline.device if link.pipeline else "",
                    "problem": link.problem,
                }
                for link in self.links
            ],
        }

    def _host_stepped(self, step_ns: int) -> None:
        _log.warning("the clock of this machine was set by %+.3f s", step_ns / 1e9)
        for link in self.links:
            link.host_stepped(step_ns)

    async def _fill_minutes(self) -> None:
        while True:
            if parts := self._silence.parts(self._watched(), self._clock.now_ns()):
                await self.writer.write(Records(minutes=parts))
            await asyncio.sleep(_FILL_EVERY_S)

    async def _tend(self, archive: Archive) -> None:
        """Seal and let go, now and then; a thread does it, so that no link waits."""
        while True:
            await asyncio.to_thread(archive.tend, self._clock.now_ns())
            await asyncio.sleep(_TEND_EVERY_S)

    def _watched(self) -> set[tuple[str, str]]:
        seen = {site for link in self.links if link.pipeline for site in link.pipeline.sites}
        return seen | set(self._config.sites)
