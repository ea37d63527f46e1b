"""The demo over several seeds: `python -m bench.demo [SEED...]`; writes docs/demo.md."""

import re
import subprocess
import sys
from pathlib import Path

DURATION_S = 60
SEEDS = (101, 102, 103)
PAGE = Path(__file__).parents[1] / "docs" / "demo.md"

HEAD = """# The demo's figures

Written by `python -m bench.demo`: the command `fasciwatch demo` for {duration} s on each seed, as a process
of its own, with simulated boards behind pseudo-terminals, the real service and the page. Planted are the
twitches with an SNR of 5 and more. The delay is from the end of a planted twitch to its row in the journal;
it depends on the machine.

| seed | recall | precision | delay, median | delay, p95 |
|---|---|---|---|---|
"""


def run(seed: int) -> str:
    """Return one line of the table."""
    words = ["demo", "--no-browser", "--port", "0", "--duration", f"{DURATION_S}s", "--seed", str(seed)]
    ended = subprocess.run(
        [sys.executable, "-m", "fasciwatch", *words], capture_output=True, text=True, check=True
    )
    print(ended.stdout)
    figures = re.search(
        r"recall ([\d.]+), precision ([\d.]+).*median (\d+) ms, p95 (\d+) ms", ended.stdout, re.DOTALL
    )
    assert figures is not None, ended.stdout
    recall, precision, median, p95 = figures.groups()
    return f"| {seed} | {recall} | {precision} | {median} ms | {p95} ms |"


def main() -> None:
    """Run every seed and write the page."""
    lines = [run(seed) for seed in (map(int, sys.argv[1:]) if sys.argv[1:] else SEEDS)]
    PAGE.write_text(HEAD.format(duration=DURATION_S) + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
