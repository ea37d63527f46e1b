"""The filters over a hop are one product, and make of a signal what the recursive filters would."""

import numpy as np
import pytest
from scipy import signal

from detector.filters import FrontEnd, band, hop_product, notches, thinning
from detector.page import Grid

OFFSET_UV = 200_000.0  # an electrode's, beside noise of 5 uV


@pytest.mark.parametrize("mains_hz", [0.0, 50.0, 60.0])
@pytest.mark.parametrize("rate_hz", [200.0, 250.0, 1000.0, 1001.0, 2048.0, 4000.0])
def test_a_hop_is_filtered_as_by_the_recursive_filters(rate_hz: float, mains_hz: float) -> None:
    grid = Grid(rate_hz)
    raw = OFFSET_UV + np.random.default_rng(1).normal(0, 5, (200, grid.raw_hop, 2))
    front = FrontEnd(rate_hz, grid.hop, 2)
    front.set_mains(mains_hz)
    front.settle(raw[0, 0])
    sections = band(rate_hz, thinning(rate_hz))
    begun = signal.sosfilt_zi(sections)[:, :, None] * raw[0, 0]
    expected, _ = signal.sosfilt(sections, raw.reshape(-1, 2), axis=0, zi=begun)
    expected = expected[:: thinning(rate_hz)]
    if mains_hz:
        expected = signal.sosfilt(notches(mains_hz, grid.rate_hz), expected, axis=0)
    np.testing.assert_allclose(front.filter(raw), expected, atol=1e-5)  # uV


def test_hum_is_taken_out_and_what_lies_beside_it_stays() -> None:
    grid = Grid(1000.0)
    times_s = np.arange(400 * grid.raw_hop) / 1000
    tones = np.sin(2 * np.pi * np.outer(times_s, [50.0, 150.0, 100.0 / 3, 120.0]))
    front = FrontEnd(1000.0, grid.hop, 4)
    front.set_mains(50.0)
    passed = front.filter(tones.reshape(400, grid.raw_hop, 4))[-4000:]
    assert (passed[:, :2].std(axis=0) < 0.01).all()
    assert (passed[:, 2:].std(axis=0) > 0.65).all()  # of .71


def test_the_product_is_made_once_for_all_streams_of_a_kind() -> None:
    assert hop_product(1000.0, 25, 50.0) is hop_product(1000.0, 25, 50.0)
