"""How long the report and a look at the alerts take on a long journal: `python -m bench.report_speed`.

The journal is as large as a real one: each twitch has its two seconds of signal, and the diary is kept.
Takes two minutes and 1 GB of disk.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from bench.long_journal import MINUTES_A_DAY, WEARER, write_long_journal
from bench.section import Bar
from detector.rule import Rule
from ingest.alerts.twitching import HOUR_NS, SETTLE_NS, TwitchingFollower
from ingest.journal import Journal
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader
from ingest.schema import DeviceRow, EventKey, NoteKind, NoteRow, Records, SnippetRow

REPORT_DAYS, REPORT_SITES, REPORT_BAR_S = 90, 8, 5.0
ALERT_DAYS, ALERT_SITES, ALERT_BAR_S = 60, 16, 1.0
LAST_DAY = datetime(2026, 3, 31, tzinfo=UTC)
END_MINUTE = int((LAST_DAY + timedelta(days=1)).timestamp()) // 60
SNIPPET_SAMPLES, RATE_HZ = 2012, 1000.0  # a second either side of a twitch of 12 ms
BATCH = 2000  # snippets written at once
NOTED = {NoteKind.CAFFEINE: "coffee", NoteKind.SLEEP: "slept well", NoteKind.SYMPTOM: "cramps: left calf"}
REPEATS = 3


def furnish(journal: Path) -> None:
    """Add what a long journal lacks: the signal of each twitch, the diary, a sensor."""
    rng = np.random.default_rng(3)
    noise = rng.integers(-90, 90, (50, SNIPPET_SAMPLES)).astype("<i4")
    notes = [
        NoteRow(WEARER, (END_MINUTE - day * MINUTES_A_DAY + 480) * MINUTE_NS, kind, text, "page", 0)
        for day in range(1, REPORT_DAYS)
        for kind, text in NOTED.items()
        if rng.random() < 0.6
    ]
    sensor = DeviceRow(
        "00a1", END_MINUTE * MINUTE_NS, WEARER, "Leg band", "usb", "streaming", "1.0", 1, 3900, 80, 30.0,
        *(10**9, 0, 0, 1000, 0, 10**6, 12.0),
    )  # fmt: skip
    with JournalReader(journal) as reader, Journal(journal) as kept:
        kept.write(Records(notes=notes, devices=[sensor]))
        keys = reader.ask("SELECT device, boot_id, stream, channel, onset_sample, detector FROM event")
        for start in range(0, len(keys), BATCH):
            kept.write(
                Records(
                    snippets=[
                        (
                            EventKey(*key),
                            SnippetRow(0, max(0, key[4] - 1000), RATE_HZ, 0.1, noise[number % 50].tobytes()),
                        )
                        for number, key in enumerate(keys[start : start + BATCH])
                    ]
                )
            )


def reports(journal: Path) -> Iterator[tuple[str, float, float]]:
    """The kind of each report, and the seconds that the whole command takes: by the clock, and of CPU."""
    first = LAST_DAY - timedelta(days=REPORT_DAYS - 1)
    period = ("--from", f"{first:%Y-%m-%d}", "--to", f"{LAST_DAY:%Y-%m-%d}", "--zone", "UTC")
    for kind in ("pdf", "html", "json"):
        output = journal.with_suffix(f".{kind}")
        words = ("report", "--journal", str(journal), "--output", str(output), *period)
        took = []
        for _ in range(REPEATS):
            before, start_s = os.times(), time.perf_counter()
            subprocess.run([sys.executable, "-m", "fasciwatch", *words], check=True, capture_output=True)
            after = os.times()
            cpu_s = sum(after[2:4]) - sum(before[2:4])  # of children
            took.append((time.perf_counter() - start_s, cpu_s))
        yield kind, *map(float, np.median(took, axis=0))


def alerts_s(journal: Path) -> tuple[float, float]:
    """Seconds from the journal to the last look, and those of them after the rows were read."""
    until_hour = END_MINUTE * MINUTE_NS // HOUR_NS
    with JournalReader(journal) as reader:
        start_s = time.perf_counter()
        reading_s = 0.0
        ask = reader.ask

        def timed_ask(*words: object) -> list[tuple]:
            nonlocal reading_s
            began_s = time.perf_counter()
            rows = ask(*words)
            reading_s += time.perf_counter() - began_s
            return rows

        reader.ask = timed_ask  # type: ignore[method-assign]  # to see what of it is SQLite
        follower = TwitchingFollower(WEARER, Rule(), since_hour=until_hour - ALERT_DAYS * 24)
        looks = list(follower.read(reader, END_MINUTE * MINUTE_NS + SETTLE_NS))
        all_s = time.perf_counter() - start_s
    assert len(looks) == 2 * ALERT_DAYS
    return all_s, all_s - reading_s


def main() -> None:
    """Measure both, and say which bars are met."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "report.sqlite3"
        write_long_journal(journal, days=REPORT_DAYS, site_count=REPORT_SITES, end_minute=END_MINUTE)
        furnish(journal)
        size_mb = journal.stat().st_size / 1e6
        print(
            f"report of {REPORT_DAYS} days x {REPORT_SITES} sites, whole command, journal of {size_mb:.0f} MB"
        )
        bars = []
        for kind, wall_s, cpu_s in reports(journal):
            print(f"  {kind}: {wall_s:.2f} s, of CPU {cpu_s:.2f} s")
            bars.append(Bar(f"report as {kind}, s", wall_s, REPORT_BAR_S, at_least=False))
        journal = Path(folder) / "alerts.sqlite3"
        write_long_journal(journal, days=ALERT_DAYS, site_count=ALERT_SITES, end_minute=END_MINUTE)
        whole_s, judging_s = min(alerts_s(journal) for _ in range(REPEATS))
    print(f"alerts of {ALERT_SITES} sites x {ALERT_DAYS} days: {whole_s:.2f} s from the journal")
    print(f"  of which judging takes {judging_s:.2f} s, and reading the rest")
    bars.append(Bar("judging the alerts, s", judging_s, ALERT_BAR_S, at_least=False))
    print(*(bar.row() for bar in bars), sep="\n")
    sys.exit(not all(bar.met for bar in bars))


if __name__ == "__main__":
    main()
