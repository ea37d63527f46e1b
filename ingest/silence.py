"""Minutes in which nothing came from a site: they get a row all the same, because silence is data."""

from collections.abc import Callable, Iterable

from ingest.minutes import MINUTE_NS
from ingest.schema import MinutePart

_SETTLE_NS = 15_000_000_000  # after a minute's end, until a row says that nothing came of it
_BACKFILL_MINUTES = 60 * 24 * 31  # of a service that was off: further back nobody asks for empty minutes


class Silence:
    """Sees that every site of a wearer has a row for each minute.

    Args:
        wearer: Whose sites they are.
        last_minute: Says which is the last minute of a site, with its modality, that has a row, if any.
    """

    def __init__(self, wearer: str, last_minute: Callable[[str, str, str], int | None]) -> None:
        self._wearer = wearer
        self._last_minute = last_minute
        self._filled: dict[tuple[str, str], int] = {}

    def parts(self, watched: Iterable[tuple[str, str]], now_ns: int) -> list[MinutePart]:
        """Return what makes the rows that are missing by now.

        Args:
            watched: The sites that are being read or should be, with the modality; once named, they stay.
            now_ns: UTC.
        """
        newest = (now_ns - _SETTLE_NS) // MINUTE_NS - 1
        parts = []
        for site, modality in {*watched, *self._filled}:
            filled = self._filled.get((site, modality))
            if filled is None:
                last = self._last_minute(self._wearer, site, modality)
                filled = newest if last is None else max(last - 1, newest - _BACKFILL_MINUTES)
            parts += [
                MinutePart(self._wearer, site, modality, minute) for minute in range(filled + 1, newest + 1)
            ]
            self._filled[site, modality] = max(filled, newest)
        return parts
