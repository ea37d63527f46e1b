"""The followers against their bars: backlog, latency, the forwarder's CPU, and every panel over 90 days.

    python -m bench.grafana

needs influxd (tests/integration/influxd.sh builds it). Takes some five minutes.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.long_journal import WEARER, sites, write_long_journal
from dashboards.grafana.generate import DASHBOARDS
from dashboards.grafana.today import TODAY
from ingest.influx.copied import Feed, row_feeds
from ingest.influx.cursor import Progress
from ingest.influx.destination import Destination
from ingest.influx.feeds import BATCH, RollupFeed
from ingest.influx.filler import BucketFiller
from ingest.influx.refused import RefusedPoints
from ingest.influx.server import InfluxServer
from ingest.influx.setup import Tokens, prepare
from ingest.journal import Journal
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader
from ingest.schema import MinutePart, Records
from tests.integration.influx.asked import filled
from tests.integration.influx.influxd import ORG, TOKEN, Influxd, binary
from tests.integration.influx.journals import event

DAYS, SITES = 90, 16
BACKLOG = 1_000_000
REPEATS = 5
LIVE_S = 90.0
LIVE_SITES = ("biceps-left", "gastrocnemius-right")
FORWARDER = """
import asyncio, sys
from pathlib import Path
from ingest.influx.destination import Destination
from ingest.influx.forwarder import Forwarder
to = Destination(*sys.argv[2:5], sys.stdin.readline().strip())
asyncio.run(Forwarder(lambda: to, Path(sys.argv[1])).run())
"""


class Took(NamedTuple):
    """How long a query takes, the median of some, and the server's CPU time for one."""

    wall_ms: float
    cpu_ms: float
    title: str

    @staticmethod
    def of(influxd: Influxd, query: str, title: str) -> "Took":
        times, cpu_s = [], cpu_of(influxd.pid)
        for _ in range(REPEATS):
            began_s = time.perf_counter()
            influxd.influxql(query, "bench", epoch="ms")
            times.append(1e3 * (time.perf_counter() - began_s))
        return Took(float(np.median(times)), 1e3 * (cpu_of(influxd.pid) - cpu_s) / REPEATS, title)


def main() -> None:
    program = binary()
    if program is None:
        sys.exit("no influxd; tests/integration/influxd.sh builds one")
    with tempfile.TemporaryDirectory() as folder:
        influxd = Influxd(program, Path(folder))
        influxd.start()
        influxd.onboard()
        try:
            journal = Path(folder) / "journal.sqlite3"
            end_minute = time.time_ns() // MINUTE_NS
            write_long_journal(journal, days=DAYS, site_count=SITES, end_minute=end_minute)
            asyncio.run(backlog(influxd, journal))
            panels(influxd, end_minute)
            live(influxd, Path(folder) / "live.sqlite3")
        finally:
            influxd.stop()


async def tokens(influxd: Influxd, bucket: str) -> Tokens:
    async with InfluxServer(Destination(influxd.url, ORG, bucket, TOKEN)) as server:
        return await prepare(server, retention_s=0)


async def backlog(influxd: Influxd, journal: Path) -> None:
    """Send everything; say how long a million points took, and that all of them are there."""
    token = (await tokens(influxd, "bench")).forwarder
    with JournalReader(journal) as reader:
        async with InfluxServer(Destination(influxd.url, ORG, "bench", token)) as server:
            filler = BucketFiller(server, reader, RefusedPoints(journal), Progress())
            began_s, sent = time.perf_counter(), 0
            feeds: list[Feed] = [*row_feeds(), RollupFeed(UTC)]
            for feed in feeds:
                while await filler.send_next(feed):
                    sent += BATCH
                    if feed.name == "minute" and BACKLOG <= sent < BACKLOG + BATCH:
                        print(f"{sent:,} points of backlog: {time.perf_counter() - began_s:.1f} s (bar 180)")
                print(f"  {feed.name} done after {time.perf_counter() - began_s:.1f} s")
        for table, measurement, field in (("minute", "minute", "rest_s"), ("event", "twitch", "snr")):
            [(kept,)] = reader.ask(f"SELECT count(*) FROM {table}")
            print(f"{measurement}: {influxd.count(measurement, field, 'bench'):,} points of {kept:,} rows")


