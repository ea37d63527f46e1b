"""Sealed segments: small, whole or absent, and readable without us."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ingest.archive.chunk import Chunk, Source
from ingest.archive.sealed import end_of_sealed, read_sealed, seal
from ingest.messages import Modality, Unit

START_NS = 1_800_000_000_000_000_000
BYTES_PER_SAMPLE = 1.2  # at most, with sample numbers, times and footer


def test_any_parquet_reader_sees_numbers_times_and_codes(
    tmp_path: Path, source: Source, make: Callable[..., Chunk]
) -> None:
    path = tmp_path / "x.parquet"
    assert seal(path, source, [make(0, 50), make(50, 100)]) == 100
    table = pq.read_table(path)
    assert table.column_names == ["sample", "time", "uncertainty_us", "biceps-left", "biceps-right"]
    assert table["sample"].to_pylist() == list(range(100))
    assert table["time"].type == pa.timestamp("us", "UTC")
    assert table["time"].cast(pa.int64()).to_pylist() == [START_NS // 1000 + i * 1000 for i in range(100)]
    assert table["uncertainty_us"].to_pylist() == [1500] * 100
    assert table["biceps-right"].to_pylist() == [-i for i in range(100)]
    assert table.schema.field("biceps-left").metadata == {b"unit": b"uV", b"scale": b"0.5"}


def test_a_gap_is_a_jump_in_the_numbers_and_is_listed(
    tmp_path: Path, source: Source, make: Callable[..., Chunk]
) -> None:
    path = tmp_path / "x.parquet"
    seal(path, source, [make(0, 50), make(70, 100)])
    assert np.flatnonzero(np.diff(pq.read_table(path)["sample"]) != 1).tolist() == [49]
    assert json.loads(pq.read_metadata(path).metadata[b"gaps"]) == [[50, 70]]
    assert [(chunk.start, chunk.end) for chunk in read_sealed(path)[1]] == [(0, 50), (70, 100)]


def test_signal_comes_back_over_many_row_groups(
    tmp_path: Path, source: Source, make: Callable[..., Chunk]
) -> None:
    path = tmp_path / "x.parquet"
    chunks = [make(start, start + 5000) for start in range(0, 300_000, 5000)]
    seal(path, source, chunks)
    found, read = read_sealed(path)
    assert found == source
    codes = np.concatenate([chunk.codes for chunk in read], axis=1)
    assert np.array_equal(codes, np.concatenate([chunk.codes for chunk in chunks], axis=1))
    assert pq.read_metadata(path).num_row_groups > 1
    assert end_of_sealed(path) == 300_000


def test_codes_of_24_bits_come_back(tmp_path: Path, source: Source) -> None:
    wide = replace(source, stream=replace(source.stream, sample_bytes=3))
    codes = np.array([[-(2**23), 0, 2**23 - 1], [1, 2, 3]], np.int32)
    seal(tmp_path / "x.parquet", wide, [Chunk(wide, 5, codes, START_NS, START_NS + 3_000_000, 0)])
    [chunk] = read_sealed(tmp_path / "x.parquet")[1]
    assert np.array_equal(chunk.codes, codes)


def test_the_axes_of_an_accelerometer_are_called_so(tmp_path: Path, source: Source) -> None:
    stream = replace(source.stream, modality=Modality.ACCELEROMETER, unit=Unit.MILLIG, channels=3)
    skin = replace(source, stream=stream, sites=("biceps-left",))
    codes = np.zeros((3, 4), np.int16)
    seal(tmp_path / "x.parquet", skin, [Chunk(skin, 0, codes, START_NS, START_NS + 4_000_000, 0)])
    assert pq.read_schema(tmp_path / "x.parquet").names[3:] == ["x", "y", "z"]


def test_what_fails_on_the_way_leaves_nothing(
    tmp_path: Path, source: Source, make: Callable[..., Chunk]
) -> None:
    def failing() -> Iterator[Chunk]:
        yield make(0, 200_000)
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        seal(tmp_path / "x.parquet", source, failing())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.recordings
@pytest.mark.parametrize(
    ("name", "scale"),
    [("biosignals-emg-1000-hz-16-bits-solo", 3000 / 2**16), ("myo-rest", 1.0), ("myo-bursts", 1.0)],
)
def test_real_emg_takes_little(
    tmp_path: Path, recordings: Path, source: Source, name: str, scale: float
) -> None:
    with np.load(recordings / f"{name}.npz") as file:
        samples, rate_hz = file["x"].T, float(file["fs_hz"])
    codes = np.rint(samples / scale).astype(np.int16)
    assert np.allclose(codes * scale, samples, atol=1e-3)
    channels, instants = codes.shape
    stream = replace(source.stream, channels=channels, rate_mhz=int(rate_hz * 1000), scale=scale)
    measured = replace(source, stream=stream, sites=tuple(f"site-{i}" for i in range(channels)))
    step = int(5 * rate_hz)
    period_ns = 1e9 / rate_hz * (1 + 30e-6)  # a crystal that is off as crystals are
    chunks = [
        Chunk(
            measured,
            start,
            codes[:, start : start + step],
            START_NS + round(start * period_ns),
            START_NS + round(min(start + step, instants) * period_ns),
            1_000_000,
        )
        for start in range(0, instants, step)
    ]
    seal(tmp_path / "x.parquet", measured, chunks)
    assert (tmp_path / "x.parquet").stat().st_size / codes.size <= BYTES_PER_SAMPLE
    read = np.concatenate([chunk.codes for chunk in read_sealed(tmp_path / "x.parquet")[1]], axis=1)
    assert np.array_equal(read, codes)
