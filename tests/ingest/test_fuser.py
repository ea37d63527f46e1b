"""What several sensors saw becomes one event, as amendments of rows that are in the journal already."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from detector.event import State
from ingest.fuser import REMEMBERED, Fuser
from ingest.journal import Journal
from ingest.reader import JournalReader, StoredEvent
from ingest.schema import EventRow, MinutePart, Records
from ingest.stream import Progress
from tests.rows import TWITCH

START_NS = 1_800_000_000_000_000_000
MS = 1_000_000
POTENTIAL = replace(TWITCH, onset_ns=START_NS)
MOVEMENT = replace(
    POTENTIAL,
    modality="accelerometer",
    onset_ns=START_NS + 15 * MS,
    duration_ms=120.0,
    amplitude=8.0,
    unit="mg",
    stream=1,
    reason="wobble",
    detector="skin-1",
)


def at(row: EventRow, site: str, device: str, *, later_ms: int = 0, amplitude: float = 80.0) -> EventRow:
    return replace(row, site=site, device=device, onset_ns=row.onset_ns + later_ms * MS, amplitude=amplitude)


def fused(path: Path, rows: Sequence[EventRow], sources: Sequence[tuple[str, str]]) -> list[StoredEvent]:
    """Write rows as the service does and return what the journal holds once all sources got beyond them."""
    fuser = Fuser()

    def progress(until_ns: int) -> list[Progress]:
        return [Progress(site, modality, until_ns, State.REST) for site, modality in sources]

    with Journal(path) as journal, JournalReader(path) as reader:
        fuser.take([], progress(START_NS - 100 * MS))
        for row in rows:
            journal.write(Records(events=[row]))
            journal.write(Records(amendments=fuser.take([row], [])))
        journal.write(Records(amendments=fuser.take([], progress(START_NS + 2000 * MS))))
        return reader.events()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@pytest.mark.parametrize("order", [1, -1], ids=["potential first", "movement first"])
def test_a_movement_after_a_potential_is_a_view_of_the_same_twitch(path: Path, order: int) -> None:
    sources = [("biceps-left", "emg"), ("biceps-left", "accelerometer")]
    emg, skin = fused(path, [POTENTIAL, MOVEMENT][::order], sources)
    assert (emg.row.kind, emg.part_of) == ("twitch", None)
    assert emg.row.confidence > 0.99
    assert (skin.row.kind, skin.part_of) == ("twitch", emg.id)


def test_the_same_instant_at_all_sites_is_interference_and_counts_nowhere(path: Path) -> None:
    sites = ["biceps-left", "tibialis-anterior-left", "gastrocnemius-right", "masseter-left"]
    rows = [at(POTENTIAL, site, device=str(i)) for i, site in enumerate(sites)]
    events = fused(path, rows, [(site, "emg") for site in sites])
    assert {event.row.kind for event in events} == {"artefact"}
    assert all("interference" in event.row.reason for event in events)


def test_crosstalk_is_one_event_at_the_stronger_site(path: Path) -> None:
    strong = at(POTENTIAL, "biceps-left", "a", amplitude=90.0)
    weak = at(POTENTIAL, "triceps-left", "b", later_ms=1, amplitude=20.0)
    events = fused(path, [weak, strong], [("biceps-left", "emg"), ("triceps-left", "emg")])
    kinds = {event.row.site: (event.row.kind, event.part_of is None) for event in events}
    assert kinds == {"biceps-left": ("twitch", True), "triceps-left": ("artefact", False)}


def test_two_muscles_that_are_no_neighbours_may_twitch_together(path: Path) -> None:
    rows = [at(POTENTIAL, "biceps-left", "a"), at(POTENTIAL, "gastrocnemius-right", "b")]
    events = fused(path, rows, [("biceps-left", "emg"), ("gastrocnemius-right", "emg")])
    assert [event.row.kind for event in events] == ["twitch", "twitch"]


def test_an_amended_event_is_counted_as_what_it_turned_out_to_be(path: Path) -> None:
    strong = at(POTENTIAL, "biceps-left", "a", amplitude=90.0)
    weak = at(POTENTIAL, "triceps-left", "b", later_ms=1, amplitude=20.0)
    with Journal(path) as journal:
        minute = START_NS // 60_000_000_000
        parts = [
            MinutePart("me", site, "emg", minute, rest_s=60.0) for site in ("biceps-left", "triceps-left")
        ]
        journal.write(Records(minutes=parts))
    fused(path, [weak, strong], [("biceps-left", "emg"), ("triceps-left", "emg")])
    with JournalReader(path) as reader:
        assert {row.site: row.count for row in reader.minutes()} == {"biceps-left": 1, "triceps-left": 0}


def test_rows_that_a_resumed_link_brings_again_are_heard_once(path: Path) -> None:
    rows = [POTENTIAL, MOVEMENT, POTENTIAL, MOVEMENT]
    emg, skin = fused(path, rows, [("biceps-left", "emg"), ("biceps-left", "accelerometer")])
    assert (emg.row.kind, skin.part_of) == ("twitch", emg.id)


def test_memory_is_bounded_however_much_comes_too_late() -> None:
    fuser = Fuser()
    late = [replace(POTENTIAL, onset_sample=number) for number in range(5000)]
    fuser.take([], [Progress("biceps-left", "emg", START_NS + 60_000 * MS, State.REST)])
    for row in late:
        fuser.take([row], [])
    assert len(fuser._rows) <= REMEMBERED


def progress(until_ns: int, *sources: tuple[str, str]) -> list[Progress]:
    return [Progress(site, modality, until_ns, State.REST) for site, modality in sources]


def test_crosstalk_that_a_slow_link_brings_when_the_event_was_told_is_still_part_of_it(path: Path) -> None:
    strong = at(POTENTIAL, "biceps-left", "a", amplitude=90.0)
    weak = at(POTENTIAL, "triceps-left", "b", later_ms=1, amplitude=20.0)
    fuser = Fuser()
    with Journal(path) as journal, JournalReader(path) as reader:
        journal.write(Records(events=[strong, weak]))
        fuser.take([], progress(START_NS - 5000 * MS, ("triceps-left", "emg")))
        fuser.take([strong], progress(START_NS + 2000 * MS, ("biceps-left", "emg")))
        late = progress(START_NS + 3000 * MS, ("biceps-left", "emg"), ("triceps-left", "emg"))
        journal.write(Records(amendments=fuser.take([weak], late)))
        kinds = {event.row.site: (event.row.kind, event.part_of is None) for event in reader.events()}
    assert kinds == {"biceps-left": ("twitch", True), "triceps-left": ("artefact", False)}


def test_what_a_killed_service_had_not_fused_yet_is_fused_by_the_next(path: Path) -> None:
    sources = (("biceps-left", "emg"), ("biceps-left", "accelerometer"))
    with Journal(path) as journal, JournalReader(path) as reader:
        journal.write(Records(events=[POTENTIAL]))  # and then it was killed
        again = Fuser(journal.latest_events("me", REMEMBERED))
        journal.write(Records(events=[MOVEMENT]))
        amendments = again.take([MOVEMENT], progress(START_NS + 2000 * MS, *sources))
        journal.write(Records(amendments=amendments))
        emg, skin = reader.events()
    assert (skin.part_of, emg.row.reason) == (emg.id, "potential; the skin moved with it")


def test_what_was_fused_is_not_parted_when_the_service_is_restarted_and_hears_half_of_it_again(
    path: Path,
) -> None:
    sources = (("biceps-left", "emg"), ("biceps-left", "accelerometer"))
    before = fused(path, [POTENTIAL, MOVEMENT], sources)
    with Journal(path) as journal, JournalReader(path) as reader:
        again = Fuser(journal.latest_events("me", REMEMBERED))
        amendments = again.take([MOVEMENT], progress(START_NS + 2000 * MS, *sources))
        journal.write(Records(amendments=amendments))
        assert reader.events() == before
