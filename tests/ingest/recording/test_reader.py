"""Reading recordings: three kinds of file, one kind of signal; whatever is wrong is one clear sentence."""

from pathlib import Path

import edfio
import numpy as np
import pytest

from ingest.errors import RecordingError
from ingest.recording import read_recording

RNG_SEED = 1


@pytest.fixture
def table():
    return np.random.default_rng(RNG_SEED).normal(0, 20, (400, 2)).astype(np.float32)


def write_npz(path, **changes):
    content = {
        "x": np.ones((10, 2), np.float32),
        "fs_hz": 1000.0,
        "channels": np.array(["a", "b"]),
        "unit": "uV",
        "modality": "emg",
    }
    content |= changes
    np.savez(path, **{key: value for key, value in content.items() if value is not None})
    return path


def write_csv(path, text):
    path.write_text(text)
    return path


def write_edf(path, *signals):
    edfio.Edf(
        [
            edfio.EdfSignal(data, rate_hz, label=label, physical_dimension=unit, physical_range=(-500, 500))
            for label, unit, rate_hz, data in signals
        ]
    ).write(path)
    return path


def test_an_npz_keeps_its_samples_names_and_further_keys(tmp_path, table):
    recording = read_recording(write_npz(tmp_path / "arm.npz", x=table, label=np.zeros(400)))
    assert (recording.name, recording.rate_hz, recording.modality, recording.unit) == (
        "arm",
        1000,
        "emg",
        "uV",
    )
    assert recording.channels == ("a", "b")
    assert recording.samples.dtype == np.float32
    assert np.array_equal(recording.samples, table.T)
    assert recording.extra.keys() == {"label"}
    assert recording.duration_s == pytest.approx(0.4)


def test_clips_are_joined_along_time_and_their_lengths_kept(tmp_path):
    clips = np.arange(3 * 5 * 2, dtype=np.float32).reshape(3, 5, 2)
    recording = read_recording(write_npz(tmp_path / "clips.npz", x=clips))
    assert np.array_equal(recording.samples[:, 5:10], clips[1].T)
    assert recording.extra["segment_length"].tolist() == [5, 5, 5]


def test_a_csv_takes_its_rate_from_its_time_column(tmp_path):
    rows = "\n".join(f"{n / 250},{n},{-n}" for n in range(20))
    recording = read_recording(write_csv(tmp_path / "r.csv", f"time_s,left,right\n{rows}\n"), unit="uV")
    assert recording.rate_hz == pytest.approx(250)
    assert recording.channels == ("left", "right")
    assert recording.samples[1, 3] == -3


def test_a_csv_without_time_takes_the_rate_it_is_given(tmp_path):
    recording = read_recording(write_csv(tmp_path / "r.csv", "left\n1\n2\n"), rate_hz=500)
    assert (recording.rate_hz, recording.unit) == (500, "adc")


def test_an_edf_gives_physical_units(tmp_path):
    wave = np.sin(np.arange(1000) / 10) * 0.4
    path = write_edf(tmp_path / "r.edf", ("biceps", "mV", 500, wave))
    recording = read_recording(path)
    assert (recording.unit, recording.rate_hz, recording.channels) == ("uV", 500, ("biceps",))
    assert recording.samples[0] == pytest.approx(wave * 1000, abs=1000 * 1000 / 65535)


def test_an_edf_with_both_modalities_gives_the_one_asked_for(tmp_path):
    still, quiet = np.zeros(200), np.zeros(1000)
    path = write_edf(tmp_path / "r.edf", ("biceps", "uV", 1000, quiet), ("x", "g", 200, still))
    assert read_recording(path).channels == ("biceps",)
    assert read_recording(path, modality="accelerometer").channels == ("x",)


@pytest.mark.parametrize(
    ("unit", "value", "expected", "meaning"),
    [
        ("uV", 3, 3, ("uV", "emg")),
        ("mV", 3, 3_000, ("uV", "emg")),
        ("V", 3, 3_000_000, ("uV", "emg")),
        ("mg", 3, 3, ("mg", "accelerometer")),
        ("g", 3, 3_000, ("mg", "accelerometer")),
        ("m/s2", 9.80665, 1_000, ("mg", "accelerometer")),
        ("adc", 3, 3, ("adc", "emg")),
    ],
)
def test_every_unit_ends_as_microvolt_millig_or_counts(tmp_path, unit, value, expected, meaning):
    path = write_csv(tmp_path / "r.csv", f"one\n{value}\n")
    recording = read_recording(path, rate_hz=100, unit=unit)
    assert recording.samples[0, 0] == pytest.approx(expected)
    assert (recording.unit, recording.modality) == meaning


def test_what_is_asked_goes_before_what_the_file_says(tmp_path):
    recording = read_recording(write_npz(tmp_path / "r.npz"), modality="emg", rate_hz=7, unit="mV")
    assert (recording.rate_hz, recording.samples[0, 0]) == (7, 1000)


