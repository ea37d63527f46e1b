"""The level of twitching, followed hour by hour from the journal's minutes."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain

import numpy as np

from detector.grid import MINUTES_AN_HOUR, MinuteGrid, Series
from detector.hour import hours
from detector.persistence import Assessment, Persistence
from detector.rule import Rule as Figures
from ingest.influx.points import region
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader

HOUR_NS = MINUTES_AN_HOUR * MINUTE_NS
SETTLE_NS = 10 * MINUTE_NS  # after an hour's end, until what a board held back is in
HISTORY_HOURS = 120 * 24  # from which the usual is learned anew at a start: four times what it remembers
CHUNK_HOURS = 14 * 24  # read at once: some 35 MB of sixteen sites
COLUMNS = 5  # of a minute that are read


class TwitchingFollower:
    """Reads on from where it was, and tells the level at each look of the day that has come.

    Begun anew from the last months of the journal it comes to the same level, and so does a replay.
    """

    def __init__(self, wearer: str, figures: Figures, *, since_hour: int) -> None:
        self._wearer, self._figures = wearer, figures
        self._persistence = Persistence(figures)
        self._next_hour = since_hour

    def read(self, reader: JournalReader, now_ns: int) -> Iterator[Assessment]:
        """Every look at an hour that is over by now and was not read before.

        Raises:
            JournalError: The journal cannot be read.
        """
        until_hour = (now_ns - SETTLE_NS) // HOUR_NS
        while self._next_hour < until_hour:
            stop_hour = min(self._next_hour + CHUNK_HOURS, until_hour)
            measured = defaultdict(list)
            for one in hours(read_grid(reader, self._wearer, self._next_hour, stop_hour)):
                measured[one.hour].append(one)
            for hour in range(self._next_hour, stop_hour):
                self._next_hour = hour + 1
                for one in measured[hour]:
                    self._persistence.update(one)
                if self._figures.looks_at(hour):
                    yield self._persistence.assess(hour)


def read_grid(reader: JournalReader, wearer: str, since_hour: int, until_hour: int) -> MinuteGrid:
    """The minutes of the hours with since <= hour < until, of every site that has ever been on record."""
    first, after = since_hour * MINUTES_AN_HOUR, until_hour * MINUTES_AN_HOUR
    keys = reader.series(wearer)
    values = np.zeros((4, len(keys), after - first))
    for row, key in enumerate(keys):
        rows = reader.ask(
            "SELECT minute, rest_s, movement_s, count, count_rest FROM minute"
            " WHERE wearer = ? AND site = ? AND modality = ? AND minute >= ? AND minute < ?",
            (wearer, *key, first, after),
        )
        flat = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * COLUMNS)  # a third of np.array
        minutes, *columns = flat.reshape(-1, COLUMNS).T
        values[:, row, minutes.astype(np.intp) - first] = columns
    rest_s, movement_s, count, count_rest = values
    return MinuteGrid(
        series=tuple(Series(site, region(site), modality) for site, modality in keys),
        first_hour=since_hour,
        rest_s=rest_s.astype(np.float32),
        movement_s=movement_s.astype(np.float32),
        count=count.astype(np.int32),
        count_rest=count_rest.astype(np.int32),
    )
