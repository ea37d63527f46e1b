"""Runs that follow each other become one, and nothing else changes."""

import numpy as np

from ingest.conversation import Data, Press
from ingest.joining import joined
from ingest.reassembly import Gap, Run


def run(start: int, count: int = 28, *, resent: bool = False) -> Run:
    codes = np.arange(start, start + count, dtype=np.int32)[np.newaxis]
    return Run(start, start, start * 1000, codes, resent)


def spans(deliveries: list[object]) -> list[tuple[int, int, int]]:
    return [(d.stream_id, d.item.start, d.item.end) for d in deliveries if isinstance(d, Data)]


def test_runs_that_follow_each_other_are_one_with_the_time_of_the_first() -> None:
    [piece] = joined(Data(0, run(start)) for start in (0, 28, 56))
    assert piece.item.codes.tolist() == [list(range(84))]
    assert (piece.item.timed, piece.item.time_us) == (0, 0)


def test_a_piece_is_no_longer_than_eight_frames() -> None:
    pieces = list(joined(Data(0, run(28 * number)) for number in range(20)))
    assert spans(pieces) == [(0, 0, 224), (0, 224, 448), (0, 448, 560)]


def test_streams_are_joined_apart() -> None:
    pieces = list(joined([Data(0, run(0)), Data(1, run(0, 6)), Data(0, run(28)), Data(1, run(6, 6))]))
    assert spans(pieces) == [(0, 0, 56), (1, 0, 12)]


def test_what_was_resent_is_not_joined_with_what_is_new() -> None:
    pieces = list(joined([Data(0, run(0, resent=True)), Data(0, run(28, resent=True)), Data(0, run(56))]))
    assert spans(pieces) == [(0, 0, 56), (0, 56, 84)]
    assert [piece.item.resent for piece in pieces] == [True, False]


def test_a_gap_or_a_press_keeps_its_place() -> None:
    given = [
        Data(0, run(0)),
        Data(0, Gap(28, 40, "lost")),
        Data(0, run(40)),
        Press(0, 68_000),
        Data(0, run(68)),
    ]
    assert list(joined(given)) == given
