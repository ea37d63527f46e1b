"""What twitches go with: notes of the diary against the rate in the hours after them."""

from collections.abc import Iterable

import numpy as np

from dashboards.report.hourly import HOURS_A_DAY, Hourly
from dashboards.report.model import Trigger
from dashboards.report.period import Period
from detector.association import associate
from ingest.minutes import MINUTE_NS
from ingest.schema import NoteKind, NoteRow

KINDS = (
    NoteKind.CAFFEINE,
    NoteKind.NICOTINE,
    NoteKind.EXERCISE,
    NoteKind.STRESS,
    NoteKind.SLEEP,
    NoteKind.FOOD,
    NoteKind.WATER,
    NoteKind.MEDICINE,
)
SEED = 1  # of the shuffles: the same journal makes the same report


def triggers(notes: Iterable[NoteRow], sites: Iterable[Hourly], period: Period) -> list[Trigger]:
    """One for each kind of note that occurs, over all sites together."""
    shape = (len(period.days), HOURS_A_DAY)
    counts, rest_h = np.zeros(shape), np.zeros(shape)
    for hourly in sites:
        counts += hourly.count_rest
        rest_h += hourly.rest_h
    noted: dict[str, list[int]] = {kind.value: [] for kind in KINDS}
    for note in notes:
        if note.kind in noted:
            day, hour = period.place(note.time_ns // MINUTE_NS)
            noted[note.kind].append(day * HOURS_A_DAY + hour)
    found = []
    for kind, occasions in noted.items():
        if occasions:
            link = associate(counts, rest_h, occasions, np.random.default_rng(SEED))
            found.append(
                Trigger(
                    kind=kind,
                    notes=len(occasions),
                    occasions=link.occasions,
                    days_without=link.days_without,
                    after_h=link.after_h,
                    without_h=link.without_h,
                    times=link.times,
                    low=link.low,
                    high=link.high,
                    by_chance=link.by_chance,
                )
            )
    return found
