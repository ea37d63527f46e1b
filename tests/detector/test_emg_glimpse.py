"""A twitch is told of when it has just ended; what it was is told when its surroundings are known."""

import numpy as np

from bench.score import match
from bench.signals import burst, heartbeat, moments, noise, potential
from detector.block import Block
from detector.emg import EmgDetector
from detector.event import Findings, Glimpse

RATE_HZ = 1000.0
MINUTE = 60_000
BLOCK = 10  # samples: a link brings so many at a time
WITHIN_MS = 60.0


def planted_in(samples: np.ndarray, rng: np.random.Generator, snr: tuple[float, float]) -> np.ndarray:
    """Lay twitches into noise of 5 uV rms; return their (onset, end) in samples."""
    laid = []
    for at_s in moments(rng, len(samples) / RATE_HZ, 20.0):
        onset, wave = round(at_s * RATE_HZ), potential(rng, RATE_HZ)
        samples[onset : onset + len(wave)] += 5 * rng.uniform(*snr) * wave
        laid.append((onset, onset + len(wave)))
    return np.array(laid)


def watch(samples: np.ndarray) -> list[tuple[int, Findings]]:
    """What was found in each block, with the instant at which the block ended."""
    detector = EmgDetector(RATE_HZ, 1)
    blocks = range(0, len(samples), BLOCK)
    return [
        (at + BLOCK, detector.update(Block(at, samples[None, at : at + BLOCK].astype(np.float32))))
        for at in blocks
    ]


def glimpses(samples: np.ndarray) -> list[Glimpse]:
    detector = EmgDetector(RATE_HZ, 1)
    return detector.update(Block(0, samples[None].astype(np.float32))).glimpses


def test_a_clear_twitch_is_glimpsed_within_60_ms_of_its_end() -> None:
    rng = np.random.default_rng(1)
    samples = noise(rng, 3 * MINUTE, RATE_HZ)
    laid = planted_in(samples, rng, (5.0, 10.0))
    laid = laid[laid[:, 0] > 2 * RATE_HZ]  # the first page waits until it is complete
    seen = [(now, glimpse) for now, found in watch(samples) for glimpse in found.glimpses]
    pairs = match(laid[:, 0] / RATE_HZ, np.array([glimpse.onset for _, glimpse in seen]) / RATE_HZ)
    late_ms = np.array([seen[j][0] for j in pairs.found]) - laid[pairs.planted, 1]
    assert len(late_ms) >= 0.9 * len(laid)
    assert np.quantile(late_ms, 0.95) <= WITHIN_MS


def test_at_rest_nearly_every_glimpse_is_confirmed() -> None:
    rng = np.random.default_rng(2)
    samples = noise(rng, 3 * MINUTE, RATE_HZ)
    planted_in(samples, rng, (2.0, 10.0))
    found = Findings()
    for _, part in watch(samples):
        found.extend(part)
    onsets_s = [np.array([one.onset for one in part]) / RATE_HZ for part in (found.events, found.glimpses)]
    assert len(match(*onsets_s).found) >= 0.95 * len(found.glimpses) > 20


def test_a_muscle_at_work_makes_no_glimpses() -> None:
    rng = np.random.default_rng(3)
    samples = noise(rng, MINUTE, RATE_HZ)
    for start in range(10_000, 60_000, 10_000):
        samples[start : start + 5000] += burst(rng, RATE_HZ, 5.0, 60.0)
    at_work = [one for one in glimpses(samples) if 500 <= one.onset % 10_000 < 5000 and one.onset > 10_000]
    assert not at_work  # five contractions of five seconds


def test_the_beats_of_a_known_heart_are_no_glimpses() -> None:
    rng = np.random.default_rng(4)
    samples = noise(rng, 2 * MINUTE, RATE_HZ) + heartbeat(rng, 2 * MINUTE, RATE_HZ, 60.0)
    known = [one for one in glimpses(samples) if one.onset > 15_000]
    assert len(known) <= 6  # of 120 beats


def test_one_potential_makes_one_glimpse() -> None:
    samples = noise(np.random.default_rng(5), MINUTE, RATE_HZ)
    wave = potential(np.random.default_rng(6), RATE_HZ)
    laid = range(5000, 58_000, 1700)
    for onset in laid:
        samples[onset : onset + len(wave)] += 500 * wave  # rings for long
    soon_after = [one for one in glimpses(samples) if one.onset > 4900 and (one.onset - 4900) % 1700 < 220]
    assert len(soon_after) == len(laid)


def test_bad_contact_makes_no_glimpses() -> None:
    samples = noise(np.random.default_rng(7), MINUTE, RATE_HZ)
    samples[20_000:20_500] = np.nan
    samples[20_500:] += 3000.0  # back at another level
    assert not [one for one in glimpses(samples) if 19_000 < one.onset < 22_000]
