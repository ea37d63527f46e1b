"""The EMG detector in scenarios A to E, I and J, and the other tools in A to C."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bench import recordings
from bench.day import STRETCH_S, wearers_day
from bench.peers import PEERS, Peer, find_onsets, prepare
from bench.scenarios import scene_a, scene_b, scene_b_narrow, scene_c, scene_d, scene_e, scene_i
from bench.score import SNR_EDGES, Score
from bench.section import Bar, Section, table
from bench.signals import Planted, Scene
from detector.block import Block
from detector.emg import EmgDetector
from detector.event import Event, Findings, Kind, Span, State

SCORED, TUNING = (101, 102, 103, 104), (901, 902)  # seeds; the network was trained on others again
MINUTES, QUICK_MINUTES = 60.0, 3.0  # of each scenario: in 20, F1 still strays by .015
PEER_MINUTES = 8.0  # the slowest of the other tools does 40,000 samples a second
MakeScene = Callable[[int, float], Scene]
SCENARIOS: dict[str, MakeScene] = {"A": scene_a, "B": scene_b, "B'": scene_b_narrow, "C": scene_c}
F1_BARS = {"A": 0.93, "B": 0.925, "B'": 0.93, "C": 0.87}
CLEAR_SNR = 4.0  # from which on onset and duration are asked for


def detect(samples: NDArray[np.float64], rate_hz: float) -> Findings:
    """Everything found in (n,) or (channels, n)."""
    detector = EmgDetector(rate_hz, len(np.atleast_2d(samples)))
    found = detector.update(Block(0, np.atleast_2d(samples).astype(np.float32)))
    rest = detector.finish()
    return Findings(found.events + rest.events, found.spans + rest.spans)


def twitches(found: Findings) -> list[Event]:
    return sorted((e for e in found.events if e.kind in (Kind.TWITCH, Kind.BURST)), key=lambda e: e.onset)


@dataclass(slots=True)
class Outcome:
    """One scenario over all its seeds."""

    score: Score = field(default_factory=Score)
    onset_ms: list[float] = field(default_factory=list)
    duration_ms: list[float] = field(default_factory=list)
    confidence: list[float] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)
    took_s: float = 0.0

    def add(self, scene: Scene) -> None:
        start = time.perf_counter()
        events = twitches(detect(scene.samples, scene.rate_hz))
        self.took_s += time.perf_counter() - start
        planted_s, snr = _truth(scene.twitches, scene.rate_hz)
        found_s = np.array([e.onset for e in events]) / scene.rate_hz
        pairs = self.score.add(planted_s, snr, found_s, len(scene.samples) / scene.rate_hz)
        for one, other in zip(pairs.planted, pairs.found, strict=True):
            if snr[one] >= CLEAR_SNR:
                self.onset_ms.append(1000 * float(found_s[other] - planted_s[one]))
                length_ms = scene.twitches[one].length * 1000 / scene.rate_hz
                self.duration_ms.append(events[other].duration_ms - length_ms)
        hit = np.isin(np.arange(len(events)), pairs.found)
        self.confidence += [e.confidence for e in events]
        self.right += hit.tolist()


def _truth(planted: list[Planted], rate_hz: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    return np.array([t.onset for t in planted]) / rate_hz, np.array([t.snr for t in planted])


def scenarios(minutes: float) -> tuple[Section, dict[str, Outcome]]:
    """A, B, B', C: F1, recall by SNR, errors of onset and duration."""
    outcomes = {name: Outcome() for name in SCENARIOS}
    for name, make in SCENARIOS.items():
        for seed in SCORED:
            outcomes[name].add(make(seed, max(1.0, minutes / len(SCORED))))
    section = Section("Planted twitches in made signals")
    head = ["scenario", "F1", "recall", "precision", "false a minute",
            *(f"recall {a:g}-{b:g}" for a, b in pairwise(SNR_EDGES))]  # fmt: skip
    rows = [[name, f"{o.score.f1:.3f}", f"{o.score.recall:.3f}", f"{o.score.precision:.3f}",
             f"{o.score.false_per_minute:.2f}", *(f"{r:.2f}" for r in o.score.by_snr())]
            for name, o in outcomes.items()]  # fmt: skip
    section.lines = table(head, rows)
    section.bars = [Bar(f"{name}, F1", outcomes[name].score.f1, wanted) for name, wanted in F1_BARS.items()]
    section.bars.append(Bar("C, false a minute", outcomes["C"].score.false_per_minute, 1.0, at_least=False))
    for name in ("A", "B", "C"):
        onset, length = np.abs(outcomes[name].onset_ms), np.abs(outcomes[name].duration_ms)
        section.bars += [
            Bar(
                f"{name}, onset error at SNR 4 and more, median, ms",
                float(np.median(onset)),
                2.0,
                at_least=False,
            ),
            Bar(
                f"{name}, the same, 95th percentile, ms",
                float(np.quantile(onset, 0.95)),
                10.0,
                at_least=False,
            ),
            Bar(f"{name}, duration error, median, ms", float(np.median(length)), 6.0, at_least=False),
        ]
    section.data = {name: {"f1": o.score.f1, "false_per_minute": o.score.false_per_minute,
                           "recall_by_snr": o.score.by_snr()} for name, o in outcomes.items()}  # fmt: skip
    return section, outcomes


