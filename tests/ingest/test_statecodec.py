"""Saved state: what is read is what was written, or nothing."""

import numpy as np
import pytest

from ingest.statecodec import decode_state, encode_state

STATE = {
    "number": 3,
    "share": 0.1,
    "absent": None,
    "nested": {"name": "biceps", "list": [np.arange(6, dtype=np.int32).reshape(2, 3), 5]},
    "empty": np.zeros((4, 0), np.float32),
    "flag": True,
    "turned": np.arange(6.0).reshape(2, 3).T,
}


def test_every_value_comes_back_with_type_shape_and_content() -> None:
    again = decode_state(encode_state(STATE))
    assert {key: again[key] for key in ("number", "share", "absent", "flag")} == {
        key: STATE[key] for key in ("number", "share", "absent", "flag")
    }
    for before, after in (
        (STATE["nested"]["list"][0], again["nested"]["list"][0]),
        (STATE["empty"], again["empty"]),
        (STATE["turned"], again["turned"]),
    ):
        assert after.dtype == before.dtype
        assert after.shape == before.shape
        assert np.array_equal(after, before)


def test_a_restored_array_can_be_written_to() -> None:
    array = decode_state(encode_state({"x": np.zeros(3)}))["x"]
    array[0] = 1.0
    assert array.tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("at", [0, 4, 10, 40, -1])
def test_a_turned_bit_is_noticed(at: int) -> None:
    data = bytearray(encode_state(STATE))
    data[at] ^= 1
    with pytest.raises(ValueError, match="damaged"):
        decode_state(bytes(data))


@pytest.mark.parametrize("length", [0, 7, 8, 100])
def test_a_torn_state_is_noticed(length: int) -> None:
    with pytest.raises(ValueError, match="damaged"):
        decode_state(encode_state(STATE)[:length])
