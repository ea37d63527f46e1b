"""Small networks that say what a candidate is; trained on made signals only, by `python -m bench.train`."""

import numpy as np
from numpy.typing import NDArray

from detector import weights

PRIOR = np.array([1.0, 0.3, 0.3, 0.3])  # of each class over that in training: most is rest
CLASSES = ("twitch", "contraction", "pop", "nothing")


def probabilities(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each of CLASSES, from (FEATURES,): layers of tanh, then softmax; the mean of all networks."""
    scaled = ((features - weights.MEAN) / weights.SCALE)[None]
    hidden = np.tanh(scaled @ weights.FIRST + weights.FIRST_BIAS)
    hidden = np.tanh(hidden @ weights.SECOND + weights.SECOND_BIAS)
    odds = np.exp(hidden @ weights.OUT + weights.OUT_BIAS)
    chances = (odds / odds.sum(axis=-1, keepdims=True)).mean(axis=(0, 1)) * PRIOR
    return np.asarray(chances / chances.sum())
