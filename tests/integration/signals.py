"""A made signal that the real service is given."""

import numpy as np

from ingest.recording import Recording
from ingest.simulated.body import Heart, Site
from ingest.simulated.emg import EmgSignal

SITES = ("biceps-left", "biceps-right")


def synthetic(seconds: float, seed: int = 4) -> Recording:
    """Two muscles of one body, in whole uV: exact on the wire."""
    heart = Heart((seed, "heart"))
    bodies = [Site.simulated((seed, site), heart) for site in SITES]
    samples = np.rint(EmgSignal((seed,), bodies).read(int(seconds * 1000)))
    return Recording("synthetic", samples, 1000.0, "emg", "uV", SITES, {})