def real_potentials(minutes: float) -> Section:
    """Scenario D, at 1 kHz."""
    section = Section("Real potentials in real rest (D)")
    rest, rate_hz = recordings.real_rest()
    waves = recordings.real_potentials(rate_hz)
    outcome, bare = Outcome(), Outcome()
    for seed in SCORED:
        outcome.add(scene_d(seed, max(1.0, minutes / len(SCORED)), waves, rest, rate_hz))
        bare.add(scene_d(seed, max(1.0, minutes / len(SCORED)), [], rest, rate_hz))
    score = outcome.score
    words = (
        f"{len(waves)} evoked responses, scaled to SNR 2-10, in the rest between a biceps' contractions: F1 "
        f"{score.f1:.3f}, {score.false_per_minute:.2f} false a minute. The rest is 25 s long and is used "
        "over and over, with the small potentials of its own that it has: without any planted ones "
        f"{bare.score.false_per_minute:.2f} a minute are told in it."
    )
    section.lines = [words, ""]
    section.bars = [
        Bar("D, recall at SNR 4 and more", score.recall_between(4.0, 11.0), 0.97),
        Bar("D, F1", score.f1, 0.92),
    ]
    section.data = {"f1": score.f1, "recall_by_snr": score.by_snr()}
    return section


def quiet(hours: float) -> Section:
    """Scenario E: false events an hour where there is nothing to find."""
    section = Section("Nothing to find (E)")
    rows = []
    for rate_hz in (200.0, 500.0, 1000.0, 2000.0):
        row = [f"{rate_hz:g} Hz"]
        for ecg, wanted in ((False, 1.0), (True, 2.0)):
            false, seen_h = 0, 0.0
            for seed in SCORED:
                scene = scene_e(seed, 60 * hours / len(SCORED), rate_hz, ecg=ecg)
                false += len(twitches(detect(scene.samples, rate_hz)))
                seen_h += scene.hours
            name = f"E, {rate_hz:g} Hz, {'with' if ecg else 'no'} heartbeat, false an hour"
            section.bars.append(Bar(name, false / seen_h, wanted, at_least=False))
            section.data[name] = false / seen_h
            row.append(f"{false} in {seen_h:.1f} h")
        rows.append(row)
    section.lines = table(["rate", "no heartbeat", "heartbeat of 40 uV"], rows)
    return section


def dense(minutes: float) -> Section:
    """Scenario I: grouped and dense twitching."""
    section = Section("Grouped and dense twitching (I)")
    rows = []
    for name, is_dense in (("bursts (myokymia)", False), ("five twitches a second", True)):
        score, moving = Score(), 0
        for seed in SCORED:
            scene = scene_i(seed, max(1.0, minutes / len(SCORED) / 2), dense=is_dense)
            found = detect(scene.samples, scene.rate_hz)
            planted_s, snr = _truth(scene.twitches, scene.rate_hz)
            onsets_s = np.array([e.onset for e in twitches(found)]) / scene.rate_hz
            score.add(planted_s, snr, onsets_s, len(scene.samples) / scene.rate_hz)
            moving += sum(s.end - s.start for s in found.spans if s.state is State.MOVEMENT)
        share = moving / scene.rate_hz / score.seconds
        rows.append([name, f"{score.recall:.3f}", f"{score.precision:.3f}", f"{100 * share:.1f} %"])
        section.data[name] = {
            "recall": score.recall,
            "precision": score.precision,
            "taken_for_movement": share,
        }
    section.lines = table(["", "recall", "precision", "taken for movement"], rows)
    return section


