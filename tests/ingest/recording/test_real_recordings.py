"""Every recording that the accuracy figures stand on can be read as it is."""

import os
from pathlib import Path

import pytest

from ingest.recording import read_recording

FOLDER = Path(os.environ.get("FASCIWATCH_RECORDINGS", Path(__file__).parents[4] / "shared" / "recordings"))

pytestmark = [
    pytest.mark.recordings,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the recordings are not here"),
]


@pytest.mark.parametrize(
    ("name", "shape", "meaning"),
    [
        ("biosignals-emg-bursts", (1, 28519), ("emg", "uV", 1000)),
        ("biosignals-ecg-5-min", (1, 300000), ("emg", "uV", 1000)),
        ("mepfeatx-id01", (152, 451), ("emg", "uV", 3000)),
        ("myo-rest", (8, 768629), ("emg", "adc", 200)),
        ("suguru-30day-rest", (8, 360 * 300), ("emg", "adc", 200)),
        ("emggo-bursts", (1, 137420), ("emg", "adc", 250)),
        ("paradigma-wrist-imu", (3, 72947), ("accelerometer", "mg", 100)),
    ],
)
def test_is_read_with_its_meaning(name, shape, meaning):
    recording = read_recording(FOLDER / f"{name}.npz")
    assert recording.samples.shape == shape
    assert (recording.modality, recording.unit, recording.rate_hz) == meaning
