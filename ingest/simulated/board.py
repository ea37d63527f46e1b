"""The board's side of firmware/PROTOCOL.md, without I/O: bytes from the host in, bytes for the host out."""

from collections.abc import Sequence
from functools import singledispatchmethod

from ingest.messages import (
    MARKERS,
    Ack,
    Feature,
    Hello,
    Identify,
    Marker,
    Message,
    Query,
    Resend,
    Set,
    SettingKey,
    SiteHint,
    Start,
    Status,
    Stop,
)
from ingest.protocol import NAME_LIMIT, FrameDecoder, encode
from ingest.simulated.converter import Converter
from ingest.simulated.sampler import Sampler

_HELLO_US = 1_000_000  # us between hellos until started
_STATUS_US = 10_000_000  # us between statuses while started
_MARKER_US = 1_000_000  # us until an unacknowledged press is told again
_FULL_MV, _EMPTY_MV, _LASTS_US = (
    4200,
    3400,
    48 * 3_600_000_000,
)  # mV, mV, us: a small lithium cell over two days
_SKIN_CDEGC = 3300  # 0.01 degC: what a sensor on skin settles at
_FIRMWARE = (1, 0, 0)


class Board:
    """A board that measures, seen from both ends of its wire and from its power switch.

    Args:
        converters: Its streams, numbered from 0.
        device_id: Its own 8 bytes.
        boot_id: Names this boot; never 0.
        name: What its wearer called it.
        buffer_s: How much it can send again; 0 for one that cannot, such as an Arduino Uno.
        drift_ppm: How much its crystal runs too fast.
        waits: Whether it begins to sample only when it is started, so that a player loses nothing.
    """

    def __init__(
        self,
        converters: Sequence[Converter],
        *,
        device_id: bytes,
        boot_id: int,
        name: str = "",
        buffer_s: float = 25.0,
        drift_ppm: float = 0.0,
        waits: bool = False,
    ) -> None:
        self.device_id = device_id
        self.name = name
        self.samplers = [Sampler(number, converter, buffer_s) for number, converter in enumerate(converters)]
        self.ignored = 0  # commands that made no sense
        self._rate = 1 + drift_ppm * 1e-6
        self._waits = waits
        self._true_us = 0
        self.reboot(boot_id)

    def reboot(self, boot_id: int) -> None:
        """Lose everything but name and sites and begin anew; the signal goes on."""
        self.boot_id = boot_id
        self.started = False
        self.identify_until_us = 0
        for sampler in self.samplers:
            sampler.restart()
            if not self._waits:
                sampler.begin(0)
        self._decoder = FrameDecoder()
        self._outbox = bytearray(b"\0")  # whoever reads in the middle of a frame is in step after it
        self._booted_us = self._true_us
        self._hello_due_us: int | None = 0
        self._status_due_us = 0
        self._contact_off: tuple[int, ...] = ()
        self._markers: list[Marker] = []  # not acknowledged
        self._untold: list[Marker] = []  # not sent, or to be sent again
        self._marker_due_us = 0
        self._presses = 0

    @property
    def device_us(self) -> int:
        """Time since boot by the board's own crystal."""
        return round((self._true_us - self._booted_us) * self._rate)

    def true_us(self, device_us: int) -> int:
        """Return what a perfect clock, started with the power, showed at a device time of this boot."""
        return self._booted_us + round(device_us / self._rate)

    @property
    def done(self) -> bool:
        """Whether all signals have ended and the host has all of them that it can get."""
        return all(sampler.done for sampler in self.samplers) and not self._outbox

    def room_us(self) -> int:
        """Return how long it can run before a sample is overwritten that the host may still want."""
        return min(sampler.room_us() for sampler in self.samplers)

    def run(self, until_us: int) -> None:
        """Let time pass, until `until_us` after the power was switched on."""
        self._true_us = max(until_us, self._true_us)
        for sampler in self.samplers:
            sampler.sample(self.device_us)

    def press(self) -> None:
        """The wearer presses the button."""
        marker = Marker(self._presses, self.device_us)
        self._markers.append(marker)
        self._untold.append(marker)
        self._presses = (self._presses + 1) % 2**16

    def receive(self, data: bytes) -> None:
        """Take what the host sent, in any cut."""
        for message in self._decoder.feed(data):
            self._obey(message)

    def send(self, limit: int) -> bytes:
        """Return at most `limit` bytes for the host; what it does not take now, it may take later."""
        while len(self._outbox) < limit and (message := self._next_message()) is not None:
            self._outbox += encode(message)
        data = bytes(self._outbox[:limit])
        del self._outbox[:limit]
        return data

    def _next_message(self) -> Message | None:
        """Return what is most urgent; live samples before those that the host wants again."""
        now_us = self.device_us
        if self._hello_due_us is not None and now_us >= self._hello_due_us:
            self._hello_due_us = None if self.started else now_us + _HELLO_US
            return self.hello()
        if not self.started:
            return None
        if self._markers and now_us >= self._marker_due_us:
            self._untold = list(self._markers)
        if self._untold:
            self._marker_due_us = now_us + _MARKER_US
            return self._untold.pop(0)
        contact_off = tuple(sampler.contact_off() for sampler in self.samplers)
        if now_us >= self._status_due_us or contact_off != self._contact_off:
            self._status_due_us = now_us + _STATUS_US
            self._contact_off = contact_off
            return self._status()
        return self._next_samples()

    def _next_samples(self) -> Message | None:
        for sampler in self.samplers:
            sampler.skip_overwritten()
        for take in (Sampler.gone, Sampler.live, Sampler.again):
            for sampler in self.samplers:
                if (message := take(sampler)) is not None:
                    return message
        return None

    def hello(self) -> Hello:
        """Return what it says of itself now."""
        features = Feature.IDENTIFY | Feature.BATTERY | Feature.BUTTON | Feature.SETTINGS
        if all(sampler.can_resend for sampler in self.samplers):
            features |= Feature.RESEND
        return Hello(
            device_id=self.device_id,
            boot_id=self.boot_id,
            device_time_us=self.device_us,
            firmware=_FIRMWARE,
            features=features,
            name=self.name,
            streams=tuple(sampler.hello() for sampler in self.samplers),
        )

    def _status(self) -> Status:
        left = max(0.0, 1 - self.device_us / _LASTS_US)
        return Status(
            device_time_us=self.device_us,
            battery_mv=round(_EMPTY_MV + left * (_FULL_MV - _EMPTY_MV)),
            battery_percent=round(100 * left),
            temperature_cdegc=_SKIN_CDEGC,
            streams=tuple(sampler.status() for sampler in self.samplers),
        )

    def _sampler(self, stream_id: int) -> Sampler | None:
        return self.samplers[stream_id] if stream_id < len(self.samplers) else None

    @singledispatchmethod
    def _obey(self, message: Message) -> None:  # noqa: ARG002 -- whatever it is, it is not for a board
        self.ignored += 1

    @_obey.register
    def _(self, _query: Query) -> None:
        self._hello_due_us = 0

    @_obey.register
    def _(self, start: Start) -> None:
        if start.boot_id != self.boot_id:
            self._hello_due_us = 0
        elif not self.started:
            self.started = True
            self._hello_due_us = None
            self._status_due_us = 0
            for sampler in self.samplers:
                sampler.begin(self.device_us)
                sampler.begin_live()

    @_obey.register
    def _(self, _stop: Stop) -> None:
        self.started = False
        self._hello_due_us = self.device_us + _HELLO_US

    @_obey.register
    def _(self, ack: Ack) -> None:
        if ack.stream_id == MARKERS:
            self._untold = [marker for marker in self._untold if marker.number >= ack.upto]
            self._markers = [marker for marker in self._markers if marker.number >= ack.upto]
        elif (sampler := self._sampler(ack.stream_id)) is None or not sampler.ack(ack.upto):
            self.ignored += 1

    @_obey.register
    def _(self, resend: Resend) -> None:
        sampler = self._sampler(resend.stream_id)
        if sampler is None or not sampler.resend(resend.start, resend.end):
            self.ignored += 1

    @_obey.register
    def _(self, identify: Identify) -> None:
        self.identify_until_us = self.device_us + identify.seconds * 1_000_000

    @_obey.register
    def _(self, setting: Set) -> None:
        if not self._store(setting):
            self.ignored += 1
        self._hello_due_us = 0

    def _store(self, setting: Set) -> bool:
        value = setting.value
        if setting.key == SettingKey.NAME:
            return self._rename(value)
        if setting.key == SettingKey.SITE and len(value) == 4:
            sampler = self._sampler(value[0])
            return sampler is not None and sampler.set_site(value[1], SiteHint(value[2], value[3]))
        return False

    def _rename(self, value: bytes) -> bool:
        try:
            name = value.decode()
        except UnicodeDecodeError:
            return False
        if len(value) > NAME_LIMIT:
            return False
        self.name = name
        return True
