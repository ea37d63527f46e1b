"""Device time to UTC: right to a few milliseconds, honest about how right."""

import numpy as np
import pytest

from ingest.clock import DeviceClock

START_NS = 1_800_000_000_000_000_000
FRAME_US = 28_000


def run_clock(
    *,
    seconds: float,
    drift_ppm: float,
    jitter_ms: float,
    seed: int = 1,
    clock: DeviceClock | None = None,
    from_s: float = 0.0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Feed a clock; return device time (s), error (ms) and stated uncertainty (ms) at each message."""
    clock = clock or DeviceClock()
    rng = np.random.default_rng(seed)
    told = []
    for device_us in range(int(from_s * 1e6), int((from_s + seconds) * 1e6), FRAME_US):
        true_ns = START_NS + round(device_us * 1000 / (1 + drift_ppm * 1e-6))
        late_ns = int(300_000 + rng.exponential(jitter_ms * 1e6 / 5)) if jitter_ms else 300_000
        clock.observe(device_us, true_ns + min(late_ns, int(jitter_ms * 1e6) + 300_000))
        told.append((device_us / 1e6, (clock.to_utc_ns(device_us) - true_ns) / 1e6,
                     clock.uncertainty_ns(device_us) / 1e6))  # fmt: skip
    columns = np.array(told).T
    return columns[0], columns[1], columns[2]


@pytest.mark.parametrize("drift_ppm", [-100, 0, 100])
@pytest.mark.parametrize("jitter_ms", [0, 20, 500])
def test_times_are_right_and_the_uncertainty_covers_the_truth(drift_ppm: float, jitter_ms: float) -> None:
    at_s, error_ms, uncertainty_ms = run_clock(seconds=300, drift_ppm=drift_ppm, jitter_ms=jitter_ms)
    first_minute = at_s < 60
    assert np.percentile(np.abs(error_ms[first_minute & (at_s > 1)]), 99) <= 20
    assert np.percentile(np.abs(error_ms[~first_minute]), 99) <= 5
    assert np.mean(np.abs(error_ms) <= uncertainty_ms) >= 0.99


def test_several_sensors_agree_on_what_is_the_same_instant() -> None:
    sensors = [(-100, 500), (-50, 20), (0, 0), (30, 100), (70, 500), (100, 20)]
    runs = [
        run_clock(seconds=300, drift_ppm=drift_ppm, jitter_ms=jitter_ms, seed=seed)
        for seed, (drift_ppm, jitter_ms) in enumerate(sensors)
    ]
    steady = runs[0][0] >= 60
    error_ms = np.array([error for _, error, _ in runs])[:, steady]
    assert np.percentile(np.ptp(error_ms, axis=0), 99) <= 10


@pytest.mark.parametrize("drift_ppm", [-100, 100])
@pytest.mark.parametrize("hours", [0.1, 1, 8])
def test_after_the_host_was_suspended_times_are_right_at_once(drift_ppm: float, hours: float) -> None:
    clock = DeviceClock()
    run_clock(seconds=300, drift_ppm=drift_ppm, jitter_ms=20, clock=clock)
    _, error_ms, uncertainty_ms = run_clock(
        seconds=120, drift_ppm=drift_ppm, jitter_ms=20, clock=clock, seed=2, from_s=300 + 3600 * hours
    )
    assert np.percentile(np.abs(error_ms), 99) <= 20
    assert np.mean(np.abs(error_ms) <= uncertainty_ms) >= 0.99


def test_the_drift_of_the_crystal_is_found() -> None:
    clock = DeviceClock()
    run_clock(seconds=120, drift_ppm=80, jitter_ms=20, clock=clock)
    assert clock.drift_ppm == pytest.approx(80, abs=5)


def test_time_never_runs_backwards() -> None:
    clock = DeviceClock()
    rng = np.random.default_rng(3)
    told = []
    for device_us in range(0, 60_000_000, FRAME_US):
        late_ns = int(rng.exponential(200e6))
        clock.observe(device_us, START_NS + device_us * 1000 + late_ns)
        told.append(clock.to_utc_ns(device_us))
    assert np.all(np.diff(told) >= 0)


def test_messages_older_than_the_newest_do_not_move_the_clock() -> None:
    clock = DeviceClock()
    clock.observe(1_000_000, START_NS)
    clock.observe(500_000, START_NS - 10_000_000_000)
    assert clock.to_utc_ns(1_000_000) == START_NS


@pytest.mark.parametrize("step_s", [-3600, 3600])
def test_a_step_of_the_hosts_clock_moves_what_comes_and_keeps_the_fit(step_s: int) -> None:
    clock = DeviceClock()
    run_clock(seconds=60, drift_ppm=50, jitter_ms=20, clock=clock)
    before_ns = clock.to_utc_ns(61_000_000)
    clock.host_stepped(step_s * 10**9)
    assert clock.to_utc_ns(61_000_000) - before_ns == step_s * 10**9


def test_a_restored_clock_tells_the_same_time() -> None:
    clock, again = DeviceClock(), DeviceClock()
    run_clock(seconds=100, drift_ppm=50, jitter_ms=20, clock=clock)
    again.restore(clock.state())
    assert again.to_utc_ns(101_000_000) == clock.to_utc_ns(101_000_000)
    assert again.uncertainty_ns(101_000_000) == clock.uncertainty_ns(101_000_000)
    assert again.drift_ppm == clock.drift_ppm


def test_before_any_message_there_is_no_time() -> None:
    with pytest.raises(ValueError, match="no message"):
        DeviceClock().to_utc_ns(5)


@pytest.mark.parametrize("drift_ppm", [-3000, 1000, 3000])
def test_a_clock_beyond_what_a_crystal_does_is_told_and_its_times_become_uncertain(drift_ppm: float) -> None:
    clock = DeviceClock()
    _, error_ms, uncertainty_ms = run_clock(seconds=300, drift_ppm=drift_ppm, jitter_ms=20, clock=clock)
    assert clock.drift_ppm == pytest.approx(drift_ppm, rel=0.1)
    assert np.mean(np.abs(error_ms) <= uncertainty_ms) >= 0.85  # not while the first half minute is observed
