"""The service: a task for each sensor, one writer, and the minutes of those who are silent."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from ingest.archive.archive import Archive
from ingest.assignment import Assignment
from ingest.config import Config, DeviceConfig
from ingest.errors import LinkError
from ingest.fuser import REMEMBERED, Fuser
from ingest.hostclock import HostClock
from ingest.journal import Journal
from ingest.messages import Hello
from ingest.pipeline import Pipeline, Watcher
from ingest.schema import NoteRow, Records
from ingest.silence import Silence
from ingest.systemd import keep_alive
from ingest.transport.link import Link
from ingest.transport.opening import open_link
from ingest.writer import JournalWriter

TICK_S = 0.1  # how often a silent link is looked after; far below every timeout of the protocol
_HEARD_BYTES = 65_536  # judged at once at most, 8 s of four channels: more would hold up the other sensors
STALE_AFTER_NS = 5_000_000_000  # without a byte from a device that was started (PROTOCOL.md, section 5)
RECONNECT_S = (0.5, 1.0, 2.0, 5.0)  # back-off; the last for good, so that a sensor is back within 10 s
_TEND_EVERY_S = 60.0  # far less than a segment of the archive lasts
STOP_WITHIN_S = 10.0  # when told to stop while the disk is full; systemd kills after 90 s
_FILL_EVERY_S = 10.0  # a row for a minute in which nothing came may be so late

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class LinkState:
    """How one configured sensor is doing, for whoever looks.

    Attributes:
        device: The configuration's block.
        problem: What is wrong, in a sentence; empty when it is being read.
        pipeline: What reads it now; None while there is no link.
        stepped_ns: By how much the host's clock was set since its last checkpoint.
        judged: What to call once all that was judged of what it sent is stored.
    """

    device: DeviceConfig
    problem: str = "not connected yet"
    pipeline: Pipeline | None = None
    stepped_ns: int = 0
    judged: Callable[[], None] = lambda: None


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
        self.links = [LinkState(device) for device in config.devices]
        kept = config.archive
        self.archive = Archive(kept.folder(journal.path), kept.limits) if kept.enabled else None
        self.writer = JournalWriter(journal, self.archive)
        self._config = config
        self._journal = journal
        self._watcher = watcher
        self._clock = clock or HostClock()
        self._clock.on_step.append(self._host_stepped)
        self._fuser = Fuser(journal.latest_events(config.wearer, REMEMBERED))
        self._silence = Silence(config.wearer, journal.last_minute)

    async def run(self) -> None:
        """Run until cancelled; then everything that came is in the journal before this returns."""
        writing = asyncio.create_task(self.writer.run(), name="journal writer")
        try:
            async with asyncio.TaskGroup() as tasks:
                for link in self.links:
                    tasks.create_task(self._keep(link), name=f"link {link.device.link_name}")
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

    async def _keep(self, link: LinkState) -> None:
        failures = 0
        while True:
            began_s = time.monotonic()
            try:
                async with open_link(link.device, self._config) as port:
                    await self._read(link, port)
            except LinkError as error:
                if link.problem != str(error):
                    _log.warning("%s", error)
                link.problem = str(error)
            except Exception:
                if (task := asyncio.current_task()) and task.cancelling():
                    raise
                _log.exception("%s: reading failed; trying again", link.device.link_name)
                link.problem = f"{link.device.link_name}: reading failed, see the log"
            lasted = time.monotonic() - began_s > RECONNECT_S[-1]
            failures = 0 if lasted else min(failures + 1, len(RECONNECT_S) - 1)
            await asyncio.sleep(RECONNECT_S[failures])

    async def _read(self, link: LinkState, port: Link) -> None:
        """Read one opening of the port until it is lost; keep a checkpoint of how far it came."""
        pipeline = Pipeline(
            assign=self._assigner(link.device),
            load=self._journal.checkpoints,
            link=link.device.link_name,
            watcher=self._watcher,
            stepped_ns=link.stepped_ns,
        )
        link.pipeline, link.judged = pipeline, port.receipt()
        try:
            await self._exchange(link, port, pipeline)
        finally:
            if (task := asyncio.current_task()) and task.cancelling():
                self.writer.give_up_within(STOP_WITHIN_S)
            last = pipeline.close(self._clock.now_ns())
            if last.checkpoint is not None:
                link.stepped_ns = 0
            try:
                await asyncio.shield(self.writer.write(last))
            finally:
                link.pipeline = None  # only now may another link read this device, from what is stored
            if last.checkpoint is not None:
                link.judged()

    async def _exchange(self, link: LinkState, port: Link, pipeline: Pipeline) -> None:
        opened_ns, empty_ticks = self._clock.now_ns(), 0
        while True:
            await port.write(pipeline.replies(self._clock.now_ns()))
            data, arrival_ns = await self._hear(port)
            now_ns = self._clock.now_ns()
            records = pipeline.feed(data, arrival_ns) if data else pipeline.tick(now_ns)
            link.judged = port.receipt()
            await self._keep_records(link, pipeline, records)
            empty_ticks = 0 if data else empty_ticks + 1
            if empty_ticks > 1 and pipeline.is_silent(now_ns, STALE_AFTER_NS):  # not only we who stood still
                raise LinkError(
                    link.device.link_name,
                    f"nothing has come for {STALE_AFTER_NS / 1e9:g} s; opening it again",
                )
            self._watch(link, pipeline, now_ns, opened_ns)

    async def _hear(self, port: Link) -> tuple[bytes, int]:
        """Return what comes within a tick, and when the last of it came.

        To judge all of that at once is what lets one core read many sensors.
        """
        heard, arrival_ns = bytearray(), 0
        try:
            async with asyncio.timeout(TICK_S):
                while len(heard) < _HEARD_BYTES:
                    heard += await port.read()
                    arrival_ns = self._clock.now_ns()
        except TimeoutError:
            pass
        except LinkError:
            if not heard:  # otherwise it is told by the next read
                raise
        return bytes(heard), arrival_ns

    async def _keep_records(self, link: LinkState, pipeline: Pipeline, records: Records) -> None:
        judged = link.judged

        def stored(written: asyncio.Future[None]) -> None:
            if not written.cancelled():
                pipeline.committed(records)
                judged()

        if records:
            # not to be cut short: the pipeline has gone on, and its next checkpoint counts on these rows
            written = await asyncio.shield(self.writer.put(records))
            if records.checkpoint is not None:
                written.add_done_callback(stored)
        elif pipeline.hello is None:
            judged()  # what no sensor said is not worth being sent again
        if amendments := self._fuser.take(records.events, pipeline.progress):
            await self.writer.put(Records(amendments=amendments))

    def _watch(self, link: LinkState, pipeline: Pipeline, now_ns: int, opened_ns: int) -> None:
        before = link.problem
        if pipeline.problem:
            link.problem = f"{link.device.link_name}: {pipeline.problem}"
            if now_ns - opened_ns > STALE_AFTER_NS:  # what stands in its way may be over
                raise LinkError(link.device.link_name, pipeline.problem)
        elif pipeline.hello:
            link.problem = ""
        elif now_ns - opened_ns > STALE_AFTER_NS:
            link.problem = f"{link.device.link_name}: no fasciwatch sensor answers there"
        if link.problem != before:
            _log.info("%s", link.problem or f"{link.device.link_name}: reading device {pipeline.device}")

    def _assigner(self, device: DeviceConfig) -> Callable[[Hello], Assignment | str]:
        def assign(hello: Hello) -> Assignment | str:
            name = hello.device_id.hex()
            others = [s.device.link_name for s in self.links if s.pipeline and s.pipeline.device == name]
            if any(other != device.link_name for other in others):
                return f"device {name} is on {others[0]} already; two boards have one id"
            return device.assign(self._config.wearer, hello)

        return assign

    def _host_stepped(self, step_ns: int) -> None:
        _log.warning("the clock of this machine was set by %+.3f s", step_ns / 1e9)
        for link in self.links:
            link.stepped_ns += step_ns
            if link.pipeline:
                link.pipeline.host_stepped(step_ns)

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
