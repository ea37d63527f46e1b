"""When the sightings of several sensors are one event, and when they are none."""

from collections.abc import Iterable
from itertools import permutations

import pytest

from detector.event import Event, Kind, State
from detector.fusion import Fusion
from detector.sighting import Fused, Sighting, Source

MS = 1_000_000
T_NS = 1_000_000 * MS  # when it all happens
BICEPS, TRICEPS, CALF, JAW = "biceps-left", "triceps-left", "gastrocnemius-left", "masseter-left"
NEIGHBOURS = {BICEPS: frozenset({TRICEPS}), TRICEPS: frozenset({BICEPS})}


def emg(
    site: str, at_ms: float = 0, *, uv: float = 50, confidence: float = 0.8, kind: Kind = Kind.TWITCH
) -> Sighting:
    event = Event(0, 0, 12.0, uv, 8.0, kind, confidence, State.REST, "a short potential")
    return Sighting(Source(site, "emg"), T_NS + round(at_ms * MS), 0, event)


def acc(site: str, at_ms: float = 20, *, mg: float = 15, kind: Kind = Kind.TWITCH) -> Sighting:
    event = Event(0, 0, 200.0, mg, 15.0, kind, 0.9, State.REST, "a short wobble")
    return Sighting(Source(site, "accelerometer"), T_NS + round(at_ms * MS), 0, event)


def everywhere(*sites: str) -> list[Source]:
    return [Source(site, modality) for site in sites for modality in ("emg", "accelerometer")]


def fuse(
    sightings: Iterable[Sighting], sources: list[Source], *, unjudged: frozenset[Source] = frozenset()
) -> list[Fused]:
    fusion = Fusion(sources, NEIGHBOURS)
    told = [fused for sighting in sightings for fused in fusion.add(sighting)]
    for source in sources:
        state = State.BAD_CONTACT if source in unjudged else State.REST
        told += fusion.advance(source, T_NS + 10_000 * MS, state)
    return told + fusion.finish()


class TestOneSite:
    def test_a_potential_that_moves_the_skin_is_one_twitch_of_higher_confidence(self) -> None:
        potential, movement = emg(BICEPS), acc(BICEPS, 20)
        (fused,) = fuse([potential, movement], everywhere(BICEPS))
        assert fused.sighting.source == potential.source
        assert fused.sighting.event.kind is Kind.TWITCH
        assert fused.sighting.event.confidence > 0.95
        assert fused.absorbed == (movement,)

    @pytest.mark.parametrize("lag_ms", [-30, 90])
    def test_a_movement_at_another_time_is_not_the_potentials(self, lag_ms: float) -> None:
        told = fuse([emg(BICEPS), acc(BICEPS, lag_ms)], everywhere(BICEPS))
        assert sorted(one.sighting.event.kind for one in told) == [Kind.ARTEFACT, Kind.TWITCH]

    def test_a_potential_without_movement_stays_a_twitch(self) -> None:
        (fused,) = fuse([emg(BICEPS)], everywhere(BICEPS))
        assert fused.sighting == emg(BICEPS)

    def test_a_movement_without_a_potential_is_a_knock(self) -> None:
        (fused,) = fuse([acc(BICEPS)], everywhere(BICEPS))
        assert fused.sighting.event.kind is Kind.ARTEFACT
        assert "without a potential" in fused.sighting.event.reason

    def test_a_movement_where_emg_has_lost_contact_stays_a_twitch(self) -> None:
        unjudged = frozenset({Source(BICEPS, "emg")})
        (fused,) = fuse([acc(BICEPS)], everywhere(BICEPS), unjudged=unjudged)
        assert fused.sighting.event.kind is Kind.TWITCH

    def test_a_movement_where_there_is_no_emg_stays_a_twitch(self) -> None:
        (fused,) = fuse([acc(BICEPS)], [Source(BICEPS, "accelerometer"), Source(CALF, "emg")])
        assert fused.sighting.event.kind is Kind.TWITCH

    def test_a_knock_that_shakes_the_electrode_is_no_twitch(self) -> None:
        (fused,) = fuse([emg(BICEPS), acc(BICEPS, 5, kind=Kind.ARTEFACT)], everywhere(BICEPS))
        assert fused.sighting.event.kind is Kind.ARTEFACT


