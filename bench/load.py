"""How many boards one process reads, judges and keeps: `python -m bench.load --devices 64 --seconds 60`.

On a machine with other work, the CPU that a board's second takes says how many fit; run it with
OPENBLAS_NUM_THREADS=1, as the command does.
"""

import argparse
import asyncio
import cProfile
import multiprocessing
import os
import pstats
import resource
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.load_boards import CHANNELS, play
from bench.section import Bar
from ingest.assignment import Assignment
from ingest.config import Config, DeviceConfig
from ingest.journal import Journal
from ingest.live import LiveSignal
from ingest.messages import Hello
from ingest.reader import JournalReader
from ingest.schema import Records
from ingest.service import Service
from ingest.writer import QUEUE_LIMIT, JournalWriter

WARM_UP_S = 15.0  # links open, boards begin one after another, detectors look at their first page


class Sensor(DeviceConfig):
    """A sensor on sites of its own: nobody has as many muscles as are read here."""

    def assign(self, wearer: str, hello: Hello) -> Assignment | str:
        device = hello.device_id.hex()
        return Assignment(wearer, device, {0: tuple(f"{device}-{n}" for n in range(CHANNELS))})


class Watched:
    """Looks at a service while it works."""

    def __init__(self) -> None:
        self.live, self.lags_s, self.kept_s, self.waiting = LiveSignal(), list[float](), list[float](), 0
        self.samples = 0

    def push(self, **piece: object) -> None:
        self.lags_s.append((time.time_ns() - int(str(piece["end_ns"]))) / 1e9)
        self.samples += np.size(piece["samples"])
        self.live.push(**piece)  # type: ignore[arg-type]  # as it was given

    def time_writes(self, writer: JournalWriter) -> None:
        """Take the time from an event's batch being queued to its being in the journal."""
        put = writer.put

        async def timed(records: Records) -> asyncio.Future[None]:
            began_s = time.monotonic()
            written = await put(records)
            self.waiting = max(self.waiting, writer.waiting)
            if records.events:
                written.add_done_callback(lambda _: self.kept_s.append(time.monotonic() - began_s))
            return written

        writer.put = timed  # type: ignore[method-assign]  # looked at from outside, not changed

    def forget(self) -> None:
        self.lags_s.clear()
        self.kept_s.clear()
        self.waiting = self.samples = 0


def written_bytes() -> int:
    """Return what this process has handed to the kernel to write; commands to boards are next to nothing."""
    [line] = [line for line in Path("/proc/self/io").read_text().splitlines() if line.startswith("wchar:")]
    return int(line.split()[1])


async def measure(
    folder: Path, paths: list[str], seconds: float, watched: Watched
) -> tuple[float, float, int]:
    """Return CPU and wall seconds and the bytes written of the part that counts."""
    config = Config(wearer="load", devices=tuple(Sensor(port=path) for path in paths))
    with Journal(folder / "journal.sqlite3") as journal:
        service = Service(config, journal, watcher=watched)
        watched.time_writes(service.writer)
        running = asyncio.create_task(service.run())
        await asyncio.sleep(WARM_UP_S)
        watched.forget()
        cpu_s, wall_s, bytes_before = time.process_time(), time.monotonic(), written_bytes()
        await asyncio.sleep(seconds)
        used_s, passed_s = time.process_time() - cpu_s, time.monotonic() - wall_s
        written = written_bytes() - bytes_before
        running.cancel()
        await asyncio.wait([running])
    return used_s, passed_s, written


def report(arguments: argparse.Namespace, profile: cProfile.Profile | None) -> None:
    spawned = multiprocessing.get_context("spawn")
    ours, theirs = spawned.Pipe()
    boards = spawned.Process(target=play, args=(arguments.devices, arguments.seconds + 3 * WARM_UP_S, theirs))
    boards.start()
    watched = Watched()
    with tempfile.TemporaryDirectory() as folder:
        paths = ours.recv()
        if profile:
            profile.enable()
        used_s, passed_s, written = asyncio.run(measure(Path(folder), paths, arguments.seconds, watched))
        if profile:
            profile.disable()
        ours.send(None)
        behind_s, resends, boards_cpu_s = ours.recv()
        boards.join()
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        with JournalReader(Path(folder) / "journal.sqlite3") as reader:
            gaps, events = len(reader.gaps()), sum(1 for _ in reader.events())
    board_s = watched.samples / CHANNELS / 1000
    rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    kept_s = float(np.percentile(watched.kept_s, 99)) if watched.kept_s else 0.0
    p50, p99 = np.percentile(watched.lags_s, (50, 99))
    print(
        f"{arguments.devices} boards of {CHANNELS} x 1 kHz, {passed_s:.0f} s, load {os.getloadavg()[0]:.1f}"
    )
    print(f"CPU {used_s / passed_s:.2f} of a core; {1000 * used_s / board_s:.2f} ms a board's second,")
    print(f"so a core holds {board_s / used_s:.0f} boards; {board_s / passed_s:.1f} boards' seconds a second")
    print(f"boards' process {boards_cpu_s:.1f} s CPU; behind {behind_s:.2f} s at most; {resends} resends")
    print(f"{events} events, {gaps} gaps, {size / 1e6:.0f} MB on disk")
    print(f"written {written / passed_s / arguments.devices / 1000:.1f} kB/s a board, all files together")
    print(f"sample to detector p50 {p50:.3f} p99 {p99:.3f} s")
    for bar in (
        Bar("boards judged in real time", board_s / passed_s, arguments.devices * 0.99),
        Bar("writer's queue, of its bound", watched.waiting / QUEUE_LIMIT, 0.5, at_least=False),
        Bar("event to journal, p99, s", kept_s, 0.5, at_least=False),
        Bar("RSS, MB", rss_mb, 400, at_least=False),
    ):
        print(bar.row())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--profile", action="store_true", help="say where time goes")
    arguments = parser.parse_args()
    profile = cProfile.Profile() if arguments.profile else None
    report(arguments, profile)
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)


if __name__ == "__main__":
    main()
