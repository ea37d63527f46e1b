"""How fast the EMG detector is and how late it tells; on one core of whatever this runs on."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.emg import SCENARIOS, twitches
from bench.scenarios import scene_a
from bench.score import match
from bench.section import Bar, Section, table
from bench.signals import Scene
from detector.block import Block
from detector.emg import EmgDetector
from detector.event import Findings

CHANNELS, CHUNK = 16, 50
FROM_S = 12.0  # the first page waits until it is complete, and a heart needs some beats


@dataclass(frozen=True, slots=True)
class Glimpsed:
    """How glimpses fared in a scene.

    Attributes:
        late_ms: From the end of each planted twitch that was glimpsed until then.
        per_minute: How many there were.
        confirmed: Share that an event followed.
        foreseen: Share of the events that were glimpsed before.
    """

    late_ms: NDArray[np.float64]
    per_minute: float
    confirmed: float
    foreseen: float


def speed(minutes: float) -> Section:
    """Millions of samples a second in one piece and in small ones, with twitches to find."""
    scene = scene_a(77, minutes)
    single = scene.samples[None].astype(np.float32)
    many = np.stack([np.roll(single[0], 1000 * channel) for channel in range(CHANNELS)])[
        :, : single.shape[1] // 4
    ]
    whole, whole_many = _run(single, single.shape[1]), _run(many, many.shape[1])
    pieces = _run(many, CHUNK)
    section = Section("Speed and delay")
    section.lines = table(
        ["fed as", "million samples a second"],
        [["one channel, one piece", f"{whole:.1f}"], [f"{CHANNELS} channels, one piece", f"{whole_many:.1f}"],
         [f"{CHANNELS} channels, {CHUNK} samples at a time", f"{pieces:.1f}"]],
    )  # fmt: skip
    late_ms = _delays(scene.samples[: round(300 * scene.rate_hz)], scene.rate_hz)
    glimpses = {name: _glimpses(make(78, 5.0)) for name, make in SCENARIOS.items()}
    soon_ms = np.concatenate([seen.late_ms for seen in glimpses.values()])
    late = (
        f"From the end of a twitch to its event, in signal time: median {np.median(late_ms):.0f} ms, 95th "
        f"percentile {np.quantile(late_ms, 0.95):.0f} ms (blocks of 10 ms). From the end of a planted twitch "
        f"to its glimpse: median {np.median(soon_ms):.0f}, 95 % within {np.quantile(soon_ms, 0.95):.0f} ms."
    )
    section.lines += [late, ""]
    section.lines += table(
        ["scenario", "glimpses a minute", "confirmed by an event", "events that were glimpsed"],
        [
            [name, f"{seen.per_minute:.1f}", f"{seen.confirmed:.2f}", f"{seen.foreseen:.2f}"]
            for name, seen in glimpses.items()
        ],
    )
    section.bars = [
        Bar("speed in one piece, million samples a second", max(whole, whole_many), 5.0),
        Bar(f"speed in pieces of {CHUNK} samples of {CHANNELS} channels", pieces, 2.0),
        Bar(
            "delay of a confirmed event, 95th percentile, ms",
            float(np.quantile(late_ms, 0.95)),
            200.0,
            at_least=False,
        ),
        Bar(
            "delay of a provisional event, 95th percentile, ms",
            float(np.quantile(soon_ms, 0.95)),
            60.0,
            at_least=False,
        ),
    ]
    section.data = {"one_piece": whole, "one_piece_16": whole_many, "chunks_16": pieces}
    return section


def _run(samples: NDArray[np.float32], step: int) -> float:
    detector = EmgDetector(1000.0, len(samples))
    start = time.process_time()
    for first in range(0, samples.shape[1], step):
        detector.update(Block(first, samples[:, first : first + step]))
    detector.finish()
    return samples.size / (time.process_time() - start) / 1e6


def _delays(samples: NDArray[np.float64], rate_hz: float) -> NDArray[np.float64]:
    return np.array(
        [
            now_ms - event.onset * 1000 / rate_hz - event.duration_ms
            for now_ms, found in _live(samples, rate_hz)
            for event in twitches(found)
        ]
    )


def _glimpses(scene: Scene) -> Glimpsed:
    found = list(_live(scene.samples, scene.rate_hz))
    seen = [(now_ms, one.onset / scene.rate_hz) for now_ms, part in found for one in part.glimpses]
    events_s = np.array([one.onset for _, part in found for one in twitches(part)]) / scene.rate_hz
    seen, events_s = [one for one in seen if one[1] > FROM_S], events_s[events_s > FROM_S]
    seen_s = np.array([onset_s for _, onset_s in seen])
    real = [one for one in scene.twitches if one.onset > FROM_S * scene.rate_hz]
    pairs = match(np.array([one.onset for one in real]) / scene.rate_hz, seen_s)
    ends_ms = np.array([one.onset + one.length for one in real]) * 1000 / scene.rate_hz
    told = len(match(events_s, seen_s).found)
    return Glimpsed(
        late_ms=np.array([now_ms for now_ms, _ in seen])[pairs.found] - ends_ms[pairs.planted],
        per_minute=len(seen) / (60 * scene.hours - FROM_S / 60),
        confirmed=told / max(1, len(seen)),
        foreseen=told / max(1, len(events_s)),
    )


def _live(samples: NDArray[np.float64], rate_hz: float) -> Iterator[tuple[float, Findings]]:
    """What is found in each block of 10 ms, with the time at which it ended."""
    detector, step = EmgDetector(rate_hz, 1), round(0.01 * rate_hz)
    for first in range(0, len(samples), step):
        block = Block(first, samples[None, first : first + step].astype(np.float32))
        yield (first + step) * 1000 / rate_hz, detector.update(block)
