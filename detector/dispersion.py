"""How much more counts vary than independent twitches would: their variance over their mean."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

PRIOR_FREEDOM = 2.0  # degrees of freedom lent to the prior: with fewer, Student's t has no usable tail
PRIOR_FLAT = 3.0  # variance over mean before any data: twitches come in twos and threes
PRIOR_SLOPE = 1.0  # its growth with the mean: blocks of one muscle may well differ by 100 %, squared
LAGS = 4  # neighbouring blocks that one spell may reach into


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Variance over mean of block counts, and how well it is known.

    Attributes:
        factor: 1 (independent twitches) or more.
        freedom: Degrees of freedom behind it. Only blocks with a twitch tell of clusters, so only they count.
    """

    factor: NDArray[np.float64]
    freedom: NDArray[np.float64]


def dispersion(counts: NDArray[np.float64], expected: NDArray[np.float64], *, fitted: int = 1) -> Dispersion:
    """The dispersion of block counts around what a model expects of them.

    Pearson's statistic (McCullagh and Nelder, Generalized Linear Models, 2nd ed. 1989, section 9.2), to which
    the products of blocks up to `LAGS` apart are added where they are positive, as spells reach over blocks
    (Newey and West, Econometrica 55, 1987, without their taper, which would leave out part of a spell; each
    product is corrected for the fitted mean, which draws it below zero by the n-th part of the sum). It is
    drawn towards a prior that grows with the mean, as a negative binomial's dispersion does.

    Args:
        counts: Twitches in each block, shape (..., n), blocks in time order along the last axis.
        expected: What the model expects, the same shape; 0 where the block was not observed.
        fitted: Parameters of the model that were fitted to the counts.
    """
    deviation = counts - expected
    residuals = np.divide(deviation, np.sqrt(expected), out=np.zeros_like(expected), where=expected > 0)
    blocks = np.maximum((expected > 0).sum(-1), 1)
    square = (residuals**2).sum(-1)
    for lag in range(1, min(LAGS, counts.shape[-1] - 1) + 1):
        product = (residuals[..., lag:] * residuals[..., :-lag]).sum(-1)
        square = square + np.where(lag < blocks, np.maximum(0.0, 2 * (product + square / blocks)), 0.0)
    told = np.maximum((counts > 0).sum(-1) - fitted, 0)
    prior = PRIOR_FLAT + PRIOR_SLOPE * counts.sum(-1) / blocks
    freedom = PRIOR_FREEDOM + told
    factor = (PRIOR_FREEDOM * prior + told * square / np.maximum(blocks - fitted, 1)) / freedom
    return Dispersion(np.maximum(factor, 1.0), freedom)


def tail(level: float, freedom: float) -> float:
    """The upper quantile to ask of a distribution so that `level` holds though its dispersion is estimated.

    The normal's quantile that lies as far out as Student's t's does.
    """
    return float(special.ndtr(special.stdtrit(freedom, 0.5 + level / 2)))
