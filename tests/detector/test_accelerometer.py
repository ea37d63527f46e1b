"""What the accelerometer detector finds, and what it does not take for a twitch."""

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from detector.accelerometer import AccelerometerDetector
from detector.block import Block
from detector.event import Event, Findings, Kind, Span, State
from detector.wearing import Wearing

RATE_HZ = 200.0
NOISE_MG = 0.9  # each axis, rms over the whole band: an LSM6DS3 at 200 Hz
RECORDINGS = Path(os.environ.get("FASCIWATCH_RECORDINGS", Path(__file__).parents[3] / "shared/recordings"))


def stillness(seconds: float, *, seed: int = 1, rate_hz: float = RATE_HZ) -> NDArray[np.float32]:
    gravity = np.array([[100.0], [-300.0], [948.0]])
    noise = np.random.default_rng(seed).normal(0, NOISE_MG, (3, round(seconds * rate_hz)))
    return (gravity + noise).astype(np.float32)


def wobble(
    amplitude_mg: float, *, frequency_hz: float = 15.0, duration_s: float = 0.2, rate_hz: float = RATE_HZ
) -> NDArray[np.float64]:
    time_s = np.arange(round(duration_s * rate_hz)) / rate_hz
    wave = np.exp(-3 * time_s / duration_s) * np.sin(2 * np.pi * frequency_hz * time_s)
    return amplitude_mg * wave / np.ptp(wave)


def lay(
    samples: NDArray[np.float32],
    at_s: float,
    wave: NDArray[np.float64],
    *,
    axis: int = 2,
    rate_hz: float = RATE_HZ,
) -> None:
    """Add `wave` to one axis from `at_s` on, in place."""
    start = round(at_s * rate_hz)
    samples[axis, start : start + wave.size] += wave.astype(np.float32)


def detect(
    samples: NDArray[np.float32], *, rate_hz: float = RATE_HZ, cuts: list[int] | None = None
) -> Findings:
    detector = AccelerometerDetector(rate_hz)
    edges = [0, *(cuts or []), samples.shape[1]]
    pieces = [Block(start, samples[:, start:end]) for start, end in pairwise(edges)]
    return joined([*(detector.update(piece) for piece in pieces), detector.finish()])


def joined(parts: list[Findings]) -> Findings:
    return Findings(
        [event for part in parts for event in part.events], [span for part in parts for span in part.spans]
    )


def onsets_s(findings: Findings, kind: Kind = Kind.TWITCH, rate_hz: float = RATE_HZ) -> list[float]:
    return [event.onset / rate_hz for event in findings.events if event.kind is kind]


def seconds(findings: Findings, state: State, rate_hz: float = RATE_HZ) -> float:
    return sum(span.end - span.start for span in findings.spans if span.state is state) / rate_hz


def lift(duration_s: float) -> NDArray[np.float64]:
    """A foot that bends up and falls back: 150 mg."""
    place_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    inside = np.minimum(place_s, duration_s - place_s) / 0.25
    return 150 * (0.5 - 0.5 * np.cos(np.pi * np.clip(inside, 0, 1)))


def rest_of(minutes: int, *, breath_mg: float = 0.0) -> Wearing:
    """A sensor at rest, its hops of 8 samples averaged."""
    wearing = Wearing(8, 0.04)
    rng = np.random.default_rng(2)
    hops = np.arange(minutes * 60 * 25)
    means = rng.normal(0, NOISE_MG / np.sqrt(8), (hops.size, 3))
    means[:, 0] += breath_mg * np.sin(2 * np.pi * 0.25 * hops * 0.04)
    for mean in means:
        wearing.update(mean, NOISE_MG)
    return wearing


def busy_minute() -> NDArray[np.float32]:
    """A minute with twitches, a movement, a knock, a tremor, a frozen sensor and NaN."""
    samples = stillness(60)
    for at_s in (8, 9.5, 14, 30):
        lay(samples, at_s, wobble(15))
    time_s = np.arange(600) / RATE_HZ
    lay(samples, 20, 200 * np.sin(2 * np.pi * 1.5 * time_s), axis=0)
    lay(samples, 34, wobble(200, frequency_hz=55, duration_s=0.04))
    lay(samples, 50, 40 * np.sin(2 * np.pi * 5 * np.arange(5 * 200) / RATE_HZ), axis=1)
    samples[:, 8000:8400] = samples[:, 8000:8001]
    samples[1, 9000:9003] = np.nan
    return samples


