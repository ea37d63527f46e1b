"""docs/accuracy.md, its figures and docs/accuracy.json, from what the bench measured."""

import json
import platform
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("svg")
import matplotlib.pyplot as plt

from bench.emg import Outcome
from bench.score import SNR_EDGES
from bench.section import Section

DOCS = Path(__file__).parents[1] / "docs"
FIGURES = DOCS / "accuracy"
HEAD = """# Accuracy

Written by `make bench`; every figure is measured by that run, with the default settings, on seeds that
nothing was tuned or trained on. An event is found if one that is told lies within 50 ms of its onset, one to
one. SNR is the peak over the rms of the noise at that moment, both in 20-450 Hz.
"""


def write(sections: list[Section], quick: bool) -> None:  # noqa: FBT001 -- a line in the head, no more
    """The document and the figures behind it."""
    lines = [HEAD, f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}."
             + (" A quick run: fewer minutes than the bars ask for." if quick else ""), ""]  # fmt: skip
    lines += ["## Bars", "", "| figure | measured | wanted | |", "|---|---:|---:|---|"]
    lines += [bar.row() for section in sections for bar in section.bars]
    for section in sections:
        lines += ["", f"## {section.title}", "", *section.lines]
    (DOCS / "accuracy.md").write_text("\n".join(lines).rstrip() + "\n")
    data = {section.title: section.data for section in sections}
    bars = [asdict(bar) | {"met": bar.met} for section in sections for bar in section.bars]
    (DOCS / "accuracy.json").write_text(json.dumps({"bars": bars, "sections": data}, indent=1) + "\n")


def recall_figure(outcomes: dict[str, Outcome]) -> str:
    """Recall by SNR; returns the Markdown that shows it."""
    middles = [(a + b) / 2 for a, b in pairwise(SNR_EDGES)]
    axes = _axes("SNR (peak over noise rms)", "recall")
    for name, outcome in outcomes.items():
        axes.plot(middles, outcome.score.by_snr(), marker="o", label=name)
    axes.set_ylim(0, 1.02)
    return _save("recall", "Recall by SNR in scenarios A, B, B' and C")


def reliability_figure(outcomes: dict[str, Outcome]) -> str:
    """The share of right events by the confidence they were told with."""
    said = np.concatenate([outcome.confidence for outcome in outcomes.values()])
    right = np.concatenate([outcome.right for outcome in outcomes.values()])
    order = np.argsort(said)
    groups = np.array_split(order, 8)
    axes = _axes("confidence said", "share right")
    axes.plot([0.4, 1], [0.4, 1], color="grey", linewidth=1)
    axes.plot([said[g].mean() for g in groups], [right[g].mean() for g in groups], marker="o", label="A to C")
    return _save("reliability", "Share of events that are right by the confidence they were told with")


def _axes(x: str, y: str) -> plt.Axes:
    mpl.rcParams["svg.hashsalt"] = "fasciwatch"  # the same figures give the same file
    axes = plt.subplots(figsize=(6, 3.6), layout="constrained")[1]
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(visible=True, alpha=0.3)
    return axes


def _save(name: str, words: str) -> str:
    plt.legend()
    FIGURES.mkdir(exist_ok=True)
    plt.savefig(FIGURES / f"{name}.svg", metadata={"Date": None})
    plt.close()
    return f"![{words}](accuracy/{name}.svg)"
