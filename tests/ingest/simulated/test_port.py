"""A simulated port is opened, read, closed and opened again like a board's."""

import asyncio
import os

import numpy as np
import pytest

from ingest.messages import Ack, Hello, Samples, Start
from ingest.protocol import FrameDecoder, encode
from ingest.recording import Recording
from ingest.simulated.board import Board
from ingest.simulated.body import Heart, Site
from ingest.simulated.converter import Converter
from ingest.simulated.emg import EmgSignal
from ingest.simulated.player import players
from ingest.simulated.port import SimulatedPort


def measuring_board(buffer_s=5.0):
    signal = EmgSignal((1,), [Site.simulated((1,), Heart((1,)))])
    return Board([Converter(signal, 0.1)], device_id=b"12345678", boot_id=3, buffer_s=buffer_s)


class Host:
    """A program that has the port open: starts the board and acknowledges what it gets."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self.decoder = FrameDecoder()
        self.heard = asyncio.Event()
        self.samples = []
        self.instants = 0
        asyncio.get_running_loop().add_reader(self.fd, self._read)

    def close(self):
        asyncio.get_running_loop().remove_reader(self.fd)
        os.close(self.fd)

    async def listen(self, enough):
        """Read until there are as many instants as that."""
        while self.instants < enough:
            await self.heard.wait()
            self.heard.clear()
        return np.concatenate([message.codes for message in self.samples], axis=1)

    def _read(self):
        for message in self.decoder.feed(os.read(self.fd, 65536)):
            self._take(message)
        if self.samples:  # once a read: the way back holds less than the way here
            last = self.samples[-1]
            os.write(self.fd, encode(Ack(0, last.sequence + last.codes.shape[1])))
        self.heard.set()

    def _take(self, message):
        if isinstance(message, Hello):
            os.write(self.fd, encode(Start(message.boot_id)))
        elif isinstance(message, Samples):
            self.samples.append(message)
            self.instants += message.codes.shape[1]


@pytest.mark.asyncio
async def test_a_host_that_opens_it_hears_a_board():
    with SimulatedPort(measuring_board()) as port:
        running = asyncio.create_task(port.run())
        host = Host(port.path)
        await host.listen(60)
        host.close()
        running.cancel()
    assert host.decoder.counters.damaged <= 1


@pytest.mark.asyncio
async def test_it_outlives_a_host_that_closes_and_opens_it_again():
    with SimulatedPort(measuring_board()) as port:
        running = asyncio.create_task(port.run())
        first = Host(port.path)
        await first.listen(60)
        first.close()
        second = Host(port.path)
        await second.listen(60)
        second.close()
        running.cancel()
    assert second.samples[0].sequence > first.samples[-1].sequence


@pytest.mark.asyncio
async def test_a_recording_runs_as_fast_as_it_is_read_and_then_ends():
    samples = np.arange(600_000, dtype=np.float32).reshape(1, -1)
    [board] = players(Recording("ramp", samples, 1000.0, "emg", "adc", ("a",), {}))
    with SimulatedPort(board, as_fast_as_read=True) as port:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(port.run())
            host = Host(port.path)
            played = await host.listen(600_000)
        host.close()
    assert np.array_equal(played[0], samples[0])


@pytest.mark.asyncio
async def test_a_host_that_does_not_read_stops_a_fast_player_and_not_the_program():
    samples = np.zeros((1, 600_000), np.float32)
    [board] = players(Recording("still", samples, 1000.0, "emg", "adc", ("a",), {}))
    with SimulatedPort(board, as_fast_as_read=True) as port:
        host = Host(port.path)
        os.write(host.fd, encode(Start(1)))
        for _ in range(200):
            port._turn()
        host.close()
    assert 0 < board.samplers[0].next < 60_100


def test_it_tells_when_the_board_measured_what():
    with SimulatedPort(measuring_board()) as port:
        assert port.utc_ns(2.5) == port.powered_ns + 2_500_000_000


def test_its_second_name_leads_to_it_while_it_is_there(tmp_path):
    link = tmp_path / "ttyLeftCalf"
    with SimulatedPort(measuring_board(), link=link) as port:
        assert port.path == link
        assert link.resolve().is_char_device()
    assert not link.is_symlink()
