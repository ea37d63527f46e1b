"""Fusion in scenario G (EMG and accelerometer on one muscle) and H (interference common to four sites)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bench.acceleration import Scene, damped
from bench.score import Score
from bench.section import Section, table
from bench.signals import NOISE_UV, Generator, drift, hum, moments, noise, potential
from detector.accelerometer import AccelerometerDetector
from detector.block import Block
from detector.contract import Detector
from detector.emg import EmgDetector
from detector.event import Event, Kind, State
from detector.fusion import Fusion
from detector.sighting import Fused, Sighting, Source

Chapter = Callable[[float], Section]  # of the bench, by minutes of each seed
SCORED = (3001, 3002, 3003)  # seeds
EMG_HZ, SKIN_HZ = 1000.0, 200.0
SNR = (2.0, 10.0)
TWITCHES_PER_MINUTE, KNOCKS_PER_MINUTE, TOUCHES_PER_MINUTE = 20.0, 2.0, 2.0
MOVING_SHARE = 0.6  # of the twitches also move the skin
LAG_S = (0.005, 0.040)  # from the potential to the movement
SHAKING_SHARE = 0.5  # of the knocks also shake the electrode
BLOCK_S = 0.05  # what arrives at once when the delay is measured
EMG_DELAY_S = 0.22  # after which an EMG detector has told what began
SITES = ("biceps-left", "triceps-left", "gastrocnemius-left", "masseter-left")
NEIGHBOURS = {SITES[0]: frozenset({SITES[1]}), SITES[1]: frozenset({SITES[0]})}
INTERFERENCE_PER_MINUTE = 4.0
CROSSTALK_SHARE, CROSSTALK_GAIN = (
    0.5,
    (0.3, 0.6),
)  # of the arm's twitches are also seen next door, that much weaker


@dataclass(slots=True)
class Muscle:
    """EMG (n,) and acceleration of one muscle, with the onsets of its twitches, s."""

    emg: NDArray[np.float64]
    skin: Scene
    twitches_s: list[float] = field(default_factory=list)
    moving_s: list[float] = field(default_factory=list)


def one_muscle(seed: int, minutes: float) -> Muscle:
    """Scenario G: twitches that may move the skin; knocks that may shake the electrode; touches."""
    rng = np.random.default_rng((seed, 7))
    muscle = Muscle(_background(rng, minutes), Scene(seed, minutes * 60, rate_hz=SKIN_HZ))
    rates = np.array([TWITCHES_PER_MINUTE, KNOCKS_PER_MINUTE, TOUCHES_PER_MINUTE])
    for at_s in (at_s for at_s in moments(rng, minutes * 60, float(rates.sum()), apart_s=0.6) if at_s > 5):
        match int(rng.choice(3, p=rates / rates.sum())):
            case 0:
                _add(muscle.emg, at_s, potential(rng, EMG_HZ) * rng.uniform(*SNR) * NOISE_UV)
                muscle.twitches_s.append(at_s)
                if rng.random() < MOVING_SHARE:
                    muscle.skin.wobble(at_s + rng.uniform(*LAG_S), _amplitude_mg(rng))
                    muscle.moving_s.append(at_s)
            case 1:
                muscle.skin.knock(at_s)
                if rng.random() < SHAKING_SHARE:
                    shake = damped(rng.uniform(40, 150), rng.uniform(40, 70), 0.04, EMG_HZ)
                    _add(muscle.emg, at_s + 0.002, shake)
            case _:
                muscle.skin.wobble(at_s, _amplitude_mg(rng), what="touch")
    return muscle


def four_sites(seed: int, minutes: float) -> tuple[NDArray[np.float64], list[list[float]]]:
    """Scenario H: EMG of four sites (4, n), and the onsets of each one's own twitches, s."""
    rng = np.random.default_rng((seed, 8))
    emg = np.stack([_background(rng, minutes) for _ in SITES])
    own: list[list[float]] = []
    for site, name in enumerate(SITES):
        own.append(moments(rng, minutes * 60, TWITCHES_PER_MINUTE))
        for at_s in own[-1]:
            wave = potential(rng, EMG_HZ) * rng.uniform(4, SNR[1]) * NOISE_UV
            _add(emg[site], at_s, wave)
            for other in NEIGHBOURS.get(name, ()):
                if rng.random() < CROSSTALK_SHARE:
                    _add(emg[SITES.index(other)], at_s + 0.001, wave * rng.uniform(*CROSSTALK_GAIN))
    for at_s in moments(rng, minutes * 60, INTERFERENCE_PER_MINUTE):
        wave = potential(rng, EMG_HZ)
        for signal in emg:
            _add(signal, at_s, wave * rng.uniform(20, 60))
    return emg, own


