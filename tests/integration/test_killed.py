"""kill -9 of the service at any instant: nothing acknowledged is lost, nothing is there twice."""

import asyncio
import multiprocessing
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from ingest.archive.reading import chunks, streams
from ingest.configfile import load_config
from ingest.detection import Tally, detect
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.recording import Recording
from ingest.service import Service
from ingest.simulated.board import Board
from ingest.simulated.player import players
from ingest.simulated.port import SimulatedPort
from tests.integration.signals import SITES, synthetic

SECONDS = 240  # of signal that the command reads, as fast as it can
COMMAND_KILLS = 3  # of the whole command, which takes seconds to start
KILLS = 50


async def run_and_kill(config: Path, port: SimulatedPort, board: Board, seed: int) -> None:
    """Start the service again and again, killing it at random instants; the last may finish its work."""
    [sampler] = board.samplers
    instants = np.sort(np.random.default_rng(seed).uniform(20_000, SECONDS * 800, COMMAND_KILLS))
    playing = asyncio.create_task(port.run())
    for instant in instants:
        async with running(config):
            while sampler.next < instant:
                await asyncio.sleep(0.001)
    async with running(config) as service:
        await playing
        service.send_signal(signal.SIGTERM)
        assert await service.wait() == 0


@asynccontextmanager
async def running(config: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the service; whatever happens, it is killed in the end."""
    service = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fasciwatch", "run", "--wait", "--no-page", "--config", str(config)
    )
    try:
        yield service
    finally:
        if service.returncode is None:
            service.kill()
        await service.wait()


def serve(config: Path) -> None:
    """What the command does, without the time that its start takes."""
    settings = load_config(config)
    with Journal(settings.journal.path) as journal:
        asyncio.run(Service(settings, journal).run())


async def kill_again_and_again(config: Path, port: SimulatedPort, seed: int) -> None:
    """Run the service in processes that are ready to begin, and kill each; the last gets everything."""
    rng = np.random.default_rng(seed)
    ready = multiprocessing.get_context("forkserver")
    ready.set_forkserver_preload(["ingest.service"])
    playing = asyncio.create_task(port.run())
    for killed in range(KILLS + 1):
        service = ready.Process(target=serve, args=(config,))
        service.start()
        await asyncio.wait([playing], timeout=rng.uniform(0.0, 2.0) if killed < KILLS else 60.0)
        service.kill()
        service.join()
    assert playing.done()


def written(folder: Path, port: SimulatedPort) -> Path:
    """Write the configuration of a sensor on this port."""
    config = folder / "fasciwatch.toml"
    config.write_text(
        f'wearer = "me"\n[journal]\npath = "{folder / "journal.sqlite3"}"\n'
        f'[[devices]]\nport = "{port.path}"\nemg = {list(SITES)}\n'.replace("'", '"')
    )
    return config


def archived(folder: Path) -> np.ndarray:
    """Read the signal of the only stream, uV; each sample has to be there once."""
    [(_, held)] = streams(folder, 0, 2**62)
    found = [chunk for segment in held for chunk in chunks(segment)]
    assert [chunk.start for chunk in found] == [0, *(chunk.end for chunk in found[:-1])]
    scale = found[0].source.stream.scale
    return np.rint(np.concatenate([chunk.codes for chunk in found], axis=1) * scale).astype(np.float32)


def assert_all_is_there_once(folder: Path, recording: Recording) -> None:
    with JournalReader(folder / "journal.sqlite3") as reader:
        rows = [stored.row for stored in reader.events()]
        assert reader.gaps() == []
        minutes = reader.minutes()
    end = (recording.duration_s - 2) * 1000
    live = sorted((e.site, e.kind, e.onset_sample / 1000) for e in rows if e.onset_sample < end)
    found = detect(recording, Tally())
    assert live == sorted((f.channel, f.kind, round(f.onset_s, 3)) for f in found if f.onset_s * 1000 < end)
    assert np.array_equal(archived(folder / "journal.archive"), recording.samples)
    for site in SITES:
        observed_s = sum(
            m.rest_s + m.movement_s + m.not_worn_s + m.bad_contact_s for m in minutes if m.site == site
        )
        assert observed_s == pytest.approx(recording.duration_s, abs=1.5)
        assert sum(m.count for m in minutes if m.site == site) == sum(
            e.site == site and e.kind == "twitch" for e in rows
        )


@pytest.mark.timeout(170)
def test_a_killed_command_goes_on_where_it_was(tmp_path: Path) -> None:
    recording = synthetic(SECONDS, seed=1)
    [board] = players(recording)
    with SimulatedPort(board, as_fast_as_read=True) as port:
        asyncio.run(run_and_kill(written(tmp_path, port), port, board, seed=1))
    assert_all_is_there_once(tmp_path, recording)


@pytest.mark.timeout(170)
def test_a_service_killed_at_fifty_random_instants_goes_on_where_it_was(tmp_path: Path) -> None:
    recording = synthetic(55.0, seed=2)
    [board] = players(recording)
    with SimulatedPort(board) as port:
        asyncio.run(kill_again_and_again(written(tmp_path, port), port, seed=2))
    assert_all_is_there_once(tmp_path, recording)
