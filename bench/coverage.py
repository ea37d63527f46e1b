"""How often the intervals hold the truth, for twitches that cluster in several ways."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from detector.rate import rate, ratio
from detector.trend import trend

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, Array], Array]

TRIALS = 1000  # one standard error of a coverage of 95 % is 0.7 %
BLOCKS = (6, 12, 24, 60)
MEANS = (0.5, 2.0, 10.0, 50.0)  # twitches a block


def independent(rng: np.random.Generator, mean: Array) -> Array:
    return rng.poisson(mean).astype(float)


def clusters(factor: float) -> Draw:
    """Clusters within a block: variance `factor` times the mean."""
    return lambda rng, mean: rng.negative_binomial(mean / (factor - 1), 1 / factor).astype(float)


def uneven(shape: float) -> Draw:
    """Blocks whose rates differ, gamma distributed."""
    return lambda rng, mean: rng.poisson(rng.gamma(shape, mean / shape)).astype(float)


def spells(size: float, reach: float) -> Draw:
    """Spells of `size` twitches that trail off over `reach` blocks."""

    def draw(rng: np.random.Generator, mean: Array) -> Array:
        lead = int(6 * reach) + 1  # blocks before the first whose spells reach into it
        starts = rng.uniform(-lead, mean.size, rng.poisson(float(mean[0]) * (mean.size + lead) / size))
        sizes = rng.geometric(1 / size, starts.size)
        times = np.repeat(starts, sizes) + rng.exponential(reach, sizes.sum())
        return np.bincount(times[(times >= 0) & (times < mean.size)].astype(int), minlength=mean.size) * 1.0

    return draw


TWITCHING: dict[str, Draw] = {
    "independent (Poisson)": independent,
    "clusters, variance 3 x mean": clusters(3),
    "clusters, variance 10 x mean": clusters(10),
    "uneven blocks, spread 58 % (negative binomial, k 3)": uneven(3),
    "uneven blocks, spread 100 % (k 1)": uneven(1),
    "uneven blocks, spread 141 % (k 0.5)": uneven(0.5),
    "spells of 5, trailing over half a block": spells(5, 0.5),
    "spells of 10, trailing over a whole block": spells(10, 1.0),
}
GROWING = [name for name in TWITCHING if not name.startswith("spells")]


def rate_coverage(draw: Draw, blocks: int, mean: float) -> float:
    """Share of intervals of a rate that hold it."""
    rng = np.random.default_rng([blocks, int(mean * 10)])
    found = [rate(draw(rng, np.full(blocks, mean)), np.ones(blocks)) for _ in range(TRIALS)]
    return float(np.mean([one is not None and one.low <= mean <= one.high for one in found]))


def ratio_coverage(draw: Draw, times: float, blocks: int) -> float:
    """Share of intervals of a ratio of two rates that hold it."""
    rng = np.random.default_rng([blocks, int(times)])
    held = 0
    for _ in range(TRIALS):
        one = rate(draw(rng, np.full(blocks, 10.0 * times)), np.ones(blocks))
        other = rate(draw(rng, np.full(2 * blocks, 10.0)), np.ones(2 * blocks))
        if one and other:
            found = ratio(one, other)
            held += found.low <= times <= found.high
    return held / TRIALS


def trend_coverage(draw: Draw, times_a_week: float, days: int) -> float:
    """Share of intervals of a trend that hold it."""
    rng = np.random.default_rng([days, int(times_a_week * 10)])
    mean = 30 * times_a_week ** (np.arange(days) / 7)
    found = [trend(draw(rng, mean), np.ones(days)) for _ in range(TRIALS)]
    return float(np.mean([one is not None and one.low <= times_a_week <= one.high for one in found]))


def table() -> list[str]:
    """Markdown lines: the lowest coverage of each kind of twitching, by number of blocks."""
    head = " | ".join(f"{blocks} blocks" for blocks in BLOCKS)
    lines = [
        f"| twitching | rate: {head} | ratio of two | trend |",
        "|---" * (len(BLOCKS) + 3) + "|",
    ]
    for name, draw in TWITCHING.items():
        rates = [min(rate_coverage(draw, blocks, mean) for mean in MEANS) for blocks in BLOCKS]
        ratios = min(ratio_coverage(draw, times, blocks) for times in (1, 4) for blocks in (6, 24))
        trends = "-"
        if name in GROWING:
            lowest = min(trend_coverage(draw, times, days) for times in (0.8, 1.0, 1.3) for days in (14, 60))
            trends = f"{lowest:.3f}"
        lines.append(
            "| " + " | ".join([name, *(f"{low:.3f}" for low in rates), f"{ratios:.3f}", trends]) + " |"
        )
    return lines