def day() -> Section:
    """Scenario J: the states of a day, and what is found in it."""
    scene, stretches = wearers_day(SCORED[0])
    found = detect(scene.samples, scene.rate_hz)
    score = Score()
    planted_s, snr = _truth(scene.twitches, scene.rate_hz)
    onsets_s = np.array([e.onset for e in twitches(found)]) / scene.rate_hz
    score.add(planted_s, snr, onsets_s, len(scene.samples) / scene.rate_hz)
    section = Section("A wearer's day (J)")
    rows = []
    for number, stretch in enumerate(stretches):
        first = number * STRETCH_S
        inside = [s for s in found.spans if first <= s.start / scene.rate_hz < first + STRETCH_S]
        shares = {state: _share(inside, state) for state in State}
        told = int(((onsets_s >= first) & (onsets_s < first + STRETCH_S)).sum())
        planted = int(((planted_s >= first) & (planted_s < first + STRETCH_S)).sum())
        rows.append(
            [
                stretch.name,
                stretch.state.value,
                *(f"{100 * shares[s]:.0f}" for s in State),
                str(planted),
                str(told),
            ]
        )
    head = ["stretch", "made as", *(f"{s.value}, %" for s in State), "planted", "told"]
    section.lines = [
        f"F1 {score.f1:.3f}, {score.false_per_minute:.2f} false a minute.",
        "",
        *table(head, rows),
    ]
    section.data = {"f1": score.f1, "false_per_minute": score.false_per_minute}
    return section


def _share(spans: list[Span], state: State) -> float:
    total = sum(s.end - s.start for s in spans)
    return sum(s.end - s.start for s in spans if s.state is state) / max(1, total)


def reliability(outcomes: dict[str, Outcome]) -> Section:
    """Whether confidence is the share of events that are right."""
    confidence = np.concatenate([o.confidence for o in outcomes.values()])
    right = np.concatenate([o.right for o in outcomes.values()])
    edges = np.array([0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0])
    section = Section("What confidence means")
    rows, error = [], 0.0
    for low, high in pairwise(edges.tolist()):
        chosen = (confidence > low) & (confidence <= high)
        if chosen.any():
            said, was = float(confidence[chosen].mean()), float(right[chosen].mean())
            error += abs(said - was) * chosen.mean()
            rows.append([f"{low:g}-{high:g}", str(int(chosen.sum())), f"{said:.3f}", f"{was:.3f}"])
    words = (
        "Events of scenarios A to C by the confidence they were told with; expected calibration error "
        f"{error:.3f}."
    )
    section.lines = [words, "", *table(["confidence", "events", "mean said", "share right"], rows)]
    section.data = {"calibration_error": error, "rows": rows}
    return section


def peers(minutes: float) -> Section:
    """The other tools in A, B and C, each at the threshold that did best on the tuning seeds."""
    section = Section("Other open tools")
    rows = []
    for peer in PEERS:
        row, speed = [peer.name], 0.0
        for name in ("A", "B", "C"):
            threshold = _tune(peer, SCENARIOS[name], 2.0)
            score, took_s, count = Score(), 0.0, 0
            for seed in SCORED:
                scene = SCENARIOS[name](seed, max(1.0, minutes / len(SCORED)))
                clean = prepare(scene.samples, scene.rate_hz)
                start = time.perf_counter()
                found_s = find_onsets(peer, clean, scene.rate_hz, threshold)
                took_s += time.perf_counter() - start
                count += len(clean)
                score.add(*_truth(scene.twitches, scene.rate_hz), found_s, len(clean) / scene.rate_hz)
            row += [f"{score.f1:.3f}", f"{score.false_per_minute:.1f}"]
            speed = count / took_s / 1e6
            section.data[f"{peer.name}, {name}"] = {
                "f1": score.f1,
                "false_per_minute": score.false_per_minute,
                "threshold": threshold,
                "speed": speed,
            }
        rows.append([*row, f"{speed:.2f}"])
    head = [
        "tool",
        "A, F1",
        "false a minute",
        "B, F1",
        "false a minute",
        "C, F1",
        "false a minute",
        "million samples/s",
    ]
    section.lines = table(head, rows)
    return section


def _tune(peer: Peer, make: MakeScene, minutes: float) -> float:
    """The threshold with the best F1 on the tuning seeds."""
    scenes = [make(seed, max(1.0, minutes / len(TUNING))) for seed in TUNING]
    best, best_f1 = peer.thresholds[0], -1.0
    for threshold in peer.thresholds:
        score = Score()
        for scene in scenes:
            found_s = find_onsets(peer, prepare(scene.samples, scene.rate_hz), scene.rate_hz, threshold)
            score.add(*_truth(scene.twitches, scene.rate_hz), found_s, len(scene.samples) / scene.rate_hz)
        if score.f1 > best_f1:
            best, best_f1 = threshold, score.f1
    return best
