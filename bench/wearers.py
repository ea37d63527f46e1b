"""Made-up wearers for the simulation of persistence: sixty days of minutes, all drawn from a seed.

Every site varies as real twitching does: from day to day, from hour to hour, over the clock, and in clusters
within the minute. What is stationary has the same distribution on every day.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.grid import MinuteGrid, Series

Array = NDArray[np.float64]

DAYS = 60
FIRST_HOUR = 480_000 // 24 * 24  # some midnight, UTC
SITES = (
    Series("gastrocnemius-left", "lumbosacral", "emg"),
    Series("tibialis-anterior-right", "lumbosacral", "emg"),
    Series("biceps-left", "cervical", "emg"),
    Series("first-dorsal-interosseous-right", "cervical", "emg"),
    Series("paraspinal-left", "thoracic", "emg"),
    Series("masseter-right", "bulbar", "emg"),
)
CALVES = slice(0, 2)
DAY_SPREAD = 0.3  # standard deviation of the logarithm of a day's rate
HOUR_SHAPE = 2.0  # of the gamma that an hour's rate follows: it varies by 70 %
CLUSTER = 3.0  # variance over mean within a minute
CLOCK_SWING = 0.4  # more in the evening, less in the morning


@dataclass(frozen=True, slots=True)
class Wearer:
    """Sixty days of one wearer.

    Attributes:
        kind: What is simulated.
        grid: The minutes.
        rate_per_h: The true rate of each site on each day, shape (sites, days).
    """

    kind: str
    grid: MinuteGrid
    rate_per_h: Array


def _usual(rng: np.random.Generator, low_per_h: float, high_per_h: float, sites: int) -> Array:
    """Rates spread evenly on a logarithmic scale, the same on all days: (sites, days)."""
    return np.repeat(np.exp(rng.uniform(np.log(low_per_h), np.log(high_per_h), (sites, 1))), DAYS, axis=1)


def _quiet_with_calves(rng: np.random.Generator) -> Array:
    rate = _usual(rng, 0.3, 3, len(SITES))
    rate[CALVES] = _usual(rng, 20, 180, 2)  # up to 3 a minute, as in the healthy
    return rate


def _worn_nights(rng: np.random.Generator) -> Array:
    """Seconds of rest in each minute: from about eight in the evening to about eight in the morning."""
    rest = np.zeros((DAYS, 1440))
    for day in range(DAYS):
        rest[day, rng.integers(19 * 60, 22 * 60) :] = 0.5  # an evening on the sofa: half of it at rest
        rest[day, : rng.integers(6 * 60, 9 * 60)] = 0.9  # a night
    return np.asarray((rng.random(rest.shape) < rest) * 60.0).reshape(1, -1).repeat(len(SITES), axis=0)


def _counts(rng: np.random.Generator, rate_per_h: Array, rest_s: Array, extra: Array | None = None) -> Array:
    """Twitches in each minute of each site; `extra` multiplies the rate of each hour."""
    day = np.exp(rng.normal(-(DAY_SPREAD**2) / 2, DAY_SPREAD, rate_per_h.shape))
    hour = rng.gamma(HOUR_SHAPE, 1 / HOUR_SHAPE, (len(SITES), DAYS, 24))
    clock = 1 + CLOCK_SWING * np.cos(2 * np.pi * (np.arange(24) - 21) / 24)
    per_h = ((rate_per_h * day)[:, :, None] * hour * clock).reshape(len(SITES), -1)
    if extra is not None:
        per_h = per_h * extra
    mean = np.maximum(per_h.repeat(60, axis=1) * rest_s / 3600, 1e-12)
    return np.asarray(rng.negative_binomial(mean / (CLUSTER - 1), 1 / CLUSTER), dtype=np.float64)


def _wearer(kind: str, rate_per_h: Array, rest_s: Array, counts: Array) -> Wearer:
    count = np.where(rest_s > 0, counts, 0).astype(np.int32)
    rest = rest_s.astype(np.float32)
    return Wearer(kind, MinuteGrid(SITES, FIRST_HOUR, rest, np.zeros_like(rest), count, count), rate_per_h)


def healthy_calves(rng: np.random.Generator) -> Wearer:
    rate, rest_s = _quiet_with_calves(rng), _worn_nights(rng)
    return _wearer("healthy calves", rate, rest_s, _counts(rng, rate, rest_s))


def benign_multi_site(rng: np.random.Generator) -> Wearer:
    rate, rest_s = _usual(rng, 5, 100, len(SITES)), _worn_nights(rng)
    return _wearer("benign multi-site", rate, rest_s, _counts(rng, rate, rest_s))


def after_exercise(rng: np.random.Generator) -> Wearer:
    """Eight workouts, after each of which one muscle twitches six times as much, fading within two days."""
    rate, rest_s = _quiet_with_calves(rng), _worn_nights(rng)
    rate[2] = 15.0  # a muscle that twitches enough for the rise to be seen
    extra = np.ones((len(SITES), DAYS * 24))
    since_h = np.arange(DAYS * 24)
    for workout in rng.choice(DAYS, 8, replace=False) * 24 + 18:
        extra[2] += np.where(since_h >= workout, 5 * np.exp(-(since_h - workout) / 18), 0)
    return _wearer("one site after exercise", rate, rest_s, _counts(rng, rate, rest_s, extra))


def bad_electrodes(rng: np.random.Generator) -> Wearer:
    """One electrode that pops for hours on two days of five, and interference on all sites on one of five."""
    rate, rest_s = _quiet_with_calves(rng), _worn_nights(rng)
    counts = _counts(rng, rate, rest_s)
    rest_s[3] *= rng.random(rest_s.shape[1]) > 0.3  # the rest of its time is bad contact
    for day in np.flatnonzero(rng.random(DAYS) < 0.4):
        start = day * 1440 + rng.integers(0, 1200)
        pops = slice(start, start + rng.integers(60, 300))
        counts[3, pops] += rng.poisson(rng.uniform(20, 200) / 60, counts[3, pops].shape)
    for day in np.flatnonzero(rng.random(DAYS) < 0.2):
        hum = slice(day * 1440, day * 1440 + 240)
        counts[:, hum] += rng.poisson(8, 240) * (rng.random(240) < 0.3)
    return _wearer("bad electrodes", rate, rest_s, counts)


def days_off(rng: np.random.Generator) -> Wearer:
    """Two days of five not worn at all, a week away, and short evenings otherwise."""
    rate, rest_s = _quiet_with_calves(rng), _worn_nights(rng)
    by_day = rest_s.reshape(len(SITES), DAYS, 1440)
    by_day[:, rng.random(DAYS) < 0.4] = 0
    by_day[:, :, 240:1200] = 0
    away = int(rng.integers(10, 50))
    by_day[:, away : away + 7] = 0
    return _wearer("days off", rate, rest_s, _counts(rng, rate, rest_s))


def growing_multi_region(rng: np.random.Generator) -> Wearer:
    """Three sites of three regions grow to 10-40 times their ordinary rate, doubling in 3-7 days."""
    rate, rest_s = _quiet_with_calves(rng), _worn_nights(rng)
    growing = [1, 2, 4]
    rate[growing] = _usual(rng, 4, 20, 3)
    day = np.arange(DAYS)
    growth = np.exp2((day - rng.uniform(15, 25)) / rng.uniform(3, 7, (3, 1)))
    rate[growing] *= np.clip(growth, 1, rng.uniform(10, 40, (3, 1)))
    return _wearer("growing multi-region", rate, rest_s, _counts(rng, rate, rest_s))


KINDS: dict[Callable[[np.random.Generator], Wearer], int] = {
    healthy_calves: 30,
    benign_multi_site: 30,
    after_exercise: 30,
    bad_electrodes: 30,
    days_off: 30,
    growing_multi_region: 50,
}
