"""The live waves on their way to one browser: what it has not seen yet, as binary WebSocket frames.

A connection asks for a number of columns, as many as its screen is wide. Then it gets
- text: JSON `{"lanes": [...]}`, whenever the streams change: what is drawn, from top to bottom;
- text: JSON `{"twitches": [[lane, onset_ms, duration_ms], ...]}`, as they come into the journal;
- text: JSON `{"glimpses": ...}`, the same for what only looks like a twitch, as soon as it is over;
- binary, little-endian: float64 the time now (ms UTC), then for each trace: uint32 its number, uint32 n,
  float64 number of a column, n x 3 float32: columns after that one, lowest, highest sample.
"""

import asyncio
import json
import struct
import time
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray
from starlette.websockets import WebSocket, WebSocketDisconnect

from dashboards.web.context import PageContext
from dashboards.web.overview import head_to_foot
from dashboards.web.wording import MODALITIES, UNITS, place_name
from detector.event import Kind
from ingest.errors import JournalError
from ingest.live import Lane, LiveSignal, Mark
from ingest.reader import JournalReader, StoredEvent
from ingest.schema import EventRow
from ingest.summary import newest_event_id

WINDOW_NS = 10_000_000_000  # 10 s on a screen: long enough to see a spell, short enough to see a shape
FRAME_S = 0.08  # 12 frames a second: the browser scrolls smoothly between them
MARKS_S = 0.24  # every third frame: well under the second in which a mark should follow its twitch
FEWEST_COLUMNS, MOST_COLUMNS = 100, 3000  # a watch's screen, and a large one
MS_NS = 1_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row on the screen: an EMG channel, or the three axes of an accelerometer.

    Attributes:
        lane: The stream.
        site: Its place on the body.
        channels: Of the stream.
        traces: Their numbers in the frames: channels of all streams, counted through.
    """

    lane: Lane
    site: str
    channels: tuple[int, ...]
    traces: tuple[int, ...]

    def shows(self, event: EventRow) -> bool:
        """Whether that event happened in this row."""
        ours = event.device == self.lane.device and event.stream == self.lane.stream
        return ours and event.channel in self.channels


def rows(lanes: list[Lane]) -> list[Row]:
    """What is drawn of these streams, from top to bottom."""
    traces = count()
    found = [
        Row(lane, site, channels, tuple(next(traces) for _ in channels))
        for lane in lanes
        for site, channels in _grouped(lane)
    ]
    return sorted(found, key=lambda row: head_to_foot(row.site, row.lane.modality))


def _grouped(lane: Lane) -> list[tuple[str, tuple[int, ...]]]:
    if lane.modality == "accelerometer":
        return [(lane.sites[0], tuple(range(lane.channels)))]
    return [(site, (channel,)) for channel, site in enumerate(lane.sites)]


class Feed:
    """What one browser has not seen yet."""

    def __init__(self, live: LiveSignal, columns: int) -> None:
        self._live = live
        self._columns = min(max(columns, FEWEST_COLUMNS), MOST_COLUMNS)
        self._width_ns = WINDOW_NS // self._columns
        self._shown: list[tuple[str, int, int, tuple[str, ...], float]] = []
        self._rows: list[Row] = []
        self._next: dict[tuple[str, int], int] = {}
        self._marked: dict[tuple[str, int], int] = {}

    def lanes(self) -> str | None:
        """The message that says what is drawn; None where nothing changed since it was last asked for."""
        lanes = self._live.lanes()
        shown = [(lane.device, lane.stream, lane.channels, lane.sites, lane.rate_hz) for lane in lanes]
        if shown == self._shown:
            return None
        self._shown, self._rows, self._next = shown, rows(lanes), {}
        described = [
            {
                "name": place_name(row.site),
                "modality": MODALITIES.get(row.lane.modality, row.lane.modality),
                "unit": UNITS.get(row.lane.unit, row.lane.unit),
                "traces": row.traces,
                "period_ms": 1e3 / row.lane.rate_hz,
                "end_ms": row.lane.end_ns / MS_NS,
            }
            for row in self._rows
        ]
        return json.dumps({"lanes": described, "width_ms": self._width_ns / MS_NS, "columns": self._columns})

    def frame(self, now_ns: int) -> bytes:
        """The binary frame with everything new since the last one."""
        parts = [struct.pack("<d", now_ns / MS_NS)]
        screen_start = (now_ns - WINDOW_NS) // self._width_ns
        trace = 0
        for device, stream, channels, _, _ in self._shown:
            since = max(self._next.get((device, stream), 0), screen_start)
            new = self._live.columns(device, stream, since=since, width_ns=self._width_ns)
            if new.numbers.size:
                self._next[device, stream] = int(new.numbers[-1])  # may still grow: it is sent again
                parts += (
                    _block(trace + channel, new.numbers, new.low[channel], new.high[channel])
                    for channel in range(channels)
                )
            trace += channels
        return b"".join(parts)

    def twitches(self, events: list[StoredEvent]) -> str | None:
        """The message that marks those of the events that are on the screen; None where none is."""
        marks = [
            [lane, event.row.onset_ns / MS_NS, event.row.duration_ms]
            for event in events
            if event.row.kind == Kind.TWITCH
            for lane, row in enumerate(self._rows)
            if row.shows(event.row)
        ]
        return json.dumps({"twitches": marks}) if marks else None

    def glimpses(self) -> str | None:
        """The message that marks what was glimpsed since it was last asked for; None where nothing was."""
        found: dict[tuple[str, int], list[Mark]] = {}
        for device, stream, *_ in self._shown:
            after = self._marked.get((device, stream), 0)
            found[device, stream], count = self._live.marks(device, stream, after=after)
            self._marked[device, stream] = count
        marks = [
            [lane, mark.onset_ns / MS_NS, mark.duration_ms]
            for lane, row in enumerate(self._rows)
            for mark in found[row.lane.device, row.lane.stream]
            if mark.channel in row.channels
        ]
        return json.dumps({"glimpses": marks}) if marks else None


def _block(
    trace: int, numbers: NDArray[np.int64], low: NDArray[np.float32], high: NDArray[np.float32]
) -> bytes:
    first = int(numbers[0])
    values = np.stack((numbers - first, low, high), axis=1).astype("<f4")
    return struct.pack("<IId", trace, len(values), first) + values.tobytes()


class _Marks:
    """The journal's newest events, read from a cursor."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._cursor: int | None = None

    def read(self, since_ns: int) -> list[StoredEvent]:
        """Events since `since_ns` at first, then what was written since; none without a journal."""
        try:
            with JournalReader(self._context.journal) as reader:
                if self._cursor is None:
                    self._cursor = newest_event_id(reader)
                    return reader.events(wearer=self._context.wearer, since_ns=since_ns)
                events = reader.events_after(self._cursor)
        except JournalError:
            return []
        if events:
            self._cursor = events[-1].id
        return events


async def send_waves(websocket: WebSocket, context: PageContext) -> None:
    """Serve one browser until it goes away."""
    await websocket.accept()
    try:
        columns = int(websocket.query_params.get("columns", ""))
    except ValueError:
        columns = FEWEST_COLUMNS
    feed, marks = Feed(context.live, columns), _Marks(context)
    try:
        for tick in count():
            if described := feed.lanes():
                await websocket.send_text(described)
                marks = _Marks(context)
            await websocket.send_bytes(feed.frame(time.time_ns()))
            if glimpsed := feed.glimpses():
                await websocket.send_text(glimpsed)
            if tick % round(MARKS_S / FRAME_S) == 0:
                events = await asyncio.to_thread(marks.read, time.time_ns() - WINDOW_NS)
                if found := feed.twitches(events):
                    await websocket.send_text(found)
            await asyncio.sleep(FRAME_S)
    except WebSocketDisconnect:
        return
