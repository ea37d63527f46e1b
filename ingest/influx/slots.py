"""What the journal says of one site, cut into quarters of an hour."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.rate import Rate, rate
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader

SLOT_MIN = 15  # every time zone's midnight is on a quarter of an hour; longer than the usual spell
SLOT_NS = SLOT_MIN * MINUTE_NS
SUMS = ("rest_s", "movement_s", "not_worn_s", "bad_contact_s", "missing_s", "count", "count_rest")


class Series(NamedTuple):
    """What is rolled up on its own."""

    wearer: str
    site: str
    modality: str


@dataclass(frozen=True, slots=True)
class Slots:
    """A series cut into quarters of an hour.

    Attributes:
        start_ns: Of each slot that has a row, ascending, shape (n,).
        sums: What each came to, in the order of `SUMS`, shape (n, 7).
        onsets_ns: Of the twitches, ascending.
        durations_ms: Theirs.
    """

    start_ns: NDArray[np.int64]
    sums: NDArray[np.float64]
    onsets_ns: NDArray[np.int64]
    durations_ms: NDArray[np.float64]

    def between(self, start_ns: int, end_ns: int) -> "Slots":
        """Those with start <= time < end."""
        first, last = np.searchsorted(self.start_ns, (start_ns, end_ns))
        begin, end = np.searchsorted(self.onsets_ns, (start_ns, end_ns))
        return Slots(
            self.start_ns[first:last],
            self.sums[first:last],
            self.onsets_ns[begin:end],
            self.durations_ms[begin:end],
        )

    def total(self, name: str) -> float:
        """One of `SUMS` over all of them."""
        return float(self.sums[:, SUMS.index(name)].sum())

    @property
    def rate_at_rest(self) -> Rate | None:
        """Twitches an hour at rest; slots without a row keep their place, as neighbours share clusters."""
        if not self.start_ns.size:
            return None
        places = (self.start_ns - self.start_ns[0]) // SLOT_NS
        counts, rest_h = np.zeros((2, int(places[-1]) + 1))
        counts[places] = self.sums[:, SUMS.index("count_rest")]
        rest_h[places] = self.sums[:, SUMS.index("rest_s")] / 3600
        return rate(counts, rest_h)


def read_slots(reader: JournalReader, series: Series, since_ns: int, until_ns: int) -> Slots:
    """The quarters of an hour from `since_ns` on and before `until_ns`, both on a quarter."""
    sums = reader.ask(
        f"SELECT minute / {SLOT_MIN}, {', '.join(f'sum({name})' for name in SUMS)}"  # noqa: S608 -- our names
        " FROM minute WHERE wearer = ? AND site = ? AND modality = ? AND minute >= ? AND minute < ?"
        " GROUP BY 1 ORDER BY 1",
        (*series, since_ns // MINUTE_NS, until_ns // MINUTE_NS),
    )
    twitches = reader.ask(
        "SELECT onset_ns, duration_ms FROM event WHERE wearer = ? AND site = ? AND modality = ?"
        " AND onset_ns >= ? AND onset_ns < ? AND kind = 'twitch' ORDER BY onset_ns",
        (*series, since_ns, until_ns),
    )
    table = np.array(sums, dtype=np.float64).reshape(-1, 1 + len(SUMS))
    return Slots(
        start_ns=table[:, 0].astype(np.int64) * SLOT_NS,
        sums=table[:, 1:],
        onsets_ns=np.array([onset_ns for onset_ns, _ in twitches], dtype=np.int64),
        durations_ms=np.array([duration_ms for _, duration_ms in twitches], dtype=np.float64),
    )
