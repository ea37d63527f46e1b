"""What the detector contract promises, kept by the EMG detector."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from detector.block import Block
from detector.emg import EmgDetector
from detector.event import Findings, State
from ingest.simulated.wearable import wearables
from ingest.sites import Site

RATE_HZ = 1000


def signal(seconds: float, channels: int = 2, seed: int = 1) -> np.ndarray:
    """Noise with a strong potential every 0.7 s in each channel."""
    rng = np.random.default_rng(seed)
    samples = rng.normal(0, 5, (channels, round(seconds * RATE_HZ))).astype(np.float32)
    u = (np.arange(14) + 0.5) / 14
    shape = 60 * np.sin(2 * np.pi * u) * np.sin(np.pi * u)
    for channel in range(channels):
        at = 300
        while at < samples.shape[1] - 100:
            samples[channel, at : at + 14] += shape
            at += int(rng.uniform(400, 2500))
    return samples


def feed(detector: EmgDetector, samples: np.ndarray, cuts: list[int], start: int = 0) -> Findings:
    found = Findings()
    edges = [0, *cuts, samples.shape[1]]
    for first, last in itertools.pairwise(edges):
        found.extend(detector.update(Block(start + first, samples[:, first:last])))
    found.extend(detector.finish())
    return found


def by_channel(found: Findings) -> Findings:
    key = lambda item: (item.channel, getattr(item, "onset", None) or getattr(item, "start", 0))  # noqa: E731
    return Findings(*(sorted(part, key=key) for part in (found.events, found.spans, found.glimpses)))


def same(one: Findings, other: Findings) -> None:
    one, other = by_channel(one), by_channel(other)
    assert one.events == other.events
    assert one.glimpses == other.glimpses
    assert [(s.channel, s.start, s.end, s.state) for s in one.spans] == [
        (s.channel, s.start, s.end, s.state) for s in other.spans
    ]
    np.testing.assert_array_equal([s.noise_floor for s in one.spans], [s.noise_floor for s in other.spans])


@pytest.mark.parametrize("step", [1, 7, 50, 333, 10_000])
def test_findings_do_not_depend_on_the_cut(step: int) -> None:
    samples = signal(12)
    whole = feed(EmgDetector(RATE_HZ, 2), samples, [])
    assert min(len(whole.events), len(whole.glimpses)) > 5
    same(whole, feed(EmgDetector(RATE_HZ, 2), samples, list(range(step, samples.shape[1], step))))


def test_spans_cover_the_signal_without_hole_or_overlap() -> None:
    samples = signal(7.3)
    found = by_channel(feed(EmgDetector(RATE_HZ, 2), samples, [1000, 5000]))
    for channel in range(2):
        spans = [s for s in found.spans if s.channel == channel]
        assert spans[0].start == 0
        assert spans[-1].end == samples.shape[1]
        assert all(a.end == b.start for a, b in itertools.pairwise(spans))


def test_a_gap_is_told_to_the_sample_and_not_bridged() -> None:
    samples = signal(10)
    detector = EmgDetector(RATE_HZ, 2)
    first = detector.update(Block(0, samples[:, :4321]))
    second = detector.update(Block(5017, samples[:, 5017:]))
    last = detector.finish()
    spans = [s for part in (first, second, last) for s in part.spans if s.channel == 0]
    assert [(s.start, s.end) for s in spans if s.state is State.MISSING] == [(4321, 5017)]
    assert spans[-1].end == samples.shape[1]
    assert all(a.end == b.start for a, b in itertools.pairwise(spans))


def test_a_block_from_the_past_is_refused() -> None:
    detector = EmgDetector(RATE_HZ, 2)
    detector.update(Block(0, signal(1)))
    with pytest.raises(ValueError, match="before the end"):
        detector.update(Block(999, signal(1)))


def test_damaged_samples_are_bad_contact() -> None:
    samples = signal(10)
    samples[0, 5003:5400] = np.nan
    found = feed(EmgDetector(RATE_HZ, 2), samples, [])
    bad = [s for s in found.spans if s.state is State.BAD_CONTACT]
    assert {s.channel for s in bad} == {0}
    assert min(s.start for s in bad) <= 5003
    assert max(s.end for s in bad) >= 5400
    assert sum(s.end - s.start for s in bad) < 500
    assert not [e for e in found.events if e.channel == 0 and 4990 < e.onset < 5400]


@pytest.mark.parametrize("at", [1234, 6000, 9_999])
def test_a_saved_state_goes_on_exactly(at: int) -> None:
    samples = signal(15)
    whole = feed(EmgDetector(RATE_HZ, 2), samples, [at])
    before = EmgDetector(RATE_HZ, 2)
    first = before.update(Block(0, samples[:, :at]))
    after = EmgDetector(RATE_HZ, 2)
    after.restore(before.state())
    before.update(Block(at, samples[:, at:]))  # what the first goes on to do must not touch the second
    rest = feed(after, samples[:, at:], [], start=at)
    first.extend(rest)
    same(whole, first)


def test_a_state_of_another_version_is_refused() -> None:
    state = EmgDetector(RATE_HZ, 2).state()
    with pytest.raises(ValueError, match="does not fit"):
        EmgDetector(RATE_HZ, 2).restore({**state, "version": "emg-0"})


@settings(max_examples=25, deadline=None)
@given(
    samples=hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(0, 4000)),
        elements=st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, np.nan, 1e30]),
    ),
    rate_hz=st.sampled_from([200, 256, 500, 1000, 1001, 2048, 4000]),
)
def test_any_input_is_accepted(samples: np.ndarray, rate_hz: int) -> None:
    found = feed(EmgDetector(rate_hz, len(samples)), samples, [])
    for channel in range(len(samples)):
        spans = [s for s in found.spans if s.channel == channel]
        assert sum(s.end - s.start for s in spans) == samples.shape[1]
    assert all(np.isfinite([e.amplitude, e.snr, e.confidence, e.duration_ms]).all() for e in found.events)


@pytest.mark.parametrize("rate_hz", [0, 199, 4001, float("nan")])
def test_an_impossible_rate_is_refused(rate_hz: float) -> None:
    with pytest.raises(ValueError, match="200 to 4000"):
        EmgDetector(rate_hz, 1)


def test_no_event_is_told_twice():
    """An onset names an event in the journal: whatever is long is one, however many candidates it makes."""
    worn = wearables([Site.parse("biceps-left")], seed=1, boot_id=1)[0]
    detector = EmgDetector(1000.0, 1)
    events = detector.update(Block(0, worn.emg.read(180_000))).events + detector.finish().events
    onsets = [event.onset for event in events]
    assert len(set(onsets)) == len(onsets) > 10


def size(value: object) -> int:
    """Numbers in a saved state."""
    if isinstance(value, dict):
        return sum(map(size, value.values()))
    if isinstance(value, list):
        return sum(map(size, value))
    return value.size if isinstance(value, np.ndarray) else 1


def test_memory_does_not_grow_with_time() -> None:
    detector, samples = EmgDetector(RATE_HZ, 2), signal(20)
    sizes = []
    for turn in range(12):
        detector.update(Block(turn * samples.shape[1], samples))
        sizes.append(size(detector.state()))
    assert max(sizes[6:]) <= 1.02 * max(sizes[:6])
