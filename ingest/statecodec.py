"""Saved state to bytes and back: JSON with arrays beside it, compressed. No code is ever read from it."""

import base64
import json
import zlib
from typing import cast

import numpy as np

from detector.contract import StateValue

_ARRAY = "__array__"


def encode_state(state: dict[str, StateValue]) -> bytes:
    """Return `state` as bytes.

    >>> decode_state(encode_state({"n": 1, "x": np.array([1.5], np.float32)}))["x"]
    array([1.5], dtype=float32)
    """
    return zlib.compress(json.dumps(_plain(state)).encode(), level=1)


def decode_state(data: bytes) -> dict[str, StateValue]:
    """Return what `encode_state` was given.

    Raises:
        ValueError: The bytes are damaged.
    """
    try:
        return cast("dict[str, StateValue]", _restored(json.loads(zlib.decompress(data))))
    except (zlib.error, KeyError, TypeError) as error:
        raise ValueError(f"a saved state is damaged: {error}") from error


def _plain(value: StateValue) -> object:
    if isinstance(value, np.ndarray):
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {_ARRAY: value.dtype.str, "shape": list(value.shape), "data": data}
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value


def _restored(value: object) -> object:
    if isinstance(value, dict):
        if _ARRAY in value:
            flat = np.frombuffer(base64.b64decode(value["data"]), np.dtype(value[_ARRAY]))
            return flat.reshape(value["shape"]).copy()
        return {key: _restored(inner) for key, inner in value.items()}
    return [_restored(inner) for inner in value] if isinstance(value, list) else value
