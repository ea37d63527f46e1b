"""The heart is found by its rhythm, followed, and forgotten when it was none."""

import numpy as np
import pytest

from bench.signals import heartbeat, moments, noise, potential
from detector.block import Block
from detector.emg import EmgDetector
from detector.event import Event, Kind
from detector.rhythm import find_rhythm

RATE_HZ = 1000.0
MINUTE = 60_000


def twitches(samples: np.ndarray, rate_hz: float = RATE_HZ) -> list[Event]:
    detector = EmgDetector(rate_hz, 1)
    events = detector.update(Block(0, samples[None].astype(np.float32))).events
    return [event for event in events + detector.finish().events if event.kind is Kind.TWITCH]


@pytest.mark.parametrize("r_wave_uv", [60.0, 300.0, 1000.0])
def test_beats_are_no_twitches(r_wave_uv: float) -> None:
    rng = np.random.default_rng(1)
    samples = noise(rng, 2 * MINUTE, RATE_HZ) + heartbeat(rng, 2 * MINUTE, RATE_HZ, r_wave_uv)
    assert len(twitches(samples)) <= 3  # of 140 beats


def test_a_twitch_beside_a_beat_is_still_found() -> None:
    rng = np.random.default_rng(2)
    samples = noise(rng, 2 * MINUTE, RATE_HZ) + heartbeat(rng, 2 * MINUTE, RATE_HZ, 60.0)
    planted = [round(1000 * at) for at in moments(rng, 120.0, 20.0) if at > 15]
    for onset in planted:
        wave = potential(rng, RATE_HZ)
        samples[onset : onset + len(wave)] += 50 * wave
    onsets = np.array([event.onset for event in twitches(samples)])
    found = sum(bool((np.abs(onsets - onset) < 50).any()) for onset in planted)
    assert found >= 0.9 * len(planted)


def test_twitches_of_one_unit_without_a_rhythm_are_no_heart() -> None:
    rng = np.random.default_rng(3)
    samples = noise(rng, 2 * MINUTE, RATE_HZ)
    wave = 60 * potential(rng, RATE_HZ)
    planted = [round(1000 * at) for at in moments(rng, 120.0, 50.0, 0.3)]
    for onset in planted:
        samples[onset : onset + len(wave)] += wave
    assert len(twitches(samples)) >= 0.95 * len(planted)


def test_equal_intervals_are_a_rhythm_and_random_ones_are_not() -> None:
    rng = np.random.default_rng(4)
    steady = np.cumsum(rng.normal(0.85, 0.03, 13))
    found = find_rhythm(steady, 12.0)
    assert found is not None
    assert found.interval_s == pytest.approx(0.85, abs=0.03)
    assert find_rhythm(np.sort(rng.uniform(0, 12, 10)), 12.0) is None


def test_a_missing_beat_does_not_break_the_rhythm() -> None:
    steady = np.delete(np.arange(13) * 0.9 + 0.3, [4, 9])
    assert find_rhythm(steady, 12.0) is not None
