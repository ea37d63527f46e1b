"""A day of four sensors as fast as it goes: `python -m bench.endurance --hours 24 --folder /dev/shm`.

Pipeline, journal and archive are the service's, checkpoints as often as in the service. The sensors measure
one EMG channel at 200 Hz without a heartbeat, so that a day fits into minutes; what must not grow does not
depend on that.
"""

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.section import Bar
from ingest.archive.archive import Archive
from ingest.archive.retention import Limits
from ingest.assignment import Assignment
from ingest.journal import Journal
from ingest.messages import Feature, Hello, Modality, Samples, SiteHint, Stream, Unit
from ingest.pipeline import Pipeline
from ingest.protocol import encode
from ingest.simulated.body import Heart, Site
from ingest.simulated.emg import EmgConditions, EmgSignal

SENSORS = 4
RATE_HZ = 200
FRAME = 100  # instants, half a second
SCALE_UV = 0.1
TURN_S = 4  # of signal that a pipeline is fed at once
LOOP_S = 600  # of signal, again and again
START_NS = 1_800_000_000_000_000_000
_STREAM = Stream(
    0, Modality.EMG, Unit.MICROVOLT, 1, 2, RATE_HZ * 1000, SCALE_UV, -(2**15), 2**15 - 1, 0, 0, (SiteHint(),)
)


def signal(number: int) -> np.ndarray:
    body = Site.simulated((number, "day"), Heart((number,)), twitches_per_min=4.0, contractions_per_min=0.2)
    quiet = EmgConditions(qrs_uv=0.0)
    samples = EmgSignal((number,), [body], conditions=quiet).read(LOOP_S * 1000)[:, :: 1000 // RATE_HZ]
    return np.rint(samples / SCALE_UV).clip(-(2**15), 2**15 - 1).astype(np.int32)


def frames(number: int) -> Iterator[bytes]:
    """What a sensor says, turn by turn, without end."""
    codes = signal(number)
    yield encode(Hello(number.to_bytes(8), 1, 0, (1, 0, 0), Feature.RESEND, f"sensor {number}", (_STREAM,)))
    sequence = 0
    while True:
        said = []
        for _ in range(TURN_S * RATE_HZ // FRAME):
            at = sequence % codes.shape[1]
            time_us = sequence * 1_000_000 // RATE_HZ % 2**32
            said.append(encode(Samples(0, sequence, time_us, 2, codes[:, at : at + FRAME])))
            sequence += FRAME
        yield b"".join(said)


def rss_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def size_mb(journal: Path) -> float:
    return sum(path.stat().st_size for path in journal.parent.glob(f"{journal.name}*")) / 1e6


class Day:
    """Four sensors, one journal, one archive."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.sqlite3"
        self.journal = Journal(self.path)
        self._archive = Archive(folder / "archive", Limits(2**62, 10**12, 1))
        self._sensors = [(self._pipeline(number), frames(number)) for number in range(SENSORS)]
        self._now_ns = START_NS

    def hour(self) -> None:
        for _ in range(3600 // TURN_S):
            self._now_ns += TURN_S * 1_000_000_000
            for pipeline, said in self._sensors:
                records = pipeline.feed(next(said), self._now_ns)
                self._archive.append(records.signal)
                self.journal.write(records)
                pipeline.committed(records)
                pipeline.replies(self._now_ns)
        self._archive.tend(self._now_ns)

    def end(self) -> None:
        self._archive.close()
        self.journal.close()

    def _pipeline(self, number: int) -> Pipeline:
        sites = {0: (f"site-{number}",)}
        return Pipeline(
            assign=lambda _: Assignment("me", f"sensor {number}", sites),
            load=self.journal.checkpoints,
            link=f"link {number}",
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--folder", help="where journal and archive are written; by default a temporary one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        day, memory_mb, journal_mb = Day(Path(folder)), list[float](), list[float]()
        for hour in range(1, arguments.hours + 1):
            day.hour()
            memory_mb.append(rss_mb())
            journal_mb.append(size_mb(day.path))
            used = f"RSS {memory_mb[-1]:.1f} MB, journal {journal_mb[-1]:.2f} MB"
            print(f"hour {hour}: {used}, {time.process_time():.0f} s CPU", flush=True)
        day.end()
        database = sqlite3.connect(day.path)
        [check] = database.execute("PRAGMA integrity_check").fetchone()
        [events] = database.execute("SELECT count(*) FROM event").fetchone()
        [gaps] = database.execute("SELECT count(*) FROM gap").fetchone()
        [minutes] = database.execute("SELECT count(*) FROM minute").fetchone()
        database.close()
    settled = memory_mb[len(memory_mb) // 4 :]
    memory = max(settled) / min(settled)
    growth_mb = (journal_mb[-1] - journal_mb[1]) / max(1, arguments.hours - 2)
    expected_mb = journal_mb[1] - journal_mb[0]
    print(f"{events} events, {minutes} minutes, {gaps} gaps; integrity check: {check}")
    for bar in (
        Bar("memory since the first quarter, highest over lowest", memory, 1.05, at_least=False),
        Bar("journal's growth an hour, over the second hour's", growth_mb / expected_mb, 1.1, at_least=False),
    ):
        print(bar.row())


if __name__ == "__main__":
    main()
