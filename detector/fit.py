"""Which waveform explains a candidate best: a twitch of which length, or a slipped electrode."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.filters import respond, thinning
from detector.waveforms import decay, twitch

TWITCH_MS = np.geomspace(6.0, 64.0, 12)  # finer and wider than the bank: only candidates are fitted
FORMS: tuple[dict[str, float], ...] = (
    {},
    {"lean": -0.6},
    {"lean": 0.6},
    {"skew": 0.65},
    {"skew": 1.5},
)
DECAY_MS = (4.0, 8.0, 15.0, 30.0, 60.0, 150.0)  # how fast an electrode's voltage settles after it slipped
LENGTH_MS = 90.0  # of a template: the longest potential and the filters' ringing
REACH_MS = 25.0  # either way from where the bank saw it


@dataclass(frozen=True, slots=True)
class Fit:
    """The best twitch and how it compares.

    Attributes:
        onset: Where it begins, samples from where the bank saw the candidate begin.
        length: Samples until it ends.
        match: Correlation with the unit-energy twitch: the root of the energy it explains, uV.
        pop: The same for the best slipped electrode.
        explained: Share of the energy around it that the twitch explains.
    """

    onset: int
    length: int
    match: float
    pop: float
    explained: float


class Fitter:
    """Templates of one rate."""

    def __init__(self, raw_rate_hz: float) -> None:
        rate_hz = raw_rate_hz / thinning(raw_rate_hz)
        self.reach = max(1, round(REACH_MS * rate_hz / 1000))
        self.length = round(LENGTH_MS * rate_hz / 1000)
        raw_length = self.length * thinning(raw_rate_hz)
        twitches = [
            twitch(ms, phases, raw_rate_hz, raw_length, **form)
            for ms in TWITCH_MS
            for phases in (2, 3)
            for form in FORMS
        ]
        pops = [decay(ms, raw_rate_hz, raw_length) for ms in DECAY_MS]
        passed = respond(np.array(twitches + pops), raw_rate_hz)
        passed /= np.linalg.norm(passed, axis=1, keepdims=True)
        self._templates = passed.astype(np.float32)
        self._count = len(twitches)
        lengths = np.repeat(TWITCH_MS, 2 * len(FORMS)) * rate_hz / 1000
        self._windows = np.arange(self.length)[:, None] + np.arange(2 * self.reach + 1)
        self._lengths = np.maximum(2, np.round(lengths)).astype(int)

    def fit(self, around: NDArray[np.float64], at: int) -> Fit:
        """Fit the signal `around`, of which the bank says that a candidate begins at index `at`."""
        near = around[at - self.reach : at + self.reach + self.length]
        matches = np.abs(self._templates @ near.astype(np.float32)[self._windows])
        best, shift = divmod(int(np.argmax(matches[: self._count])), matches.shape[1])
        power, length = float(matches[best, shift]), int(self._lengths[best])
        window = near[shift : shift + min(2 * length, self.length)]
        return Fit(
            onset=shift - self.reach,
            length=length,
            match=power,
            pop=float(matches[self._count :].max()),
            explained=min(1.0, power**2 / max(float(window @ window), 1e-30)),
        )


@lru_cache(maxsize=8)
def fitter(raw_rate_hz: float) -> Fitter:
    """The templates for a stream of that rate; made once."""
    return Fitter(raw_rate_hz)
