"""The Uno's sketch in simavr, read by the real service: nothing between the two knows of the other."""

import asyncio
import subprocess

import numpy as np
import pytest

from ingest.messages import Hello, Samples, Set, Start, Status
from ingest.protocol import FrameDecoder, encode
from ingest.reader import JournalReader
from ingest.transport.serial import open_serial
from tests.firmware.simulated_uno import CLOCK_HZ, EMG_UV, FIRMWARE, MOTION_MG, SimulatedUno
from tests.integration.counting import serving

pytestmark = [pytest.mark.server, pytest.mark.asyncio, pytest.mark.usefixtures("uno")]

BAUD = 500_000
FLASH_BYTES = 32_768 - 512  # less the boot loader
RAM_BYTES = 2048


def signals(seconds=60):
    """Return EMG codes at rest, after every code there is at least once, and an arm that lies still."""
    dice = np.random.default_rng(5)
    rest = np.rint(dice.normal(512, 4, seconds * 1000 - 1024)).astype(int)
    motion = np.rint(dice.normal((0, 0, 16384), 40, (seconds * 200, 3))).astype(int)
    return np.concatenate([np.arange(1024), rest]), motion


class Watcher:
    """Keeps the samples that the service reads, by stream."""

    def __init__(self):
        self.pieces = {0: [], 1: []}
        self._grew = asyncio.Event()

    def push(self, *, stream, samples, **about):
        self.pieces[stream].append(samples)
        self._grew.set()

    def of(self, stream, per_count):
        return np.rint(np.concatenate(self.pieces[stream], axis=1) / per_count).astype(int)

    async def until(self, emg_samples):
        async with asyncio.timeout(90):
            while sum(piece.shape[1] for piece in self.pieces[0]) < emg_samples:
                self._grew.clear()
                await self._grew.wait()


def offset(seen, truth):
    """Where in the truth what was seen begins."""
    head = seen[:, :40]
    [found] = [i for i in range(truth.shape[1] - 40) if np.array_equal(truth[:, i : i + 40], head)]
    return found


async def messages(link, decoder, wanted, count):
    """Return what comes until so many messages of one kind have."""
    found = []
    async with asyncio.timeout(30):
        while sum(isinstance(message, wanted) for message in found) < count:
            found += decoder.feed(await link.read())
    return found


@pytest.mark.timeout(120)
async def test_the_service_reads_every_sample_in_order_and_equal(tmp_path):
    emg, motion = signals()
    watcher = Watcher()
    async with SimulatedUno(tmp_path, emg=emg, motion=motion) as board:
        device = {"port": str(board.port), "accelerometer": "biceps-left"}
        async with serving(tmp_path, watcher, device):
            await watcher.until(20_000)
            measured = await board.switch_off()
    for stream, truth, per_count in ((0, emg[np.newaxis], EMG_UV), (1, motion.T, MOTION_MG)):
        seen = watcher.of(stream, per_count)
        first = offset(seen, truth[:, :10_000])
        assert np.array_equal(seen, truth[:, first : first + seen.shape[1]])
    assert watcher.of(1, MOTION_MG).shape[1] >= 3990
    with JournalReader(tmp_path / "journal.sqlite3") as journal:
        assert journal.gaps() == []
        [kept] = journal.devices()
        assert (kept.damaged_frames, kept.firmware) == (0, "0.1.0")
    assert measured["thrown_away"] == 0
    # the timer starts conversions; simavr sees it at the end of an instruction, at most 4 cycles later
    assert 15_996 <= measured["shortest_interval"] <= measured["longest_interval"] <= 16_004
    assert (
        abs(measured["conversions"] - measured["cycles"] / 16_000) < 400
    )  # less the time until it was set up
    assert measured["motion_reads"] / (measured["conversions"] / 5) == pytest.approx(1, abs=0.001)
    # the loop polls the accelerometer: while it encodes, up to 2 ms late
    assert 0.003 * CLOCK_HZ < measured["shortest_motion"] <= measured["longest_motion"] < 0.007 * CLOCK_HZ
    assert measured["encoding"] / measured["cycles"] < 0.20
    assert measured["longest_encoding"] < 0.005 * CLOCK_HZ


def static_memory():
    """Return the bytes of flash and of RAM that the sketch takes."""
    size = subprocess.check_output(["avr-size", "-A", FIRMWARE / "build" / "avr" / "uno.elf"], text=True)
    used = {name: int(count) for name, count, *_ in map(str.split, size.splitlines()[2:-2])}
    return used[".text"] + used[".data"], used[".data"] + used[".bss"]


async def test_it_fits_an_atmega328p_with_room_to_spare(tmp_path):
    flash, ram = static_memory()
    emg, motion = signals(10)
    async with (
        SimulatedUno(tmp_path, emg=emg, motion=motion) as board,
        open_serial(str(board.port), BAUD) as link,
    ):
        decoder = FrameDecoder()
        [hello, *_] = await messages(link, decoder, Hello, 1)
        await link.write(encode(Start(hello.boot_id)) + encode(Set(1, b"x" * 24)))
        await messages(link, decoder, Samples, 400)
        measured = await board.switch_off()
    stack = 0x100 + RAM_BYTES - measured["lowest_stack"]
    assert flash < 0.6 * FLASH_BYTES
    assert ram + stack + 100 <= RAM_BYTES


