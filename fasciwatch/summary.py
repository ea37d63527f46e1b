"""What the demo's detector made of the planted twitches."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ingest.schema import EventRow
from ingest.simulated.measurement import Planted

TOLERANCE_S = 0.05  # between a planted and a found onset
CLEAR_SNR = 5.0  # of a planted twitch that should be found; below it, noise may hide it


@dataclass(frozen=True, slots=True)
class Score:
    """One site's result.

    Attributes:
        planted: Twitches planted with an SNR of `CLEAR_SNR` and more.
        found: Those of them that were found.
        fainter: Planted twitches below that SNR.
        fainter_found: Those of them that were found.
        false: Findings where nothing was planted.
        delays_ms: From the end of each planted twitch that was found to its row in the journal.
    """

    planted: int
    found: int
    fainter: int
    fainter_found: int
    false: int
    delays_ms: tuple[float, ...]

    @property
    def recall(self) -> float:
        return self.found / self.planted if self.planted else float("nan")

    @property
    def precision(self) -> float:
        right = self.found + self.fainter_found
        return right / (right + self.false) if right + self.false else float("nan")

    def __add__(self, other: "Score") -> "Score":
        """Both together."""
        return Score(
            self.planted + other.planted,
            self.found + other.found,
            self.fainter + other.fainter,
            self.fainter_found + other.fainter_found,
            self.false + other.false,
            self.delays_ms + other.delays_ms,
        )


NOTHING = Score(0, 0, 0, 0, 0, ())


def score(
    planted: Sequence[Planted], events: Sequence[EventRow], *, rate_hz: float, powered_ns: int
) -> Score:
    """Hold the twitches found at one site against those planted there, one to one.

    Args:
        planted: The truth.
        events: Found at the site by one kind of sensor; those that are no twitch are left out.
        rate_hz: Of the stream: its first sample is time 0 of the truth.
        powered_ns: When that was, UTC.
    """
    found = sorted((e for e in events if e.kind == "twitch"), key=lambda e: e.onset_sample)
    onsets_s = np.array([event.onset_sample / rate_hz for event in found])
    free = np.ones(len(found), bool)
    hits: dict[bool, int] = {True: 0, False: 0}
    clear = sum(twitch.snr >= CLEAR_SNR for twitch in planted)
    delays_ms = []
    for twitch in sorted(planted, key=lambda twitch: twitch.onset_s):
        apart_s = np.where(free, np.abs(onsets_s - twitch.onset_s), np.inf)
        if not found or apart_s.min() > TOLERANCE_S:
            continue
        nearest = int(apart_s.argmin())
        free[nearest] = False
        hits[twitch.snr >= CLEAR_SNR] += 1
        end_ns = powered_ns + twitch.onset_s * 1e9 + twitch.duration_ms * 1e6
        delays_ms.append((found[nearest].recorded_ns - end_ns) / 1e6)
    return Score(clear, hits[True], len(planted) - clear, hits[False], int(free.sum()), tuple(delays_ms))