class TestTwitches:
    @pytest.mark.parametrize("rate_hz", [50.0, 100.0, 200.0, 416.0, 1000.0])
    def test_a_visible_twitch_is_found_at_its_onset_at_any_rate(self, rate_hz: float) -> None:
        samples = stillness(20, rate_hz=rate_hz)
        lay(samples, 10, wobble(20, rate_hz=rate_hz), rate_hz=rate_hz)
        assert onsets_s(detect(samples, rate_hz=rate_hz), rate_hz=rate_hz) == pytest.approx([10.0], abs=0.03)

    def test_of_many_twitches_of_five_noise_floors_nearly_all_are_found_and_nothing_else(self) -> None:
        rng = np.random.default_rng(7)
        samples = stillness(320)
        planted_s = 5 + np.cumsum(0.7 + rng.exponential(0.8, 180))
        for at_s in planted_s:
            shape = {"frequency_hz": rng.uniform(10, 25), "duration_s": rng.uniform(0.05, 0.35)}
            lay(samples, at_s, wobble(rng.uniform(6, 40), **shape), axis=int(rng.integers(3)))
        found_s = np.array(onsets_s(detect(samples)))
        hits = sum(bool((np.abs(found_s - at_s) <= 0.05).any()) for at_s in planted_s)
        assert hits >= 0.95 * planted_s.size
        assert found_s.size - hits <= 0.05 * found_s.size

    def test_what_it_measures_is_what_was_laid(self) -> None:
        samples = stillness(20)
        lay(samples, 10, wobble(30, duration_s=0.25))
        (event,) = detect(samples).events
        assert event.amplitude == pytest.approx(30, rel=0.15)
        assert event.duration_ms == pytest.approx(210, abs=60)  # until a tenth of the peak is left
        assert event.state is State.REST
        assert event.confidence > 0.9

    def test_it_is_told_within_a_fifth_of_a_second_of_its_end(self) -> None:
        samples = stillness(20)
        lay(samples, 10, wobble(20))
        detector = AccelerometerDetector(RATE_HZ)
        for start in range(0, 4000, 2):
            events = detector.update(Block(start, samples[:, start : start + 2])).events
            if events:
                assert start + 2 <= events[0].onset + (events[0].duration_ms / 1000 + 0.2) * RATE_HZ
                return
        pytest.fail("the twitch was not told")

    def test_noise_alone_makes_hardly_an_event(self) -> None:
        assert len(detect(stillness(600, seed=3)).events) <= 2


class TestNotTwitches:
    def test_walking_is_movement(self) -> None:
        samples = stillness(60)
        time_s = np.arange(40 * 200) / RATE_HZ
        for harmonic, share_mg in ((1, 250), (2, 120), (3, 60), (5, 25)):
            lay(samples, 10, share_mg * np.sin(2 * np.pi * 1.9 * harmonic * time_s + harmonic))
        findings = detect(samples)
        assert onsets_s(findings) == []
        assert 39 <= seconds(findings, State.MOVEMENT) <= 43

    def test_turning_the_limb_is_movement(self) -> None:
        samples = stillness(30)
        turn = 0.5 - 0.5 * np.cos(np.pi * np.minimum(np.arange(15 * 200) / 300, 1))
        lay(samples, 15, -700 * turn)
        lay(samples, 15, 600 * turn, axis=0)
        findings = detect(samples)
        assert findings.events == []
        assert 1 <= seconds(findings, State.MOVEMENT) <= 4

    def test_breathing_under_the_sensor_is_rest(self) -> None:
        samples = stillness(60)
        lay(samples, 0, 50 * np.sin(2 * np.pi * 0.25 * np.arange(samples.shape[1]) / RATE_HZ), axis=0)
        findings = detect(samples)
        assert findings.events == []
        assert seconds(findings, State.MOVEMENT) == 0

    def test_a_knock_is_an_artefact(self) -> None:
        samples = stillness(20)
        lay(samples, 10, wobble(150, frequency_hz=55, duration_s=0.04))
        (event,) = detect(samples).events
        assert event.kind is Kind.ARTEFACT
        assert event.reason.startswith("knock")

    def test_a_jerk_larger_than_any_twitch_is_myoclonus(self) -> None:
        samples = stillness(20)
        lay(samples, 10, wobble(400, frequency_hz=8, duration_s=0.25))
        assert [event.kind for event in detect(samples).events] == [Kind.MYOCLONUS]

    @pytest.mark.recordings
    @pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not here")
    def test_a_wrist_in_daily_life_mostly_moves(self) -> None:
        with np.load(RECORDINGS / "paradigma-wrist-imu.npz") as recording:
            findings = detect(recording["x"].T, rate_hz=float(recording["fs_hz"]))
        assert seconds(findings, State.MOVEMENT, 100) > 8 * 60
        assert len(onsets_s(findings)) <= 20  # of several hundred movements in twelve minutes


