"""One boot of one device: what its streams bring, on one clock, and how far all of it is stored."""

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.assignment import Assignment
from ingest.checkpoint import Chain
from ingest.clock import DeviceClock
from ingest.conversation import Position
from ingest.messages import SEQUENCE_SPAN, Hello, Status, Stream, StreamStatus
from ingest.schema import CheckpointRow, DeviceRow, NoteKind, NoteRow, Records
from ingest.stream import Origin, StreamRecorder

CHECKPOINT_EVERY_NS = 10_000_000_000  # at most: each costs ten pages of the journal, however little came
_OFTEN_NS = 5_000_000_000  # at least: a board that holds nothing loses so much when the host is killed
_FIRST_NS = 1_000_000_000  # after a link was opened: so a host that is killed again and again gets on
_QUIET_NS = 1_000_000_000  # of silence: what came is stored; a broker may wait for that before it sends more
_HELD_SHARE = 0.4  # of what a board holds comes between two: leaves 15 s of an ESP32's 25 s to bad links


@dataclass(frozen=True, slots=True)
class Traffic:
    """How the link does that a device is on.

    Attributes:
        link: Its name, for people.
        resent: Instants that came out of order.
        doubled: Instants that came more than once.
        damaged_frames: That were dropped.
    """

    link: str
    resent: int
    doubled: int
    damaged_frames: int


class BootRecorder:
    """Records one boot of one device, over one link.

    Args:
        hello: What the device said of itself.
        assignment: Whose it is and where it sits.
        chain: The checkpoints to go on from, if this boot was recorded before.
        stepped_ns: By how much the host's clock was set since the last of them.
        steady_ns: Now, by a clock that nobody sets; as in all that follows.
        checkpoint_every_ns: How long at most until what came is to be stored.
    """

    def __init__(
        self,
        hello: Hello,
        assignment: Assignment,
        chain: Chain | None,
        *,
        stepped_ns: int,
        steady_ns: int,
        checkpoint_every_ns: int,
    ) -> None:
        self.device = hello.device_id.hex()
        self.clock = DeviceClock()
        self.checkpoint_wanted = False
        self._hello, self._assignment = hello, assignment
        self._status: Status | None = None
        origin = Origin(assignment.wearer, self.device, hello.boot_id)
        self.recorders = {
            stream.stream_id: StreamRecorder(origin, stream, sites, self.clock)
            for stream in hello.streams
            if (sites := assignment.sites.get(stream.stream_id))
        }
        if chain is not None:
            chain.restore(self.clock, self.recorders)
            self.clock.host_stepped(stepped_ns)
        self._chain = chain or Chain(self.device, hello.boot_id)
        self._checkpoint_every_ns = checkpoint_every_ns
        self._held_ns = 0  # how much signal the device can hold, as far as it has shown
        self._see_held(hello.streams)
        self._stored_ns = steady_ns + _FIRST_NS - self._every_ns
        self._heard_ns = steady_ns
        self._is_news = False  # whether anything came since the last checkpoint

    def heard(self, steady_ns: int) -> None:
        """Something has come from the device, whatever it was."""
        self._heard_ns = steady_ns
        self._is_news = True

    def told(self, status: Status, arrival_ns: int) -> None:
        """The device has said how it is."""
        self.clock.observe(status.device_time_us, arrival_ns)
        self._status = status
        self._see_held(status.streams)

    def pressed(self, device_us: int, arrival_ns: int, records: Records) -> None:
        """The wearer has pressed the button."""
        self.clock.observe(device_us, arrival_ns)
        at_ns = self.clock.to_utc_ns(device_us)
        records.notes.append(NoteRow(self._assignment.wearer, at_ns, NoteKind.FELT, "", "button", arrival_ns))
        self.checkpoint_wanted = True  # its number is stored with it, so that a repeat is known

    def finish(self, records: Records) -> None:
        """This boot's signal has ended: add what was still open."""
        for recorder in self.recorders.values():
            recorder.finish(records)
            recorder.settle(records)

    def add_partial_snippets(self, records: Records) -> None:
        """Add what there is of the open snippets; if the signal goes on, whole ones replace them."""
        for recorder in self.recorders.values():
            recorder.add_partial_snippets(records)

    def is_checkpoint_due(self, steady_ns: int) -> bool:
        """Whether what came has waited long enough to be stored, is much, or is followed by nothing."""
        if not self._is_news or not self.recorders:
            return False
        if self.checkpoint_wanted or steady_ns - self._heard_ns >= _QUIET_NS:
            return True
        came_ns = max(recorder.unsettled_ns for recorder in self.recorders.values())
        return max(steady_ns - self._stored_ns, came_ns) >= self._every_ns

    def add_checkpoint(
        self, position: Position, now_ns: int, steady_ns: int, records: Records
    ) -> CheckpointRow:
        """Add what has come since the last checkpoint, and one that says how far that is; return it.

        Args:
            position: Up to where everything is in the journal once `records` are.
            now_ns: UTC.
            steady_ns: The same by the clock that nobody sets.
            records: Where to.
        """
        self._stored_ns = steady_ns
        self.checkpoint_wanted = self._is_news = False
        signal = [chunk for recorder in self.recorders.values() for chunk in recorder.settle(records)]
        records.checkpoint = self._chain.add(position, self.clock, self.recorders, signal, now_ns)
        return records.checkpoint

    def device_row(self, time_ns: int, state: str, traffic: Traffic) -> DeviceRow:
        """Return the row that says how the device is."""
        hello, status = self._hello, self._status
        newest_us = status.device_time_us if status else hello.device_time_us
        return DeviceRow(
            device=self.device,
            time_ns=time_ns,
            wearer=self._assignment.wearer,
            name=self._assignment.name,
            link=traffic.link,
            state=state,
            firmware=".".join(map(str, hello.firmware)),
            boot_id=hello.boot_id,
            battery_mv=status.battery_mv or None if status else None,
            battery_percent=None
            if status is None or status.battery_percent == 255
            else status.battery_percent,
            temperature_degc=(
                None if status is None or status.temperature_cdegc is None else status.temperature_cdegc / 100
            ),
            received=sum(recorder.received for recorder in self.recorders.values()),
            resent=traffic.resent,
            doubled=traffic.doubled,
            lost=sum(recorder.lost for recorder in self.recorders.values()),
            damaged_frames=traffic.damaged_frames,
            clock_uncertainty_ns=self.clock.uncertainty_ns(newest_us),
            drift_ppm=self.clock.drift_ppm,
        )

    @property
    def _every_ns(self) -> int:
        """How long until what came is stored and acknowledged, by what the device can hold meanwhile."""
        return min(self._checkpoint_every_ns, max(_OFTEN_NS, int(_HELD_SHARE * self._held_ns)))

    def _see_held(self, streams: Iterable[Stream | StreamStatus]) -> None:
        """The device has said what it holds: once its memory is full, all that it can."""
        held_ns = [
            int((told.next_sequence - told.oldest_held) % SEQUENCE_SPAN * 1e9 / recorder.stream.rate_hz)
            for told in streams
            if (recorder := self.recorders.get(told.stream_id))
        ]
        self._held_ns = max(self._held_ns, min(held_ns, default=0))
