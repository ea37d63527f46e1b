"""Train the detector's classifiers on made signals only, and write detector/weights.py.

    python -m bench.train

Every scene comes from SEED; the seeds that bench scores on are others.
"""

import argparse
from dataclasses import dataclass
from itertools import pairwise
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
SCENES = 1000
SCENE_S = 60.0
NETWORKS = 4  # each strays by itself; their mean has 6 % less cross entropy on scenes held back than one
HIDDEN = (48, 24)  # more gained nothing on scenes held back
EPOCHS, BATCH, RATE = 40, 256, 3e-3
DECAY = 3e-4  # pulls weights to zero: keeps the network smooth between the scenes it saw
HELD_BACK = 0.2  # of the scenes: shows whether it generalises
WEAKEST_Z = 4.5  # fainter candidates can never become events

Array = NDArray[np.float64]


@dataclass(slots=True)
class Lesson:
    """A scene with what is in it."""

    scene: Scene
    pops: list[int]


def make_lesson(rng: Generator) -> Lesson:
    """A minute of one site: some parts of what can happen, in random strength."""
    rate_hz = float(rng.choice([200.0, 500.0, 1000.0, 1000.0, 1000.0, 2000.0]))
    n = round(SCENE_S * rate_hz)
    floor_uv = 10 ** rng.uniform(0, 1.2)
    level = np.ones(n)
    if rng.random() < 0.5:
        start = rng.integers(n)
        level[start : start + round(rng.uniform(3, 30) * rate_hz)] = rng.uniform(1.3, 3.5)
    samples = _coloured(rng, noise(rng, n, rate_hz, floor_uv), rate_hz) * level + drift(rng, n, rate_hz)
    if rng.random() < 0.6:
        samples += hum(rng, n, rate_hz, float(rng.choice([50.0, 60.0])), floor_uv * rng.uniform(0, 3))
    if rng.random() < 0.4:
        size_uv = floor_uv * 10 ** rng.uniform(0.1, 1.6)
        samples += heartbeat(rng, n, rate_hz, size_uv, rng.uniform(45, 110), rng.uniform(0.6, 1.1))
    lesson = Lesson(Scene(rate_hz, samples), [])
    if rng.random() < 0.7:
        _contractions(rng, lesson.scene, floor_uv)
    if rng.random() < 0.7:
        _pops(rng, lesson, floor_uv)
    _twitches(rng, lesson.scene, floor_uv, level)
    if rng.random() < 0.2 and rate_hz >= 500:
        band = signal.butter(2, (rng.uniform(30, 60), 200.0), "bandpass", fs=rate_hz, output="sos")
        lesson.scene.samples = np.asarray(signal.sosfilt(band, lesson.scene.samples))
    return lesson


def _coloured(rng: Generator, white: Samples, rate_hz: float) -> Samples:
    """Half of all noise is stronger at low frequencies, as that of skin and of distant muscles is."""
    if rng.random() < 0.5:
        return white
    low = signal.butter(1, min(rng.uniform(40, 150), 0.4 * rate_hz), fs=rate_hz, output="sos")
    mixed = white * rng.uniform(0.1, 0.5) + np.asarray(signal.sosfilt(low, white)) * rng.uniform(0.5, 2.0)
    return np.asarray(mixed * (white.std() / mixed.std()))


def _lay(scene: Scene, start: int, part: Samples) -> None:
    room = scene.samples[start : start + len(part)]
    room += part[: len(room)]


