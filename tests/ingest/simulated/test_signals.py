"""Simulated signals: plausible, seeded, the same however they are read, and honest about what was planted."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal as dsp

from ingest.simulated.accelerometer import NOISE_DENSITY_MG, AccelerometerConditions, AccelerometerSignal
from ingest.simulated.body import Heart, Site
from ingest.simulated.emg import EmgConditions, EmgSignal

QUIET = EmgConditions(mains_uv=0, qrs_uv=0, drift_uv=0, pops_per_min=0, lead_off_per_min=0)


def site(number=0, **rates):
    return Site.simulated((3, number), Heart((3,)), **rates)


def still_site():
    return site(twitches_per_min=0, contractions_per_min=0)


def emg(conditions=None, *, sites=None, seed=3, rate_hz=1000.0):
    return EmgSignal(
        (seed,), sites or [site(), site(1)], conditions=conditions or EmgConditions(), rate_hz=rate_hz
    )


def accelerometer(conditions=None, *, of_site=None, seed=3, rate_hz=200.0):
    return AccelerometerSignal(
        (seed,), of_site or site(), conditions=conditions or AccelerometerConditions(), rate_hz=rate_hz
    )


def band_rms(samples, rate_hz, low_hz, high_hz):
    sos = dsp.butter(4, (low_hz, high_hz), "bandpass", fs=rate_hz, output="sos")
    return np.sqrt(np.mean(dsp.sosfiltfilt(sos, samples, axis=-1) ** 2, axis=-1))


@pytest.mark.parametrize("make", [emg, accelerometer])
@given(cuts=st.lists(st.integers(0, 3000), max_size=8))
@settings(max_examples=20, deadline=None)
def test_the_same_however_it_is_read(make, cuts):
    whole, pieces = make(), make()
    parts = [pieces.read(count) for count in cuts]
    assert np.array_equal(np.concatenate([*parts, pieces.read(10)], axis=1), whole.read(sum(cuts) + 10))
    assert pieces.planted == whole.planted


@pytest.mark.parametrize("make", [emg, accelerometer])
def test_another_seed_is_another_signal(make):
    assert not np.array_equal(make(seed=3).read(1000), make(seed=4).read(1000))


def test_emg_rest_has_the_noise_asked_for():
    samples = emg(QUIET, sites=[still_site()]).read(60_000)
    assert band_rms(samples, 1000, 20, 450)[0] == pytest.approx(5, rel=0.05)


@pytest.mark.parametrize("sensor", NOISE_DENSITY_MG)
def test_an_accelerometer_at_rest_has_its_sensors_noise(sensor):
    conditions = AccelerometerConditions(sensor=sensor, beat_mg=0, knocks_per_min=0)
    measured = accelerometer(conditions, of_site=still_site())
    rms_mg = band_rms(measured.read(20_000), 200, 5, 50)
    assert rms_mg == pytest.approx(np.full(3, measured.noise_mg), rel=0.1)  # the filter's edges take some


def test_an_mpu_6050_is_as_noisy_as_was_measured():
    assert accelerometer(AccelerometerConditions(sensor="MPU-6050")).noise_mg == pytest.approx(2.7, abs=0.05)


def test_gravity_is_one_g_at_rest():
    samples = accelerometer(of_site=still_site()).read(400)
    assert np.linalg.norm(samples.mean(axis=1)) == pytest.approx(1000, abs=1)


def test_mains_stands_out_at_its_frequency_and_third_harmonic():
    conditions = EmgConditions(mains_hz=60, pops_per_min=0, lead_off_per_min=0)
    samples = emg(conditions, sites=[still_site()]).read(30_000)
    frequency_hz, power = dsp.welch(samples[0], 1000, nperseg=2000)
    for harmonic_hz in (60, 180):
        near = np.abs(frequency_hz - harmonic_hz) < 10
        assert frequency_hz[near][power[near].argmax()] == pytest.approx(harmonic_hz, abs=0.5)


def test_the_heart_beats_at_its_rate_at_every_site_at_once():
    samples = emg(
        replace(QUIET, noise_uv=0.1, qrs_uv=40),
        sites=[still_site(), still_site()],
    ).read(60_000)
    beats = [dsp.find_peaks(channel, height=30, distance=200)[0] for channel in samples]
    assert beats[0].size == pytest.approx(68, abs=2)
    assert np.abs(beats[0] - beats[1]).max() <= 2


def test_beats_do_not_depend_on_the_stretch_asked_for():
    heart = Heart((1,))
    halves = [*heart.beats_s(0, 31.7), *heart.beats_s(31.7, 60)]
    assert halves == pytest.approx(heart.beats_s(0, 60), abs=1e-6)


def test_a_contraction_is_told_by_emg_and_movement_alike():
    of_site = site(twitches_per_min=0, contractions_per_min=4)
    contraction = of_site.contractions.between(0, 60)[0]
    middle_s = (contraction.start_s + contraction.end_s) / 2
    potential = emg(QUIET, sites=[of_site]).read(60_000)[0]
    movement = accelerometer(of_site=of_site).read(12_000)
    assert potential[int(middle_s * 1000) + np.arange(-300, 300)].std() > 25
    assert movement[:, int(middle_s * 200) + np.arange(-60, 60)].std(axis=1).max() > 15


def test_a_planted_potential_stands_where_and_as_high_as_its_truth_says():
    conditions = replace(QUIET, snr=(500, 1000))
    measured = emg(conditions, sites=[site(contractions_per_min=0)])
    samples = measured.read(60_000)[0]
    assert len(measured.planted) > 10
    for twitch in measured.planted:
        onset = round(twitch.onset_s * 1000)
        piece = samples[onset : onset + round(twitch.duration_ms) + 1]
        assert np.abs(piece).max() == pytest.approx(twitch.snr * QUIET.noise_uv, rel=0.02)
        assert np.ptp(piece) == pytest.approx(twitch.amplitude, rel=0.02)


def test_a_planted_wobble_stands_where_and_as_high_as_its_truth_says():
    conditions = AccelerometerConditions(sensor="ADXL355", beat_mg=0, knocks_per_min=0, twitch_mg=(20, 40))
    measured = accelerometer(conditions, of_site=site(contractions_per_min=0))
    samples = measured.read(12_000)
    for twitch in measured.planted:
        onset = round(twitch.onset_s * 200)
        piece = samples[:, onset : onset + round(twitch.duration_ms / 5)]
        assert np.linalg.norm(np.ptp(piece, axis=1)) == pytest.approx(twitch.amplitude, rel=0.15)


def test_skin_moves_5_to_40_ms_after_the_potential():
    of_site = site(contractions_per_min=0)
    potentials, movements = emg(QUIET, sites=[of_site]), accelerometer(of_site=of_site)
    potentials.read(120_000)
    movements.read(24_000)
    onsets_s = np.array([twitch.onset_s for twitch in potentials.planted])
    lags_s = [float(np.min(np.abs(onsets_s - twitch.onset_s))) for twitch in movements.planted]
    close = [lag for lag in lags_s if lag < 0.1]
    assert len(close) > 20
    assert min(close) >= 0.002
    assert max(close) <= 0.043


def test_no_twitch_is_planted_near_a_contraction_or_an_electrode_fault():
    of_site = site(contractions_per_min=4, twitches_per_min=60)
    conditions = EmgConditions(pops_per_min=6, lead_off_per_min=1)
    measured = emg(conditions, sites=[of_site])
    measured.read(300_000)
    assert measured.planted
    for twitch in measured.planted:
        end_s = twitch.onset_s + twitch.duration_ms / 1000
        assert not of_site.contractions.between(twitch.onset_s - 0.9, end_s + 0.9)
        assert not measured.contact_off(twitch.onset_s)


def test_an_electrode_that_is_off_shows_it_in_signal_and_contact():
    measured = emg(EmgConditions(lead_off_per_min=2), sites=[still_site()])
    samples = measured.read(120_000)[0]
    off = np.array([measured.contact_off(n / 1000) for n in range(0, 120_000, 100)], dtype=bool)
    level = np.abs(samples).reshape(-1, 100).max(axis=1)
    inside = off[:-1] & off[1:]
    assert inside.any()
    assert level[:-1][inside].min() > 300
    assert level[:-1][~off[:-1] & ~off[1:]].max() < 300


def test_pops_step_and_decay():
    conditions = replace(QUIET, noise_uv=0.1, pops_per_min=6)
    samples = emg(conditions, sites=[still_site()]).read(60_000)[0]
    steps = np.flatnonzero(np.abs(np.diff(samples)) > 50) + 1
    assert 2 <= steps.size <= 15
    for step in steps[:-1]:
        assert samples[step + 30] / samples[step] == pytest.approx(np.exp(-1), abs=0.05)


def test_knocks_move_the_sensor_without_emg():
    conditions = AccelerometerConditions(knocks_per_min=6)
    assert np.ptp(accelerometer(conditions, of_site=still_site()).read(12_000), axis=1).max() > 60
    assert np.ptp(emg(QUIET, sites=[still_site()]).read(60_000)) < 60


@pytest.mark.parametrize("rate_hz", [500.0, 2000.0])
def test_other_rates_plant_the_same_twitches(rate_hz):
    usual, other = emg(QUIET), emg(QUIET, rate_hz=rate_hz)
    usual.read(30_000)
    other.read(round(30 * rate_hz))
    assert [t.onset_s for t in other.planted] == pytest.approx([t.onset_s for t in usual.planted], abs=0.002)
