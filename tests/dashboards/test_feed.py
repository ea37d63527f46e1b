"""A browser gets each column once, the last one again while it grows, and the marks where they belong."""

import json
import struct
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from dashboards.web.feed import WINDOW_NS, Feed
from ingest.live import LiveSignal, Mark
from ingest.reader import StoredEvent
from tests.rows import TWITCH

SECOND_NS = 10**9
START_NS = 1000 * SECOND_NS
COLUMNS = 500  # of 20 ms
WIDTH_NS = WINDOW_NS // COLUMNS
EVENT = replace(TWITCH, site="biceps-right", channel=1, onset_ns=START_NS)


def push(
    live: LiveSignal, seconds: float, *, until_s: float, device: str = "a1", marks: Sequence[Mark] = ()
) -> None:
    count = round(seconds * 1000)
    live.push(
        device=device,
        stream=0,
        modality="emg",
        unit="uV",
        sites=["biceps-left", "biceps-right"],
        rate_hz=1000.0,
        end_ns=START_NS + round(until_s * SECOND_NS),
        samples=np.arange(2 * count, dtype=np.float32).reshape(2, count),
        marks=marks,
    )


def push_accelerometer(live: LiveSignal) -> None:
    live.push(
        device="b2",
        stream=0,
        modality="accelerometer",
        unit="mg",
        sites=["biceps-left"],
        rate_hz=200.0,
        end_ns=START_NS,
        samples=np.zeros((3, 200), np.float32),
    )


def decode(frame: bytes) -> tuple[float, dict[int, np.ndarray]]:
    """As the browser does: the time in ms, and for each trace its rows of column, low, high."""
    [now_ms] = struct.unpack_from("<d", frame)
    traces, at = {}, 8
    while at < len(frame):
        trace, count, first = struct.unpack_from("<IId", frame, at)
        rows = np.frombuffer(frame, "<f4", 3 * count, at + 16).reshape(count, 3).astype(np.float64)
        rows[:, 0] += first
        traces[trace] = rows
        at += 16 + 12 * count
    return now_ms, traces


@pytest.fixture
def live() -> LiveSignal:
    return LiveSignal()


@pytest.fixture
def feed(live: LiveSignal) -> Feed:
    push(live, 1.0, until_s=0.0)
    feed = Feed(live, COLUMNS)
    feed.lanes()
    return feed


def test_the_first_frame_holds_all_that_is_on_the_screen(feed: Feed) -> None:
    now_ms, traces = decode(feed.frame(START_NS))
    assert now_ms == START_NS / 1e6
    assert traces[1].shape == (50, 3)
    last, low, high = traces[1][-1]
    assert (last, low, high) == (START_NS // WIDTH_NS - 1, 1980, 1999)


def test_what_has_left_the_screen_is_not_sent(feed: Feed) -> None:
    _, traces = decode(feed.frame(START_NS + WINDOW_NS - SECOND_NS // 2))
    assert traces[0].shape == (25, 3)


def test_a_later_frame_holds_only_what_is_new_and_the_column_that_was_open(
    live: LiveSignal, feed: Feed
) -> None:
    feed.frame(START_NS)
    push(live, 0.03, until_s=0.03)
    _, traces = decode(feed.frame(START_NS + 30_000_000))
    open_column = START_NS // WIDTH_NS
    assert traces[0][:, 0].tolist() == [open_column - 1, open_column, open_column + 1]
    push(live, 0.01, until_s=0.04)
    _, traces = decode(feed.frame(START_NS + 40_000_000))
    assert traces[0][:, 0].tolist() == [open_column + 1]


def test_without_news_a_frame_still_tells_the_time(feed: Feed, live: LiveSignal) -> None:
    feed.frame(START_NS)
    now_ms, traces = decode(feed.frame(START_NS + 60 * SECOND_NS))
    assert (now_ms, traces) == ((START_NS + 60 * SECOND_NS) / 1e6, {})


def test_the_lanes_are_told_once_and_again_when_a_sensor_joins(live: LiveSignal, feed: Feed) -> None:
    assert feed.lanes() is None
    push_accelerometer(live)
    described = json.loads(feed.lanes() or "")
    names = [(lane["name"], lane["traces"]) for lane in described["lanes"]]
    assert names == [
        ("Left upper arm, front", [0]),
        ("Left upper arm, front", [2, 3, 4]),
        ("Right upper arm, front", [1]),
    ]


def test_a_twitch_is_marked_in_the_row_of_its_channel(feed: Feed) -> None:
    message = feed.twitches([StoredEvent(1, EVENT)])
    assert json.loads(message or "") == {"twitches": [[1, START_NS / 1e6, 12.0]]}


@pytest.mark.parametrize("other", [{"kind": "artefact"}, {"device": "c3"}, {"stream": 1}, {"channel": 2}])
def test_nothing_else_is_marked(feed: Feed, other: dict) -> None:
    assert feed.twitches([StoredEvent(1, replace(EVENT, **other))]) is None


def test_what_was_glimpsed_is_told_once_and_in_the_row_of_its_channel(live: LiveSignal, feed: Feed) -> None:
    push(live, 0.1, until_s=0.1, marks=[Mark(1, START_NS + 50_000_000, 14.0)])
    assert json.loads(feed.glimpses() or "") == {"glimpses": [[1, START_NS / 1e6 + 50, 14.0]]}
    push(live, 0.1, until_s=0.2)
    assert feed.glimpses() is None


def test_an_absurd_width_is_brought_to_a_screens(live: LiveSignal) -> None:
    push(live, 10.0, until_s=0.0)
    feed = Feed(live, 10**9)
    assert json.loads(feed.lanes() or "")["columns"] == 3000
