"""Makes one event of what several sensors saw of it, and tells interference from twitches."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from detector.contract import StateValue
from detector.event import Kind, State
from detector.pairing import ACCELEROMETER, EMG, SHORT, horizon_ns, is_same_instant, moves
from detector.sighting import Fused, Sighting, Source

MS = 1_000_000  # ns

INTERFERED_SITES = 3  # fewer may twitch together by chance or crosstalk; three unrelated muscles never do
INTERFERED_SHARE = 0.75  # of the sites that could see it
PATIENCE_NS = (
    800 * MS
)  # a long wobble is known 0.7 s after its onset; who is further behind is not waited for
MEMORY_NS = 60_000 * MS  # a source that was not waited for may still bring its part of what was told
MEMORY = 256  # events remembered at most
MATCH_ODDS = 25.0  # half of all twitches move the skin; 20 a minute meet a window of 60 ms in 2 % by chance
UNSEEN_BY_EMG = 0.1  # of the twitches that move the skin, EMG over the same muscle misses
JUDGED = frozenset({State.REST, State.MOVEMENT})


class Fusion:
    """Sightings of all sites of one wearer in, events out.

    Sightings come in any order, and `advance` tells how far each source has got. An event is told as soon as
    every source that could have a part in it has got beyond it; so what is told does not depend on which link
    was faster, unless a source is more than `PATIENCE_NS` behind. What such a source brings later is
    joined with what was told before, if it belongs to it.

    Args:
        sources: All that are worn.
        neighbours: For each site, those near enough that its muscle may be picked up there.
    """

    def __init__(
        self, sources: Iterable[Source], neighbours: Mapping[str, frozenset[str]] | None = None
    ) -> None:
        self._neighbours = neighbours or {}
        self._until_ns = dict.fromkeys(sources, 0)
        self._states = dict.fromkeys(self._until_ns, State.MISSING)
        self._waiting: list[Sighting] = []
        self._told: list[Sighting] = []

    def add(self, sighting: Sighting) -> list[Fused]:
        """Take an event that a source saw. Long ones (tremor, contractions) are told at once, as they are."""
        if sighting.event.kind not in SHORT:
            self._remember(sighting)
            return [Fused(sighting)]
        self._waiting.append(sighting)
        return []

    def advance(self, source: Source, until_ns: int, state: State) -> list[Fused]:
        """Take note that `source` has told all events that began before `until_ns`, and its state there."""
        self._until_ns[source] = max(self._until_ns.get(source, 0), until_ns)
        self._states[source] = state
        return self._tell(self._safe_ns())

    def finish(self) -> list[Fused]:
        """Nothing more will come: tell what is left."""
        return self._tell(None)

    def _safe_ns(self) -> int:
        """Before this no source that is waited for has anything more to tell."""
        first_ns = max(self._until_ns.values())
        awaited = [until_ns for until_ns in self._until_ns.values() if until_ns >= first_ns - PATIENCE_NS]
        return min(awaited)

    def _tell(self, safe_ns: int | None) -> list[Fused]:
        told: list[Fused] = []
        self._waiting.sort(key=lambda sighting: sighting.order)
        while self._waiting:
            first = self._principal(self._waiting[0])
            if safe_ns is not None and horizon_ns(first) > safe_ns:
                break
            told += self._judge(first)
        return told

    def _principal(self, earliest: Sighting) -> Sighting:
        """A potential goes before the movement it made, even where the movement was timed a little early."""
        return next((other for other in self._waiting if moves(other, earliest)), earliest)

    def _judge(self, first: Sighting) -> list[Fused]:
        """Tell `first` with whatever belongs to it."""
        told = next((told for told in self._told if self._is_one(told, first)), None)
        if told is not None:
            self._waiting.remove(first)  # it came too late to have a say
            return [Fused(told, (first,), is_news=False)]
        together = [other for other in self._waiting if is_same_instant(first, other)]
        if self._is_interference(together):
            judged = [(Fused(_as_interference(one, len(together))), [one]) for one in together]
        else:
            judged = [self._fuse(first, together)]
        for fused, parts in judged:
            self._waiting = [one for one in self._waiting if not any(one is part for part in parts)]
            self._remember(fused.sighting)
        return [fused for fused, _ in judged]

    def _fuse(self, first: Sighting, together: list[Sighting]) -> tuple[Fused, list[Sighting]]:
        """Make one event of `first` and its parts; return both."""
        rivals = [first, *(other for other in together if self._is_crosstalk(first, other))]
        main = max(rivals, key=lambda one: (one.event.amplitude, one.order))
        moved = [other for other in self._waiting if any(moves(one, other) for one in rivals)]
        absorbed = tuple(one for one in (*rivals, *moved) if one is not main)
        if moved:
            verdict = _with_movement(main, moved)
        elif self._lacks_potential(main):
            verdict = _without_potential(main)
        else:
            verdict = main
        return Fused(verdict, absorbed), [*rivals, *moved]

    def _remember(self, sighting: Sighting) -> None:
        newest_ns = max((sighting.onset_ns, *(one.onset_ns for one in self._told)))
        recent = [one for one in (*self._told, sighting) if one.onset_ns >= newest_ns - MEMORY_NS]
        self._told = recent[-MEMORY:]

    def _is_one(self, told: Sighting, late: Sighting) -> bool:
        """Whether `late` is part of an event that was told without it."""
        counted = told.event.kind is Kind.TWITCH
        return moves(told, late) or (counted and moves(late, told)) or self._is_crosstalk(told, late)

    def _is_crosstalk(self, one: Sighting, other: Sighting) -> bool:
        """Whether both come of one muscle: same instant, same kind of sensor, same or neighbouring site."""
        site, other_site = one.source.site, other.source.site
        near = other_site in self._near(site) or site in self._near(other_site)
        return one is not other and near and is_same_instant(one, other)

    def _near(self, site: str) -> frozenset[str]:
        return self._neighbours.get(site, frozenset()) | {site}

    def _is_interference(self, together: list[Sighting]) -> bool:
        """Whether so many sites that have nothing to do with each other twitched at the same instant."""
        sites = {one.source.site for one in together}
        modality = together[0].source.modality
        able = [source for source, state in self._states.items() if state in JUDGED]
        able_count = sum(source.modality == modality for source in able)
        related = any(sites <= self._near(site) for site in sites)
        return len(sites) >= max(INTERFERED_SITES, INTERFERED_SHARE * able_count) and not related

    def _lacks_potential(self, main: Sighting) -> bool:
        """Whether the muscle under a sensor that moved was watched and silent."""
        if main.source.modality != ACCELEROMETER or main.event.kind is not Kind.TWITCH:
            return False
        emg = Source(main.source.site, EMG)
        watched = self._states.get(emg) in JUDGED and self._until_ns[emg] >= main.onset_ns
        busy = any(
            told.source == emg and told.onset_ns <= main.onset_ns <= told.end_ns for told in self._told
        )
        return watched and not busy

    def state(self) -> dict[str, StateValue]:
        """Everything needed to go on later."""
        return {
            "sources": [
                [source.site, source.modality, until_ns, self._states[source].value]
                for source, until_ns in self._until_ns.items()
            ],
            "waiting": [sighting.state() for sighting in self._waiting],
            "told": [sighting.state() for sighting in self._told],
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        """Go on from a saved state. Sources that are not worn any more are not waited for."""
        saved: Mapping[str, Any] = state
        for site, modality, until_ns, name in saved["sources"]:
            source = Source(site, modality)
            if source in self._until_ns:
                self._until_ns[source], self._states[source] = until_ns, State(name)
        self._waiting = [Sighting.restored(one) for one in saved["waiting"]]
        self._told = [Sighting.restored(one) for one in saved["told"]]


def _as_interference(sighting: Sighting, sites: int) -> Sighting:
    reason = f"interference: the same instant at {sites} sites that share no muscle"
    return replace(
        sighting, event=replace(sighting.event, kind=Kind.ARTEFACT, confidence=0.99, reason=reason)
    )


def _with_movement(main: Sighting, moved: list[Sighting]) -> Sighting:
    """The event of a potential whose movement was seen too."""
    event = main.event
    knock = next((one for one in moved if one.event.kind is Kind.ARTEFACT), None)
    if knock is not None:
        kind, confidence = Kind.ARTEFACT, knock.event.confidence
        reason = "a knock that shook the electrode"
    elif event.kind is Kind.TWITCH:
        odds = MATCH_ODDS * event.confidence / max(1e-3, 1 - event.confidence)
        kind, confidence = Kind.TWITCH, odds / (1 + odds)
        reason = f"{event.reason}; the skin moved with it"
    else:
        return main
    return replace(main, event=replace(event, kind=kind, confidence=confidence, reason=reason))


def _without_potential(main: Sighting) -> Sighting:
    confidence = 1 - UNSEEN_BY_EMG * main.event.confidence
    reason = "knock: the skin moved without a potential in the muscle"
    return replace(main, event=replace(main.event, kind=Kind.ARTEFACT, confidence=confidence, reason=reason))
