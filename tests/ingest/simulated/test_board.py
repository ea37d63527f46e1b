"""A simulated board keeps to firmware/PROTOCOL.md, said with the very messages of the wire."""

from itertools import pairwise

import numpy as np
import pytest

from ingest.messages import (
    MARKERS,
    Ack,
    Feature,
    Gone,
    Hello,
    Identify,
    Marker,
    Modality,
    Query,
    Resend,
    Samples,
    Set,
    SettingKey,
    SiteHint,
    Start,
    Status,
    Stop,
    Unit,
)
from ingest.protocol import FRAME_LIMIT, FrameDecoder, encode
from ingest.simulated.board import Board
from ingest.simulated.converter import Converter

BOOT = 77
SECOND_US = 1_000_000


class Ramp:
    """Each sample is its own number, so that a wrong one is seen at once."""

    modality = "emg"
    unit = "uV"

    def __init__(self, rate_hz=1000.0, channels=2, length=None, off=()):
        self.rate_hz, self.channels, self.length, self.off = rate_hz, channels, length, off
        self.position = 0

    def read(self, count):
        end = self.position + count if self.length is None else min(self.length, self.position + count)
        numbers = np.arange(self.position, end, dtype=np.float32) % 30_000
        self.position = end
        return np.tile(numbers, (self.channels, 1))

    def contact_off(self, time_s):
        return int(any(start_s <= time_s < end_s for start_s, end_s in self.off))


def board(*measurements, buffer_s=5.0, **settings):
    converters = [Converter(measurement, 1.0) for measurement in measurements or [Ramp()]]
    return Board(converters, device_id=b"12345678", boot_id=BOOT, buffer_s=buffer_s, **settings)


class Wire:
    """The host's end: says messages and gathers what the board says."""

    def __init__(self, of):
        self.board, self.decoder, self.now_us = of, FrameDecoder(), 0

    def say(self, *messages):
        for message in messages:
            self.board.receive(encode(message))

    def hear(self, seconds=0.0, limit=100_000):
        """Let time pass as a board's loop would, and return what was said."""
        said = []
        end_us = self.now_us + round(seconds * SECOND_US)
        while True:
            self.now_us = min(end_us, self.now_us + 20_000)
            self.board.run(self.now_us)
            said += self.decoder.feed(self.board.send(limit))
            if self.now_us >= end_us:
                return said

    def pass_unheard(self, seconds):
        end_us = self.now_us + round(seconds * SECOND_US)
        while self.now_us < end_us:
            self.now_us = min(end_us, self.now_us + 20_000)
            self.board.run(self.now_us)


def started(*measurements, **settings):
    wire = Wire(board(*measurements, **settings))
    wire.hear()
    wire.say(Start(BOOT))
    return wire


def numbers(messages, stream_id=0):
    """Return the sequence numbers of all samples, after a look at what they hold."""
    got = []
    for message in messages:
        if isinstance(message, Samples) and message.stream_id == stream_id:
            sequence = message.sequence + np.arange(message.codes.shape[1])
            assert np.array_equal(message.codes[0], sequence % 30_000)
            got += sequence.tolist()
    return got


def only(kind, messages):
    return [message for message in messages if isinstance(message, kind)]


def test_it_says_nothing_but_hello_once_a_second_until_started():
    said = Wire(board()).hear(5.5)
    assert [type(message) for message in said] == [Hello] * 6


def test_hello_tells_its_streams():
    sites = (SiteHint(22, 1), SiteHint(22, 2))
    one = Board([Converter(Ramp(), 0.1, sites=sites)], device_id=b"12345678", boot_id=BOOT, name="arm")
    [hello] = Wire(one).hear()
    [stream] = hello.streams
    assert (hello.boot_id, hello.name, Feature.RESEND in hello.features) == (BOOT, "arm", True)
    assert (stream.modality, stream.unit, stream.rate_hz, stream.channels) == (
        Modality.EMG,
        Unit.MICROVOLT,
        1000,
        2,
    )
    assert (stream.lowest_code, stream.highest_code, stream.site_hints) == (-32768, 32767, sites)
    assert stream.scale == pytest.approx(0.1)


def test_a_link_begins_with_the_end_of_a_frame():
    one = board()
    one.run(1)
    assert one.send(1) == b"\0"


def test_a_start_for_another_boot_is_answered_with_hello():
    wire = Wire(board())
    wire.hear()
    wire.say(Start(BOOT + 1))
    assert [type(message) for message in wire.hear(0.5)] == [Hello]


