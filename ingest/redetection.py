"""Today's detector over archived signal, its results beside those of the day."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from detector.block import Block
from detector.event import Findings, State
from ingest.archive.chunk import Chunk, Source
from ingest.archive.reading import chunks, streams
from ingest.archive.segment import Segment
from ingest.errors import ArchiveError
from ingest.journal import Journal
from ingest.messages import MODALITY_NAMES
from ingest.reader import JournalReader
from ingest.schema import EventRow, RedetectionRow
from ingest.stream import detector_for, event_row

_RECENT_CHUNKS = 16  # over a minute of them: longer than any detector thinks an event over


@dataclass(slots=True)
class Redetected:
    """What came of one archived stream.

    Attributes:
        judged: What was judged, channel by channel; empty where the signal cannot be judged.
        events: What was found there.
        problems: What could not be read or judged, in sentences.
    """

    judged: list[RedetectionRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def redetect(
    archive: Path,
    journal: Journal,
    *,
    since_ns: int,
    until_ns: int,
    now_ns: int,
    advance: Callable[[int], None] = lambda _: None,
) -> Iterator[Redetected]:
    """Judge what the archive holds of [since, until) anew, stream by stream, and keep what comes of it.

    Whole segments are judged, so up to an hour more on either side. Each stream is written as a whole; what
    the same version of the detector made of it before is replaced, other versions' results stay.

    Args:
        archive: The archive's folder.
        journal: Where the results go: tables `redetected` and `redetection`.
        since_ns: UTC.
        until_ns: UTC.
        now_ns: Goes with the results.
        advance: Is told how many bytes of the archive were read.
    """
    for _, held in streams(archive, since_ns, until_ns):
        result = _judge(held, now_ns, advance)
        for version in {row.detector for row in result.judged}:
            journal.replace_redetected(
                [event for event in result.events if event.detector == version],
                [row for row in result.judged if row.detector == version],
            )
        yield result


def live_twitches(reader: JournalReader, judged: RedetectionRow) -> dict[str, int]:
    """Return how many twitches were found live in the same samples, by the version that found them."""
    rows = reader.ask(
        "SELECT detector, count(*) FROM event WHERE device = ? AND boot_id = ? AND stream = ? AND channel = ?"
        " AND onset_sample >= ? AND onset_sample < ? AND kind = 'twitch' GROUP BY detector ORDER BY detector",
        (
            judged.device,
            judged.boot_id,
            judged.stream,
            judged.channel,
            judged.start_sample,
            judged.end_sample,
        ),
    )
    return dict(rows)


class _Judge:
    """A new detector on the signal of one source; raises ValueError if there is none for it."""

    def __init__(self, first: Chunk) -> None:
        self.source = first.source
        self.events: list[EventRow] = []
        self._first = self._last = first
        self._recent: deque[Chunk] = deque(maxlen=_RECENT_CHUNKS)
        self._detector = detector_for(first.source.stream)
        self._seconds = [Counter[State]() for _ in first.source.sites]

    def take(self, chunk: Chunk) -> None:
        self._last = chunk
        self._recent.append(chunk)
        samples = (chunk.codes * np.float32(self.source.stream.scale)).astype(np.float32)
        self._note(self._detector.update(Block(chunk.start, samples)))

    def finish(self, now_ns: int) -> list[RedetectionRow]:
        self._note(self._detector.finish())
        source = self.source
        return [
            RedetectionRow(
                detector=self._detector.version,
                device=source.device,
                boot_id=source.boot_id,
                stream=source.stream.stream_id,
                channel=channel,
                start_sample=self._first.start,
                end_sample=self._last.end,
                start_ns=self._first.start_ns,
                end_ns=self._last.end_ns,
                wearer=source.wearer,
                site=source.sites[channel],
                modality=MODALITY_NAMES[source.stream.modality],
                rest_s=seconds[State.REST],
                movement_s=seconds[State.MOVEMENT],
                unusable_s=seconds.total() - seconds[State.REST] - seconds[State.MOVEMENT],
                finished_ns=now_ns,
            )
            for channel, seconds in enumerate(self._seconds)
        ]

    def _note(self, findings: Findings) -> None:
        for event in findings.events:
            chunk = next((c for c in reversed(self._recent) if c.start <= event.onset), self._recent[0])
            onset_ns = chunk.time_ns(event.onset)
            version = self._detector.version
            self.events.append(event_row(event, self.source, version, onset_ns, chunk.uncertainty_ns))
        for span in findings.spans:
            seconds = (span.end - span.start) / self.source.stream.rate_hz
            self._seconds[span.channel][span.state] += seconds  # type: ignore[assignment]  # Counter of float


def _judge(held: list[Segment], now_ns: int, advance: Callable[[int], None]) -> Redetected:
    result = Redetected()
    judge: _Judge | None = None
    refused: Source | None = None
    for chunk in _signal(held, result.problems, advance):
        if judge is not None and chunk.source != judge.source:
            _close(judge, result, now_ns)
            judge = None
        if judge is None and chunk.source != refused:
            try:
                judge = _Judge(chunk)
            except ValueError as error:
                refused = chunk.source
                result.problems.append(f"device {refused.device}, stream {refused.stream.stream_id}: {error}")
        if judge is not None:
            judge.take(chunk)
    if judge is not None:
        _close(judge, result, now_ns)
    return result


def _close(judge: _Judge, result: Redetected, now_ns: int) -> None:
    result.judged += judge.finish(now_ns)
    result.events += judge.events


def _signal(held: list[Segment], problems: list[str], advance: Callable[[int], None]) -> Iterator[Chunk]:
    for segment in held:
        size = segment.path.stat().st_size if segment.path.exists() else 0
        try:
            yield from chunks(segment)
        except ArchiveError as error:
            problems.append(str(error))
        advance(size)