def sections(minutes: float) -> Iterator[Section]:
    """Both scenarios; `minutes` of each seed."""
    yield same_muscle(minutes)
    yield interference(minutes)
    yield delay(min(minutes, 5.0))


def same_muscle(minutes: float) -> Section:
    """EMG alone against EMG and accelerometer together."""
    section = Section("Fusion: EMG and accelerometer on one muscle (scenario G)")
    alone, both, apart = Score(), Score(), Score()
    before: list[float] = []
    after: list[float] = []
    for seed in SCORED:
        muscle = one_muscle(seed, minutes)
        emg, skin = _emg_sightings(muscle.emg[None], SITES[:1])[0], _skin_sightings(muscle.skin)
        fused = _fuse([*emg, *skin], [Source(SITES[0], "emg"), Source(SITES[0], "accelerometer")])
        planted_s = np.array(muscle.twitches_s)
        seconds = minutes * 60
        alone.add(planted_s, np.zeros(planted_s.size), _onsets_s(emg), seconds)
        apart.add(planted_s, np.zeros(planted_s.size), _onsets_s([*emg, *skin]), seconds)
        both.add(planted_s, np.zeros(planted_s.size), _onsets_s([one.sighting for one in fused]), seconds)
        before += [one.event.confidence for one in emg if _is_near(one, muscle.moving_s)]
        after += [
            one.sighting.event.confidence
            for one in fused
            if one.absorbed and _is_near(one.sighting, muscle.moving_s)
        ]
    rows = [
        [name, f"{score.f1:.3f}", f"{score.recall:.3f}", f"{score.false_per_minute:.2f}"]
        for name, score in (("EMG alone", alone), ("both, each for itself", apart), ("fused", both))
    ]
    text = (
        f"Of {both.planted} twitches {MOVING_SHARE:.0%} move the skin; knocks and touches beside them. Where "
        f"both saw it, the mean confidence is {np.mean(after):.3f} instead of {np.mean(before):.3f}."
    )
    section.lines = [text, "", *table(["", "F1", "recall", "false a minute"], rows)]
    section.data = {
        name: {"f1": score.f1, "recall": score.recall, "false_per_minute": score.false_per_minute}
        for name, score in (("emg", alone), ("apart", apart), ("fused", both))
    }
    return section


def interference(minutes: float) -> Section:
    """Four sites, each for itself and fused."""
    section = Section("Fusion: interference and crosstalk at four sites (scenario H)")
    alone, both = Score(), Score()
    for seed in SCORED:
        emg, own = four_sites(seed, minutes)
        sightings = _emg_sightings(emg, SITES)
        fused = _fuse([one for site in sightings for one in site], [Source(site, "emg") for site in SITES])
        for number, site in enumerate(SITES):
            planted_s = np.array(own[number])
            here = [one.sighting for one in fused if one.sighting.source.site == site]
            alone.add(planted_s, np.zeros(planted_s.size), _onsets_s(sightings[number]), minutes * 60)
            both.add(planted_s, np.zeros(planted_s.size), _onsets_s(here), minutes * 60)
    rows = [
        [name, f"{score.f1:.3f}", f"{score.recall:.3f}", f"{score.false_per_minute:.2f}"]
        for name, score in (("each site for itself", alone), ("fused", both))
    ]
    text = (
        f"{INTERFERENCE_PER_MINUTE:g} pulses a minute at all sites; {CROSSTALK_SHARE:.0%} of the twitches "
        f"of two neighbours seen at both; {both.planted} twitches. False ones are a site and minute."
    )
    section.lines = [text, "", *table(["", "F1", "recall", "false a minute"], rows)]
    section.data = {
        name: {"f1": score.f1, "recall": score.recall, "false_per_minute": score.false_per_minute}
        for name, score in (("alone", alone), ("fused", both))
    }
    return section


def delay(minutes: float) -> Section:
    """How long after its end a fused event is told, when signal comes in blocks."""
    section = Section("Fusion: delay (scenario G)")
    delays = [one for seed in SCORED for one in _delays_s(one_muscle(seed, minutes))]
    rows = []
    for name, moved in (("seen by both, from the end of the movement", True), ("EMG only", False)):
        late_ms = 1000 * np.percentile([late_s for late_s, both in delays if both is moved], [50, 95])
        rows.append([name, f"{late_ms[0]:.0f}", f"{late_ms[1]:.0f}"])
        section.data[name] = {"median_ms": float(late_ms[0]), "p95_ms": float(late_ms[1])}
    text = f"From the end of a twitch to the fused event, in blocks of {1000 * BLOCK_S:g} ms."
    section.lines = [text, "", *table(["", "median, ms", "95th percentile, ms"], rows)]
    return section


