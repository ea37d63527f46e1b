"""One configured sensor: its link opened again and again, read, and what comes of it put in the journal."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from ingest.assignment import Assignment
from ingest.checkpoint import Load
from ingest.config import Config, DeviceConfig
from ingest.errors import LinkError
from ingest.fuser import Fuser
from ingest.hostclock import HostClock
from ingest.messages import Hello
from ingest.pipeline import Pipeline, Watcher
from ingest.schema import Records
from ingest.transport.link import Link
from ingest.transport.opening import open_link
from ingest.writer import JournalWriter

_TICK_S = 0.1  # how often a silent link is looked after; far below every timeout of the protocol
_HEARD_BYTES = 65_536  # judged at once at most, 8 s of four channels: more would hold up the other sensors
STALE_AFTER_NS = 5_000_000_000  # without a byte from a device that was started (PROTOCOL.md, section 5)
RECONNECT_S = (0.5, 1.0, 2.0, 5.0)  # back-off; the last for good, so that a sensor is back within 10 s
_STOP_WITHIN_S = 10.0  # when told to stop while the disk is full; systemd kills after 90 s

_log = logging.getLogger(__name__)


class Listener:
    """Listens to one sensor.

    Args:
        device: The configuration's block.
        config: All of it.
        listeners: All of a service, this one included: no two of them read one device.
        load: Returns the checkpoints of a device.
        clock: The host's.
        writer: The way into the journal.
        fuser: Holds the events of all of them together.
        watcher: Is shown the samples as they come.

    Attributes:
        problem: What is wrong, in a sentence; empty when the sensor is being read.
        pipeline: What reads it now; None while there is no link.
    """

    def __init__(
        self,
        device: DeviceConfig,
        config: Config,
        *,
        listeners: Sequence["Listener"],
        load: Load,
        clock: HostClock,
        writer: JournalWriter,
        fuser: Fuser,
        watcher: Watcher | None,
    ) -> None:
        self.device = device
        self.problem = "not connected yet"
        self.pipeline: Pipeline | None = None
        self._config, self._listeners = config, listeners
        self._load, self._clock, self._writer, self._fuser = load, clock, writer, fuser
        self._watcher = watcher
        self._stepped_ns = 0  # by how much the host's clock was set since the last checkpoint
        self._judged: Callable[[], None]  # to be called once all that was judged of what came is stored

    def host_stepped(self, step_ns: int) -> None:
        """The host's clock was set by so much."""
        self._stepped_ns += step_ns
        if self.pipeline:
            self.pipeline.host_stepped(step_ns)

    async def run(self) -> None:
        """Open the link again and again and read it, until cancelled."""
        failures = 0
        while True:
            began_s = time.monotonic()
            try:
                async with open_link(self.device, self._config) as port:
                    await self._read(port)
            except LinkError as error:
                if self.problem != str(error):
                    _log.warning("%s", error)
                self.problem = str(error)
            except Exception:
                if (task := asyncio.current_task()) and task.cancelling():
                    raise
                _log.exception("%s: reading failed; trying again", self.device.link_name)
                self.problem = f"{self.device.link_name}: reading failed, see the log"
            lasted = time.monotonic() - began_s > RECONNECT_S[-1]
            failures = 0 if lasted else min(failures + 1, len(RECONNECT_S) - 1)
            await asyncio.sleep(RECONNECT_S[failures])

    async def _read(self, port: Link) -> None:
        """Read one opening of the port until it is lost; keep a checkpoint of how far it came."""
        pipeline = Pipeline(
            assign=self._assign,
            load=self._load,
            link=self.device.link_name,
            watcher=self._watcher,
            stepped_ns=self._stepped_ns,
        )
        self.pipeline, self._judged = pipeline, port.receipt()
        try:
            await self._exchange(port, pipeline)
        finally:
            if (task := asyncio.current_task()) and task.cancelling():
                self._writer.give_up_within(_STOP_WITHIN_S)
            last = pipeline.close(self._clock.now_ns())
            if last.checkpoint is not None:
                self._stepped_ns = 0
            try:
                await asyncio.shield(self._writer.write(last))
            finally:
                self.pipeline = None  # only now may another link read this device, from what is stored
            if last.checkpoint is not None:
                self._judged()

    async def _exchange(self, port: Link, pipeline: Pipeline) -> None:
        opened_ns, empty_ticks = self._clock.now_ns(), 0
        while True:
            await port.write(pipeline.replies(self._clock.now_ns()))
            data, arrival_ns = await self._hear(port)
            now_ns = self._clock.now_ns()
            records = pipeline.feed(data, arrival_ns) if data else pipeline.tick(now_ns)
            self._judged = port.receipt()
            await self._keep(pipeline, records)
            empty_ticks = 0 if data else empty_ticks + 1
            if empty_ticks > 1 and pipeline.is_silent(now_ns, STALE_AFTER_NS):  # not only we who stood still
                raise LinkError(
                    self.device.link_name,
                    f"nothing has come for {STALE_AFTER_NS / 1e9:g} s; opening it again",
                )
            self._see_problem(pipeline, now_ns, opened_ns)

    async def _hear(self, port: Link) -> tuple[bytes, int]:
        """Return what comes within a tick, and when the last of it came.

        To judge all of that at once is what lets one core read many sensors.
        """
        heard, arrival_ns = bytearray(), 0
        try:
            async with asyncio.timeout(_TICK_S):
                while len(heard) < _HEARD_BYTES:
                    heard += await port.read()
                    arrival_ns = self._clock.now_ns()
        except TimeoutError:
            pass
        except LinkError:
            if not heard:  # otherwise it is told by the next read
                raise
        return bytes(heard), arrival_ns

    async def _keep(self, pipeline: Pipeline, records: Records) -> None:
        judged = self._judged

        def stored(written: asyncio.Future[None]) -> None:
            if not written.cancelled():
                pipeline.committed(records)
                judged()

        if records:
            # not to be cut short: the pipeline has gone on, and its next checkpoint counts on these rows
            written = await asyncio.shield(self._writer.put(records))
            if records.checkpoint is not None:
                written.add_done_callback(stored)
        elif pipeline.hello is None:
            judged()  # what no sensor said is not worth being sent again
        if amendments := self._fuser.take(records.events, pipeline.progress):
            await self._writer.put(Records(amendments=amendments))

    def _see_problem(self, pipeline: Pipeline, now_ns: int, opened_ns: int) -> None:
        before = self.problem
        if pipeline.problem:
            self.problem = f"{self.device.link_name}: {pipeline.problem}"
            if now_ns - opened_ns > STALE_AFTER_NS:  # what stands in its way may be over
                raise LinkError(self.device.link_name, pipeline.problem)
        elif pipeline.hello:
            self.problem = ""
        elif now_ns - opened_ns > STALE_AFTER_NS:
            self.problem = f"{self.device.link_name}: no fasciwatch sensor answers there"
        if self.problem != before:
            _log.info("%s", self.problem or f"{self.device.link_name}: reading device {pipeline.device}")

    def _assign(self, hello: Hello) -> Assignment | str:
        name = hello.device_id.hex()
        for other in self._listeners:
            if other is not self and other.pipeline and other.pipeline.device == name:
                return f"device {name} is on {other.device.link_name} already; two boards have one id"
        return self.device.assign(self._config.wearer, hello)
