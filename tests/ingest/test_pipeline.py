"""Bytes in, rows out: what the pipeline makes of a device, with a simulated board at the far end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest

from ingest.assignment import Assignment
from ingest.live import Mark
from ingest.messages import Gone, Hello, Resend, Start
from ingest.pipeline import Pipeline
from ingest.protocol import FrameDecoder, encode
from ingest.recording import Recording
from ingest.schema import Records
from ingest.simulated.board import Board
from ingest.simulated.line import Faults, Line
from ingest.simulated.player import players
from ingest.simulated.wearable import wearables
from ingest.sites import Site
from tests.checkpoints import Checkpoints

START_NS = 1_800_000_000_000_000_000
STEP_US = 30_000
SECOND_NS = 1_000_000_000


@dataclass
class Shelf:
    """Where a test keeps what a pipeline wants written, and what its watcher saw."""

    records: Records = field(default_factory=Records)
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    seen: list[np.ndarray] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    at_us: int = 0

    def write(self, records: Records) -> None:
        for name in ("events", "snippets", "minutes", "gaps", "devices", "notes"):
            getattr(self.records, name).extend(getattr(records, name))
        self.checkpoints.keep(records.checkpoint)

    def push(self, *, samples: np.ndarray, stream: int, marks: Sequence[Mark], **_: object) -> None:
        if stream == 0:
            self.seen.append(samples)
            self.marks += marks

    @property
    def samples(self) -> np.ndarray:
        return np.concatenate(self.seen, axis=1)


def pipeline_for(shelf: Shelf, assign: Callable[[Hello], Assignment | str] | None = None) -> Pipeline:
    def to_all_streams(hello: Hello) -> Assignment:
        sites = {
            s.stream_id: tuple(f"site-{s.stream_id}-{c}" for c in range(s.channels)) for s in hello.streams
        }
        return Assignment("me", "board", sites)

    return Pipeline(assign=assign or to_all_streams, load=shelf.checkpoints.of, link="wire", watcher=shelf)


def talk(
    board: Board,
    pipeline: Pipeline,
    shelf: Shelf,
    until_us: int,
    *,
    store: bool = True,
    faults: Faults | None = None,
) -> None:
    """Let both run until `until_us` of the board's time, or until the board is done."""
    to_host = Line((1, "to"), faults or Faults())
    to_board = Line((1, "from"), faults or Faults())
    at_us = shelf.at_us
    while at_us < until_us and not board.done:
        at_us += STEP_US
        shelf.at_us = at_us
        board.run(at_us)
        heard = to_host.carry(board.send(65_536), at_us / 1e6)
        records = pipeline.feed(heard, START_NS + at_us * 1000)
        shelf.write(records)
        if store:
            pipeline.committed(records)
        board.receive(to_board.carry(pipeline.replies(START_NS + at_us * 1000), at_us / 1e6))


def recording(seconds: float = 20.0, channels: int = 2, rate_hz: float = 1000.0) -> Recording:
    rng = np.random.default_rng(5)
    samples = (5 * rng.standard_normal((channels, int(seconds * rate_hz)))).astype(np.float32)
    names = tuple(f"c{i}" for i in range(channels))
    return Recording("made", samples, rate_hz, "emg", "uV", names, {})


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_a_played_recording_arrives_whole_and_its_minutes_add_up(shelf: Shelf) -> None:
    played = recording(70.0)
    [board] = players(played)
    pipeline = pipeline_for(shelf)
    talk(board, pipeline, shelf, 10**9)
    shelf.write(pipeline.close(START_NS + 80 * SECOND_NS, finish=True))
    assert shelf.samples.shape == played.samples.shape
    assert np.abs(shelf.samples - played.samples).max() < 1e-5
    for site in ("site-0-0", "site-0-1"):
        parts = [p for p in shelf.records.minutes if p.site == site]
        seconds = sum(p.rest_s + p.movement_s + p.bad_contact_s + p.not_worn_s for p in parts)
        assert seconds == pytest.approx(70.0, abs=0.1)
    assert shelf.records.gaps == []


def test_whoever_watches_is_shown_a_twitch_before_it_is_an_event(shelf: Shelf) -> None:
    [worn] = wearables([Site.parse("biceps-left")], seed=4, boot_id=9)
    pipeline = pipeline_for(shelf)
    talk(worn.board, pipeline, shelf, 60_000_000)
    clear = [row.onset_ns for row in shelf.records.events if row.kind == "twitch" and row.snr > 5]
    shown = np.array([mark.onset_ns for mark in shelf.marks])
    glimpsed = [
        np.abs(shown - onset_ns).min() < 50_000_000
        for onset_ns in clear
        if onset_ns > START_NS + 12 * SECOND_NS
    ]
    assert len(glimpsed) > 5
    assert sum(glimpsed) >= 0.7 * len(glimpsed)


