"""A small network that says what a candidate is; trained on made signals only, by `python -m bench.train`."""

import numpy as np
from numpy.typing import NDArray

from detector import weights

CLASSES = ("twitch", "contraction", "pop")


def probabilities(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each of CLASSES, from (..., FEATURES): one hidden layer of tanh, then softmax."""
    scaled = (features - weights.MEAN) / weights.SCALE
    hidden = np.tanh(scaled @ weights.HIDDEN + weights.HIDDEN_BIAS)
    scores = hidden @ weights.OUT + weights.OUT_BIAS
    odds = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=-1, keepdims=True))
