"""What a candidate is, from what the networks think of it and how sure they have to be."""

import numpy as np
from numpy.typing import NDArray

from detector.activity import Recent
from detector.classify import CLASSES
from detector.surroundings import Company

SURE = 0.5  # least probability of a twitch
SURE_IF_SLOW, SLOW_HZ = 0.92, 400.0  # the same below that rate: too little of a potential is left
SURE_IN_WAKE = 0.9  # the same for four seconds after strong work, in which small units go on
SURE_IN_COMPANY = 0.99  # the same if there were others in the last of these seconds
STRONG = 20.0  # times the resting noise: what such a contraction leaves behind is still to be seen


def verdict(chances: NDArray[np.float64], recent: Recent, company: Company, raw_rate_hz: float) -> str:
    """One of CLASSES: a twitch if that is likely enough, else the likeliest of the others."""
    sure = SURE if raw_rate_hz >= SLOW_HZ else SURE_IF_SLOW
    if recent.moved_s[1] > 0 and recent.loudest[1] > STRONG**2:
        sure = SURE_IN_COMPANY if company.rivals else SURE_IN_WAKE
    return CLASSES[0] if chances[0] >= sure else CLASSES[1 + int(np.argmax(chances[1:]))]
