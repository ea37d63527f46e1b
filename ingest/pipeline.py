"""Bytes from one link in, rows for the journal out: the one object that live service, replay and tests run.

It is synchronous and has no clock: every call says when it is. What it learned goes into a checkpoint, in the
same transaction as the rows that came of it; so after a crash, an unplugged cable or a restart the next
pipeline goes on from the last checkpoint as if there had been no break. Only then is the device told what is
stored.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.assignment import Assignment
from ingest.boot import CHECKPOINT_EVERY_NS, BootRecorder, Traffic
from ingest.checkpoint import Chain, Load
from ingest.conversation import Boot, Conversation, Data, Delivery, Phase, Position, Press
from ingest.joining import joined
from ingest.live import Mark
from ingest.messages import MODALITY_NAMES, UNIT_NAMES, Hello, HostMessage, Status
from ingest.protocol import FrameDecoder, encode
from ingest.reassembly import Run
from ingest.schema import CheckpointRow, Records
from ingest.stream import Progress, StreamRecorder


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
        marks: Sequence[Mark],
    ) -> None:
        """Take the newest samples of a stream, and what looks like a twitch in them."""
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
        self._checkpoint_every_ns = checkpoint_every_ns
        self._decoder = FrameDecoder()
        self._conversation = Conversation(self._resume)
        self._loaded: Chain | None = None  # the checkpoints of the boot that is about to be taken up
        self._boot: BootRecorder | None = None
        self._offer: _Offer | None = None
        self._stepped_ns = stepped_ns
        self._heard_ns = 0

    def feed(self, data: bytes, arrival_ns: int) -> Records:
        """Return what these bytes, arrived at this time (UTC), brought."""
        records = Records()
        self._heard_ns = self._steady(arrival_ns)
        for delivery in joined(self._deliveries(data)):
            self._handle(delivery, arrival_ns, records)
        if self._boot is not None:
            self._boot.heard(self._heard_ns)
        self._checkpoint_if_due(arrival_ns, records)
        return records

    def tick(self, now_ns: int) -> Records:
        """Return what is to be kept by now though nothing has come."""
        records = Records()
        self._checkpoint_if_due(now_ns, records)
        return records

    def replies(self, now_ns: int) -> bytes:
        """Return what is to be sent to the device by now."""
        return b"".join(encode(message) for message in self._conversation.tick(self._steady(now_ns)))

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
        if self._boot is None:
            return records
        if finish:
            for delivery in self._conversation.close("the recording ended"):
                self._handle(delivery, now_ns, records)
            self._boot.finish(records)
        self._boot.add_partial_snippets(records)
        self._add_checkpoint(self._boot, now_ns, records)
        records.devices.append(self._boot.device_row(now_ns, "disconnected", self._traffic))
        return records

    def host_stepped(self, step_ns: int) -> None:
        """The host's clock was set by so much; from now on times are told by the new one."""
        self._stepped_ns += step_ns
        if self._boot is not None:
            self._boot.clock.host_stepped(step_ns)

    def is_silent(self, now_ns: int, limit_ns: int) -> bool:
        """Whether nothing has come for `limit_ns` from a device that is being read."""
        streaming = self._conversation.phase is Phase.STREAMING
        return streaming and self._steady(now_ns) - self._heard_ns > limit_ns

    @property
    def hello(self) -> Hello | None:
        """What the device said of itself."""
        return self._conversation.hello

    @property
    def sites(self) -> list[tuple[str, str]]:
        """The sites that this link is watching, with the modality."""
        return [
            (site, MODALITY_NAMES[recorder.stream.modality])
            for recorder in self._recorders
            for site in recorder.sites
        ]

    @property
    def progress(self) -> list[Progress]:
        """How far each of its sites was judged."""
        return [one for recorder in self._recorders for one in recorder.progress.values()]

    @property
    def _recorders(self) -> list[StreamRecorder]:
        return list(self._boot.recorders.values()) if self._boot else []

    @property
    def _traffic(self) -> Traffic:
        talk = self._conversation
        return Traffic(self._link, talk.resent, talk.doubled, self._decoder.counters.damaged)

    def _steady(self, utc_ns: int) -> int:
        """Tell time by a clock that nobody sets."""
        return utc_ns - self._stepped_ns

    def _deliveries(self, data: bytes) -> Iterator[Delivery]:
        for message in self._decoder.feed(data):
            yield from self._conversation.take(message, self._heard_ns)

    def _resume(self, hello: Hello) -> Position | None:
        """Look for checkpoints of this very boot."""
        device = hello.device_id.hex()
        self._loaded = Chain.load(self._load(device), device, hello.boot_id)
        return self._loaded.position if self._loaded else None

    def _handle(self, delivery: Delivery, arrival_ns: int, records: Records) -> None:
        if isinstance(delivery, Boot):
            self._booted(delivery.hello, arrival_ns, records)
            return
        if (boot := self._boot) is None:
            return
        match delivery:
            case Data(stream_id, item) if recorder := boot.recorders.get(stream_id):
                if isinstance(item, Run):
                    timed_us = self._conversation.device_us(item.time_us)
                    self._show(recorder, item, recorder.take(item, timed_us, arrival_ns, records))
                else:
                    recorder.skip(item, records)
            case Press(_, device_us):
                boot.pressed(device_us, arrival_ns, records)
            case Status():
                boot.told(delivery, arrival_ns)
                records.devices.append(boot.device_row(arrival_ns, "streaming", self._traffic))
            case _:
                pass

    def _booted(self, hello: Hello, arrival_ns: int, records: Records) -> None:
        before, self._boot, self._offer = self._boot, None, None
        if before is not None:
            before.finish(records)
        self.device = hello.device_id.hex()
        assignment = self._assignment(hello)
        if isinstance(assignment, str):
            self.problem = assignment
            return
        self.problem = ""
        if self._loaded is not None:
            self._conversation.stored(self._loaded.position)  # as the last link could not say
        self._boot = BootRecorder(
            hello,
            assignment,
            self._loaded,
            stepped_ns=self._stepped_ns,
            steady_ns=self._heard_ns,
            checkpoint_every_ns=self._checkpoint_every_ns,
        )
        self._boot.checkpoint_wanted = before is not None
        self._boot.clock.observe(hello.device_time_us, arrival_ns)
        records.devices.append(self._boot.device_row(arrival_ns, "streaming", self._traffic))

    def _assignment(self, hello: Hello) -> Assignment | str:
        if self._conversation.phase is Phase.REFUSED:
            return (
                f"speaks protocol version {hello.major}.{hello.minor}, this fasciwatch speaks 1;"
                f" update {'fasciwatch' if hello.major > 1 else 'the firmware of the board'}"
            )
        return self._assign(hello)

    def _checkpoint_if_due(self, now_ns: int, records: Records) -> None:
        if self._boot is not None and self._boot.is_checkpoint_due(self._steady(now_ns)):
            self._add_checkpoint(self._boot, now_ns, records)

    def _add_checkpoint(self, boot: BootRecorder, now_ns: int, records: Records) -> None:
        position = self._conversation.position
        checkpoint = boot.add_checkpoint(position, now_ns, self._steady(now_ns), records)
        self._offer = _Offer(checkpoint, position)

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
                marks=recorder.marks,
            )
