"""Quiet checks: what is counted, in how much time, and what is kept."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.errors import FasciwatchError
from ingest.journal import Journal
from ingest.minutes import MINUTE_NS
from ingest.quiet import (
    StoredQuiet,
    by_set_up,
    forget_quiet,
    keep_quiet,
    quiet_in_journal,
    quiet_in_recording,
    stored_quiet,
)
from ingest.reader import JournalReader
from ingest.recording import Recording
from ingest.schema import EventRow, MinutePart, QuietRow, Records

FIRST = 29_540_160  # 2 March 2026, 00:00 UTC, in minutes
SITE = "biceps-left"
ROW = QuietRow("me", SITE, "emg", "emg-1", "journal", 0, 600 * 10**9, 600.0, 1, 0)


def event(minute: float, kind: str = "twitch", detector: str = "emg-1") -> EventRow:
    onset_ns = round(minute * MINUTE_NS)
    return EventRow(
        wearer="me",
        site=SITE,
        modality="emg",
        onset_ns=onset_ns,
        uncertainty_ns=1_000_000,
        duration_ms=12.0,
        amplitude=80.0,
        unit="uV",
        snr=7.0,
        kind=kind,
        confidence=0.9,
        motor_unit=None,
        state="rest",
        reason="made",
        detector=detector,
        device="00a1",
        boot_id=1,
        stream=0,
        channel=0,
        onset_sample=onset_ns // 10**6 % 2**32,
        recorded_ns=onset_ns,
    )


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Ten minutes, eight of them judged; two false events in them, one before, one after."""
    path = tmp_path / "journal.sqlite3"
    parts = [
        MinutePart("me", SITE, "emg", FIRST + n, **({"rest_s": 60.0} if n < 8 else {"not_worn_s": 60.0}))
        for n in range(10)
    ]
    times = (FIRST - 0.5, FIRST + 2.5, FIRST + 10.5)
    events = [*(event(at) for at in times), event(FIRST + 3.5, "burst"), event(FIRST + 4.5, "artefact")]
    with Journal(path) as kept:
        kept.write(Records(minutes=parts, events=events))
    return path


def judged(journal: Path) -> list[QuietRow]:
    with JournalReader(journal) as reader:
        return quiet_in_journal(reader, "me", FIRST, FIRST + 10, now_ns=7)


def kept(journal: Path) -> list[StoredQuiet]:
    with JournalReader(journal) as reader:
        return stored_quiet(reader, "me")


def test_what_was_found_live_counts_against_the_time_that_was_judged(journal: Path) -> None:
    [row] = judged(journal)
    assert (row.site, row.modality, row.count, row.observed_s) == (SITE, "emg", 2, 480.0)


def test_it_names_the_detector_of_the_time_and_not_a_later_one(journal: Path) -> None:
    with Journal(journal) as writer:
        writer.write(Records(events=[event(FIRST + 20.5, detector="emg-2")]))
    assert judged(journal)[0].detector == "emg-1"


def test_a_recording_is_judged_channel_by_channel_by_todays_detector() -> None:
    rng = np.random.default_rng(1)
    samples = 5 * rng.standard_normal((2, 60_000)).astype(np.float32)
    for onset in range(10_000, 60_000, 7300):
        samples[1, onset : onset + 12] += 120 * np.sin(np.linspace(0, 2 * np.pi, 12))
    recording = Recording("rest", samples, 1000.0, "emg", "uV", ("a", "b"), {})
    calm, busy = quiet_in_recording(recording, (SITE, "biceps-right"), "me", now_ns=7)
    assert (calm.site, calm.count, calm.source) == (SITE, 0, "rest")
    assert busy.site == "biceps-right"
    assert busy.count >= 7
    assert calm.observed_s == pytest.approx(60, abs=5)


def test_judging_the_same_signal_again_counts_it_once(journal: Path) -> None:
    keep_quiet(journal, judged(journal))
    keep_quiet(journal, judged(journal))
    assert [one.row.count for one in kept(journal)] == [2]


def test_two_stretches_are_two_pieces_of_evidence(journal: Path) -> None:
    later = replace(ROW, start_ns=ROW.end_ns, end_ns=2 * ROW.end_ns, count=0)
    keep_quiet(journal, [ROW, later])
    [(check, newest)] = by_set_up(kept(journal)).values()
    assert (check.count, check.observed_h) == (1, pytest.approx(1 / 3))
    assert newest == later


def test_what_an_older_detector_found_says_nothing_of_the_newer(journal: Path) -> None:
    newer = replace(ROW, start_ns=ROW.end_ns, end_ns=2 * ROW.end_ns, count=0, detector="emg-2", recorded_ns=1)
    keep_quiet(journal, [ROW, newer])
    [(check, _)] = by_set_up(kept(journal)).values()
    assert check.count == 0


def test_a_check_can_be_taken_out_by_its_number(journal: Path) -> None:
    keep_quiet(journal, [ROW])
    [one] = kept(journal)
    forget_quiet(journal, "me", one.id)
    assert kept(journal) == []
    with pytest.raises(FasciwatchError, match="no quiet check"):
        forget_quiet(journal, "me", one.id)