class TestRhythms:
    def test_a_tremor_is_one_event_and_none_of_its_swings_a_twitch(self) -> None:
        samples = stillness(30)
        time_s = np.arange(8 * 200) / RATE_HZ
        lay(samples, 10, 40 * np.sin(2 * np.pi * 5 * time_s), axis=1)
        (event,) = detect(samples).events
        assert event.kind is Kind.TREMOR
        assert event.onset / RATE_HZ == pytest.approx(10, abs=0.5)
        assert event.duration_ms == pytest.approx(8000, abs=1000)
        assert "5.1 Hz" in event.reason  # found to 0.2 Hz

    def test_two_seconds_of_swinging_are_no_tremor(self) -> None:
        samples = stillness(30)
        lay(samples, 10, 40 * np.sin(2 * np.pi * 5 * np.arange(2 * 200) / RATE_HZ), axis=1)
        assert detect(samples).events == []

    @pytest.mark.parametrize(("count", "told"), [(3, 0), (4, 4), (6, 6)])
    def test_four_limb_movements_in_a_row_are_periodic(self, count: int, told: int) -> None:
        samples = stillness(200)
        starts_s = [10.0 + 25 * number for number in range(count)]
        for start_s in starts_s:
            lay(samples, start_s, lift(2.0), axis=0)
        found_s = onsets_s(detect(samples), Kind.LIMB_MOVEMENT)
        assert found_s == pytest.approx(starts_s[:told], abs=0.4)

    def test_limb_movements_too_far_apart_are_not_periodic(self) -> None:
        samples = stillness(420)
        for start_s in (10, 110, 210, 310):
            lay(samples, start_s, lift(2.0), axis=0)
        assert onsets_s(detect(samples), Kind.LIMB_MOVEMENT) == []

    def test_a_heartbeat_under_a_sensitive_sensor_is_not_a_twitch(self) -> None:
        rng = np.random.default_rng(4)
        samples = (stillness(120).mean(axis=1, keepdims=True) + rng.normal(0, 0.22, (3, 24000))).astype(
            np.float32
        )
        for beat_s in np.cumsum(rng.normal(0.9, 0.03, 125)):
            lay(samples, 1 + beat_s, wobble(1.5, frequency_hz=9, duration_s=0.25))
        lay(samples, 100, wobble(8))
        found_s = np.array(onsets_s(detect(samples)))
        assert np.abs(found_s - 100).min() < 0.05
        assert (found_s > 15).sum() <= 2  # it takes some seconds to know the beat

    def test_a_strong_heartbeat_under_the_sensor_is_known_by_its_rhythm(self) -> None:
        samples, rng = stillness(120), np.random.default_rng(8)
        for beat_s in np.cumsum(rng.normal(0.9, 0.03, 125)):
            lay(samples, 1 + beat_s, wobble(10, frequency_hz=9, duration_s=0.25))
        lay(samples, 100.3, wobble(40))
        found_s = np.array(onsets_s(detect(samples)))
        assert np.abs(found_s - 100.3).min() < 0.05
        assert (found_s > 15).sum() <= 3

    def test_dense_irregular_twitching_is_not_taken_for_a_heartbeat(self) -> None:
        samples, rng = stillness(120), np.random.default_rng(9)
        planted_s = 5 + np.cumsum(0.5 + rng.exponential(0.5, 105))
        for at_s in planted_s:
            lay(samples, at_s, wobble(rng.uniform(8, 20)))
        assert len(onsets_s(detect(samples))) >= 0.9 * planted_s.size


class TestWearing:
    def test_a_sensor_that_has_shown_no_life_for_an_hour_is_not_worn(self) -> None:
        assert not rest_of(minutes=59).is_off
        assert rest_of(minutes=61).is_off

    def test_a_body_that_only_breathes_wears_it(self) -> None:
        assert not rest_of(minutes=70, breath_mg=2.0).is_off

    def test_whoever_moves_it_wears_it(self) -> None:
        wearing = rest_of(minutes=61)
        wearing.live()
        assert not wearing.is_off


