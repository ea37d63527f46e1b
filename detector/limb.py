"""Periodic limb movements: the rule of the American Academy of Sleep Medicine on bouts of movement."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue
from detector.event import Event, Kind, State

BOUT_S = (0.5, 10.0)  # s, of one movement
INTERVAL_S = (5.0, 90.0)  # s, from one onset to the next
LEAST = 4  # in a row
QUIET_S = 0.5  # s without movement that end a bout
OVERHANG_S = 0.4  # s for which a movement is still seen after its end (`detector.movement` looks back so far)
SAME_POSTURE_MG = 60.0  # mg, four degrees: a sleeper's limb falls back to where it was; lifted, it is held
UNSEEN_S = 0.6  # s that a movement may take to be noticed
POSTURE_S = 1.0  # s of rest that a posture is averaged over


@dataclass(slots=True)
class _Bout:
    onset: int
    last: int  # sample after which nothing moved any more
    lowest_mg: list[float]
    highest_mg: list[float]
    posture_mg: list[float]  # before it
    trembled: bool = False

    @property
    def swing_mg(self) -> float:
        return float(np.linalg.norm(np.subtract(self.highest_mg, self.lowest_mg)))


class LimbWatch:
    """Looks for series of movements. The first three of a series are told with its fourth.

    Args:
        rate_hz: Sampling rate.
        hop_s: Length of a hop.
    """

    def __init__(self, rate_hz: float, hop_s: float) -> None:
        self._rate_hz = rate_hz
        self._share = hop_s / POSTURE_S
        self._unseen_hops = round(UNSEEN_S / hop_s)
        self._recent_mg: list[list[float]] = []
        self._posture_mg = np.full(3, np.nan)
        self._bout: _Bout | None = None
        self._series: list[_Bout] = []
        self._told = False  # whether the series has been told so far

    def restart(self) -> None:
        """The signal has broken off, and with it any series."""
        self._recent_mg = []
        self._posture_mg = np.full(3, np.nan)
        self._bout = None
        self._series, self._told = [], False

    def update(
        self, end: int, mean: NDArray[np.float64], *, moved_since: int | None, trembles: bool, noise_mg: float
    ) -> list[Event]:
        """Take a hop that ends at sample `end`.

        Args:
            end: Number of the sample after it.
            mean: Its mean acceleration, mg.
            moved_since: Sample since which a movement was noticed in this hop, if one was.
            trembles: Whether a tremor is going on.
            noise_mg: Noise of one axis.

        Returns:
            The movements that are known to be periodic by now.
        """
        bout = self._bout
        if bout is None and moved_since is None:
            self._rest(mean)
            return []
        if bout is None:
            known = self._posture_mg if not np.isnan(self._posture_mg[0]) else mean
            since = end if moved_since is None else moved_since
            bout = self._bout = _Bout(since, end, mean.tolist(), mean.tolist(), known.tolist())
        bout.lowest_mg = np.minimum(bout.lowest_mg, mean).tolist()
        bout.highest_mg = np.maximum(bout.highest_mg, mean).tolist()
        bout.trembled |= trembles
        lifted = float(np.linalg.norm(mean - bout.posture_mg)) > SAME_POSTURE_MG
        if moved_since is not None or lifted:
            bout.last = end
        too_long = end - bout.onset > BOUT_S[1] * self._rate_hz
        if end - bout.last < QUIET_S * self._rate_hz and not (lifted and too_long):
            return []
        self._bout = None
        self._recent_mg = [mean.tolist()]
        self._posture_mg = mean
        bout.last -= round(OVERHANG_S * self._rate_hz)
        return self._close(bout, noise_mg, returned=not lifted)

    def _rest(self, mean: NDArray[np.float64]) -> None:
        """Average the posture, the last moments left out: a movement may have begun in them unseen."""
        self._recent_mg.append(mean.tolist())
        if len(self._recent_mg) > self._unseen_hops:
            before = np.array(self._recent_mg.pop(0))
            unknown = np.isnan(self._posture_mg[0])
            step = before if unknown else self._share * (before - self._posture_mg)
            self._posture_mg = step if unknown else self._posture_mg + step

    def _close(self, bout: _Bout, noise_mg: float, *, returned: bool) -> list[Event]:
        duration_s = (bout.last - bout.onset) / self._rate_hz
        if duration_s < BOUT_S[0] or bout.trembled:
            return []
        if duration_s > BOUT_S[1] or not returned:
            self._series, self._told = [], False
            return []
        if self._series:
            interval_s = (bout.onset - self._series[-1].onset) / self._rate_hz
            if interval_s < INTERVAL_S[0]:
                return []
            if interval_s > INTERVAL_S[1]:
                self._series, self._told = [], False
        self._series = [*self._series, bout][-LEAST:]
        if len(self._series) < LEAST:
            return []
        news, self._told = (self._series[-1:] if self._told else self._series), True
        return [self._event(one, noise_mg) for one in news]

    def _event(self, bout: _Bout, noise_mg: float) -> Event:
        return Event(
            channel=0,
            onset=bout.onset,
            duration_ms=(bout.last - bout.onset) / self._rate_hz * 1000,
            amplitude=bout.swing_mg,
            snr=bout.swing_mg / 2 / noise_mg,
            kind=Kind.LIMB_MOVEMENT,
            confidence=0.9,
            state=State.MOVEMENT,
            reason="one of four or more movements in a row, 5-90 s apart, back to the same posture",
        )

    def state(self) -> dict[str, StateValue]:
        return {
            "recent_mg": np.array(self._recent_mg).reshape(-1, 3),
            "posture_mg": self._posture_mg.copy(),
            "bout": None if self._bout is None else list(astuple(self._bout)),
            "series": [list(astuple(one)) for one in self._series],
            "told": self._told,
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._recent_mg = np.asarray(saved["recent_mg"]).tolist()
        self._posture_mg = np.array(saved["posture_mg"], dtype=np.float64)
        self._bout = None if saved["bout"] is None else _Bout(*saved["bout"])
        self._series, self._told = [_Bout(*one) for one in saved["series"]], saved["told"]
