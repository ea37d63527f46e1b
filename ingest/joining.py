"""Frames that arrive together become one piece of signal: what a detector does is paid by the piece."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from ingest.conversation import Data, Delivery
from ingest.reassembly import Run

_FRAMES = 8  # in a piece: 0.2 s of a board with 28 ms in a frame, less than lies between two marks of time


def joined(deliveries: Iterable[Delivery]) -> Iterator[Delivery]:
    """Give the same samples in fewer runs.

    Runs of a stream that follow each other are joined; whatever else comes ends them, in its place.
    """
    open_runs: dict[int, list[Run]] = {}
    for delivery in deliveries:
        match delivery:
            case Data(stream_id, Run() as run):
                runs = open_runs.setdefault(stream_id, [])
                if runs and (len(runs) == _FRAMES or not _follows(runs[-1], run)):
                    yield Data(stream_id, _one(open_runs.pop(stream_id)))
                    runs = open_runs.setdefault(stream_id, [])
                runs.append(run)
            case _:
                yield from _all(open_runs)
                open_runs.clear()
                yield delivery
    yield from _all(open_runs)


def _all(open_runs: dict[int, list[Run]]) -> Iterator[Data]:
    return (Data(stream_id, _one(runs)) for stream_id, runs in open_runs.items())


def _follows(before: Run, run: Run) -> bool:
    return before.end == run.start and before.resent == run.resent


def _one(runs: list[Run]) -> Run:
    if len(runs) == 1:
        return runs[0]
    return replace(runs[0], codes=np.concatenate([run.codes for run in runs], axis=1))
