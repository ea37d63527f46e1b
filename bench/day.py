"""Scenario J: a wearer's day, an hour of it in two minutes, and the state each stretch ought to have."""

from dataclasses import dataclass

import numpy as np

from bench.signals import (
    NOISE_UV,
    Generator,
    Planted,
    Samples,
    Scene,
    drift,
    heartbeat,
    hum,
    noise,
    pop,
    potential,
    recruitment,
)
from detector.event import State

STRETCH_S = 120.0
RAIL_UV = 3000.0  # the converter's limit


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a stretch of the day is like."""

    name: str
    state: State
    level: float = 1.0  # of the noise
    contractions_per_minute: float = 0.0
    pops_per_minute: float = 0.0
    twitches_per_minute: float = 6.0


DAY = (
    *(Stretch("sleep", State.REST) for _ in range(3)),
    Stretch("waking", State.REST, contractions_per_minute=2, pops_per_minute=1),
    Stretch("washing, sensor off", State.NOT_WORN, twitches_per_minute=0),
    Stretch("put on", State.REST, level=1.5, pops_per_minute=4),
    *(Stretch("sitting", State.REST, contractions_per_minute=2, pops_per_minute=1) for _ in range(3)),
    Stretch("walking", State.MOVEMENT, contractions_per_minute=40, pops_per_minute=4, twitches_per_minute=0),
    Stretch("sitting", State.REST, contractions_per_minute=2),
    *(Stretch("electrode drying", State.REST, level=level) for level in (1.5, 2.0, 3.0)),
    Stretch("electrode off", State.BAD_CONTACT, twitches_per_minute=0),
    Stretch("new electrode", State.REST, pops_per_minute=2),
    Stretch("exercise", State.MOVEMENT, contractions_per_minute=40, pops_per_minute=6, twitches_per_minute=0),
    *(Stretch("evening", State.REST, contractions_per_minute=1, twitches_per_minute=15) for _ in range(3)),
    *(Stretch("sleep", State.REST) for _ in range(4)),
)


def wearers_day(seed: int, rate_hz: float = 1000.0) -> tuple[Scene, tuple[Stretch, ...]]:
    """The signal of a whole day; stretch i covers STRETCH_S seconds."""
    rng = np.random.default_rng((seed, 10))
    n = round(STRETCH_S * rate_hz)
    scene = Scene(rate_hz, np.zeros(n * len(DAY)))
    for number, stretch in enumerate(DAY):
        scene.samples[number * n : (number + 1) * n] = _signal(rng, scene, number * n, n, stretch)
    return scene, DAY


def _signal(rng: Generator, scene: Scene, start: int, n: int, stretch: Stretch) -> Samples:
    rate_hz = scene.rate_hz
    if stretch.state is State.NOT_WORN:
        return np.full(n, RAIL_UV)
    if stretch.state is State.BAD_CONTACT:
        return noise(rng, n, rate_hz) + hum(rng, n, rate_hz, 50.0, 900.0)
    samples = noise(rng, n, rate_hz) * stretch.level + hum(rng, n, rate_hz) + drift(rng, n, rate_hz)
    samples += heartbeat(rng, n, rate_hz, 40.0)
    taken: list[tuple[int, int]] = []
    for at in _times(rng, n, rate_hz, stretch.contractions_per_minute, 0.3):
        part = recruitment(rng, rate_hz, rng.uniform(0.8, 2.0), 40, NOISE_UV * rng.uniform(10, 40))[: n - at]
        samples[at : at + len(part)] += part
        taken.append((at, at + len(part)))
    for at in _times(rng, n, rate_hz, stretch.pops_per_minute, 0.5):
        part = pop(rng, rate_hz)[: n - at]
        samples[at : at + len(part)] += part
    for at in _times(rng, n, rate_hz, stretch.twitches_per_minute, 0.15):
        if any(a - 0.3 * rate_hz < at < b + 0.3 * rate_hz for a, b in taken):
            continue
        wave, size = potential(rng, rate_hz), rng.uniform(5, 12)
        samples[at : at + len(wave)] += wave * size * NOISE_UV * stretch.level
        scene.twitches.append(Planted(start + at, len(wave), size))
    scene.busy += [(start + a, start + b) for a, b in taken]
    return samples


def _times(rng: Generator, n: int, rate_hz: float, per_minute: float, apart_s: float) -> list[int]:
    found, at_s = [], 2.0
    while per_minute > 0:
        at_s += apart_s + rng.exponential(max(60 / per_minute - apart_s, 0.2))
        if at_s > n / rate_hz - 3:
            break
        found.append(round(at_s * rate_hz))
    return found
