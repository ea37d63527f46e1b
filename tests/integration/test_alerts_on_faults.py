"""Whatever keeps twitches from being found ends in an alert, and never in a muscle that looks quiet.

The real service, a real journal and simulated boards; what takes minutes in life is moved on by the clock of
whoever looks.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from detector.block import Block
from detector.emg import EmgDetector
from detector.event import Findings
from ingest.alerts import watchman as watchman_module
from ingest.alerts.links import link_facts
from ingest.alerts.watchman import Watchman
from ingest.assignment import Assignment
from ingest.config import Config, DeviceConfig, JournalConfig
from ingest.hostclock import HostClock
from ingest.journal import Journal
from ingest.messages import Hello
from ingest.minutes import MINUTE_NS
from ingest.pipeline import Pipeline
from ingest.reader import JournalReader
from ingest.schema import MinutePart, Records
from ingest.service import Service
from ingest.simulated.board import Board
from ingest.simulated.port import SimulatedPort
from ingest.simulated.wearable import wearables
from ingest.sites import Site

if TYPE_CHECKING:
    from ingest.alerts.facts import LinkFacts

BICEPS, CALF = "biceps-left", "gastrocnemius-right"
RUN_S = 9.0  # until rows were written: they are every 5 s
STEP_US = 30_000

Hang = Callable[[EmgDetector, Block], Findings]


class Household:
    """A journal, sensors on it, and a clock of whoever looks that can be moved on.

    Attributes:
        moved_ns: By how much that clock is ahead, as after a sleep: nobody set it.
        set_ns: By how much every clock was set.
    """

    def __init__(self, folder: Path, ports: dict[str, Path]) -> None:
        devices = tuple(DeviceConfig(port=str(p), emg=(Site.parse(site),)) for site, p in ports.items())
        self.config = Config(wearer="me", devices=devices, journal=JournalConfig(path=folder / "j"))
        self.moved_ns = self.set_ns = 0
        self.links: Sequence[LinkFacts] = ()
        self.watchman = Watchman(
            self.config, {}, lambda *_: "", links=lambda: self.links, clock=self.clock(moves=True)
        )

    def clock(self, *, moves: bool = False) -> HostClock:
        def ahead_ns() -> int:
            return self.moved_ns if moves else 0

        return HostClock(
            lambda: time.time_ns() + self.set_ns + ahead_ns(), lambda: time.monotonic_ns() + ahead_ns()
        )

    async def live(
        self, boards: Sequence[SimulatedPort], *, during: Callable[[], None] = lambda: None
    ) -> dict[str, str]:
        """Run the service on the boards, `during` half-way; return what stands while it still runs."""
        with Journal(self.config.journal.path) as journal:
            service = Service(self.config, journal, clock=self.clock())
            tasks = [asyncio.create_task(work) for work in (service.run(), *(port.run() for port in boards))]
            await asyncio.wait(tasks, timeout=RUN_S / 2)
            during()
            await asyncio.wait(tasks, timeout=RUN_S / 2)
            self.links = link_facts(service.links)
            stands = await asyncio.to_thread(self.look)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        return stands

    def look(self, after_min: float = 0.0) -> dict[str, str]:
        """What stands when somebody looks that much later."""
        self.moved_ns += round(after_min * MINUTE_NS)
        self.watchman.look(self.watchman._clock.now_ns(), self.links)
        return self.levels()

    def levels(self) -> dict[str, str]:
        with JournalReader(self.config.journal.path) as reader:
            rows = reader.ask("SELECT rule, level_to, max(id) FROM alert GROUP BY rule")
        return {rule: level for rule, level, _ in rows if level not in {"fine", "none"}}

    def judged_s(self, site: str, modality: str = "emg") -> float:
        """Seconds of which the journal says that twitches could be seen."""
        with JournalReader(self.config.journal.path) as reader:
            rows = reader.minutes(site=site, modality=modality)
        return sum(row.rest_s + row.movement_s for row in rows)


@contextmanager
def wearing(folder: Path, *sites: str) -> Iterator[tuple[Household, list[SimulatedPort]]]:
    worn = wearables([Site.parse(site) for site in sites], seed=3, boot_id=1)
    with ExitStack() as stack:
        ports = [stack.enter_context(SimulatedPort(one.board)) for one in worn]
        yield Household(folder, {site: port.path for site, port in zip(sites, ports, strict=True)}), ports


def break_detector(monkeypatch: pytest.MonkeyPatch, port: SimulatedPort, broken: Hang) -> None:
    """Let the EMG detector of the sensor on one port do as `broken`, the others as ever."""
    update = EmgDetector.update

    def of_its_link(self: EmgDetector, block: Block) -> Findings:
        task = asyncio.current_task()
        here = task is not None and str(port.path) in task.get_name()
        return broken(self, block) if here else update(self, block)

    monkeypatch.setattr(EmgDetector, "update", of_its_link)


def raises(_: EmgDetector, __: Block) -> Findings:
    raise RuntimeError


def says_nothing(_: EmgDetector, __: Block) -> Findings:
    return Findings()


def test_a_detector_that_fails_at_one_site_is_told_and_the_other_site_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with wearing(tmp_path, BICEPS, CALF) as (household, ports):
        break_detector(monkeypatch, ports[0], raises)
        asyncio.run(household.live(ports))
        assert household.judged_s(BICEPS) == 0
        assert household.judged_s(CALF) > 1
        stands = household.look(after_min=16)
    assert stands[f"no-data {BICEPS} emg"] == "heed"
    assert household.look(after_min=15)[f"no-data {BICEPS} emg"] == "act"


def test_a_sensor_whose_signal_is_not_judged_is_told_although_it_is_connected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with wearing(tmp_path, BICEPS, CALF) as (household, ports):
        household.watchman._started_ns -= 20 * MINUTE_NS  # looked already before
        break_detector(monkeypatch, ports[0], says_nothing)
        stands = asyncio.run(household.live(ports))
    assert stands[f"unjudged {BICEPS} emg"] == "act"
    assert not any(CALF in rule for rule in stands)
    assert household.judged_s(BICEPS) == 0


def test_a_detector_that_hangs_and_with_it_all_of_the_service_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hangs(_: EmgDetector, __: Block) -> Findings:
        released.wait(60)
        return Findings()

    monkeypatch.setattr(watchman_module, "FIRST_LOOK_S", 0.1)
    monkeypatch.setattr(watchman_module, "LOOK_EVERY_S", 0.1)
    with wearing(tmp_path, BICEPS) as (household, ports):
        break_detector(monkeypatch, ports[0], hangs)

        async def service_and_watchman() -> None:
            looking = asyncio.create_task(household.watchman.run())
            await household.live(ports)
            looking.cancel()
            await asyncio.wait([looking])

        running = threading.Thread(target=lambda: asyncio.run(service_and_watchman()))
        running.start()
        try:
            time.sleep(3)  # it hangs by now, as the board sends at once
            household.moved_ns = 35 * MINUTE_NS
            until(lambda: household.levels().get(f"no-data {BICEPS} emg") == "act", within_s=30)
        finally:
            released.set()
            running.join()
    assert household.judged_s(BICEPS) == 0


def until(holds: Callable[[], bool], *, within_s: float) -> None:
    end_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end_s
        time.sleep(0.05)


def test_a_device_that_is_gone_is_told_and_the_minutes_since_are_missing_not_quiet(tmp_path: Path) -> None:
    with wearing(tmp_path, BICEPS) as (household, ports):
        with Journal(household.config.journal.path) as journal:  # half an hour ago it was still there
            ago = time.time_ns() // MINUTE_NS - 36
            journal.write(Records(minutes=[MinutePart("me", BICEPS, "emg", ago, rest_s=60.0)]))
        stands = asyncio.run(household.live([]))  # a port at which nobody speaks
        assert ports
    assert stands[f"no-data {BICEPS} emg"] == "act"
    with JournalReader(household.config.journal.path) as reader:
        since = reader.minutes(site=BICEPS, since_minute=ago + 1)
    assert len(since) >= 34
    assert all(row.missing_s == 60 and row.count == 0 for row in since)


@pytest.mark.parametrize("step_min", [10.0, -10.0])
def test_a_clock_that_is_set_while_sensors_are_read_is_told_and_nothing_stops(
    tmp_path: Path, step_min: float
) -> None:
    def set_the_clock() -> None:
        household.set_ns = round(step_min * MINUTE_NS)

    with wearing(tmp_path, BICEPS) as (household, ports):
        stands = asyncio.run(household.live(ports, during=set_the_clock))
    assert stands["clock"] == "act"
    assert household.judged_s(BICEPS) > 4  # before and after


def play(board: Board, journal: Path, minutes: float) -> tuple[Pipeline, int]:
    """Read a board in virtual time, as the service does; return what read it, and when it ended."""

    def assign(hello: Hello) -> Assignment:
        return Assignment("me", "arm", {stream.stream_id: (BICEPS,) for stream in hello.streams})

    start_ns = time.time_ns() - round(minutes * MINUTE_NS)
    pipeline = Pipeline(assign=assign, load=lambda _: (), link="wire")
    end_us = round(minutes * 60e6)
    with Journal(journal) as kept:
        for at_us in range(STEP_US, end_us, STEP_US):
            board.run(at_us)
            now_ns = start_ns + at_us * 1000
            records = pipeline.feed(board.send(65_536), now_ns)
            kept.write(records)
            pipeline.committed(records)
            board.receive(pipeline.replies(now_ns))
    return pipeline, start_ns + end_us * 1000


@pytest.mark.parametrize("drift_ppm", [3000.0, -3000.0])
def test_a_device_whose_clock_runs_wrong_is_told(tmp_path: Path, drift_ppm: float) -> None:
    [worn] = wearables([Site.parse(BICEPS)], seed=3, boot_id=1)
    board = Board(
        [sampler.converter for sampler in worn.board.samplers],
        device_id=b"wrongclk",
        boot_id=1,
        drift_ppm=drift_ppm,
    )
    household = Household(tmp_path, {BICEPS: tmp_path / "port"})
    play(board, household.config.journal.path, minutes=2.0)
    stands = household.look()
    assert stands[f"clock {board.device_id.hex()}"] in {"heed", "act"}
    assert household.judged_s(BICEPS) > 60
