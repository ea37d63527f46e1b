"""The append file: whole records one after another, each with its length and checksum.

    file   = record(source as JSON) record(chunk)...
    record = length (u32) crc (u32, CRC-32 of the content) content
    chunk  = start, instants, start_ns, end_ns, uncertainty_ns (i64 each)  codes, channel by channel

All little-endian. A crash or a power cut leaves at most a torn last record, whatever byte it is torn at;
reading ends at the last whole one.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ingest.archive.chunk import Chunk, Source

_RECORD = struct.Struct("<II")
_CHUNK = struct.Struct("<qqqqq")
_LENGTH_LIMIT = 1 << 26  # bytes: no chunk comes near; a length beyond it is damage


class LogWriter:
    """One append file of one source, begun anew.

    Raises:
        OSError: From the constructor and `append`: the disk is full or broken. A chunk is in the file as a
            whole or, as far as readers see, not at all.
    """

    def __init__(self, path: Path, source: Source) -> None:
        self.path = path
        self.source = source
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb", buffering=0)  # what a failed write leaves in a buffer would come later
        self._length = 0
        try:
            self._write(source.to_json().encode())
            _sync_folder(path.parent)
        except OSError:
            self.close()
            raise

    def append(self, chunk: Chunk) -> None:
        """Add a chunk; when this returns it survives a power cut."""
        head = _CHUNK.pack(
            chunk.start, chunk.codes.shape[1], chunk.start_ns, chunk.end_ns, chunk.uncertainty_ns
        )
        self._write(head + chunk.codes.astype(chunk.source.code_type).tobytes())

    def close(self) -> None:
        """Close the file. Closing twice is harmless."""
        self._file.close()

    def _write(self, content: bytes) -> None:
        record = _RECORD.pack(len(content), zlib.crc32(content)) + content
        try:
            left = memoryview(record)
            while left:
                left = left[self._file.write(left) :]
            os.fsync(self._file.fileno())
        except OSError:
            with suppress(OSError):
                self._file.seek(self._length)
                self._file.truncate()
            raise
        self._length += len(record)


def read_log(file: BinaryIO) -> tuple[Source, Iterator[Chunk]] | None:
    """Return what an append file is of, and its whole chunks in the order they were written.

    None if it was torn before the first record was whole. Raises ValueError if it is no append file.
    """
    records = _records(file)
    first = next(records, None)
    if first is None:
        return None
    source = Source.from_json(first)
    return source, (_chunk(source, content) for content in records)


def _records(file: BinaryIO) -> Iterator[bytes]:
    while len(head := file.read(_RECORD.size)) == _RECORD.size:
        length, crc = _RECORD.unpack(head)
        if not 0 < length <= _LENGTH_LIMIT:
            return
        content = file.read(length)
        if len(content) != length or zlib.crc32(content) != crc:
            return
        yield content


def _chunk(source: Source, content: bytes) -> Chunk:
    start, instants, start_ns, end_ns, uncertainty_ns = _CHUNK.unpack_from(content)
    codes = np.frombuffer(content, source.code_type, offset=_CHUNK.size).reshape(-1, instants)
    return Chunk(source, start, codes, start_ns, end_ns, uncertainty_ns)


def _sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut; elsewhere than on POSIX nothing needs or offers it."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
