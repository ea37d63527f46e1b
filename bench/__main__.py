"""Measure everything and write docs/accuracy.md: python -m bench [--quick] [--without-peers]."""

import argparse
import os
from collections.abc import Iterator

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):  # speeds are those of one core
    os.environ.setdefault(name, "1")

from bench import accelerometer, emg, fusion, real, recordings, report, speed, units  # noqa: E402 -- after the number of threads is set
from bench.section import Section  # noqa: E402


def main() -> None:
    """Run what was asked for, chapter by chapter."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a few minutes of each scenario instead of an hour"
    )
    parser.add_argument("--without-peers", action="store_true", help="leave the other tools out")
    options = parser.parse_args()
    minutes = emg.QUICK_MINUTES if options.quick else emg.MINUTES
    sections = []
    for section in chapters(minutes, with_peers=not options.without_peers):
        print(
            f"\n{section.title}", *section.lines, *(bar.row() for bar in section.bars), sep="\n", flush=True
        )
        sections.append(section)
    report.write(sections, options.quick)


def chapters(minutes: float, *, with_peers: bool) -> Iterator[Section]:
    """Every part of the bench, one after the other."""
    planted, outcomes = emg.scenarios(minutes)
    planted.lines += ["", report.recall_figure(outcomes)]
    yield planted
    if with_peers:
        yield emg.peers(min(minutes, emg.PEER_MINUTES))
    confidence = emg.reliability(outcomes)
    confidence.lines += ["", report.reliability_figure(outcomes)]
    yield confidence
    yield emg.quiet(minutes / 10)
    yield emg.dense(minutes)
    yield units.units()
    yield emg.day()
    if recordings.available():
        yield emg.real_potentials(minutes)
        yield real.responses()
        yield real.contractions()
    yield from accelerometer.sections(minutes / 2)
    yield from fusion.sections(minutes / 2)
    yield speed.speed(minutes / 4)


if __name__ == "__main__":
    main()