def test_a_damaged_line_loses_nothing_that_can_be_resent(shelf: Shelf) -> None:
    played = recording(30.0)
    [board] = players(played)
    pipeline = pipeline_for(shelf)
    talk(board, pipeline, shelf, 10**9, faults=Faults(flip=1e-3, drop=1e-4))
    assert np.abs(shelf.samples - played.samples).max() < 1e-5
    assert shelf.records.gaps == []
    assert board.done


def test_without_resend_each_gap_is_on_record_to_the_sample(shelf: Shelf) -> None:
    [worn] = wearables([Site.parse("biceps-left")], seed=3, boot_id=9, buffer_s=0)
    pipeline = pipeline_for(shelf)
    talk(worn.board, pipeline, shelf, 20_000_000, faults=Faults(flip=2e-4))
    gaps = [gap for gap in shelf.records.gaps if gap.stream == 0]
    missing = sum(gap.end_sample - gap.start_sample for gap in gaps)
    first = min(gap.start_sample for gap in gaps)
    assert missing > 0
    assert first > 0
    # every sampling instant from the first one read is there or on record, whichever it is
    sampler = worn.board.samplers[0]
    assert abs(shelf.samples.shape[1] + missing - sampler.next) <= 60


def test_nothing_is_acknowledged_before_it_is_stored(shelf: Shelf) -> None:
    [board] = players(recording(20.0))
    pipeline = pipeline_for(shelf)
    talk(board, pipeline, shelf, 15_000_000, store=False)
    assert shelf.checkpoints.of(board.device_id.hex())
    assert not board.done
    assert board.room_us() <= 60_000_000 - 14_000_000