def test_live_samples_are_numbered_without_a_hole_and_soon_out():
    wire = started()
    got = numbers(wire.hear(3))
    assert got == list(range(got[0], got[0] + len(got)))
    assert wire.board.samplers[0].next - got[-1] <= 31


def test_every_frame_fits_a_notification():
    wire = started(Ramp(channels=7), Ramp(rate_hz=200, channels=3))
    wire.board.run(SECOND_US)
    frames = wire.board.send(100_000).split(b"\0")
    assert max(map(len, frames)) < FRAME_LIMIT


def test_device_time_follows_its_own_crystal():
    wire = started(drift_ppm=100)
    last = only(Samples, wire.hear(100))[-1]
    assert last.time_us == last.sequence * 1000
    assert wire.board.device_us == 100_010_000
    assert wire.board.samplers[0].next == 100_011


def test_device_time_can_be_told_in_true_time():
    wire = started(drift_ppm=100)
    wire.hear(50)
    assert wire.board.true_us(wire.board.device_us) == 50 * SECOND_US


def test_starting_twice_changes_nothing():
    wire = started()
    first = numbers(wire.hear(0.5))
    wire.say(Start(BOOT))
    both = first + numbers(wire.hear(0.5))
    assert both == list(range(both[0], both[0] + len(both)))


def test_stop_ends_the_stream_but_not_the_sampling():
    wire = started()
    wire.hear(1)
    wire.say(Stop())
    said = wire.hear(2.5)
    assert {type(message) for message in said} == {Hello}
    assert said[-1].streams[0].next_sequence > 2900


def test_a_resend_brings_exactly_what_was_asked_for():
    wire = started()
    wire.hear(1)
    wire.say(Resend(0, 100, 700))
    assert [n for n in numbers(wire.hear()) if n < 700] == list(range(100, 700))


def test_a_later_resend_replaces_an_unfinished_one():
    wire = started()
    wire.hear(1)
    wire.say(Resend(0, 100, 700), Resend(0, 650, 700))
    assert [n for n in numbers(wire.hear()) if n < 700] == list(range(650, 700))


def test_what_is_no_longer_held_is_gone():
    wire = started(buffer_s=2.0)
    wire.hear(1)
    wire.say(Ack(0, 900))
    wire.hear(3)
    wire.say(Resend(0, 1000, 2600))
    said = wire.hear()
    oldest = wire.board.samplers[0].oldest
    assert Gone(0, 1000, oldest) in said
    assert [n for n in numbers(said) if n < 2600] == list(range(oldest, 2600))


def test_unacknowledged_samples_that_were_overwritten_are_told_unasked():
    wire = started(buffer_s=1.0)
    said = only(Gone, wire.hear(3))
    assert said[0].start == 0
    assert all(a.end == b.start for a, b in pairwise(said))
    assert said[-1].end == pytest.approx(2000, abs=40)


def test_nothing_that_was_acknowledged_is_told_gone():
    wire = started(buffer_s=1.0)
    for _ in range(30):
        upto = numbers(wire.hear(0.1))[-1]
        wire.say(Ack(0, upto))
    assert only(Gone, wire.hear(0.5)) == []


def test_a_board_without_a_buffer_says_so_and_can_bring_nothing_again():
    wire = started(buffer_s=0)
    wire.hear(1)
    wire.say(Query(), Resend(0, 100, 200))
    said = wire.hear()
    [hello] = only(Hello, said)
    assert Feature.RESEND not in hello.features
    assert hello.streams[0].oldest_held == hello.streams[0].next_sequence
    assert Gone(0, 100, 200) in said
    assert not set(numbers(said)) & set(range(100, 200))


def test_a_link_that_is_not_read_costs_a_board_without_a_buffer_numbered_samples():
    wire = started(buffer_s=0)
    before = numbers(wire.hear(1))
    wire.pass_unheard(2)
    after = numbers(wire.hear(1))
    missing = after[0] - before[-1] - 1
    assert 1800 < missing < 2000
    wire.now_us += 10 * SECOND_US
    [status] = only(Status, wire.hear())
    assert status.streams[0].lost >= missing


def test_a_link_that_is_not_read_costs_a_board_with_a_buffer_nothing():
    wire = started(buffer_s=5)
    before = numbers(wire.hear(1))
    wire.pass_unheard(2)
    everything = before + numbers(wire.hear(1))
    assert everything == list(range(everything[0], everything[0] + len(everything)))