def _delays_s(muscle: Muscle) -> Iterator[tuple[float, bool]]:
    """For each twitch, s from its end to the fused event, and whether both sensors saw it."""
    emg, skin = EmgDetector(EMG_HZ, 1), AccelerometerDetector(SKIN_HZ)
    sources = (Source(SITES[0], "emg"), Source(SITES[0], "accelerometer"))
    fusion = Fusion(sources)
    pieces = zip(_blocks(muscle.emg[None], EMG_HZ), _blocks(muscle.skin.samples, SKIN_HZ), strict=True)
    for emg_block, skin_block in pieces:
        now_s = emg_block.end / EMG_HZ
        told = [
            fused
            for source, detector, block, rate_hz in (
                (sources[0], emg, emg_block, EMG_HZ),
                (sources[1], skin, skin_block, SKIN_HZ),
            )
            for fused in _take(fusion, source, detector, block, rate_hz)
        ]
        told += fusion.advance(sources[0], round((now_s - EMG_DELAY_S) * 1e9), State.REST)
        told += fusion.advance(sources[1], round(skin.settled / SKIN_HZ * 1e9), State.REST)
        for fused in told:
            if fused.is_news and fused.sighting.event.kind is Kind.TWITCH:
                end_ns = max(one.end_ns for one in (fused.sighting, *fused.absorbed))
                yield now_s - end_ns / 1e9, bool(fused.absorbed)


def _take(fusion: Fusion, source: Source, detector: Detector, block: Block, rate_hz: float) -> list[Fused]:
    events = detector.update(block).events
    return [fused for event in events for fused in fusion.add(_sighting(source, event, rate_hz))]


def _blocks(samples: NDArray[np.float64], rate_hz: float) -> Iterator[Block]:
    size = round(BLOCK_S * rate_hz)
    for start in range(0, samples.shape[1] - size + 1, size):
        yield Block(start, samples[:, start : start + size].astype(np.float32))


def _fuse(sightings: list[Sighting], sources: list[Source]) -> list[Fused]:
    fusion = Fusion(sources, NEIGHBOURS)
    told = [fused for sighting in sightings for fused in fusion.add(sighting)]
    end_ns = max((one.onset_ns for one in sightings), default=0) + 10**10
    for source in sources:
        told += fusion.advance(source, end_ns, State.REST)
    return told


def _emg_sightings(emg: NDArray[np.float64], sites: tuple[str, ...]) -> list[list[Sighting]]:
    """What the EMG detector saw at each site."""
    detector = EmgDetector(EMG_HZ, len(emg))
    events = detector.update(Block(0, emg.astype(np.float32))).events + detector.finish().events
    return [
        [_sighting(Source(site, "emg"), event, EMG_HZ) for event in events if event.channel == number]
        for number, site in enumerate(sites)
    ]


def _skin_sightings(skin: Scene) -> list[Sighting]:
    detector = AccelerometerDetector(skin.rate_hz)
    events = detector.update(Block(0, skin.samples.astype(np.float32))).events + detector.finish().events
    return [_sighting(Source(SITES[0], "accelerometer"), event, skin.rate_hz) for event in events]


def _sighting(source: Source, event: Event, rate_hz: float) -> Sighting:
    return Sighting(source, round(event.onset / rate_hz * 1e9), 0, replace(event, channel=0))


def _onsets_s(sightings: list[Sighting]) -> NDArray[np.float64]:
    return np.array([one.onset_ns / 1e9 for one in sightings if one.event.kind is Kind.TWITCH])


def _is_near(sighting: Sighting, times_s: list[float]) -> bool:
    return bool((np.abs(np.array(times_s) - sighting.onset_ns / 1e9) < 0.05).any())


def _amplitude_mg(rng: Generator) -> float:
    return float(3 * (40 / 3) ** rng.random())


def _background(rng: Generator, minutes: float) -> NDArray[np.float64]:
    count = round(minutes * 60 * EMG_HZ)
    return noise(rng, count, EMG_HZ) + hum(rng, count, EMG_HZ) + drift(rng, count, EMG_HZ)


def _add(signal: NDArray[np.float64], at_s: float, wave: NDArray[np.float64]) -> None:
    start = round(at_s * EMG_HZ)
    part = signal[start : start + wave.size]
    part += wave[: part.size]