def _contractions(rng: Generator, scene: Scene, floor_uv: float) -> None:
    at_s = rng.uniform(3, 10)
    while at_s < SCENE_S - 8:
        length_s = float(np.exp(rng.uniform(np.log(0.06), np.log(8))))
        style = rng.random()
        strength_uv = floor_uv * 10 ** rng.uniform(0.7, 2.6)
        if style < 0.15:
            part = _tonic(rng, scene.rate_hz, max(1.0, length_s), floor_uv)
        elif style < 0.5:
            part = burst(rng, scene.rate_hz, length_s, strength_uv)
        else:
            units = int(np.exp(rng.uniform(np.log(3), np.log(60))))
            part = recruitment(rng, scene.rate_hz, length_s, units, strength_uv)
        if style >= 0.15 and rng.random() < 0.6:
            part = np.concatenate([part, _tail(rng, scene.rate_hz, floor_uv, strength_uv)])
        start = round(at_s * scene.rate_hz)
        _lay(scene, start, part)
        scene.busy.append((start, start + len(part)))
        at_s += length_s + rng.exponential(8.0) + 0.5


def _tonic(rng: Generator, rate_hz: float, length_s: float, floor_uv: float) -> Samples:
    """A muscle that is never quite at rest: a few units, each by itself, for seconds."""
    total = np.zeros(round((length_s + 0.1) * rate_hz))
    for _ in range(rng.integers(3, 10)):
        size_uv = floor_uv * 10 ** rng.uniform(0.4, 1.2)
        start_s = rng.uniform(0, 0.3) * length_s
        _train(rng, total, rate_hz, start_s, length_s * rng.uniform(0.6, 1.0), rng.uniform(5, 12), size_uv)
    return total


def _tail(rng: Generator, rate_hz: float, floor_uv: float, strength_uv: float) -> Samples:
    """What follows a contraction, at times after a pause: small units that go on for a while, ever slower.

    They are a hundredth to a tenth as large as the contraction. What stays below the noise is left out, so it
    ends with the last that can be seen.
    """
    sizes_uv = strength_uv * 10 ** rng.uniform(-2.2, -0.8, rng.integers(2, 7))
    sizes_uv = sizes_uv[sizes_uv > 2 * floor_uv]
    if len(sizes_uv) < 2:
        return np.zeros(0)
    length_s, pause_s = rng.uniform(0.2, 2.0), max(0.0, rng.uniform(-0.3, 0.4))
    total = np.zeros(round((length_s + 0.1) * rate_hz))
    for size_uv in sizes_uv:
        start_s = pause_s + rng.uniform(0, 0.2)
        _train(rng, total, rate_hz, start_s, length_s * rng.uniform(0.2, 1.0), rng.uniform(3, 12), size_uv)
    return total


def _train(
    rng: Generator,
    total: Samples,
    rate_hz: float,
    start_s: float,
    stop_s: float,
    firing_hz: float,
    size_uv: float,
) -> None:
    """Lay one unit's discharges into a signal, each gap a little longer than the one before."""
    wave, at_s, gap_s = potential(rng, rate_hz) * size_uv, start_s, 1 / firing_hz
    while at_s < stop_s:
        room = total[round(at_s * rate_hz) :][: len(wave)]
        room += wave[: len(room)] * rng.uniform(0.8, 1.2)
        at_s += max(0.03, gap_s * (1 + 0.25 * rng.standard_normal()))
        gap_s *= 1.03


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
    units = [_unit(rng, rate_hz, longest_ms) for _ in range(rng.choice([1, 1, 2, 3, 5, 8, 12]))]
    sizes = [_size(rng) for _ in units]
    steady = rng.random() < 0.5  # every unit is as large as ever, or each discharge comes from elsewhere
    style = rng.choice(["single", "single", "dense", "dense", "grouped"])
    per_minute = {
        "single": rng.uniform(2, 60),
        "dense": rng.uniform(100, 400),
        "grouped": rng.uniform(10, 40),
    }[style]
    for at_s in moments(rng, SCENE_S, per_minute, 0.07):
        which = rng.integers(len(units))
        wave, size = units[which], floor_uv * (sizes[which] * rng.uniform(0.9, 1.1) if steady else _size(rng))
        count = int(rng.integers(2, 8)) if style == "grouped" else 1
        for number in range(count):
            onset = round((at_s + number * rng.uniform(0.03, 0.08)) * rate_hz)
            if any(start - 0.3 * rate_hz < onset < end + 0.4 * rate_hz for start, end in scene.busy):
                continue
            _lay(scene, onset, wave * size * level[min(onset, len(level) - 1)])
            scene.twitches.append(Planted(onset, len(wave), size / floor_uv))


