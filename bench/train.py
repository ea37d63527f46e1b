"""Train the detector's classifier on made signals only, and write detector/weights.py.

    python -m bench.train

Every scene comes from SEED; the seeds that bench scores on are others.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from bench.signals import (
    Generator,
    Planted,
    Samples,
    Scene,
    burst,
    drift,
    heartbeat,
    hum,
    moments,
    noise,
    pop,
    potential,
    recruitment,
)
from detector import weights
from detector.block import Block
from detector.candidate import Candidate
from detector.classify import CLASSES
from detector.emg import EmgDetector
from detector.page import Grid
from detector.surroundings import FEATURES, features

SEED = 20260
SCENES = 420
SCENE_S = 60.0
HIDDEN = 16  # more gained nothing on scenes held back
EPOCHS, BATCH, RATE = 60, 256, 3e-3
DECAY = 1e-4  # pulls weights to zero: keeps the network smooth between the scenes it saw
HELD_BACK = 0.2  # of the scenes: shows whether it generalises
WEAKEST_Z = 4.5  # fainter candidates can never become events

Array = NDArray[np.float64]


@dataclass(slots=True)
class Lesson:
    """A scene with what is in it."""

    scene: Scene
    pops: list[int]
    beats: bool


def make_lesson(rng: Generator) -> Lesson:
    """A minute of one site: some parts of what can happen, in random strength."""
    rate_hz = float(rng.choice([200.0, 500.0, 1000.0, 1000.0, 1000.0, 2000.0]))
    n = round(SCENE_S * rate_hz)
    floor_uv = 10 ** rng.uniform(0, 1.2)
    level = np.ones(n)
    if rng.random() < 0.4:
        start = rng.integers(n)
        level[start : start + round(rng.uniform(3, 30) * rate_hz)] = rng.uniform(1.3, 4)
    samples = noise(rng, n, rate_hz, floor_uv) * level + drift(rng, n, rate_hz)
    if rng.random() < 0.6:
        samples += hum(rng, n, rate_hz, float(rng.choice([50.0, 60.0])), floor_uv * rng.uniform(0, 3))
    beats = bool(rng.random() < 0.3)
    if beats:
        samples += heartbeat(rng, n, rate_hz, floor_uv * rng.uniform(2, 40), rng.uniform(45, 110))
    lesson = Lesson(Scene(rate_hz, samples), [], beats)
    if rng.random() < 0.7:
        _contractions(rng, lesson.scene, floor_uv)
    if rng.random() < 0.7:
        _pops(rng, lesson, floor_uv)
    _twitches(rng, lesson.scene, floor_uv, level)
    if rng.random() < 0.2 and rate_hz >= 500:
        band = signal.butter(2, (rng.uniform(30, 60), 200.0), "bandpass", fs=rate_hz, output="sos")
        lesson.scene.samples = np.asarray(signal.sosfilt(band, lesson.scene.samples))
    return lesson


def _lay(scene: Scene, start: int, part: Samples) -> None:
    room = scene.samples[start : start + len(part)]
    room += part[: len(room)]


def _contractions(rng: Generator, scene: Scene, floor_uv: float) -> None:
    at_s = rng.uniform(3, 10)
    while at_s < SCENE_S - 8:
        length_s = float(np.exp(rng.uniform(np.log(0.15), np.log(8))))
        if rng.random() < 0.4:
            part = burst(rng, scene.rate_hz, length_s, floor_uv * 10 ** rng.uniform(0.4, 2.2))
        else:
            units = int(np.exp(rng.uniform(np.log(3), np.log(60))))
            part = recruitment(rng, scene.rate_hz, length_s, units, floor_uv * 10 ** rng.uniform(0.7, 2.5))
        start = round(at_s * scene.rate_hz)
        _lay(scene, start, part)
        scene.busy.append((start, start + len(part)))
        at_s += length_s + rng.exponential(5.0) + 0.5


def _pops(rng: Generator, lesson: Lesson, floor_uv: float) -> None:
    rate_hz = lesson.scene.rate_hz
    for at_s in moments(rng, SCENE_S, rng.uniform(4, 30), 0.3):
        start = round(at_s * rate_hz)
        part = pop(rng, rate_hz, floor_uv * 10 ** rng.uniform(0.8, 2.3), 10 ** rng.uniform(0.7, 2.3))
        rise = max(1, round(rng.uniform(0, 0.002) * rate_hz))
        _lay(lesson.scene, start, np.convolve(part, np.full(rise, 1 / rise))[: len(part)])
        lesson.pops.append(start)


def _twitches(rng: Generator, scene: Scene, floor_uv: float, level: Samples) -> None:
    """Single ones, dense ones and grouped ones; of few units or ever new shapes."""
    rate_hz = scene.rate_hz
    longest_ms = rng.choice([20.0, 30.0, 60.0])
    units = [_unit(rng, rate_hz, longest_ms) for _ in range(rng.integers(1, 12))]
    style = rng.choice(["single", "single", "dense", "grouped"])
    per_minute = {
        "single": rng.uniform(2, 60),
        "dense": rng.uniform(100, 300),
        "grouped": rng.uniform(10, 40),
    }[style]
    for at_s in moments(rng, SCENE_S, per_minute, 0.07):
        wave = units[rng.integers(len(units))]
        size = floor_uv * 10 ** (rng.uniform(0.3, 1.3) if rng.random() < 0.6 else rng.uniform(1.0, 2.8))
        count = int(rng.integers(2, 8)) if style == "grouped" else 1
        for number in range(count):
            onset = round((at_s + number * rng.uniform(0.03, 0.08)) * rate_hz)
            if any(start - 0.3 * rate_hz < onset < end + 0.4 * rate_hz for start, end in scene.busy):
                continue
            _lay(scene, onset, wave * size * level[min(onset, len(level) - 1)])
            scene.twitches.append(Planted(onset, len(wave), size / floor_uv))


def _unit(rng: Generator, rate_hz: float, longest_ms: float) -> Samples:
    """A potential; half of them with time stretched towards one end, some of many phases."""
    wave = potential(rng, rate_hz, 7.0, longest_ms)
    if rng.random() < 0.15:
        more = potential(rng, rate_hz, 7.0, longest_ms / 2)
        at = int(rng.integers(len(wave)))
        wave = np.pad(wave, (0, max(0, at + len(more) - len(wave))))
        wave[at : at + len(more)] += more * rng.uniform(0.3, 1.0)
    if rng.random() < 0.5:
        u = np.linspace(0, 1, len(wave))
        wave = np.interp(u ** np.exp(rng.uniform(-0.7, 0.7)), u, wave)
    return np.asarray(wave / np.abs(wave).max())


def label(lesson: Lesson, at_s: float) -> int | None:
    """Which class a candidate is of; None where nothing was planted or where it cannot be said."""
    scene = lesson.scene
    at = at_s * scene.rate_hz
    reach = 0.03 * scene.rate_hz
    if any(abs(t.onset - at) < reach for t in scene.twitches):
        return CLASSES.index("twitch")
    if any(start - 2 * reach < at < end + 2 * reach for start, end in scene.busy):
        return CLASSES.index("contraction")
    if any(abs(start - at) < reach for start in lesson.pops):
        return CLASSES.index("pop")
    return None


def examples(rng: Generator) -> tuple[Array, NDArray[np.int64]]:
    """Features and labels of one scene's candidates, as the detector itself sees them."""
    lesson = make_lesson(rng)
    heard: list[tuple[Candidate, Array]] = []

    def listen(one: Candidate, *rest: Any) -> Array:
        figures = features(one, *rest)
        heard.append((one, figures))
        return figures

    with patch("detector.examine.features", listen):
        detector = EmgDetector(lesson.scene.rate_hz, 1)
        detector.update(Block(0, lesson.scene.samples[None].astype(np.float32)))
        detector.finish()
    working_hz = Grid(lesson.scene.rate_hz).rate_hz
    labels = [label(lesson, one.at / working_hz) if one.z > WEAKEST_Z else None for one, _ in heard]
    kept = [(figures, c) for (_, figures), c in zip(heard, labels, strict=True) if c is not None]
    return np.array([f for f, _ in kept]).reshape(-1, FEATURES), np.array(
        [c for _, c in kept], dtype=np.int64
    )


