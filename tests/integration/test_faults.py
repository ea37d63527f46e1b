"""The fault matrix: whatever happens, nothing that the sensor still held is lost, and nothing is there twice.

The first tests run in virtual time over a real journal and a real archive, and write the table in
docs/reliability.md; the others hold the real service against real ports.
"""

from pathlib import Path

import pytest

from detector.block import Block
from ingest.schema import EventRow
from ingest.stream import detector_for
from tests.integration.faults import FAULTS, Fault
from tests.integration.faults_table import Table
from tests.integration.faults_trial import Outcome, Trial

BACK_WITHIN_S = 10.0
TIME_ERROR_NS = 20_000_000  # 20 ms, the bar of the first minute
_UNDECIDED = 3000  # samples at the end of a signal about which the detector is not certain yet


@pytest.fixture(scope="module")
def table():
    table = Table()
    yield table
    table.write()


def found_unbroken(trial: Trial) -> list[tuple[int, str]]:
    detector = detector_for(trial.board.hello().streams[0])
    events = detector.update(Block(0, trial.signal.samples)).events
    end = trial.signal.samples.shape[1] - _UNDECIDED
    return sorted((event.onset, str(event.kind)) for event in events if event.onset < end)


def found_live(trial: Trial, outcome: Outcome) -> list[tuple[int, str]]:
    end = trial.signal.samples.shape[1] - _UNDECIDED
    return sorted((row.onset_sample, row.kind) for row in outcome.events if row.onset_sample < end)


def events_since(trial: Trial, outcome: Outcome) -> list[EventRow]:
    """Return the events since the fault was over, of the boot that was read last."""
    boot_id = trial.board.boot_id
    return [row for row in outcome.events if row.boot_id == boot_id and row.onset_sample > trial.over_at]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_the_sensor_still_held_arrives_once(tmp_path: Path, fault: Fault, table: Table) -> None:
    trial = Trial(tmp_path, **fault.settings)
    fault.happen(trial)
    trial.finish()
    outcome = trial.outcome()
    assert (outcome.wrong, outcome.twice, outcome.acked_lost, outcome.unaccounted) == (0, 0, 0, 0)
    assert outcome.recorded == outcome.missing
    assert outcome.back_s is None or outcome.back_s <= BACK_WITHIN_S
    lost = outcome.taken - outcome.archived
    assert lost == sum(map(len, outcome.recorded)) + outcome.unsent
    assert bool(lost) == fault.loses
    onsets = [(row.boot_id, row.onset_sample) for row in outcome.events]
    assert len(onsets) == len(set(onsets))
    assert all(abs(trial.onset_error_ns(row)) < TIME_ERROR_NS for row in events_since(trial, outcome))
    if not fault.loses:
        assert found_live(trial, outcome) == found_unbroken(trial)
        assert len(outcome.events) > 10
    table.add(fault, outcome)