def _size(rng: Generator) -> float:
    """Of a twitch, over the noise: most are small."""
    return float(10 ** (rng.uniform(0.3, 1.3) if rng.random() < 0.6 else rng.uniform(1.0, 2.8)))


def _unit(rng: Generator, rate_hz: float, longest_ms: float) -> Samples:
    """A potential: of the plain family, stretched towards one end, of many phases, or with a slow tail."""
    if rng.random() < 0.4:
        return _tailed(rng, rate_hz, longest_ms)
    wave = potential(rng, rate_hz, 7.0, longest_ms)
    if rng.random() < 0.25:
        more = potential(rng, rate_hz, 7.0, longest_ms / 2)
        at = int(rng.integers(len(wave)))
        wave = np.pad(wave, (0, max(0, at + len(more) - len(wave))))
        wave[at : at + len(more)] += more * rng.uniform(0.3, 1.0)
    if rng.random() < 0.5:
        u = np.linspace(0, 1, len(wave))
        wave = np.interp(u ** np.exp(rng.uniform(-0.7, 0.7)), u, wave)
    return np.asarray(wave / np.abs(wave).max())


def _tailed(rng: Generator, rate_hz: float, longest_ms: float) -> Samples:
    """Many units at once: humps one way, then as much the other way, part of which dies away slowly."""
    time_ms = np.arange(round(longest_ms * rate_hz / 1000)) * 1000 / rate_hz

    def hump(at_ms: float, scale_ms: float) -> Samples:
        since = np.maximum(time_ms - at_ms, 0.0) / scale_ms
        return np.asarray(since**2 * np.exp(-since) / scale_ms)

    turn_ms = longest_ms * rng.uniform(0.1, 0.3)
    first, second = np.zeros(len(time_ms)), np.zeros(len(time_ms))
    for number in range(rng.integers(1, 4)):
        at_ms = 0.0 if number == 0 else rng.uniform(0, turn_ms)
        first += rng.uniform(0.3, 1.0) * hump(at_ms, longest_ms * rng.uniform(0.02, 0.06))
    for _ in range(rng.integers(1, 3)):
        second += rng.uniform(0.3, 1.0) * hump(
            turn_ms * rng.uniform(0.7, 1.5), longest_ms * rng.uniform(0.02, 0.07)
        )
    tail = hump(turn_ms, longest_ms * rng.uniform(0.08, 0.2))
    slow = rng.uniform(0.0, 0.4)
    second = second / second.sum() * (1 - slow) + tail / tail.sum() * slow
    wave = rng.choice([-1.0, 1.0]) * (first / first.sum() - second * rng.uniform(0.8, 1.1))
    end = np.flatnonzero(np.abs(wave) > 0.02 * np.abs(wave).max())[-1] + 1
    return np.asarray(wave[: max(3, end)] / np.abs(wave).max())


def label(lesson: Lesson, at_s: float) -> int:
    """Which class a candidate is of."""
    scene = lesson.scene
    at = at_s * scene.rate_hz
    reach = 0.03 * scene.rate_hz
    if any(abs(t.onset - at) < reach for t in scene.twitches):
        return CLASSES.index("twitch")
    if any(start - 2 * reach < at < end + 2 * reach for start, end in scene.busy):
        return CLASSES.index("contraction")
    if any(abs(start - at) < reach for start in lesson.pops):
        return CLASSES.index("pop")
    return CLASSES.index("nothing")


