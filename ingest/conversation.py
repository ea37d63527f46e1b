"""One link's talk with one device, without I/O: messages in, samples in order out, and what to answer.

The device is asked who it is, started, asked again for what is missing, and told what is stored. Every
figure of time is the caller's; nothing here waits.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ingest.messages import (
    MAJOR,
    MARKERS,
    SEQUENCE_SPAN,
    Ack,
    Feature,
    Gone,
    Hello,
    HostMessage,
    Marker,
    Message,
    Query,
    Resend,
    Samples,
    Start,
    Status,
)
from ingest.reassembly import Gap, Reassembly, Run

QUERY_EVERY_NS = 1_000_000_000  # an Uno boots within 2 s of opening; boards say hello once a second anyway
RESEND_AFTER_NS = 300_000_000  # a serial line answers within 30 ms, BLE within four intervals of 60 ms
ANNOUNCED_WITHIN_NS = 1_000_000_000  # samples are sent within 50 ms of being taken, unless the line is behind
HOLD_LIMIT_S = 120.0  # four times what an ESP32 holds: then the oldest hole becomes a gap


class Phase(StrEnum):
    """How far the talk has come."""

    GREETING = "greeting"
    STREAMING = "streaming"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Boot:
    """A device has said who it is; `resumed` if we were already reading this boot of it."""

    hello: Hello
    resumed: bool


@dataclass(frozen=True, slots=True)
class Data:
    """The next samples of a stream, or the next gap."""

    stream_id: int
    item: Run | Gap


@dataclass(frozen=True, slots=True)
class Press:
    """The wearer pressed the button, at this device time."""

    number: int
    device_us: int


Delivery = Boot | Data | Press | Status


@dataclass(frozen=True, slots=True)
class Position:
    """How far a boot was read; once that is stored, the device may forget it.

    Attributes:
        expected: The sequence number that comes next, by stream id.
        marker_next: The number that the next button press will have.
    """

    expected: Mapping[int, int]
    marker_next: int


Resume = Callable[[Hello], Position | None]
"""Where to go on, if this boot was read before."""


@dataclass(slots=True)
class _Asked:
    start: int
    end: int
    at_ns: int
    answered: bool = False


class Conversation:
    """What is said over one link from its opening to its end.

    Attributes:
        phase: How far it has come.
        hello: The device's latest hello.
        ignored: Messages that made no sense at the time.
    """

    def __init__(self, resume: Resume, *, resend_after_ns: int = RESEND_AFTER_NS) -> None:
        self.phase = Phase.GREETING
        self.hello: Hello | None = None
        self.ignored = 0
        self._resume = resume
        self._resend_after_ns = resend_after_ns
        self._streams: dict[int, Reassembly] = {}
        self._forms: dict[int, tuple[int, int]] = {}  # channels and bytes a sample, of each stream
        self._unplaced: set[int] = set()  # streams whose first sample number is still to be seen
        self._asked: dict[int, _Asked] = {}
        self._marker_next = 0
        self._device_us = 0
        self._queried_ns: int | None = None
        self._started_ns = 0
        self._got_samples = False
        self._announced: tuple[int, dict[int, int]] = (0, {})
        self._outbox: list[HostMessage] = []

    def tick(self, now_ns: int) -> list[HostMessage]:
        """Return what is to be said by now, answers included."""
        if self.phase is Phase.GREETING and self._due(self._queried_ns, now_ns):
            self._query(now_ns)
        if self.phase is Phase.STREAMING:
            if not self._got_samples and self._due(self._started_ns, now_ns):
                self._start(now_ns)
            self._expect_announced(now_ns)
            for stream_id, reassembly in self._streams.items():
                self._ask_for_missing(stream_id, reassembly, now_ns)
        said, self._outbox = self._outbox, []
        return said

    def take(self, message: Message, now_ns: int) -> list[Delivery]:
        """Return what `message` brings."""
        match message:
            case Hello():
                return self._greeted(message, now_ns)
            case Samples():
                return self._sampled(message, now_ns)
            case Status() if self.hello:
                self._device_us = max(self._device_us, message.device_time_us)
                self._announced = (now_ns, {s.stream_id: s.next_sequence for s in message.streams})
                return [message]
            case Marker() if self.hello:
                return self._pressed(message)
            case Gone() if message.stream_id in self._streams:
                items = self._streams[message.stream_id].gone(message.start, message.end)
                return [Data(message.stream_id, item) for item in items]
            case _:
                self.ignored += 1
                return []

    def stored(self, position: Position) -> None:
        """Everything up to there is safe: tell the device."""
        upto = position.expected.items()
        self._outbox += [Ack(stream_id, number % SEQUENCE_SPAN) for stream_id, number in upto]
        if position.marker_next:
            self._outbox.append(Ack(MARKERS, position.marker_next))

    def close(self, reason: str) -> list[Delivery]:
        """This boot is over: what was held back comes now, with its holes as gaps."""
        return [
            Data(stream_id, item)
            for stream_id, reassembly in self._streams.items()
            for item in reassembly.close(reason)
        ]

    @property
    def position(self) -> Position:
        """Up to where everything was delivered."""
        expected = {i: r.expected for i, r in self._streams.items() if i not in self._unplaced}
        return Position(expected, self._marker_next)

    @property
    def resent(self) -> int:
        """Instants that came out of order."""
        return sum(reassembly.resent for reassembly in self._streams.values())

    @property
    def doubled(self) -> int:
        """Instants that came more than once."""
        return sum(reassembly.doubled for reassembly in self._streams.values())

    def device_us(self, time_us: int) -> int:
        """Device time whose low 32 bits are `time_us`: the one nearest to the latest known."""
        half = SEQUENCE_SPAN // 2
        return self._device_us + (time_us - self._device_us + half) % SEQUENCE_SPAN - half

    @property
    def _can_resend(self) -> bool:
        return self.hello is not None and Feature.RESEND in self.hello.features

    def _greeted(self, hello: Hello, now_ns: int) -> list[Delivery]:
        if hello.major != MAJOR:
            self.phase = Phase.REFUSED
            self.hello = hello
            return [Boot(hello, resumed=False)]
        known = self.hello
        if known and (known.device_id, known.boot_id) == (hello.device_id, hello.boot_id):
            self.hello = hello
            self._device_us = max(self._device_us, hello.device_time_us)
            if not self._got_samples:
                self._start(now_ns)
            return []
        delivered = self.close("the device restarted")
        self.hello = hello
        self._device_us = hello.device_time_us
        self._got_samples = False
        resumed = self._resume(hello)
        self._marker_next = resumed.marker_next if resumed else 0
        self._open_streams(hello, resumed.expected if resumed else {})
        self.phase = Phase.STREAMING
        self._start(now_ns)
        return [*delivered, Boot(hello, resumed is not None)]

    def _open_streams(self, hello: Hello, resumed: Mapping[int, int]) -> None:
        can_resend = self._can_resend
        self._forms = {s.stream_id: (s.channels, s.sample_bytes) for s in hello.streams}
        self._streams, self._asked, self._unplaced = {}, {}, set()
        self._announced = (0, {})
        for stream in hello.streams:
            limit = int(HOLD_LIMIT_S * stream.rate_hz)
            start = resumed.get(stream.stream_id)
            if start is None:
                start = stream.oldest_held if can_resend else stream.next_sequence
                if not can_resend:
                    self._unplaced.add(stream.stream_id)
            reassembly = Reassembly(start, can_resend=can_resend, hold_limit=limit)
            if can_resend:
                reassembly.announce(stream.next_sequence)
            self._streams[stream.stream_id] = reassembly

    def _sampled(self, samples: Samples, now_ns: int) -> list[Delivery]:
        form = (samples.codes.shape[0], samples.sample_bytes)
        if self.phase is not Phase.STREAMING or form != self._forms.get(samples.stream_id):
            self.ignored += 1
            if self.phase is not Phase.REFUSED and self._due(self._queried_ns, now_ns):
                self._query(now_ns)
            return []
        self._got_samples = True
        reassembly = self._streams[samples.stream_id]
        if samples.stream_id in self._unplaced:
            self._unplaced.discard(samples.stream_id)
            reassembly.expected = samples.sequence
            reassembly.announce(samples.sequence)
        items = reassembly.add(samples)
        self._device_us = max(self._device_us, self.device_us(samples.time_us))
        asked = self._asked.get(samples.stream_id)
        if asked and samples.sequence == (asked.end - samples.codes.shape[1]) % SEQUENCE_SPAN:
            asked.answered = True
        self._ask_for_missing(samples.stream_id, reassembly, now_ns)
        return [Data(samples.stream_id, item) for item in items]

    def _expect_announced(self, now_ns: int) -> None:
        """What a status said was taken should have come by now: how the loss of the last frame shows."""
        told_ns, announced = self._announced
        if announced and now_ns - told_ns >= ANNOUNCED_WITHIN_NS:
            for stream_id, next_sequence in announced.items():
                if self._can_resend and stream_id in self._streams:
                    self._streams[stream_id].announce(next_sequence)
            self._announced = (now_ns, {})

    def _pressed(self, marker: Marker) -> list[Delivery]:
        if marker.number < self._marker_next:
            self._outbox.append(Ack(MARKERS, self._marker_next))
            return []
        self._marker_next = marker.number + 1
        return [Press(marker.number, marker.device_time_us)]

    def _ask_for_missing(self, stream_id: int, reassembly: Reassembly, now_ns: int) -> None:
        holes = reassembly.holes()
        asked = self._asked.get(stream_id)
        if not holes:
            self._asked.pop(stream_id, None)
            return
        start, end = holes[0]
        if asked and asked.start < start < asked.end and not asked.answered:
            asked.start, asked.at_ns = start, now_ns  # it is being filled: give it its time
            return
        waiting = (
            asked
            and not asked.answered
            and start < asked.end
            and now_ns - asked.at_ns < self._resend_after_ns
        )
        if not waiting:
            self._asked[stream_id] = _Asked(start, end, now_ns)
            self._outbox.append(Resend(stream_id, start % SEQUENCE_SPAN, end % SEQUENCE_SPAN))

    def _query(self, now_ns: int) -> None:
        self._queried_ns = now_ns
        self._outbox.append(Query())

    def _start(self, now_ns: int) -> None:
        assert self.hello is not None
        self._started_ns = now_ns
        self._outbox.append(Start(self.hello.boot_id))

    @staticmethod
    def _due(last_ns: int | None, now_ns: int) -> bool:
        return last_ns is None or now_ns - last_ns >= QUERY_EVERY_NS
