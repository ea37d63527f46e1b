"""Holds the events of all sensors of a wearer together: what is one twitch, what is interference.

Events are in the journal as soon as their own sensor is certain of them. What the others say of them comes
within a second, as an amendment of the row; so no twitch waits for the slowest link.
"""

from collections.abc import Iterable

from detector.event import Event, Kind, State
from detector.fusion import Fusion
from detector.sighting import Fused, Sighting, Source
from ingest.schema import Amendment, EventRow
from ingest.sites import Site
from ingest.stream import Progress

REMEMBERED = 1024  # rows: a minute of twitching without pause at every site of a body
_UNDECIDED_NS = 3_000_000_000  # a wobble is known 0.7 s after its onset, and slow links are waited for 0.8 s


class Fuser:
    """Rows and progress of all links of one wearer in, amendments out.

    Args:
        latest: What is in the journal already, `REMEMBERED` of it at most, and whether it was amended.
    """

    def __init__(self, latest: Iterable[tuple[EventRow, bool]] = ()) -> None:
        self._sources: set[Source] = set()
        self._fusion = Fusion([])
        self._rows: dict[str, EventRow] = {}  # the latest, by their tags in the fusion
        self._recall(list(latest))

    def take(self, rows: Iterable[EventRow], progress: Iterable[Progress]) -> list[Amendment]:
        """Return what is to be amended now that these rows are in the journal and the links got so far."""
        told = list(progress)
        fusion = self._knowing({Source(one.site, one.modality) for one in told})
        fused: list[Fused] = []
        for row in rows:
            tag = _tag(row)
            if tag not in self._rows:  # a link that goes on from a checkpoint brings the last ones again
                self._rows[tag] = row
                fused += fusion.add(_sighting(row, tag))
        for one in told:
            fused += fusion.advance(Source(one.site, one.modality), one.until_ns, one.state)
        amendments = [amendment for event in fused for amendment in self._amendments(event)]
        self._forget()
        return amendments

    def _knowing(self, sources: set[Source]) -> Fusion:
        """Return the fusion, with these sources in it: a sensor may join at any time."""
        if not sources <= self._sources:
            saved = self._fusion.state()
            self._sources |= sources
            neighbours = {source.site: _neighbours(source.site) for source in self._sources}
            self._fusion = Fusion(sorted(self._sources), neighbours)
            self._fusion.restore(saved)
        return self._fusion

    def _recall(self, latest: list[tuple[EventRow, bool]]) -> None:
        """Go on where the last run of the service was ended, maybe before every sensor was heard."""
        decided_ns = max((row.onset_ns for row, _ in latest), default=0) - _UNDECIDED_NS
        for row, is_amended in latest:
            self._rows[_tag(row)] = row
            if not is_amended and row.onset_ns > decided_ns:
                self._fusion.add(_sighting(row, _tag(row)))

    def _forget(self) -> None:
        """Let go of the oldest."""
        for tag in list(self._rows)[: max(0, len(self._rows) - REMEMBERED)]:
            del self._rows[tag]

    def _amendments(self, fused: Fused) -> list[Amendment]:
        main, verdict = self._rows.get(fused.sighting.tag), fused.sighting.event
        if main is None:
            return []
        amendments = []
        if fused.is_news and (str(verdict.kind), verdict.reason) != (main.kind, main.reason):
            amendments.append(Amendment(main.key, str(verdict.kind), verdict.confidence, verdict.reason))
        parts = (self._rows.get(part.tag) for part in fused.absorbed)
        return amendments + [_as_part(row, main) for row in parts if row]


def _tag(row: EventRow) -> str:
    return repr(tuple(row.key))


def _as_part(row: EventRow, main: EventRow) -> Amendment:
    """Another sensor's view stays a twitch of its own kind of sensor; another site's is no twitch there."""
    if row.site == main.site:
        return Amendment(
            row.key, row.kind, row.confidence, f"{row.reason}; seen by {main.modality} too", main.key
        )
    reason = f"picked up from {main.site}, where it is stronger"
    return Amendment(row.key, str(Kind.ARTEFACT), row.confidence, reason, main.key)


def _sighting(row: EventRow, tag: str) -> Sighting:
    event = Event(
        channel=row.channel,
        onset=row.onset_sample,
        duration_ms=row.duration_ms,
        amplitude=row.amplitude,
        snr=row.snr,
        kind=Kind(row.kind),
        confidence=row.confidence,
        state=State(row.state),
        reason=row.reason,
        unit=row.motor_unit,
    )
    return Sighting(Source(row.site, row.modality), row.onset_ns, row.uncertainty_ns, event, tag)


def _neighbours(site: str) -> frozenset[str]:
    try:
        return Site.parse(site).neighbours
    except ValueError:  # a recording's channel, which is next to nothing that we know
        return frozenset()