def examples(rng: Generator) -> tuple[Array, NDArray[np.int64]]:
    """Features and labels of one scene's candidates, as the detector itself sees them."""
    lesson = make_lesson(rng)
    heard: list[tuple[Candidate, Array]] = []

    def listen(one: Candidate, *rest: Any) -> Array:
        figures = features(one, *rest)
        heard.append((one, figures))
        return figures

    def unknowing(_figures: Array) -> Array:  # what is learnt must not depend on what was learnt before
        return np.array([1.0, 0.0, 0.0, 0.0])

    with patch("detector.examine.features", listen), patch("detector.examine.probabilities", unknowing):
        detector = EmgDetector(lesson.scene.rate_hz, 1)
        detector.update(Block(0, lesson.scene.samples[None].astype(np.float32)))
        detector.finish()
    working_hz = Grid(lesson.scene.rate_hz).rate_hz
    kept = [(figures, label(lesson, one.at / working_hz)) for one, figures in heard if one.z > WEAKEST_Z]
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
        weights: list[Array] = []
        for ahead, behind in pairwise((FEATURES, *HIDDEN, len(CLASSES))):
            weights += [rng.normal(0, 1 / np.sqrt(ahead), (ahead, behind)), np.zeros(behind)]
        return cls(weights, [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights])

    def forward(self, x: Array) -> tuple[list[Array], Array]:
        """What each layer takes in, and the chances of each class."""
        layers = [x]
        for weight, bias in zip(self.weights[:-2:2], self.weights[1:-2:2], strict=True):
            layers.append(np.tanh(layers[-1] @ weight + bias))
        scores = layers[-1] @ self.weights[-2] + self.weights[-1]
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return layers, odds / odds.sum(axis=1, keepdims=True)

    def step(self, x: Array, wanted: NDArray[np.int64], rate: float) -> None:
        layers, error = self.forward(x)
        error[np.arange(len(x)), wanted] -= 1
        error /= len(x)
        slopes: list[Array] = []
        for number in range(len(layers) - 1, -1, -1):
            slopes = [layers[number].T @ error, error.sum(axis=0), *slopes]
            error = error @ self.weights[2 * number].T * (1 - layers[number] ** 2)
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


def report(networks: list[Network], x: Array, wanted: NDArray[np.int64]) -> None:
    """The cross entropy, and of each class, how many were taken for what."""
    chances = np.mean([network.forward(x)[1] for network in networks], axis=0)
    print(f"cross entropy {-np.log(chances[np.arange(len(x)), wanted]).mean():.4f}")
    said = chances.argmax(axis=1)
    for number, name in enumerate(CLASSES):
        told = np.bincount(said[wanted == number], minlength=len(CLASSES))
        print(
            f"{name:>12}: {told.sum():6d} of which "
            + ", ".join(f"{n} {c}" for n, c in zip(CLASSES, told, strict=True))
        )


def write(path: Path, mean: Array, scale: Array, networks: list[Network]) -> None:
    """The module that the detector imports; weights are (networks, from, to), biases (networks, 1, to)."""
    names = ("FIRST", "FIRST_BIAS", "SECOND", "SECOND_BIAS", "OUT", "OUT_BIAS")
    lines = [
        '"""The networks\' numbers; written by `python -m bench.train`, never by hand."""',
        "",
        "import numpy as np",
        "",
    ]
    lines.append("# fmt: off")
    stacked = [
        np.stack([np.atleast_2d(part) for part in parts])
        for parts in zip(*(network.weights for network in networks), strict=True)
    ]
    for name, value in zip(("MEAN", "SCALE", *names), (mean, scale, *stacked), strict=True):
        text = np.array2string(
            value, separator=", ", max_line_width=88, formatter={"float": "{:.4g}".format}, threshold=10**6
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
    rngs = np.random.default_rng(SEED).spawn(NETWORKS)
    networks = [train(rng, (x - mean) / scale, wanted) for rng in rngs]
    report(networks, (held_x - mean) / scale, held_wanted)
    write(options.output, mean, scale, networks)


if __name__ == "__main__":
    main()