def panels(influxd: Influxd, end_minute: int) -> None:
    """Ask every query over 90 days, Today over its one; say how long each took, and all of a dashboard."""
    for board in DASHBOARDS:
        days = 1 if board is TODAY else DAYS
        slowest, whole_ms = Took(0.0, 0.0, ""), 0.0
        for panel in board.model()["panels"]:
            shown = sites(SITES)[:1] if panel.get("repeat") else sites(SITES)
            for target in panel.get("targets", ()):
                asked = filled(
                    target["query"],
                    from_ms=(end_minute - days * 1440) * 60_000,
                    to_ms=end_minute * 60_000,
                    interval=panel.get("interval", "1m")
                    if days == 1
                    else "2h",  # a thousand points, as on a screen
                    variables={"wearer": [WEARER], "site": shown, "modality": ["emg"]},
                )
                took = Took.of(influxd, asked, panel["title"])
                slowest = max(slowest, took)
                whole_ms += took.wall_ms * SITES / len(shown)
        print(
            f"{board.title}: slowest query {slowest.wall_ms:.0f} ms, {slowest.cpu_ms:.0f} ms of CPU"
            f" ({slowest.title}), bar 300; all, one after the other, {whole_ms:.0f} ms, bar 2000"
        )


def live(influxd: Influxd, path: Path) -> None:
    """Write what four sites write when little happens; say when it was in InfluxDB, and what the CPU cost."""
    token = asyncio.run(tokens(influxd, "live")).forwarder
    Journal(path).close()
    command = [sys.executable, "-c", FORWARDER, str(path), influxd.url, ORG, "live"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as forwarder:
        assert forwarder.stdin
        forwarder.stdin.write(token + "\n")
        forwarder.stdin.flush()
        time.sleep(5)  # it loads and sends for the first time
        began_s, cpu_s = time.perf_counter(), cpu_of(forwarder.pid)
        written_s = traffic(path, influxd)
        share = (cpu_of(forwarder.pid) - cpu_s) / (time.perf_counter() - began_s)
        forwarder.kill()
    p50_s, p95_s = np.quantile(written_s, (0.5, 0.95))
    print(f"journal to InfluxDB: p50 {p50_s:.2f} s, p95 {p95_s:.2f} s (bar 5)")
    print(f"CPU of the forwarder: {share:.2%} of a core (bar 1 %)")


def traffic(path: Path, influxd: Influxd) -> list[float]:
    """Rows such as a service writes, each second, a twitch every third; how long until each was there."""
    waiting: list[float] = []
    took_s: list[float] = []
    names = [(site, modality) for site in LIVE_SITES for modality in ("emg", "accelerometer")]
    end_s = time.perf_counter() + LIVE_S
    second = 0
    with Journal(path) as journal:
        while (now_s := time.perf_counter()) < end_s or waiting:
            if now_s < end_s:
                now_ns = time.time_ns()
                elapsed_s = now_ns % MINUTE_NS / 1e9
                records = Records(
                    minutes=[
                        MinutePart("me", *name, now_ns // MINUTE_NS, rest_s=0.5, elapsed_s=elapsed_s)
                        for name in names
                    ]
                )
                if second % 3 == 0:
                    records.events.append(event(LIVE_SITES[0], now_ns, second))
                    waiting.append(now_s)
                journal.write(records)
            for _ in range(10):
                there = influxd.count("twitch", "snr", "live") - len(took_s)
                took_s += [time.perf_counter() - waiting.pop(0) for _ in range(there)]
                time.sleep(0.1)
            second += 1
    return took_s


def cpu_of(pid: int) -> float:
    """User and system time of a process, s."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