def test_an_ecg_is_an_emg_here(tmp_path):
    assert read_recording(write_npz(tmp_path / "r.npz", modality="ecg")).modality == "emg"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"x": None}, "key x"),
        ({"x": np.array([["a"]])}, "key x holds <U1"),
        ({"x": np.zeros((2, 2, 2, 2))}, "4 dimensions"),
        ({"x": np.zeros((0, 2))}, "no samples"),
        ({"x": np.zeros((5, 0)), "channels": np.array([])}, "no channel"),
        ({"x": np.array([[1.0, 2.0], [3.0, np.nan]])}, "sample 2 of channel b"),
        ({"x": np.array([[1.0, 1e300], [3.0, 4.0]])}, "sample 1 of channel b"),
        ({"channels": np.array(["a"])}, "key channels has 1 names, x has 2 columns"),
        ({"fs_hz": None}, "rate is not known"),
        ({"fs_hz": 0.0}, "rate is 0 Hz"),
        ({"fs_hz": -5.0}, "rate is -5 Hz"),
        ({"fs_hz": np.nan}, "rate is nan Hz"),
        ({"fs_hz": "fast"}, "key fs_hz is not one number"),
        ({"unit": "furlong"}, "unit 'furlong'"),
        ({"unit": "mg"}, "emg is not measured in mg"),
        ({"modality": "eeg"}, "modality 'eeg'"),
        ({"modality": "accelerometer", "unit": None}, "unit is not known"),
        ({"label": np.array([None])}, "plain arrays"),
    ],
)
def test_an_npz_that_cannot_be_used_is_told_why(tmp_path, changes, sentence):
    path = write_npz(tmp_path / "bad.npz", **changes)
    with pytest.raises(RecordingError, match=sentence) as caught:
        read_recording(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n1,2\n3\n", "line 3: has 1 columns, the header has 2"),
        ("a,b\n1,2\n3,4,5\n", "line 3: has 3 columns"),
        ("a,b\n1,2\n\n3,x\n", "line 4: column b holds 'x'"),
        ("a,b\n1,2\nnan,4\n", "line 3: column a holds 'nan'"),
        ("a,b\n1,\n", "line 2: column b holds ''"),
        ("a,b\n1,inf\n", "line 2: column b holds 'inf'"),
        ("a,b\n1\n2\n", "line 2: has 1 columns"),
        ("a,b\n", "no samples"),
        ("1,2\n3,4\n", "line 1: expected the names"),
        ("a,\n3,4\n", "line 1: column 2 has no name"),
        ("a,a\n3,4\n", "line 1: column a is there more than once"),
        ("time_s\n0\n1\n", "no channel"),
        ("time_s,a\n0\n", "line 2"),
        ("time_s,a\n0,1\n", "needs two lines"),
        ("time_s,a\n0,1\n0,1\n", "does not rise"),
        ("time_s,a\n0,1\n1,1\n2,1\n5,1\n", "goes from 2 to 5 s at sample 4"),
    ],
)
def test_a_csv_that_cannot_be_used_is_told_where(tmp_path, text, sentence):
    with pytest.raises(RecordingError, match=sentence):
        read_recording(write_csv(tmp_path / "bad.csv", text), rate_hz=100, unit="uV")


def test_a_csv_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_bytes(b"a\n1\n\xff\xfe\n")
    with pytest.raises(RecordingError, match="UTF-8"):
        read_recording(path, rate_hz=100)


@pytest.mark.parametrize("kept", [1, 100, 300, 900, -20])
@pytest.mark.parametrize("ending", [".npz", ".edf"])
def test_a_file_cut_short_is_refused(tmp_path, ending, kept):
    whole = tmp_path / f"whole{ending}"
    if ending == ".npz":
        write_npz(whole)
    else:
        write_edf(whole, ("a", "uV", 200, np.zeros(1000)))
    path = tmp_path / f"cut{ending}"
    path.write_bytes(whole.read_bytes()[:kept])
    with pytest.raises(RecordingError, match="cut short"):
        read_recording(path)


def test_an_npy_in_the_clothes_of_an_npz_is_refused(tmp_path):
    path = tmp_path / "bad.npz"
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(RecordingError, match="no whole"):
        read_recording(path)


def test_an_edf_of_two_rates_is_refused(tmp_path):
    path = write_edf(tmp_path / "r.edf", ("a", "uV", 200, np.zeros(200)), ("b", "uV", 100, np.zeros(100)))
    with pytest.raises(RecordingError, match=r"a \(200 Hz, uV\) and b \(100 Hz, uV\) differ"):
        read_recording(path)


def test_an_edf_without_a_unit_of_ours_is_refused(tmp_path):
    path = write_edf(tmp_path / "r.edf", ("heat", "degC", 200, np.zeros(200)))
    with pytest.raises(RecordingError, match="heat in 'degC'"):
        read_recording(path)


@pytest.mark.parametrize("ending", [".npz", ".csv", ".edf"])
def test_an_empty_file_is_refused(tmp_path, ending):
    path = tmp_path / f"empty{ending}"
    path.touch()
    with pytest.raises(RecordingError, match="empty"):
        read_recording(path)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("nothing.npz", "no such file"), ("song.mp3", "ending in .npz, .csv, .edf"), (".", "ending in")],
)
def test_what_is_no_recording_is_refused(tmp_path, name, sentence):
    with pytest.raises(RecordingError, match=sentence):
        read_recording(tmp_path / name)


def test_a_directory_is_refused(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(RecordingError, match="directory"):
        read_recording(Path(tmp_path / "folder.csv"))
