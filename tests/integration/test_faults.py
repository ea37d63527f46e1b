"""The fault matrix: whatever happens, nothing that the sensor still held is lost, and nothing is there twice.

The first tests run in virtual time over a real journal and a real archive, and write the table in
docs/reliability.md; the others hold the real service against real ports.
"""

import asyncio
import signal
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from detector.block import Block
from ingest.listener import STALE_AFTER_NS
from ingest.schema import EventRow
from ingest.simulated.board import Board
from ingest.simulated.port import SimulatedPort
from ingest.stream import detector_for
from ingest.transport.serial import open_serial
from tests.integration.counting import counting_board, open_files, serving
from tests.integration.faults import FAULTS, Fault
from tests.integration.faults_table import BACK_WITHIN_S, Table, note_back
from tests.integration.faults_trial import SITE, Boot, Outcome, Trial, sensor, twitches

TIME_ERROR_NS = 20_000_000  # 20 ms, the bar of the first minute
STOPPED_S = 30
_UNDECIDED = 3000  # samples at the end of a signal about which the detector is not certain yet


@pytest.fixture(scope="module")
def table():
    table = Table()
    yield table
    table.write()


def found_unbroken(trial: Trial) -> list[tuple[int, str]]:
    detector = detector_for(trial.board.hello().streams[0])
    events = detector.update(Block(0, trial.signal.samples)).events
    end = trial.signal.samples.shape[1] - _UNDECIDED
    return sorted({(event.onset, str(event.kind)) for event in events if event.onset < end})


def found_live(trial: Trial, outcome: Outcome) -> list[tuple[int, str]]:
    end = trial.signal.samples.shape[1] - _UNDECIDED
    return sorted((row.onset_sample, row.kind) for row in outcome.events if row.onset_sample < end)


def events_since(trial: Trial, outcome: Outcome) -> list[EventRow]:
    """Return the events since the fault was over, of the boot that was read last."""
    boot_id = trial.board.boot_id
    return [row for row in outcome.events if row.boot_id == boot_id and row.onset_sample > trial.over_at]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_the_sensor_still_held_arrives_once(tmp_path: Path, fault: Fault, table: Table) -> None:
    trial = Trial(tmp_path, **fault.settings)
    fault.happen(trial)
    trial.finish()
    outcome = trial.outcome()
    assert (outcome.wrong, outcome.twice, outcome.acked_lost, outcome.unaccounted) == (0, 0, 0, 0)
    assert outcome.recorded == outcome.missing
    assert outcome.back_s is None or outcome.back_s <= BACK_WITHIN_S
    lost = outcome.taken - outcome.archived
    assert lost == sum(map(len, outcome.recorded)) + outcome.unsent
    assert bool(lost) == fault.loses
    onsets = [(row.boot_id, row.onset_sample) for row in outcome.events]
    assert len(onsets) == len(set(onsets))
    assert all(abs(trial.onset_error_ns(row)) < TIME_ERROR_NS for row in events_since(trial, outcome))
    if not fault.loses:
        assert found_live(trial, outcome) == found_unbroken(trial)
        assert len(outcome.events) > 10
    table.add(fault, outcome)


async def stop_for(service: asyncio.subprocess.Process, seconds: float) -> None:
    service.send_signal(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    service.send_signal(signal.SIGCONT)


async def acknowledges(board: Board) -> None:
    """Return when the host says that it has stored something further."""
    [sampler] = board.samplers
    acked = sampler._acked
    async with asyncio.timeout(BACK_WITHIN_S):
        while sampler._acked == acked:
            await asyncio.sleep(0.01)


async def run_with_a_pause(config: Path, port: SimulatedPort, board: Board) -> None:
    playing = asyncio.create_task(port.run())
    service = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fasciwatch", "run", "--wait", "--no-page", "--config", str(config))
    )
    await asyncio.sleep(8)
    await stop_for(service, STOPPED_S)
    over_s = time.monotonic()
    await acknowledges(board)
    note_back(f"process of the service stopped (SIGSTOP) for {STOPPED_S} s", time.monotonic() - over_s)
    await asyncio.sleep(4)
    service.send_signal(signal.SIGTERM)
    assert await service.wait() == 0
    playing.cancel()


def test_a_process_that_is_stopped_for_a_while_goes_on_where_it_was(tmp_path: Path) -> None:
    recording = twitches(1, 60.0)
    board = sensor(recording, held_s=STOPPED_S + 10.0)
    with SimulatedPort(board) as port:
        config = tmp_path / "fasciwatch.toml"
        config.write_text(
            f'wearer = "me"\n[journal]\npath = "{tmp_path}/journal.sqlite3"\n'
            f'[archive]\npath = "{tmp_path}/archive"\n'
            f'[[devices]]\nport = "{port.path}"\nemg = ["{SITE}"]\n'
        )
        asyncio.run(run_with_a_pause(config, port, board))
    [sampler] = board.samplers
    everything = frozenset(range(sampler.next))
    outcome = Outcome(tmp_path, recording, [Boot(1, 0, sampler.next, sampler._acked, everything)], None)
    assert (outcome.wrong, outcome.twice, outcome.acked_lost, outcome.unaccounted) == (0, 0, 0, 0)
    assert outcome.recorded == [set()]
    assert outcome.archived > STOPPED_S * 1000  # what was taken while it stood still is there


@pytest.mark.asyncio
async def test_of_two_sensors_with_one_id_one_is_read_and_when_it_is_gone_the_other(
    tmp_path: Path, taken, back_after
):
    sensors = [counting_board(boot_id=boot_id) for boot_id in (1, 2)]
    with ExitStack() as stack:
        ports = [stack.enter_context(SimulatedPort(board)) for board in sensors]
        playing = [asyncio.create_task(port.run()) for port in ports]
        async with serving(tmp_path, taken, *({"port": str(port.path)} for port in ports)) as service:
            await taken.more(2000)
            [reading] = [number for number, link in enumerate(service.links) if not link.problem]
            assert "two boards have one id" in service.links[1 - reading].problem
            assert taken.breaks == []
            playing[reading].cancel()  # it falls silent
            noticed_within_s = STALE_AFTER_NS / 1e9
            fault = "of two sensors with one id the one that is read falls silent: until the other is read"
            await back_after(fault, within_s=noticed_within_s + BACK_WITHIN_S)
        for task in playing:
            task.cancel()


@pytest.mark.asyncio
async def test_a_thousand_openings_of_a_port_leave_no_file_open() -> None:
    with SimulatedPort(counting_board()) as port:
        playing = asyncio.create_task(port.run())
        before = open_files()
        for _ in range(1000):
            async with open_serial(str(port.path), 500_000) as link:
                await link.write(b"\0")
        await asyncio.sleep(0)
        assert open_files() == before
        playing.cancel()