@dataclass(slots=True)
class Network:
    """Weights and their moments, for Adam (Kingma and Ba, ICLR 2015)."""

    weights: list[Array]
    first: list[Array]
    second: list[Array]
    steps: int = 0

    @classmethod
    def new(cls, rng: Generator) -> "Network":
        sizes = ((FEATURES, HIDDEN), (HIDDEN,), (HIDDEN, len(CLASSES)), (len(CLASSES),))
        weights = [
            rng.normal(0, 1 / np.sqrt(size[0]), size) if len(size) > 1 else np.zeros(size) for size in sizes
        ]
        return cls(weights, [np.zeros(s) for s in sizes], [np.zeros(s) for s in sizes])

    def forward(self, x: Array) -> tuple[Array, Array]:
        hidden = np.tanh(x @ self.weights[0] + self.weights[1])
        scores = hidden @ self.weights[2] + self.weights[3]
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return hidden, odds / odds.sum(axis=1, keepdims=True)

    def step(self, x: Array, wanted: NDArray[np.int64], rate: float) -> None:
        hidden, chances = self.forward(x)
        error = chances.copy()
        error[np.arange(len(x)), wanted] -= 1
        error /= len(x)
        back = error @ self.weights[2].T * (1 - hidden**2)
        slopes = [x.T @ back, back.sum(axis=0), hidden.T @ error, error.sum(axis=0)]
        self.steps += 1
        for i, slope in enumerate(slopes):
            full = slope + DECAY * self.weights[i]
            self.first[i] += 0.1 * (full - self.first[i])
            self.second[i] += 0.001 * (full**2 - self.second[i])
            mean = self.first[i] / (1 - 0.9**self.steps)
            spread = np.sqrt(self.second[i] / (1 - 0.999**self.steps))
            self.weights[i] -= rate * mean / (spread + 1e-8)


