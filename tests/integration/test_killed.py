"""kill -9 of the real command at any instant: nothing acknowledged is lost, nothing is there twice."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from ingest.archive.reading import chunks, streams
from ingest.detection import Tally, detect
from ingest.reader import JournalReader
from ingest.recording import Recording
from ingest.simulated.body import Heart
from ingest.simulated.body import Site as Body
from ingest.simulated.emg import EmgSignal
from ingest.simulated.player import players
from ingest.simulated.port import SimulatedPort

SITES = ("biceps-left", "biceps-right")
KILLS = 3


def synthetic(seconds: float, seed: int) -> Recording:
    heart = Heart((seed, "heart"))
    bodies = [Body.simulated((seed, site), heart) for site in SITES]
    samples = np.rint(EmgSignal((seed,), bodies).read(int(seconds * 1000)))  # whole uV: exact on the wire
    return Recording("synthetic", samples, 1000.0, "emg", "uV", SITES, {})


async def run_and_kill(config: Path, port: SimulatedPort, seed: int) -> None:
    """Start the service again and again, killing it at random instants; the last may finish its work."""
    rng = np.random.default_rng(seed)
    playing = asyncio.create_task(port.run())
    for _ in range(KILLS):
        async with running(config):
            await asyncio.wait([playing], timeout=rng.uniform(4.0, 9.0))
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


def archived(folder: Path) -> np.ndarray:
    """Read the signal of the only stream, uV; each sample has to be there once."""
    [(_, held)] = streams(folder, 0, 2**62)
    found = [chunk for segment in held for chunk in chunks(segment)]
    assert [chunk.start for chunk in found] == [0, *(chunk.end for chunk in found[:-1])]
    scale = found[0].source.stream.scale
    return np.rint(np.concatenate([chunk.codes for chunk in found], axis=1) * scale).astype(np.float32)


@pytest.mark.timeout(170)
@pytest.mark.parametrize("seed", [1, 2])
def test_a_killed_service_goes_on_where_it_was(tmp_path: Path, seed: int) -> None:
    recording = synthetic(240.0, seed)
    [board] = players(recording)
    journal = tmp_path / "journal.sqlite3"
    with SimulatedPort(board, as_fast_as_read=True) as port:
        config = tmp_path / "fasciwatch.toml"
        config.write_text(
            f'wearer = "me"\n[journal]\npath = "{journal}"\n'
            f'[[devices]]\nport = "{port.path}"\nemg = {list(SITES)}\n'.replace("'", '"')
        )
        asyncio.run(run_and_kill(config, port, seed))
    with JournalReader(journal) as reader:
        rows = [stored.row for stored in reader.events()]
        assert reader.gaps() == []
        minutes = reader.minutes()
    end = (recording.duration_s - 2) * 1000
    live = sorted((e.site, e.kind, e.onset_sample / 1000) for e in rows if e.onset_sample < end)
    found = detect(recording, Tally())
    assert live == sorted((f.channel, f.kind, round(f.onset_s, 3)) for f in found if f.onset_s * 1000 < end)
    assert np.array_equal(archived(tmp_path / "journal.archive"), recording.samples)
    for site in SITES:
        observed_s = sum(
            m.rest_s + m.movement_s + m.not_worn_s + m.bad_contact_s for m in minutes if m.site == site
        )
        assert observed_s == pytest.approx(recording.duration_s, abs=1.5)
        assert sum(m.count for m in minutes if m.site == site) == sum(
            e.site == site and e.kind == "twitch" for e in rows
        )