class TestSeveralSites:
    def test_the_same_instant_at_all_sites_is_interference(self) -> None:
        sites = (BICEPS, CALF, JAW, TRICEPS)
        told = fuse([emg(site, i) for i, site in enumerate(sites)], everywhere(*sites))
        assert {fused.sighting.source.site for fused in told} == set(sites)
        assert {fused.sighting.event.kind for fused in told} == {Kind.ARTEFACT}

    def test_two_distant_sites_may_twitch_at_the_same_instant(self) -> None:
        told = fuse([emg(BICEPS), emg(CALF)], everywhere(BICEPS, CALF, JAW))
        assert [fused.sighting.event.kind for fused in told] == [Kind.TWITCH, Kind.TWITCH]

    def test_a_site_that_could_not_be_judged_does_not_speak_against_interference(self) -> None:
        sites = (BICEPS, CALF, JAW)
        lost = ("tibialis-left", "tibialis-right")
        unjudged = frozenset(Source(site, "emg") for site in lost)
        told = fuse([emg(site) for site in sites], everywhere(*sites, *lost), unjudged=unjudged)
        assert {fused.sighting.event.kind for fused in told} == {Kind.ARTEFACT}

    def test_crosstalk_is_one_event_at_the_stronger_site(self) -> None:
        weak, strong = emg(TRICEPS, 0, uv=15), emg(BICEPS, 2, uv=80)
        (fused,) = fuse([weak, strong], everywhere(BICEPS, TRICEPS))
        assert fused.sighting == strong
        assert fused.absorbed == (weak,)

    def test_neighbours_that_twitch_at_different_instants_are_two_events(self) -> None:
        assert len(fuse([emg(TRICEPS, 0), emg(BICEPS, 30)], everywhere(BICEPS, TRICEPS))) == 2


class TestTime:
    def test_the_order_of_arrival_does_not_matter(self) -> None:
        sightings = [emg(BICEPS), acc(BICEPS, 20), emg(TRICEPS, 2, uv=20), emg(CALF, 25), acc(JAW, 5)]
        sources = everywhere(BICEPS, TRICEPS, CALF, JAW)
        first, *others = [fuse(order, sources) for order in permutations(sightings)]
        assert all(told == first for told in others)

    def test_an_event_is_told_as_soon_as_every_source_is_beyond_it(self) -> None:
        fusion = Fusion(everywhere(BICEPS))
        fusion.advance(Source(BICEPS, "accelerometer"), T_NS, State.REST)
        fusion.add(emg(BICEPS))
        assert fusion.advance(Source(BICEPS, "emg"), T_NS + 100 * MS, State.REST) == []
        assert len(fusion.advance(Source(BICEPS, "accelerometer"), T_NS + 60 * MS, State.REST)) == 1

    def test_a_source_that_has_stopped_is_not_waited_for(self) -> None:
        fusion = Fusion(everywhere(BICEPS))
        fusion.advance(Source(BICEPS, "accelerometer"), T_NS, State.REST)
        fusion.add(emg(BICEPS))
        assert len(fusion.advance(Source(BICEPS, "emg"), T_NS + 900 * MS, State.REST)) == 1

    def test_what_a_late_source_saw_of_a_told_event_is_not_counted_again(self) -> None:
        fusion = Fusion(everywhere(BICEPS))
        fusion.add(emg(BICEPS))
        [told] = fusion.advance(Source(BICEPS, "emg"), T_NS + 9_000 * MS, State.REST)
        fusion.add(acc(BICEPS, 20))
        assert fusion.finish() == [Fused(told.sighting, (acc(BICEPS, 20),), is_news=False)]

    def test_a_potential_that_comes_after_its_movement_was_called_a_knock_still_counts(self) -> None:
        fusion = Fusion(everywhere(BICEPS))
        fusion.advance(Source(BICEPS, "emg"), T_NS + 30 * MS, State.REST)
        fusion.add(acc(BICEPS, 20))
        fusion.advance(Source(BICEPS, "accelerometer"), T_NS + 9_000 * MS, State.REST)
        fusion.add(emg(BICEPS))
        assert [fused.sighting.event.kind for fused in fusion.finish()] == [Kind.TWITCH]

    def test_a_long_event_is_told_at_once(self) -> None:
        contraction = emg(BICEPS, kind=Kind.CONTRACTION)
        assert Fusion(everywhere(BICEPS)).add(contraction) == [Fused(contraction)]

    def test_a_restored_fusion_goes_on_as_if_nothing_had_been(self) -> None:
        before, after = Fusion(everywhere(BICEPS)), Fusion(everywhere(BICEPS))
        before.add(emg(BICEPS))
        before.advance(Source(BICEPS, "emg"), T_NS + 100 * MS, State.REST)
        after.restore(before.state())
        for fusion in (before, after):
            fusion.add(acc(BICEPS))
        assert after.finish() == before.finish()
