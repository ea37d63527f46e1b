"""Bytes from one link in, rows for the journal out: the one object that live service, replay and tests run.

It is synchronous and has no clock: every call says when it is. What it learned goes into a checkpoint, in the
same transaction as the rows that came of it; so after a crash, an unplugged cable or a restart the next
pipeline goes on from the last checkpoint as if there had been no break. Only then is the device told what is
stored.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.checkpoint import Chain, Load
from ingest.clock import DeviceClock
from ingest.conversation import Boot, Conversation, Data, Delivery, Phase, Position, Press
from ingest.joining import joined
from ingest.messages import MODALITY_NAMES, UNIT_NAMES, Hello, HostMessage, Status
from ingest.protocol import FrameDecoder, encode
from ingest.reassembly import Run
from ingest.schema import CheckpointRow, DeviceRow, NoteKind, NoteRow, Records
from ingest.stream import Origin, Progress, StreamRecorder

CHECKPOINT_EVERY_NS = 5_000_000_000  # an ESP32 holds 25 s: four chances to store before it must overwrite
_FIRST_CHECKPOINT_NS = 1_000_000_000  # of a link: so a host that is killed again and again gets on


@dataclass(frozen=True, slots=True)
class Assignment:
    """What the configuration says of a device: its wearer, its name, the site of each channel."""

    wearer: str
    name: str
    sites: Mapping[int, tuple[str, ...]]  # by stream id; an accelerometer has one site


@dataclass(frozen=True, slots=True)
class _Offer:
    """The latest checkpoint, and what the device may forget once it is written."""

    checkpoint: CheckpointRow
    position: Position


class Watcher(Protocol):
    """Whoever looks at the samples as they come (see `ingest.live.LiveSignal`)."""

    def push(
        self,
        *,
        device: str,
        stream: int,
        modality: str,
        unit: str,
        sites: tuple[str, ...],
        rate_hz: float,
        end_ns: int,
        samples: NDArray[np.float32],
    ) -> None:
        """Take the newest samples of a stream."""
        ...


class Pipeline:
    """What one link brings, from its opening to its end.

    Attributes:
        device: The device's id in hex, once it has said hello; empty before.
        problem: Why the device is not being read, in a sentence; empty if all is well.
    """

    def __init__(
        self,
        *,
        assign: Callable[[Hello], Assignment | str],
        load: Load,
        link: str,
        watcher: Watcher | None = None,
        checkpoint_every_ns: int = CHECKPOINT_EVERY_NS,
        stepped_ns: int = 0,
    ) -> None:
        """Begin with a link that has just been opened.

        Args:
            assign: Says which sites a device's channels are on, or in a sentence why it is not to be read.
            load: Returns the checkpoints of a device.
            link: Name of the link, for people.
            watcher: Is shown the samples as they come.
            checkpoint_every_ns: How long at most until what came is stored and acknowledged.
            stepped_ns: By how much the host's clock was set since the device's last checkpoint.
        """
        self.device = ""
        self.problem = ""
        self._assign, self._load, self._link, self._watcher = assign, load, link, watcher
        self._decoder = FrameDecoder()
        self._conversation = Conversation(self._resume)
        self._assignment: Assignment | None = None
        self._clock = DeviceClock()
        self._recorders: dict[int, StreamRecorder] = {}
        self._chain: Chain | None = None  # that of an earlier link, until its boot is taken up
        self._status: Status | None = None
        self._checkpoint_every_ns = checkpoint_every_ns
        self._checkpoint_ns = 0
        self._checkpoint_wanted = False
        self._unstored = False  # whether anything came since the last checkpoint
        self._offer: _Offer | None = None
        self._stepped_ns = stepped_ns
        self._heard_ns = 0

    def feed(self, data: bytes, arrival_ns: int) -> Records:
        """Return what these bytes, arrived at this time (UTC), brought."""
        records = Records()
        self._heard_ns = arrival_ns - self._stepped_ns
        self._unstored = True
        for delivery in joined(self._deliveries(data)):
            self._handle(delivery, arrival_ns, records)
        self._checkpoint_if_due(arrival_ns, records)
        return records

    def tick(self, now_ns: int) -> Records:
        """Return what is to be kept by now though nothing has come."""
        records = Records()
        self._checkpoint_if_due(now_ns, records)
        return records

    def replies(self, now_ns: int) -> bytes:
        """Return what is to be sent to the device by now."""
        said = self._conversation.tick(now_ns - self._stepped_ns)
        return b"".join(encode(message) for message in said)

    def tell(self, message: HostMessage) -> bytes:
        """Return the frame that says `message`, to be sent as it is."""
        return encode(message)

    def committed(self, records: Records) -> None:
        """These records are in the journal: the device may forget what led to them."""
        if self._offer is not None and records.checkpoint is self._offer.checkpoint:
            self._conversation.stored(self._offer.position)

    def close(self, now_ns: int, *, finish: bool = False) -> Records:
        """The link is gone; return what is to be kept, a checkpoint to go on from included.

        Args:
            now_ns: UTC.
            finish: The signal is over for good: also give what was still open.
        """
        records = Records()
        if not self._recorders:
            return records
        if finish:
            for delivery in self._conversation.close("the recording ended"):
                self._handle(delivery, now_ns, records)
            for recorder in self._recorders.values():
                recorder.finish(records)
        for recorder in self._recorders.values():
            recorder.add_partial_snippets(records)
        self._add_checkpoint(now_ns, records)
        records.devices.append(self._device_row(now_ns, "disconnected"))
        return records

    def host_stepped(self, step_ns: int) -> None:
        """The host's clock was set by so much; from now on times are told by the new one."""
        self._stepped_ns += step_ns
        self._clock.host_stepped(step_ns)

    def is_silent(self, now_ns: int, limit_ns: int) -> bool:
        """Whether nothing has come for `limit_ns` from a device that is being read."""
        streaming = self._conversation.phase is Phase.STREAMING
        return streaming and now_ns - self._stepped_ns - self._heard_ns > limit_ns

    @property
    def hello(self) -> Hello | None:
        """What the device said of itself."""
        return self._conversation.hello

    @property
    def sites(self) -> list[tuple[str, str]]:
        """The sites that this link is watching, with the modality."""
        return [
            (site, MODALITY_NAMES[recorder.stream.modality])
            for recorder in self._recorders.values()
            for site in recorder.sites
        ]

    @property
    def progress(self) -> list[Progress]:
        """How far each of its sites was judged."""
        return [one for recorder in self._recorders.values() for one in recorder.progress.values()]

    @property
    def _boot_id(self) -> int:
        return self.hello.boot_id if self.hello else 0

    def _deliveries(self, data: bytes) -> Iterator[Delivery]:
        for message in self._decoder.feed(data):
            yield from self._conversation.take(message, self._heard_ns)

    def _resume(self, hello: Hello) -> Position | None:
        """Look for checkpoints of this very boot."""
        device = hello.device_id.hex()
        self._chain = Chain.load(self._load(device), device, hello.boot_id)
        return self._chain.position if self._chain else None

    def _handle(self, delivery: Delivery, arrival_ns: int, records: Records) -> None:
        match delivery:
            case Boot():
                self._booted(delivery.hello, arrival_ns, records)
            case Data(stream_id, item) if stream_id in self._recorders:
                recorder = self._recorders[stream_id]
                if isinstance(item, Run):
                    timed_us = self._conversation.device_us(item.time_us)
                    samples = recorder.take(item, timed_us, arrival_ns, records)
                    self._show(recorder, item, samples)
                else:
                    recorder.skip(item, records)
            case Press(_, device_us):
                self._pressed(device_us, arrival_ns, records)
            case Status():
                self._clock.observe(delivery.device_time_us, arrival_ns)
                self._status = delivery
                if self._assignment:
                    records.devices.append(self._device_row(arrival_ns, "streaming"))
            case _:
                pass

    def _booted(self, hello: Hello, arrival_ns: int, records: Records) -> None:
        if self._recorders:
            self._checkpoint_wanted = True
            for recorder in self._recorders.values():
                recorder.finish(records)
                recorder.settle(records)
        self.device = hello.device_id.hex()
        self._recorders, self._status, self._clock, self._offer = {}, None, DeviceClock(), None
        assignment = self._assign(hello)
        if self._conversation.phase is Phase.REFUSED:
            assignment = (
                f"speaks protocol version {hello.major}.{hello.minor}, this fasciwatch speaks 1;"
                f" update {'fasciwatch' if hello.major > 1 else 'the firmware of the board'}"
            )
        if isinstance(assignment, str):
            self.problem, self._assignment = assignment, None
            return
        self.problem, self._assignment = "", assignment
        origin = Origin(assignment.wearer, self.device, hello.boot_id)
        for stream in hello.streams:
            if sites := assignment.sites.get(stream.stream_id):
                self._recorders[stream.stream_id] = StreamRecorder(origin, stream, sites, self._clock)
        self._restore()
        self._clock.observe(hello.device_time_us, arrival_ns)
        self._checkpoint_ns = self._heard_ns + _FIRST_CHECKPOINT_NS - self._checkpoint_every_ns
        records.devices.append(self._device_row(arrival_ns, "streaming"))

    def _restore(self) -> None:
        """Go on where the chain of checkpoints ends, or begin one."""
        if self._chain is None:
            self._chain = Chain(self.device, self._boot_id)
            return
        self._conversation.stored(self._chain.position)  # as the last link could not
        self._chain.restore(self._clock, self._recorders)
        self._clock.host_stepped(self._stepped_ns)

    def _pressed(self, device_us: int, arrival_ns: int, records: Records) -> None:
        if self._assignment is None:
            return
        self._clock.observe(device_us, arrival_ns)
        at_ns = self._clock.to_utc_ns(device_us)
        records.notes.append(NoteRow(self._assignment.wearer, at_ns, NoteKind.FELT, "", "button", arrival_ns))
        self._checkpoint_wanted = True  # its number is stored with it, so that a repeat is known

    def _checkpoint_if_due(self, now_ns: int, records: Records) -> None:
        if not self._recorders or not self._unstored:
            return
        steady_ns = now_ns - self._stepped_ns
        if self._checkpoint_wanted or steady_ns - self._checkpoint_ns >= self._checkpoint_every_ns:
            self._add_checkpoint(now_ns, records)

    def _add_checkpoint(self, now_ns: int, records: Records) -> None:
        self._checkpoint_ns = now_ns - self._stepped_ns
        self._checkpoint_wanted = self._unstored = False
        assert self._chain is not None
        signal = [chunk for recorder in self._recorders.values() for chunk in recorder.settle(records)]
        position = self._conversation.position
        records.checkpoint = self._chain.add(position, self._clock, self._recorders, signal, now_ns)
        self._offer = _Offer(records.checkpoint, position)

    def _show(self, recorder: StreamRecorder, run: Run, samples: NDArray[np.float32]) -> None:
        if self._watcher is not None:
            self._watcher.push(
                device=self.device,
                stream=recorder.stream.stream_id,
                modality=MODALITY_NAMES[recorder.stream.modality],
                unit=UNIT_NAMES[recorder.stream.unit],
                sites=recorder.sites,
                rate_hz=recorder.stream.rate_hz,
                end_ns=recorder.utc_ns(run.end),
                samples=samples,
            )

    def _device_row(self, now_ns: int, state: str) -> DeviceRow:
        assert self._assignment is not None
        assert self.hello is not None
        status = self._status
        newest_us = self.hello.device_time_us
        return DeviceRow(
            device=self.device,
            time_ns=now_ns,
            wearer=self._assignment.wearer,
            name=self._assignment.name,
            link=self._link,
            state=state,
            firmware=".".join(map(str, self.hello.firmware)),
            boot_id=self._boot_id,
            battery_mv=status.battery_mv or None if status else None,
            battery_percent=None
            if status is None or status.battery_percent == 255
            else status.battery_percent,
            temperature_degc=(
                None if status is None or status.temperature_cdegc is None else status.temperature_cdegc / 100
            ),
            received=sum(recorder.received for recorder in self._recorders.values()),
            resent=self._conversation.resent,
            doubled=self._conversation.doubled,
            lost=sum(recorder.lost for recorder in self._recorders.values()),
            damaged_frames=self._decoder.counters.damaged,
            clock_uncertainty_ns=self._clock.uncertainty_ns(newest_us),
            drift_ppm=self._clock.drift_ppm,
        )
