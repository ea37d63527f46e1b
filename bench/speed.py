"""How fast the EMG detector is and how late it tells; on one core of whatever this runs on."""

import time

import numpy as np
from numpy.typing import NDArray

from bench.emg import twitches
from bench.scenarios import scene_a
from bench.section import Bar, Section, table
from detector.block import Block
from detector.emg import EmgDetector

CHANNELS, CHUNK = 16, 50


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
    late = (
        f"From the end of a twitch to its event, in signal time: median {np.median(late_ms):.0f} ms, 95th "
        f"percentile {np.quantile(late_ms, 0.95):.0f} ms (blocks of 10 ms)."
    )
    section.lines += [late, ""]
    section.bars = [
        Bar("speed in one piece, million samples a second", max(whole, whole_many), 5.0),
        Bar(f"speed in pieces of {CHUNK} samples of {CHANNELS} channels", pieces, 2.0),
        Bar(
            "delay of a confirmed event, 95th percentile, ms",
            float(np.quantile(late_ms, 0.95)),
            200.0,
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
    detector, step, late_ms = EmgDetector(rate_hz, 1), round(0.01 * rate_hz), []
    for first in range(0, len(samples), step):
        found = detector.update(Block(first, samples[None, first : first + step].astype(np.float32)))
        now_ms = (first + step) * 1000 / rate_hz
        late_ms += [now_ms - event.onset * 1000 / rate_hz - event.duration_ms for event in twitches(found)]
    return np.array(late_ms)