def test_a_slow_link_gets_whole_frames_in_small_bites():
    wire = started()
    got = numbers(wire.hear(2, limit=150))
    assert got == list(range(got[0], got[0] + len(got)))


def test_status_comes_every_ten_seconds_and_at_once_when_contact_changes():
    wire = started(Ramp(off=[(4.0, 6.0)]))
    statuses = only(Status, wire.hear(15))
    assert [status.streams[0].contact_off for status in statuses] == [0, 1, 0]
    assert [status.device_time_us / SECOND_US for status in statuses] == pytest.approx([0, 4, 6], abs=0.05)
    assert only(Status, wire.hear(2))


def test_a_channel_at_the_end_of_its_range_is_told_once():
    wire = started(Ramp())
    wire.board.samplers[0].converter.measurement.read = lambda count: np.full((2, count), 1e6, np.float32)
    wire.hear(0.1)
    status = wire.board.samplers[0].status()
    assert status.saturated == 0b11
    assert wire.board.samplers[0].status().saturated == 0


def test_a_press_is_told_every_second_until_acknowledged():
    wire = started()
    wire.hear(1)
    wire.board.press()
    wire.board.press()
    said = only(Marker, wire.hear(2.5))
    assert [marker.number for marker in said] == [0, 1, 0, 1, 0, 1]
    assert said[0].device_time_us == SECOND_US
    wire.say(Ack(MARKERS, 1))
    assert {marker.number for marker in only(Marker, wire.hear(1.5))} == {1}
    wire.say(Ack(MARKERS, 2))
    assert only(Marker, wire.hear(1.5)) == []


def test_settings_show_in_the_next_hello():
    wire = started()
    wire.say(Set(SettingKey.NAME, "Küche".encode()), Set(SettingKey.SITE, bytes([0, 1, 76, 2])))
    hello = only(Hello, wire.hear())[-1]
    assert hello.name == "Küche"
    assert hello.streams[0].site_hints == (SiteHint(), SiteHint(76, 2))


@pytest.mark.parametrize(
    "nonsense",
    [
        Set(SettingKey.NAME, b"x" * 25),
        Set(SettingKey.NAME, b"\xff"),
        Set(SettingKey.SITE, bytes([9, 0, 1, 1])),
        Set(99, b"?"),
        Ack(0, 5_000_000),
        Ack(7, 1),
        Resend(0, 20, 10),
        Resend(7, 0, 1),
        Gone(0, 1, 2),
    ],
)
def test_commands_that_make_no_sense_are_counted_and_ignored(nonsense):
    wire = started()
    wire.hear(1)
    wire.say(nonsense)
    assert numbers(wire.hear(0.5))
    assert wire.board.ignored == 1


def test_it_blinks_as_long_as_it_is_told():
    wire = started()
    wire.say(Identify(3))
    assert wire.board.identify_until_us == 3 * SECOND_US


def test_a_reboot_begins_anew_under_another_name():
    wire = started()
    wire.hear(2)
    wire.board.reboot(BOOT + 1)
    said = wire.hear(1.5)
    assert {type(message) for message in said} == {Hello}
    assert (said[0].boot_id, said[0].device_time_us, said[0].streams[0].next_sequence) == (
        BOOT + 1,
        pytest.approx(0, abs=20_000),
        pytest.approx(0, abs=21),
    )
    wire.say(Start(BOOT))
    assert only(Samples, wire.hear(0.5)) == []


def test_sequence_numbers_wrap():
    wire = started()
    wire.board.samplers[0].next = wire.board.samplers[0]._sent = wire.board.samplers[0]._acked = 2**32 - 100
    wire.now_us = (2**32 - 100) * 1000
    said = only(Samples, wire.hear(0.5))
    sequences = [message.sequence for message in said]
    assert max(sequences) > 2**32 - 100
    assert min(sequences) < 400
    wire.say(Ack(0, 50), Resend(0, 2**32 - 10, 20))
    again = only(Samples, wire.hear())
    assert again[0].sequence == 2**32 - 10
    assert wire.board.ignored == 0


def test_a_board_that_waits_begins_with_its_first_start():
    wire = Wire(board(Ramp(length=250), waits=True))
    wire.hear(3)
    wire.say(Start(BOOT))
    got = numbers(wire.hear(1))
    assert got == list(range(250))
    assert not wire.board.done
    wire.say(Ack(0, 250))
    assert wire.board.done