async def test_a_host_that_does_not_read_finds_a_gap_and_no_garbage(tmp_path):
    emg, motion = signals()
    async with (
        SimulatedUno(tmp_path, emg=emg, motion=motion, patience_ms=0) as board,
        open_serial(str(board.port), BAUD) as link,
    ):
        decoder = FrameDecoder()
        [hello, *_] = await messages(link, decoder, Hello, 1)
        await link.write(encode(Start(hello.boot_id)))
        before = await messages(link, decoder, Samples, 50)
        link._writer.transport.pause_reading()
        await board.seconds(8)
        link._writer.transport.resume_reading()
        after = await messages(link, decoder, Samples, 400)
        assert decoder.counters.damaged > 0
    frames = [
        message for message in before + after if isinstance(message, Samples) and message.stream_id == 0
    ]
    expected, missing = frames[0].sequence, 0
    for frame in frames:
        missing += frame.sequence - expected
        expected = frame.sequence + frame.codes.shape[1]
        assert np.array_equal(frame.codes[0], emg[frame.sequence : expected])
    assert missing > 1000


async def test_what_the_line_lost_is_a_gap_on_record_to_the_sample(tmp_path):
    emg, motion = signals()
    watcher = Watcher()
    async with SimulatedUno(tmp_path, emg=emg, motion=motion, deaf_s=(4, 6.5)) as board:
        device = {"port": str(board.port), "accelerometer": "biceps-left"}
        async with serving(tmp_path, watcher, device):
            await watcher.until(8000)
    with JournalReader(tmp_path / "journal.sqlite3") as journal:
        [gap] = [gap for gap in journal.gaps() if gap.stream == 0]
        assert len([gap for gap in journal.gaps() if gap.stream == 1]) == 1
    seen, truth = watcher.of(0, EMG_UV), emg[np.newaxis]
    first = offset(seen, truth[:, :3000])
    before = gap.start_sample - first
    rest = seen[:, before:]
    assert np.array_equal(seen[:, :before], truth[:, first : gap.start_sample])
    assert np.array_equal(rest, truth[:, gap.end_sample : gap.end_sample + rest.shape[1]])
    assert gap.end_sample - gap.start_sample == pytest.approx(2500, abs=50)


async def test_it_is_silent_but_for_hello_until_it_is_started(tmp_path):
    async with SimulatedUno(tmp_path, emg=[512]) as board, open_serial(str(board.port), BAUD) as link:
        heard = await messages(link, FrameDecoder(), Hello, 3)
    assert {type(message) for message in heard} == {Hello}


async def test_its_id_and_name_stay_and_its_boot_id_does_not(tmp_path):
    hellos = []
    for _ in range(3):
        async with SimulatedUno(tmp_path, emg=[512]) as board, open_serial(str(board.port), BAUD) as link:
            decoder = FrameDecoder()
            await messages(link, decoder, Hello, 1)
            await link.write(encode(Set(1, "left calf ä".encode())) + encode(Set(2, bytes([0, 0, 76, 1]))))
            hellos.append((await messages(link, decoder, Hello, 2))[-1])
            await board.switch_off()
    first, second, third = hellos
    assert first.device_id == second.device_id == third.device_id
    assert len({first.boot_id, second.boot_id, third.boot_id}) == 3
    assert {hello.name for hello in hellos} == {"left calf ä"}


async def test_power_lost_while_a_setting_is_written_costs_no_more_than_the_setting(tmp_path):
    hellos = []
    board = SimulatedUno(tmp_path, emg=[512])
    for _ in range(2):
        async with board, open_serial(str(board.port), BAUD) as link:
            hellos.append((await messages(link, FrameDecoder(), Hello, 1))[-1])
            await board.switch_off()
        kept = bytearray(board.eeprom.read_bytes())
        kept[34:40] = b"broken"
        board.eeprom.write_bytes(kept)
    assert hellos[0].device_id == hellos[1].device_id
    assert hellos[1].name == ""


async def test_a_sensor_that_is_not_there_is_told_as_off_and_does_not_stop_the_rest(tmp_path):
    async with (
        SimulatedUno(tmp_path, emg=np.arange(1024)) as board,
        open_serial(str(board.port), BAUD) as link,
    ):
        decoder = FrameDecoder()
        [hello, *_] = await messages(link, decoder, Hello, 1)
        await link.write(encode(Start(hello.boot_id)))
        heard = await messages(link, decoder, Samples, 100)
    assert {message.stream_id for message in heard if isinstance(message, Samples)} == {0}
    [status, *_] = [message for message in heard if isinstance(message, Status)]
    assert [stream.contact_off for stream in status.streams] == [0, 0b111]
