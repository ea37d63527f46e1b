"""Saved state to bytes and back. No code is ever read from it.

    state = crc (u32, CRC-32 of all that follows) length of the JSON (u32) JSON  arrays, one after another

The JSON says type, shape and length of each array in its place. Fractions go as they are: what they hold is
noise to the last bit, which no compression makes much smaller. Whole numbers are deflated byte by byte, the
first of each number, then the second: so the high bytes of a quiet signal stand together.
"""

import json
import struct
import zlib
from typing import cast

import numpy as np
from numpy.typing import NDArray

from detector.contract import StateValue

_ARRAY = "__array__"
_LEVEL = 1  # of deflate: the others take twice the time and more, for a twentieth of the size
_U32 = struct.Struct("<I")


def encode_state(state: dict[str, StateValue]) -> bytes:
    """Return `state` as bytes.

    >>> decode_state(encode_state({"n": 1, "x": np.array([1.5], np.float32)}))["x"]
    array([1.5], dtype=float32)
    """
    arrays: list[bytes] = []
    plain = json.dumps(_plain(state, arrays)).encode()
    body = b"".join((_U32.pack(len(plain)), plain, *arrays))
    return _U32.pack(zlib.crc32(body)) + body


def decode_state(data: bytes) -> dict[str, StateValue]:
    """Return what `encode_state` was given.

    Raises:
        ValueError: The bytes are damaged.
    """
    body = memoryview(data)[_U32.size :]
    if len(body) < _U32.size or zlib.crc32(body) != _U32.unpack_from(data)[0]:
        raise ValueError("a saved state is damaged")
    [length] = _U32.unpack_from(body)
    plain, arrays = body[_U32.size : _U32.size + length], body[_U32.size + length :]
    return cast("dict[str, StateValue]", _Restoring(arrays).value(json.loads(bytes(plain))))


def _plain(value: StateValue, arrays: list[bytes]) -> object:
    """Return what JSON can say of a value; what its arrays hold is appended to `arrays`."""
    if isinstance(value, np.ndarray):
        arrays.append(_deflated(value) if value.dtype.kind == "i" else value.tobytes())
        return {_ARRAY: value.dtype.str, "shape": value.shape, "bytes": len(arrays[-1])}
    if isinstance(value, dict):
        return {key: _plain(inner, arrays) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner, arrays) for inner in value]
    return value


class _Restoring:
    """Takes the arrays from their bytes, in the order in which they were put there."""

    def __init__(self, arrays: memoryview) -> None:
        self._arrays = arrays
        self._at = 0

    def value(self, plain: object) -> object:
        if isinstance(plain, dict):
            if _ARRAY in plain:
                return self._array(np.dtype(plain[_ARRAY]), plain["bytes"]).reshape(plain["shape"])
            return {key: self.value(inner) for key, inner in plain.items()}
        return [self.value(inner) for inner in plain] if isinstance(plain, list) else plain

    def _array(self, dtype: np.dtype[np.generic], length: int) -> NDArray[np.generic]:
        content = self._arrays[self._at : self._at + length]
        self._at += length
        if dtype.kind == "i":
            return _inflated(content, dtype)
        return np.frombuffer(content, dtype).copy()


def _deflated(values: NDArray[np.generic]) -> bytes:
    planes = np.frombuffer(values.tobytes(), np.uint8).reshape(-1, values.itemsize).T
    return zlib.compress(planes.tobytes(), _LEVEL)


def _inflated(content: memoryview, dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
    planes = np.frombuffer(zlib.decompress(content), np.uint8).reshape(dtype.itemsize, -1)
    return planes.T.copy().view(dtype).reshape(-1)
