"""Checkpoints: where to go on with a device, written every few seconds and therefore small.

What a detector knows is large and changes all the time. So it is written once in a while, and in between only
the signal that has come since: judged again, it leads to the same state, because what is found does not
depend on how the signal was cut. A chain of rows says all: the first holds everything, each further one what
has changed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Self, cast

import numpy as np

from detector.contract import StateValue
from ingest.archive.chunk import Chunk
from ingest.clock import DeviceClock
from ingest.conversation import Position
from ingest.schema import CheckpointRow
from ingest.statecodec import decode_state, encode_state
from ingest.stream import StreamRecorder

_Saved = dict[str, StateValue]

STATE_VERSION = "2"  # of what a row holds; another one's is not read
TAIL_S = 120.0  # of signal in a chain: judged again in less than a second a board; the whole state is 360 kB

Load = Callable[[str], Sequence[CheckpointRow]]
"""Returns the rows of a device's chain, in order; none if it was never here."""


class Chain:
    """The checkpoints of one boot of a device.

    >>> chain = Chain("00a1", boot_id=7)
    >>> [chain.add(Position({}, 0), DeviceClock(), {}, [], now_ns).number for now_ns in (1, 2)]
    [0, 1]
    """

    def __init__(self, device: str, boot_id: int) -> None:
        self._device, self._boot_id = device, boot_id
        self._number = 0
        self._tail_s = 0.0
        self._saved: list[_Saved] = []

    @classmethod
    def load(cls, rows: Sequence[CheckpointRow], device: str, boot_id: int) -> Self | None:
        """Return the chain that these rows make, to be gone on with; None if they are not this boot's.

        One that is torn, damaged or another version's is as good as none: the device sends what it holds.
        """
        chain = cls(device, boot_id)
        links = [(row.boot_id, row.version, row.number) for row in rows]
        if not links or links != [(boot_id, STATE_VERSION, number) for number in range(len(links))]:
            return None
        try:
            chain._saved = [decode_state(row.state) for row in rows]
        except ValueError:
            return None
        chain._number = len(rows)
        return chain

    @property
    def position(self) -> Position:
        """Up to where the device was stored when this was loaded."""
        last = self._saved[-1]
        expected = cast("_Saved", last["expected"])
        streams = {int(i): int(np.asarray(n)) for i, n in expected.items()}
        return Position(streams, int(np.asarray(last["marker_next"])))

    def restore(self, clock: DeviceClock, recorders: Mapping[int, StreamRecorder]) -> None:
        """Bring clock and recorders to where they were; what was loaded is let go."""
        saved, self._saved = self._saved, []
        clock.restore(cast("_Saved", saved[-1]["clock"]))
        for row in saved:
            for stream_id, state in cast("dict[str, _Saved]", row["streams"]).items():
                if recorder := recorders.get(int(stream_id)):
                    recorder.restore(state)
            self._tail_s += float(np.asarray(row["signal_s"]))

    def add(
        self,
        position: Position,
        clock: DeviceClock,
        recorders: Mapping[int, StreamRecorder],
        signal: Sequence[Chunk],
        now_ns: int,
    ) -> CheckpointRow:
        """Return the next row.

        Args:
            position: Up to where everything is in the journal once this row is.
            clock: The device's.
            recorders: By stream id.
            signal: What they took since the last row.
            now_ns: UTC.
        """
        whole = self._number == 0 or self._tail_s >= TAIL_S
        if whole:
            self._number, self._tail_s = 0, 0.0
        signal_s = 0.0 if whole else _longest_s(signal)
        state: _Saved = {
            "expected": {str(i): n for i, n in position.expected.items()},
            "marker_next": position.marker_next,
            "clock": clock.state(),
            "signal_s": signal_s,
            "streams": {
                str(i): recorder.state() if whole else recorder.change(_of(i, signal))
                for i, recorder in recorders.items()
            },
        }
        row = CheckpointRow(
            self._device, self._boot_id, STATE_VERSION, self._number, now_ns, encode_state(state)
        )
        self._number += 1
        self._tail_s += signal_s
        return row


def _of(stream_id: int, signal: Sequence[Chunk]) -> list[Chunk]:
    return [chunk for chunk in signal if chunk.source.stream.stream_id == stream_id]


def _longest_s(signal: Sequence[Chunk]) -> float:
    """Return how much signal there is of the stream that has most, s."""
    lasted: dict[int, float] = {}
    for chunk in signal:
        stream = chunk.source.stream
        lasted[stream.stream_id] = lasted.get(stream.stream_id, 0.0) + chunk.codes.shape[1] / stream.rate_hz
    return max(lasted.values(), default=0.0)
