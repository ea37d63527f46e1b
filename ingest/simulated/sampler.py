"""One stream of a simulated board: numbers its samples, holds the last ones, cuts them into frames."""

import numpy as np
from numpy.typing import NDArray

from ingest.messages import SEQUENCE_SPAN, Gone, Samples, SiteHint, Stream, StreamStatus
from ingest.protocol import PAYLOAD_LIMIT
from ingest.simulated.converter import Converter

_SAMPLES_HEAD = 15  # bytes of a samples payload that are not samples: kind, head and crc
_FRAME_S = 0.03  # s: a live frame is sent after that at the latest, so that events are told soon
_UART_S = 0.1  # s that even a board without a buffer holds: its serial line's queue


class Sampler:
    """Samples that were taken since boot: which are held, which were sent, which are lost.

    Sequence numbers in here do not wrap; they do on the wire.

    Args:
        stream_id: 0-15.
        converter: Where samples come from.
        buffer_s: How much is held for a resend; 0 where nothing can be sent again.
    """

    def __init__(self, stream_id: int, converter: Converter, buffer_s: float) -> None:
        measurement = converter.measurement
        self.stream_id = stream_id
        self.converter = converter
        self.can_resend = buffer_s > 0
        self.ended = False
        self._taken = 0  # of the measurement, over all boots
        self._rate_hz = measurement.rate_hz
        self._fits = (PAYLOAD_LIMIT - _SAMPLES_HEAD) // (measurement.channels * converter.sample_bytes)
        self._live_frame = max(1, min(self._fits, round(_FRAME_S * self._rate_hz)))
        capacity = max(2 * self._live_frame, round(max(buffer_s, _UART_S) * self._rate_hz))
        self._ring = np.zeros((measurement.channels, capacity), np.int32)
        self._sites = list(converter.sites) or [SiteHint()] * (
            1 if measurement.modality == "accelerometer" else measurement.channels
        )
        self.restart()

    def restart(self) -> None:
        """Forget everything, as a reboot does; the signal goes on."""
        self.next = 0
        self.lost = 0
        self.origin_us: int | None = None  # device time of sample 0
        self._sent = 0
        self._acked = 0
        self._told_gone = 0
        self._resend: tuple[int, int] = (0, 0)
        self._saturated = 0

    @property
    def oldest(self) -> int:
        return max(0, self.next - self._ring.shape[1])

    @property
    def done(self) -> bool:
        """Whether the signal has ended and nothing of it waits to be sent or stored any more."""
        return self.ended and self._sent == self.next and (self._acked == self.next or not self.can_resend)

    def room_us(self) -> int:
        """Return the time until a sample is overwritten that the host may still want."""
        wanted_from = self._acked if self.can_resend else self._sent
        free = self._ring.shape[1] - (self.next - wanted_from)
        return int(1e6 * free / self._rate_hz)

    def sample(self, device_us: int) -> None:
        """Take every sample that is due by `device_us`; none before the first is due."""
        if self.origin_us is None:
            return
        due = int((device_us - self.origin_us) * self._rate_hz / 1e6) + 1 - self.next
        while due > 0 and not self.ended:
            codes = self.converter.codes(self.converter.measurement.read(min(due, self._ring.shape[1])))
            self.ended = codes.shape[1] == 0
            self._keep(codes)
            due -= codes.shape[1]

    def begin(self, device_us: int) -> None:
        """Take sample 0 at this time, unless it was taken already."""
        if self.origin_us is None:
            self.origin_us = device_us

    def begin_live(self) -> None:
        """Send from the next sample on."""
        self._sent = self.next

    def contact_off(self) -> int:
        """Return the electrodes that are off, a bit for each channel."""
        return self.converter.measurement.contact_off(self._taken / self._rate_hz)

    def live(self) -> Samples | None:
        """Return the next frame that was never sent, if it is full or the signal has ended."""
        waiting = self.next - self._sent
        if waiting < self._live_frame and not (self.ended and waiting):
            return None
        start, self._sent = self._sent, self._sent + min(waiting, self._live_frame)
        return self._frame(start, self._sent)

    def gone(self) -> Gone | None:
        """Return what a resend asked for, or the host never had, and is no longer held."""
        start, end = self._resend
        if start < min(end, self.oldest) or (start < end and not self.can_resend):
            until = min(end, self.oldest) if self.can_resend else end
            self._resend = (until, end)
            return Gone(self.stream_id, _wire(start), _wire(until))
        start = max(self._acked, self._told_gone)
        if self.can_resend and start < min(self.oldest, self._sent):
            self._told_gone = min(self.oldest, self._sent)
            return Gone(self.stream_id, _wire(start), _wire(self._told_gone))
        return None

    def again(self) -> Samples | None:
        """Return the next frame of a resend."""
        start, end = self._resend
        if start >= end:
            return None
        until = min(end, start + self._fits)
        self._resend = (until, end)
        return self._frame(start, until)

    def ack(self, upto: int) -> bool:
        """Take note that everything before `upto` is stored; False if it makes no sense."""
        number = self._unwrap(upto)
        if number > self._sent:
            return False
        self._acked = max(self._acked, number)
        return True

    def resend(self, start: int, end: int) -> bool:
        """Plan to send [start, end) again, as far as it was sent before; False if it makes no sense."""
        first, last = self._unwrap(start), self._unwrap(end)
        if first > last or last > self.next:
            return False
        self._resend = (first, max(first, min(last, self._sent)))
        return True

    def hello(self) -> Stream:
        measurement, converter = self.converter.measurement, self.converter
        return Stream(
            stream_id=self.stream_id,
            modality=converter.modality_code,
            unit=converter.unit_code,
            channels=measurement.channels,
            sample_bytes=converter.sample_bytes,
            rate_mhz=round(self._rate_hz * 1000),
            scale=converter.scale,
            lowest_code=converter.lowest_code,
            highest_code=converter.highest_code,
            oldest_held=self._oldest_offered(),
            next_sequence=_wire(self.next),
            site_hints=tuple(self._sites),
        )

    def status(self) -> StreamStatus:
        """Return how the stream is; what was saturated is forgotten with it."""
        saturated, self._saturated = self._saturated, 0
        return StreamStatus(
            self.stream_id,
            next_sequence=_wire(self.next),
            oldest_held=self._oldest_offered(),
            lost=self.lost,
            contact_off=self.contact_off(),
            saturated=saturated,
        )

    def set_site(self, channel: int, site: SiteHint) -> bool:
        """Store a site hint; False if there is no such channel."""
        if channel >= len(self._sites):
            return False
        self._sites[channel] = site
        return True

    def _keep(self, codes: NDArray[np.int32]) -> None:
        count, capacity = codes.shape[1], self._ring.shape[1]
        self._ring[:, (self.next + np.arange(count)) % capacity] = codes
        self.next += count
        self._taken += count
        for channel, row in enumerate(codes):
            if ((row == self.converter.lowest_code) | (row == self.converter.highest_code)).any():
                self._saturated |= 1 << channel

    def skip_overwritten(self) -> None:
        """Give up live samples that the link did not take in time."""
        overwritten = self.oldest - self._sent
        if overwritten > 0:
            self.lost += overwritten
            self._sent = self.oldest

    def _frame(self, start: int, end: int) -> Samples:
        if self.origin_us is None:
            raise ValueError("no sample was taken yet")
        codes = self._ring[:, np.arange(start, end) % self._ring.shape[1]]
        time_us = self.origin_us + round(start * 1e6 / self._rate_hz)
        return Samples(
            self.stream_id, _wire(start), time_us % SEQUENCE_SPAN, self.converter.sample_bytes, codes
        )

    def _oldest_offered(self) -> int:
        return _wire(self.oldest if self.can_resend else self.next)

    def _unwrap(self, number: int) -> int:
        """Return the sequence number nearest to the next one that is `number` on the wire."""
        behind = (self.next - number) % SEQUENCE_SPAN
        return self.next - (behind - SEQUENCE_SPAN if behind >= SEQUENCE_SPAN // 2 else behind)


def _wire(number: int) -> int:
    return number % SEQUENCE_SPAN
