"""Sealed segments: Parquet that any tool reads, one row an instant.

Columns: `sample` (its number since boot), `time` (UTC, us), `uncertainty_us`, and for each channel the
converter's codes under the name of its site or axis. A code times `scale` of the column's metadata is in its
`unit`. What else there is to know is JSON under `fasciwatch` in the file's metadata; `gaps` there lists the
ranges [start, end) of samples that are missing between the first and the last.

Neighbouring samples are alike, so their differences are stored (DELTA_BINARY_PACKED) and what is regular in
those is squeezed out (zstd).
"""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ingest.archive.chunk import Chunk, Source
from ingest.errors import ArchiveError
from ingest.messages import UNIT_NAMES

_ROW_GROUP = 131_072  # instants, two minutes at 1 kHz: smaller costs size, larger memory (4 MB so)
_READ_INSTANTS = 8192  # a chunk when read: some seconds, over which time is a straight line
_ZSTD_LEVEL = 3  # level 9 is three times slower and saves 0.1 % on real EMG
_METADATA = b"fasciwatch"


def seal(path: Path, source: Source, chunks: Iterable[Chunk]) -> int:
    """Write `chunks`, which follow each other, to `path`; it is there as a whole or not at all.

    Returns:
        How many instants there were; if none, no file was written.

    Raises:
        OSError: The disk is full or broken.
        ArchiveError: Parquet does not take it.
    """
    unfinished = path.with_suffix(".unfinished")
    try:
        count = _write(unfinished, source, chunks)
        if count:
            with unfinished.open("rb+") as file:
                os.fsync(file.fileno())
            unfinished.replace(path)
    except pa.ArrowException as error:
        raise ArchiveError(path, f"this cannot be sealed: {error}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return count


def read_sealed(path: Path) -> tuple[Source, Iterator[Chunk]]:
    """Return what a sealed segment is of, and its signal in order.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no segment, or damaged.
    """
    file = pq.ParquetFile(path)
    metadata = (file.schema_arrow.metadata or {}).get(_METADATA, b"null")
    source = Source.from_json(metadata)
    return source, _chunks(file, source)


def end_of_sealed(path: Path) -> int:
    """Return the number after the last sample, from the footer alone. Raises as `read_sealed` does."""
    metadata = pq.read_metadata(path)
    newest = metadata.row_group(metadata.num_row_groups - 1).column(0).statistics
    return int(newest.max) + 1


def _write(path: Path, source: Source, chunks: Iterable[Chunk]) -> int:
    schema = _schema(source)
    names = [field.name for field in schema]
    count, gaps, end = 0, [], None
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=_ZSTD_LEVEL,
        use_dictionary=["uncertainty_us"],
        column_encoding={name: "DELTA_BINARY_PACKED" for name in names if name != "uncertainty_us"},
        write_statistics=["sample", "time"],
    ) as writer:
        for group in _grouped(chunks):
            for chunk in group:
                if end is not None and chunk.start != end:
                    gaps.append([end, chunk.start])
                end = chunk.end
                count += chunk.codes.shape[1]
            writer.write_table(_table(schema, group))
        writer.add_key_value_metadata({"gaps": json.dumps(gaps)})
    return count


def _schema(source: Source) -> pa.Schema:
    stream = source.stream
    code_type = pa.int16() if stream.sample_bytes == 2 else pa.int32()
    meaning = {"unit": UNIT_NAMES[stream.unit], "scale": repr(stream.scale)}
    return pa.schema(
        [
            pa.field("sample", pa.int64(), nullable=False),
            pa.field("time", pa.timestamp("us", "UTC"), nullable=False),
            pa.field("uncertainty_us", pa.int32(), nullable=False),
            *(pa.field(name, code_type, nullable=False, metadata=meaning) for name in source.channels),
        ],
        metadata={_METADATA: source.to_json()},
    )


def _grouped(chunks: Iterable[Chunk]) -> Iterator[list[Chunk]]:
    group: list[Chunk] = []
    size = 0
    for chunk in chunks:
        group.append(chunk)
        size += chunk.codes.shape[1]
        if size >= _ROW_GROUP:
            yield group
            group, size = [], 0
    if group:
        yield group


def _table(schema: pa.Schema, group: list[Chunk]) -> pa.Table:
    sample = np.concatenate([np.arange(chunk.start, chunk.end) for chunk in group])
    time_us = np.concatenate([_times_us(chunk) for chunk in group])
    uncertainty_us = np.repeat(
        [-(-chunk.uncertainty_ns // 1000) for chunk in group], [chunk.end - chunk.start for chunk in group]
    )
    codes = np.concatenate([chunk.codes for chunk in group], axis=1)
    columns = [sample, time_us, uncertainty_us.astype(np.int32), *codes]
    arrays = [pa.array(column).cast(field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _times_us(chunk: Chunk) -> NDArray[np.int64]:
    span_ns, instants = chunk.end_ns - chunk.start_ns, chunk.end - chunk.start
    return (chunk.start_ns + span_ns * np.arange(instants, dtype=np.int64) // instants) // 1000


def _chunks(file: pq.ParquetFile, source: Source) -> Iterator[Chunk]:
    for batch in file.iter_batches(_READ_INSTANTS):
        sample, time_us, uncertainty_us, *codes = (
            column.to_numpy(zero_copy_only=False) for column in batch.columns
        )
        breaks = np.flatnonzero(np.diff(sample) != 1) + 1
        for low, high in pairwise([0, *breaks.tolist(), sample.size]):
            yield _chunk(source, sample[low:high], time_us[low:high].astype(np.int64),
                         int(uncertainty_us[low]), np.stack([c[low:high] for c in codes]))  # fmt: skip


def _chunk(
    source: Source,
    sample: NDArray[np.int64],
    time_us: NDArray[np.int64],
    uncertainty_us: int,
    codes: NDArray[np.signedinteger],
) -> Chunk:
    period_ns = 1e9 / source.stream.rate_hz
    if sample.size > 1:
        period_ns = float(time_us[-1] - time_us[0]) * 1000 / (sample.size - 1)
    return Chunk(
        source,
        int(sample[0]),
        codes,
        int(time_us[0]) * 1000,
        int(time_us[-1]) * 1000 + round(period_ns),
        uncertainty_us * 1000,
    )
