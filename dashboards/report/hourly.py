"""The hours of every site, laid out by local day and hour of the day."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dashboards.report.figures import Coverage
from dashboards.report.period import Period
from ingest.reader import JournalReader

HOURS_A_DAY = 24
S_AN_HOUR = 3600.0

_HOURS_OF_SERIES = """
    SELECT :since + (minute - :since) / 60 * 60 AS hour, sum(count_rest), sum(count - count_rest),
        sum(rest_s) / 3600, sum(movement_s) / 3600, sum(not_worn_s) / 3600, sum(bad_contact_s) / 3600
    FROM minute
    WHERE wearer = :wearer AND site = :site AND modality = :modality AND minute >= :since AND minute < :until
    GROUP BY hour
"""  # one series at a time: that goes along the primary key and takes a third of the time

Key = tuple[str, str]  # site and modality
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Hourly:
    """One site's hours, arrays of shape (days, 24), zero where there is no row.

    Attributes:
        count_rest: Twitches at rest.
        count_moving: Twitches while moving.
        rest_h: Hours judged at rest.
        movement_h: Hours judged while moving.
        not_worn_h: Hours not worn.
        bad_contact_h: Hours with bad contact.
    """

    count_rest: Array
    count_moving: Array
    rest_h: Array
    movement_h: Array
    not_worn_h: Array
    bad_contact_h: Array

    def coverage(self, length_s: float) -> Coverage:
        """What became of the period; whatever is not on record is missing."""
        rest_h, movement_h = float(self.rest_h.sum()), float(self.movement_h.sum())
        not_worn_h, bad_contact_h = float(self.not_worn_h.sum()), float(self.bad_contact_h.sum())
        missing_h = max(0.0, length_s / S_AN_HOUR - rest_h - movement_h - not_worn_h - bad_contact_h)
        return Coverage(rest_h, movement_h, not_worn_h, bad_contact_h, missing_h)


def read_hours(reader: JournalReader, wearer: str, period: Period) -> dict[Key, Hourly]:
    """Every series that has any minute on record in the period."""
    found: dict[Key, Hourly] = {}
    for site, modality in reader.series(wearer):
        rows = reader.ask(
            _HOURS_OF_SERIES,
            {
                "wearer": wearer,
                "site": site,
                "modality": modality,
                "since": period.start_minute,
                "until": period.end_minute,
            },
        )
        if rows:
            hours = np.zeros((len(fields(Hourly)), len(period.days), HOURS_A_DAY))
            for minute, *figures in rows:
                day, hour = period.place(minute)
                hours[:, day, hour] += figures  # an hour comes twice where clocks go back
            found[site, modality] = Hourly(*hours)
    return found
