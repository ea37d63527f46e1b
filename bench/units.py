"""Whether the numbers of units that are told are the units that were planted."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import comb

from bench.emg import detect, twitches
from bench.score import match
from bench.section import Bar, Section
from bench.signals import NOISE_UV, Samples, hum, noise, potential

UNITS, SITES, TWITCHES = 4, 25, 120
SNR = (6.0, 12.0)
LEAST_DIFFERENT = 0.4  # of their energy: units more alike than that share one shape at the skin
GAP_S = 0.7


def units() -> Section:
    """Adjusted Rand index of what is told against what was planted, over many sites."""
    indices = np.array([_site(seed) for seed in range(SITES)])
    section = Section("Which unit a twitch is of")
    words = (
        f"{SITES} sites of {UNITS} units, shapes and strengths (SNR {SNR[0]:g}-{SNR[1]:g}) drawn at random, "
        f"{TWITCHES} twitches each, every discharge 5 % different: adjusted Rand index {indices.mean():.3f}, "
        f"median {np.median(indices):.3f}, lowest {indices.min():.2f}. Shapes that differ by less than "
        f"{100 * LEAST_DIFFERENT:.0f} % of their energy were drawn anew."
    )
    section.lines = [words, ""]
    section.bars = [Bar("adjusted Rand index of units, mean", float(indices.mean()), 0.9)]
    section.data = {"adjusted_rand_index": indices.round(3).tolist()}
    return section


def _site(seed: int) -> float:
    rng, rate_hz = np.random.default_rng((seed, 11)), 1000.0
    n = round((TWITCHES + 4) * GAP_S * rate_hz)
    samples = noise(rng, n, rate_hz) + hum(rng, n, rate_hz)
    waves: list[Samples] = []
    while len(waves) < UNITS:
        wave = potential(rng, rate_hz) * rng.uniform(*SNR) * NOISE_UV
        if all(_difference(wave, other) > LEAST_DIFFERENT for other in waves):
            waves.append(wave)
    planted = rng.integers(0, UNITS, TWITCHES)
    onsets = np.array([round(((2 + i) * GAP_S + rng.uniform(0, 0.4)) * rate_hz) for i in range(TWITCHES)])
    for onset, unit in zip(onsets, planted, strict=True):
        samples[onset : onset + len(waves[unit])] += waves[unit] * rng.normal(1, 0.05)
    found = twitches(detect(samples, rate_hz))
    pairs = match(onsets / rate_hz, np.array([event.onset for event in found]) / rate_hz)
    told = np.array([event.unit for event in found])
    return adjusted_rand_index(planted[pairs.planted], told[pairs.found].astype(np.int64))


def _difference(one: Samples, other: Samples) -> float:
    """Energy of the difference of two waves laid over each other at best, over their mean energy."""
    overlap = float(np.correlate(one, other, "full").max())
    energy = float(one @ one + other @ other)
    return 2 * (energy - 2 * overlap) / energy


def adjusted_rand_index(one: NDArray[np.int64], other: NDArray[np.int64]) -> float:
    """Agreement of two groupings beyond chance, 1 for the same (L. Hubert, P. Arabie, J. Classif. 2, 1985).

    >>> adjusted_rand_index(np.array([0, 0, 1, 1]), np.array([5, 5, 2, 2]))
    1.0
    """
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)
    together, rows, columns = comb(table, 2).sum(), comb(table.sum(1), 2).sum(), comb(table.sum(0), 2).sum()
    chance = rows * columns / comb(len(one), 2)
    return float((together - chance) / ((rows + columns) / 2 - chance))
