"""A small bench: the scenarios for minutes instead of hours, with bars that leave room for that."""

import numpy as np
import pytest

from bench import recordings
from bench.emg import Outcome, detect, twitches
from bench.real import responses
from bench.scenarios import scene_a, scene_b, scene_c, scene_e
from bench.score import match
from bench.units import adjusted_rand_index

SEED = 301  # neither trained nor scored on


@pytest.mark.parametrize(
    ("make", "f1", "false_per_minute"),
    [(scene_a, 0.83, 1.5), (scene_b, 0.81, 1.5), (scene_c, 0.7, 2.5)],
    ids=["noise", "heartbeat", "everything"],
)
def test_planted_twitches_are_found(make: object, f1: float, false_per_minute: float) -> None:
    outcome = Outcome()
    outcome.add(make(SEED, 4.0))
    assert outcome.score.f1 > f1
    assert outcome.score.false_per_minute < false_per_minute
    assert np.median(np.abs(outcome.onset_ms)) <= 2
    assert np.median(np.abs(outcome.duration_ms)) <= 6


@pytest.mark.parametrize("rate_hz", [200.0, 500.0, 1000.0, 2000.0])
def test_noise_makes_hardly_an_event(rate_hz: float) -> None:
    scene = scene_e(SEED, 10.0, rate_hz, ecg=False)
    assert len(twitches(detect(scene.samples, rate_hz))) <= 2


@pytest.mark.recordings
@pytest.mark.skipif(not recordings.available(), reason="the recordings are not here")
def test_evoked_responses_are_found_where_their_authors_found_them() -> None:
    measured = responses().data
    assert measured["found"] >= 0.93
    assert measured["onset_error_ms"] <= 2


def test_matching_is_one_to_one_and_finds_the_most_pairs() -> None:
    pairs = match(np.array([1.0, 1.04]), np.array([1.03, 1.08]))
    assert list(zip(pairs.planted, pairs.found, strict=True)) == [(0, 0), (1, 1)]
    assert len(match(np.array([1.0]), np.array([1.06])).planted) == 0


def test_the_adjusted_rand_index_is_zero_for_chance_and_one_for_the_same() -> None:
    rng = np.random.default_rng(0)
    one = rng.integers(0, 4, 2000)
    assert adjusted_rand_index(one, 3 - one) == pytest.approx(1.0)
    assert adjusted_rand_index(one, rng.integers(0, 4, 2000)) == pytest.approx(0.0, abs=0.01)
