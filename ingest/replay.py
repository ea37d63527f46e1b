"""A recording through protocol, pipeline and journal as if a board had measured it, as fast as it goes."""

from collections.abc import Callable

from ingest.assignment import Assignment
from ingest.detection import site_of
from ingest.journal import Journal
from ingest.pipeline import Pipeline
from ingest.recording import Recording
from ingest.schema import Records
from ingest.simulated.board import Board
from ingest.simulated.player import players

_STEP_US = 30_000  # of the board's time a turn: a live frame's worth, so that its arrival is not late
_CHECKPOINT_EVERY_NS = 30_000_000_000  # half of what the player's board holds
_LINE_BYTES = 65_536  # that the line takes a turn: more than any board says in a step


def replay(
    recording: Recording,
    journal: Journal,
    *,
    wearer: str,
    start_ns: int,
    advance: Callable[[float], None] = lambda _: None,
) -> list[str]:
    """Play a recording into a journal; playing it again at the same start adds nothing.

    Args:
        recording: What to play.
        journal: Where its rows go.
        wearer: Whose it is.
        start_ns: When its first sample was taken, UTC.
        advance: Is told how many seconds of signal were done.

    Returns:
        The sites under which it was recorded: channel names where they are sites, otherwise the recording's
        name and the channel's.
    """
    sites: list[str] = []
    first = 0
    boards = players(recording, boot_id=start_ns // 1_000_000_000 % (2**32 - 1) + 1)
    for board in boards:
        count = board.samplers[0].converter.measurement.channels
        names = _sites(recording, first, count)
        _play(board, journal, Assignment(wearer, recording.name, {0: names}), start_ns,
              lambda s: advance(s / len(boards)))  # fmt: skip
        sites += names
        first += count
    return sites


def _sites(recording: Recording, first: int, count: int) -> tuple[str, ...]:
    if recording.modality == "accelerometer":
        return (site_of(recording.channels[0]) or recording.name,)
    names = recording.channels[first : first + count]
    return tuple(site_of(name) or f"{recording.name}/{name}" for name in names)


def _play(
    board: Board, journal: Journal, assignment: Assignment, start_ns: int, advance: Callable[[float], None]
) -> None:
    pipeline = Pipeline(
        assign=lambda _: assignment,
        load=lambda _: (),
        link="replay",
        checkpoint_every_ns=_CHECKPOINT_EVERY_NS,
    )
    at_us = 0
    while not board.done:
        at_us += _STEP_US
        now_ns = start_ns + at_us * 1000
        board.run(at_us)
        _keep(journal, pipeline, pipeline.feed(board.send(_LINE_BYTES), now_ns))
        board.receive(pipeline.replies(now_ns))
        advance(_STEP_US / 1e6)
    _keep(journal, pipeline, pipeline.close(start_ns + at_us * 1000, finish=True))


def _keep(journal: Journal, pipeline: Pipeline, records: Records) -> None:
    journal.write(records)
    pipeline.committed(records)
