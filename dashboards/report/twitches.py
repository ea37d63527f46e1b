"""The single twitches of one site over a period, as columns."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboards.report.figures import MotorUnit, Quartiles, SpellFigures
from dashboards.report.period import Period
from detector.event import Kind
from detector.spell import spells
from ingest.reader import JournalReader


@dataclass(frozen=True, slots=True)
class Twitches:
    """Columns in order of the onsets.

    Attributes:
        onset_ns: UTC.
        duration_ms: Of each.
        amplitude: Peak to peak.
        confidence: That it is a twitch.
        motor_unit: Which recurring shape; -1 where that was not told.
        stands_alone: It is not only this sensor's view of a twitch that another one has on record too.
        unit: Of the amplitudes.
    """

    onset_ns: NDArray[np.int64]
    duration_ms: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    confidence: NDArray[np.float64]
    motor_unit: NDArray[np.int64]
    stands_alone: NDArray[np.bool_]
    unit: str

    def spells(self) -> SpellFigures | None:
        """How long twitching went on."""
        found = spells(self.onset_ns)
        if not found:
            return None
        durations_s = np.array([spell.duration_s for spell in found])
        middle = quartiles(durations_s)
        assert middle is not None  # there is at least one
        return SpellFigures(len(found), middle, float(durations_s.max()))

    def units(self) -> list[MotorUnit]:
        """Recurring shapes, most frequent first."""
        numbers, counts = np.unique(self.motor_unit[self.motor_unit >= 0], return_counts=True)
        total = max(1, int(counts.sum()))
        units = zip(numbers.tolist(), counts.tolist(), strict=True)
        return [
            MotorUnit(number, count, count / total)
            for number, count in sorted(units, key=lambda unit: (-unit[1], unit[0]))
        ]


def read_twitches(reader: JournalReader, wearer: str, site: str, modality: str, period: Period) -> Twitches:
    """Every twitch of one site and modality with its onset in the period."""
    rows = reader.ask(
        "SELECT onset_ns, duration_ms, amplitude, confidence, coalesce(motor_unit, -1), part_of IS NULL, unit"
        " FROM event"
        " WHERE wearer = ? AND site = ? AND modality = ? AND kind = ? AND onset_ns >= ? AND onset_ns < ?"
        " ORDER BY onset_ns",
        (wearer, site, modality, Kind.TWITCH.value, period.start_ns, period.end_ns),
    )
    onset_ns, duration_ms, amplitude, confidence, motor_unit, stands_alone, unit = (
        zip(*rows, strict=True) if rows else [()] * 7
    )
    return Twitches(
        np.array(onset_ns, dtype=np.int64),
        np.array(duration_ms, dtype=np.float64),
        np.array(amplitude, dtype=np.float64),
        np.array(confidence, dtype=np.float64),
        np.array(motor_unit, dtype=np.int64),
        np.array(stands_alone, dtype=np.bool_),
        unit[0] if unit else "",
    )


def first_twitch_ns(reader: JournalReader, wearer: str, site: str, modality: str) -> int | None:
    """Onset of the first twitch in the journal."""
    [(first,)] = reader.ask(
        "SELECT min(onset_ns) FROM event WHERE wearer = ? AND site = ? AND modality = ? AND kind = ?",
        (wearer, site, modality, Kind.TWITCH.value),
    )
    return None if first is None else int(first)


def quartiles(values: NDArray[np.float64]) -> Quartiles | None:
    """The middle half; None of nothing."""
    return Quartiles(*np.percentile(values, (25, 50, 75)).tolist()) if values.size else None
