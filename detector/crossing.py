"""How often noise alone looks like a wobble: crossing rates of matched filters, and their thresholds."""

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

Density = Callable[[float], float]


def along_any_direction(score: float) -> float:
    """Density of the power along the best of all directions in three axes of noise, mean power 1 each.

    It is the greater eigenvalue of the 2 x 2 Gram matrix of three complex Gaussians: the real Wishart law
    with three degrees of freedom (Muirhead, Aspects of Multivariate Statistical Theory, 1982, section 3.2).
    """
    return float(2 * np.exp(-score) * (score - 1 + np.exp(-score)))


def along_one_direction(score: float) -> float:
    """Density of the power of one complex Gaussian of mean power 1."""
    return float(np.exp(-score))


def crossing_rate_hz(score: float, density: Density, bandwidth_rad_s: float) -> float:
    """How often a score of that density passes `score` upwards, per second.

    The slope of the score u is normal with variance 2 u bandwidth^2, so this is Rice's formula (Bell Syst.
    Tech. J. 24, 1945).
    """
    return float(density(score) * bandwidth_rad_s * np.sqrt(score / np.pi))


def threshold(false_per_hour: float, density: Density, bandwidth_rad_s: float) -> float:
    """The score that noise alone passes so often an hour."""
    wished_hz = false_per_hour / 3600
    return float(brentq(lambda u: crossing_rate_hz(u, density, bandwidth_rad_s) - wished_hz, 3.0, 100.0))