def test_what_came_is_stored_soon_after_the_line_falls_silent(shelf: Shelf) -> None:
    [board] = players(recording(20.0))
    pipeline = pipeline_for(shelf)
    talk(board, pipeline, shelf, 3_000_000)
    last_ns = START_NS + shelf.at_us * 1000
    assert not pipeline.tick(last_ns + SECOND_NS // 2)
    assert pipeline.tick(last_ns + 2 * SECOND_NS).checkpoint
    assert not pipeline.tick(last_ns + 60 * SECOND_NS)


def test_the_next_pipeline_goes_on_from_the_checkpoint_as_if_nothing_had_happened(shelf: Shelf) -> None:
    [worn] = wearables([Site.parse("biceps-left")], seed=8, boot_id=9)
    [again] = wearables([Site.parse("biceps-left")], seed=8, boot_id=9)
    unbroken = Shelf()
    talk(again.board, pipeline_for(unbroken), unbroken, 35_000_000)
    for until_s in (13, 14, 22, 35):  # each time the host dies; what it had not stored, it asks for again
        talk(worn.board, pipeline_for(shelf), shelf, until_s * 1_000_000)
    found = {event.key for event in shelf.records.events}
    assert found == {event.key for event in unbroken.records.events}
    assert len(found) > 5
    assert shelf.records.gaps == []


def test_the_signal_around_each_event_is_cut_out_of_what_was_measured(shelf: Shelf) -> None:
    [worn] = wearables([Site.parse("biceps-left")], seed=8, boot_id=9)
    pipeline = pipeline_for(shelf)
    talk(worn.board, pipeline, shelf, 30_000_000)
    signal = shelf.samples
    whole = [(k, s) for k, s in shelf.records.snippets if k.stream == 0 and k.onset_sample > 1000]
    assert whole
    for key, snippet in whole:
        cut = np.frombuffer(snippet.samples, "<i4") * snippet.scale
        assert snippet.start_sample == key.onset_sample - 1000
        expected = signal[0, snippet.start_sample : snippet.start_sample + cut.size]
        assert np.allclose(cut, expected, atol=1e-3)


def test_a_restarted_device_begins_anew_and_is_started_with_its_new_boot(shelf: Shelf) -> None:
    [worn] = wearables([Site.parse("biceps-left")], seed=3, boot_id=9)
    pipeline = pipeline_for(shelf)
    talk(worn.board, pipeline, shelf, 8_000_000)
    worn.board.reboot(10)
    talk(worn.board, pipeline, shelf, 16_000_000)
    boots = {row.boot_id for row in shelf.records.devices}
    assert boots == {9, 10}
    assert {row.boot_id for row in shelf.checkpoints.of(worn.board.device_id.hex())} == {10}
    assert worn.board.started


def test_a_button_press_is_noted_once_however_often_it_is_told(shelf: Shelf) -> None:
    [worn] = wearables([Site.parse("biceps-left")], seed=3, boot_id=9)
    talk(worn.board, pipeline_for(shelf), shelf, 5_000_000)
    worn.board.press()
    talk(worn.board, pipeline_for(shelf), shelf, 10_000_000, store=False)
    talk(worn.board, pipeline_for(shelf), shelf, 20_000_000)
    [note] = shelf.records.notes
    assert note.kind == "felt"
    assert note.time_ns == pytest.approx(START_NS + 5 * SECOND_NS, abs=0.05 * SECOND_NS)


def test_a_device_without_a_site_is_not_read_and_the_reason_is_told(shelf: Shelf) -> None:
    [board] = players(recording())
    pipeline = pipeline_for(shelf, lambda _: "nobody has said where it sits")
    talk(board, pipeline, shelf, 3_000_000)
    assert pipeline.problem == "nobody has said where it sits"
    assert not shelf.records
    assert pipeline.close(START_NS) == Records()


def test_a_major_version_that_is_not_spoken_is_refused_in_words(shelf: Shelf) -> None:
    [board] = players(recording())
    board.run(0)
    [hello] = [m for m in FrameDecoder().feed(board.send(1000)) if isinstance(m, Hello)]
    pipeline = pipeline_for(shelf)
    pipeline.feed(encode(replace(hello, major=2)), START_NS)
    assert "protocol version 2.0" in pipeline.problem
    assert "update fasciwatch" in pipeline.problem
    said = FrameDecoder().feed(pipeline.replies(START_NS))
    assert not any(isinstance(message, Start) for message in said)


def test_a_later_minor_version_is_read(shelf: Shelf) -> None:
    [board] = players(recording())
    board.run(0)
    [hello] = [m for m in FrameDecoder().feed(board.send(1000)) if isinstance(m, Hello)]
    pipeline = pipeline_for(shelf)
    pipeline.feed(encode(replace(hello, minor=7)), START_NS)
    assert Start(hello.boot_id) in FrameDecoder().feed(pipeline.replies(START_NS))


def test_what_the_device_no_longer_holds_is_a_gap_with_its_reason(shelf: Shelf) -> None:
    [worn] = wearables([Site.parse("biceps-left")], seed=3, boot_id=9, buffer_s=5.0)
    talk(worn.board, pipeline_for(shelf), shelf, 10_000_000)
    shelf.at_us = 30_000_000
    worn.board.run(shelf.at_us)  # nobody reads for 20 s; it holds 5
    worn.board.send(10**9)  # what it said meanwhile went nowhere
    talk(worn.board, pipeline_for(shelf), shelf, 40_000_000)
    emg = [gap for gap in shelf.records.gaps if gap.stream == 0]
    assert sum(gap.end_sample - gap.start_sample for gap in emg) == pytest.approx(15_000, abs=6000)
    assert {gap.reason for gap in emg} == {"no longer held by the device"}
    assert all(before.end_sample == after.start_sample for before, after in pairwise(emg))  # one stretch


def test_a_lost_request_is_repeated(shelf: Shelf) -> None:
    [board] = players(recording(3.0))
    pipeline = pipeline_for(shelf)
    board.run(0)
    pipeline.feed(board.send(1000), START_NS)
    board.receive(pipeline.replies(START_NS))
    board.run(60_000)
    board.send(100_000)  # lost on the way
    board.run(90_000)
    pipeline.feed(board.send(100_000), START_NS + 90_000_000)
    asked = FrameDecoder().feed(pipeline.replies(START_NS + 90_000_000))
    assert any(isinstance(message, Resend) for message in asked)
    soon = FrameDecoder().feed(pipeline.replies(START_NS + 100_000_000))
    assert not any(isinstance(message, Resend) for message in soon)
    later = FrameDecoder().feed(pipeline.replies(START_NS + 500_000_000))
    assert any(isinstance(message, Resend) for message in later)
    pipeline.feed(encode(Gone(0, 0, 61)), START_NS + 600_000_000)
    assert not any(
        isinstance(message, Resend) and message.start < 61
        for message in FrameDecoder().feed(pipeline.replies(START_NS + 2 * SECOND_NS))
    )
