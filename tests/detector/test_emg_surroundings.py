"""What must not count as a twitch, and what must although it is unusual."""

import numpy as np
import pytest

from bench.score import match
from bench.signals import burst, hum, noise, pop, potential
from detector.block import Block
from detector.emg import EmgDetector
from detector.event import Findings, Kind, State

RATE_HZ = 1000.0
MINUTE = 60_000


def run(samples: np.ndarray, rate_hz: float = RATE_HZ, **options: object) -> Findings:
    detector = EmgDetector(rate_hz, 1, **options)
    found = detector.update(Block(0, samples[None].astype(np.float32)))
    rest = detector.finish()
    return Findings(found.events + rest.events, found.spans + rest.spans)


def onsets(found: Findings, kind: Kind = Kind.TWITCH) -> np.ndarray:
    return np.array([event.onset for event in found.events if event.kind is kind])


def seconds(found: Findings, state: State) -> float:
    return sum(span.end - span.start for span in found.spans if span.state is state) / RATE_HZ


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_hum_of_either_frequency_hides_no_twitch(mains_hz: float) -> None:
    rng = np.random.default_rng(1)
    samples = noise(rng, MINUTE, RATE_HZ) + hum(rng, MINUTE, RATE_HZ, mains_hz, 20.0)
    planted = np.arange(5000, 55_000, 2500)
    for onset in planted:
        wave = 40 * potential(rng, RATE_HZ)
        samples[onset : onset + len(wave)] += wave
    found = onsets(run(samples))
    assert len(match(planted / RATE_HZ, found / RATE_HZ).planted) >= len(planted) - 1
    assert len(found) <= len(planted) + 1


def test_an_offset_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    samples = noise(rng, MINUTE, RATE_HZ)
    np.testing.assert_array_equal(onsets(run(samples)), onsets(run(samples + 3000.0)))


def test_a_voluntary_contraction_is_movement_and_no_twitch() -> None:
    rng = np.random.default_rng(3)
    samples = noise(rng, MINUTE, RATE_HZ)
    for start in (10_000, 25_000, 40_000):
        samples[start : start + 3000] += burst(rng, RATE_HZ, 3.0, 60.0)
    found = run(samples)
    assert len(onsets(found)) <= 1
    assert 7 < seconds(found, State.MOVEMENT) < 13


def test_a_slipped_electrode_is_an_artefact() -> None:
    rng = np.random.default_rng(4)
    samples = noise(rng, MINUTE, RATE_HZ)
    for start in range(5000, 55_000, 5000):
        samples[start : start + 180] += pop(rng, RATE_HZ)[:180]
    found = run(samples)
    assert len(onsets(found)) <= 1
    assert len(onsets(found, Kind.ARTEFACT)) >= 9


def test_louder_noise_is_learnt_and_makes_no_events() -> None:
    rng = np.random.default_rng(5)
    samples = noise(rng, 2 * MINUTE, RATE_HZ)
    samples[MINUTE:] *= 2.5
    assert len(onsets(run(samples))) <= 1


def test_five_twitches_a_second_are_not_a_contraction() -> None:
    rng = np.random.default_rng(6)
    samples, wave = noise(rng, MINUTE, RATE_HZ), 50 * potential(rng, RATE_HZ)
    planted = np.cumsum(rng.uniform(100, 300, 250)).astype(int)
    for onset in planted:
        samples[onset : onset + len(wave)] += wave
    found = run(samples)
    assert len(match(planted / RATE_HZ, onsets(found) / RATE_HZ).planted) > 0.9 * len(planted)
    assert seconds(found, State.MOVEMENT) < 1


def test_a_flat_line_is_bad_contact_then_not_worn() -> None:
    samples = noise(np.random.default_rng(7), 2 * MINUTE, RATE_HZ)
    samples[20_000:] = 7.0
    found = run(samples)
    assert seconds(found, State.BAD_CONTACT) == pytest.approx(60, abs=1)
    assert seconds(found, State.NOT_WORN) == pytest.approx(40, abs=1)


def test_the_limits_of_the_converter_are_bad_contact() -> None:
    rng = np.random.default_rng(8)
    samples = noise(rng, MINUTE, RATE_HZ)
    samples[20_000:25_000] = rng.choice([-3000.0, 3000.0], 5000)
    found = run(samples, saturation_uv=(-3000.0, 3000.0))
    assert seconds(found, State.BAD_CONTACT) == pytest.approx(5, abs=0.1)
    assert not len(onsets(found))


def test_a_floating_electrode_full_of_hum_is_bad_contact() -> None:
    rng = np.random.default_rng(9)
    samples = noise(rng, MINUTE, RATE_HZ) + hum(rng, MINUTE, RATE_HZ, 50.0, 5.0)
    samples[20_000:40_000] += hum(rng, 20_000, RATE_HZ, 50.0, 900.0)
    assert seconds(run(samples), State.BAD_CONTACT) > 18


def test_a_volley_of_one_unit_is_a_burst() -> None:
    rng = np.random.default_rng(10)
    samples, wave = noise(rng, MINUTE, RATE_HZ), 60 * potential(rng, RATE_HZ, 8.0, 12.0)
    for start in range(5000, 55_000, 2500):
        for onset in range(start, start + 600, 80):
            samples[onset : onset + len(wave)] += wave
    assert (
        len(onsets(run(samples), Kind.BURST)) > 40
    )  # of 160 potentials, the first two of eight are twitches


def test_units_keep_their_numbers_over_a_restart() -> None:
    rng = np.random.default_rng(11)
    samples = noise(rng, MINUTE, RATE_HZ).astype(np.float32)
    waves = [80 * potential(rng, RATE_HZ, 8.0, 9.0), -50 * potential(rng, RATE_HZ, 17.0, 20.0)]
    for number, onset in enumerate(range(4000, 58_000, 700)):
        wave = waves[number % 2]
        samples[onset : onset + len(wave)] += wave.astype(np.float32)
    first = EmgDetector(RATE_HZ, 1)
    events = first.update(Block(0, samples[None, :30_000])).events
    second = EmgDetector(RATE_HZ, 1)
    second.restore(first.state())
    events += second.update(Block(30_000, samples[None, 30_000:])).events
    told = {event.onset // 700 % 2: set() for event in events}
    for event in events:
        told[(event.onset - 3600) // 700 % 2].add(event.unit)
    before = {event.unit for event in events if event.onset < 30_000}
    after = {event.unit for event in events if event.onset >= 30_000}
    assert after <= before
    one, other = (max(units, key=list(units).count) for units in told.values())
    assert one != other