def train(rng: Generator, x: Array, wanted: NDArray[np.int64]) -> Network:
    network = Network.new(rng)
    for epoch in range(EPOCHS):
        rate = RATE * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS))
        for batch in np.array_split(rng.permutation(len(x)), max(1, len(x) // BATCH)):
            network.step(x[batch], wanted[batch], rate)
    return network


def report(network: Network, x: Array, wanted: NDArray[np.int64]) -> None:
    """Of each class, how many were taken for what."""
    said = network.forward(x)[1].argmax(axis=1)
    for number, name in enumerate(CLASSES):
        told = np.bincount(said[wanted == number], minlength=len(CLASSES))
        print(
            f"{name:>12}: {told.sum():6d} of which "
            + ", ".join(f"{n} {c}" for n, c in zip(CLASSES, told, strict=True))
        )


def write(path: Path, mean: Array, scale: Array, network: Network) -> None:
    """The module that the detector imports."""
    names = ("HIDDEN", "HIDDEN_BIAS", "OUT", "OUT_BIAS")
    lines = [
        '"""The network\'s numbers; written by `python -m bench.train`, never by hand."""',
        "",
        "import numpy as np",
        "",
    ]
    lines.append("# fmt: off")
    for name, value in zip(("MEAN", "SCALE", *names), (mean, scale, *network.weights), strict=True):
        text = np.array2string(
            value, separator=", ", max_line_width=80, formatter={"float": "{:.4g}".format}, threshold=10**6
        )
        lines.append(f"{name} = np.array({text})")
    path.write_text("\n".join(lines) + "\n")


def main() -> None:
    """Make the scenes, train, say how well it does on scenes held back, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=SCENES)
    parser.add_argument("--output", type=Path, default=Path(weights.__file__))
    options = parser.parse_args()
    children = np.random.SeedSequence(SEED).spawn(options.scenes)
    made = [examples(np.random.default_rng(child)) for child in children]
    split = round(len(made) * (1 - HELD_BACK))
    x, wanted = (np.concatenate(part) for part in zip(*made[:split], strict=True))
    held_x, held_wanted = (np.concatenate(part) for part in zip(*made[split:], strict=True))
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
    network = train(np.random.default_rng(SEED), (x - mean) / scale, wanted)
    report(network, (held_x - mean) / scale, held_wanted)
    write(options.output, mean, scale, network)


if __name__ == "__main__":
    main()
