"""Grouped, rhythmic discharges of one motor unit (myokymia), as against single twitches."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from detector.contract import StateValue
from detector.event import Kind
from detector.finding import Finding

LONGEST_GAP_S = 0.11  # within a volley a unit fires at 10 a second and more; alone hardly ever
EVEN = 0.35  # of the longer of two gaps in a row: so much they may differ and still be a rhythm


class Volley:
    """Follows the twitches of one channel; the third in a row at even gaps is one of a volley."""

    def __init__(self, rate_hz: float) -> None:
        self._longest_gap = LONGEST_GAP_S * rate_hz
        self.interrupt()

    def interrupt(self) -> None:
        self._recent: list[tuple[int, int | None]] = []

    def extend(self, twitch: Finding) -> Finding:
        """The next twitch, as one of a volley if it is one."""
        self._recent = [*self._recent[-2:], (twitch.onset, twitch.unit)]
        if len(self._recent) < 3 or len({unit for _, unit in self._recent}) > 1:
            return twitch
        first, second, third = (onset for onset, _ in self._recent)
        gaps = second - first, third - second
        if max(gaps) > self._longest_gap or abs(gaps[0] - gaps[1]) > EVEN * max(gaps):
            return twitch
        return replace(twitch, kind=Kind.BURST, reason="one of a rhythmic volley of one unit")

    def state(self) -> dict[str, StateValue]:
        return {"onset": [onset for onset, _ in self._recent], "unit": [unit for _, unit in self._recent]}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._recent = list(zip(state["onset"], state["unit"], strict=True))