class TestStates:
    def test_spans_cover_the_signal_without_hole_or_overlap(self) -> None:
        samples = busy_minute()
        spans = detect(samples).spans
        assert [span.start for span in spans] == [0, *(span.end for span in spans[:-1])]
        assert spans[-1].end == samples.shape[1]

    def test_a_gap_is_missing_to_the_sample(self) -> None:
        samples = stillness(20)
        detector = AccelerometerDetector(RATE_HZ)
        parts = [
            detector.update(Block(0, samples[:, :1003])),
            detector.update(Block(1777, samples[:, 1777:])),
        ]
        spans = joined([*parts, detector.finish()]).spans
        assert [(span.start, span.end) for span in spans if span.state is State.MISSING] == [(1003, 1777)]

    def test_a_wobble_cut_by_a_gap_is_not_told(self) -> None:
        samples = stillness(20)
        lay(samples, 10, wobble(40))
        detector = AccelerometerDetector(RATE_HZ)
        parts = [
            detector.update(Block(0, samples[:, :2010])),
            detector.update(Block(2015, samples[:, 2015:])),
        ]
        assert joined([*parts, detector.finish()]).events == []

    def test_not_a_number_is_bad_contact(self) -> None:
        samples = stillness(20)
        samples[2, 2000] = np.nan
        assert _state_at(detect(samples), 2000) is State.BAD_CONTACT

    def test_an_axis_that_never_changes_is_bad_contact(self) -> None:
        samples = stillness(20)
        samples[0, 2000:2600] = 100
        findings = detect(samples)
        assert _state_at(findings, 2100) is State.BAD_CONTACT
        assert _state_at(findings, 2500) is State.BAD_CONTACT
        assert _state_at(findings, 3000) is State.REST

    def test_a_value_at_the_end_of_the_range_is_bad_contact(self) -> None:
        samples = stillness(20)
        samples[2, 2000] = 2000
        detector = AccelerometerDetector(RATE_HZ, saturation_mg=(-2000.0, 2000.0))
        findings = joined([detector.update(Block(0, samples)), detector.finish()])
        assert _state_at(findings, 2000) is State.BAD_CONTACT

    def test_the_noise_floor_is_the_sensors(self) -> None:
        span = detect(stillness(60)).spans[-1]
        assert span.noise_floor == pytest.approx(NOISE_MG * np.sqrt(45 / 100), rel=0.1)


class TestContract:
    @settings(max_examples=6, deadline=None)
    @given(cuts=st.lists(st.integers(1, 11999), max_size=12, unique=True))
    def test_findings_do_not_depend_on_how_the_signal_was_cut(self, cuts: list[int]) -> None:
        samples = busy_minute()
        _assert_same(detect(samples, cuts=sorted(cuts)), detect(samples))

    def test_one_sample_at_a_time_finds_the_same(self) -> None:
        samples = busy_minute()[:, :4000]
        _assert_same(detect(samples, cuts=list(range(1, 4000))), detect(samples))

    @settings(max_examples=6, deadline=None)
    @given(at=st.integers(1, 11999))
    def test_a_restored_detector_goes_on_as_if_nothing_had_been(self, at: int) -> None:
        samples = busy_minute()
        before, after = AccelerometerDetector(RATE_HZ), AccelerometerDetector(RATE_HZ)
        first = before.update(Block(0, samples[:, :at]))
        after.restore(before.state())
        rest = [after.update(Block(at, samples[:, at:])), after.finish()]
        _assert_same(joined([first, *rest]), detect(samples))

    def test_a_state_of_another_version_is_refused(self) -> None:
        with pytest.raises(ValueError, match="100 Hz"):
            AccelerometerDetector(RATE_HZ).restore(AccelerometerDetector(100.0).state())

    @settings(max_examples=30, deadline=None)
    @given(samples=arrays(np.float32, (3, 400), elements=st.floats(width=32, allow_infinity=True)))
    def test_any_input_is_accepted(self, samples: NDArray[np.float32]) -> None:
        spans = detect(samples).spans
        assert sum(span.end - span.start for span in spans) == 400

    def test_a_block_from_the_past_is_refused(self) -> None:
        detector = AccelerometerDetector(RATE_HZ)
        detector.update(Block(100, stillness(1)))
        with pytest.raises(ValueError, match="sample 250 came when sample 300 was due"):
            detector.update(Block(250, stillness(1)))

    def test_other_than_three_axes_are_refused(self) -> None:
        with pytest.raises(ValueError, match="3 axes, not 2"):
            AccelerometerDetector(RATE_HZ).update(Block(0, stillness(1)[:2]))

    @pytest.mark.parametrize("rate_hz", [0.0, 49.0, 1001.0, float("nan")])
    def test_a_rate_outside_its_range_is_refused(self, rate_hz: float) -> None:
        with pytest.raises(ValueError, match="50 to 1000 Hz"):
            AccelerometerDetector(rate_hz)


def _state_at(findings: Findings, sample: int) -> State:
    (state,) = [span.state for span in findings.spans if span.start <= sample < span.end]
    return state


def _assert_same(one: Findings, other: Findings) -> None:
    assert _plain(one.events) == _plain(other.events)
    assert _plain(one.spans) == _plain(other.spans)


def _plain(things: list[Event] | list[Span]) -> list[str]:
    return [repr(thing) for thing in things]  # as text, NaN equals itself
