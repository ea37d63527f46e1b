"""Whoever looks: at a real journal, over restarts, and when the journal itself is the trouble."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.alerts import watchman as watchman_module
from ingest.alerts.ledger import is_watched
from ingest.alerts.message import Message
from ingest.alerts.watchman import Watchman
from ingest.config import AlertsConfig, Config, DeviceConfig, JournalConfig
from ingest.hostclock import HostClock
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.schema import MinutePart, NoteKind, NoteRow, Records
from ingest.sites import Site
from tests.ingest.alerts.made import HOUR_NS, MINUTE_NS, NOON_NS


class Household:
    """A wearer with one sensor on the biceps, a clock that is moved by hand, and a phone."""

    def __init__(self, path: Path) -> None:
        device = DeviceConfig(port="/dev/none", emg=(Site.parse("biceps-left"),))
        quiet = AlertsConfig(quiet_from="07:00", quiet_until="07:00", time_zone="UTC")
        journal = JournalConfig(path=path)
        self.config = Config(wearer="me", devices=(device,), journal=journal, alerts=quiet)
        self.now_ns = self.steady_ns = NOON_NS
        self.sent: list[Message] = []
        Journal(path).close()
        self.watchman = self.started()

    def started(self) -> Watchman:
        clock = HostClock(lambda: self.now_ns, lambda: self.steady_ns)
        return Watchman(self.config, {"phone": "x://"}, self.send, links=list, clock=clock)

    def send(self, address: str, message: Message) -> str:
        self.sent.append(message)
        return ""

    def measure(self, minutes: int) -> None:
        """So many minutes up to now, at rest and without a twitch."""
        now = self.now_ns // MINUTE_NS
        parts = [MinutePart("me", "biceps-left", "emg", now - ago, rest_s=60.0) for ago in range(minutes)]
        with Journal(self.config.journal.path) as journal:
            journal.write(Records(minutes=parts))

    def look(self, after_ns: int = 0) -> list[str]:
        """The titles of what goes out when somebody looks that much later."""
        self.now_ns, self.steady_ns = self.now_ns + after_ns, self.steady_ns + after_ns
        self.sent.clear()
        self.watchman.look(self.watchman._clock.now_ns(), [])
        return [message.title for message in self.sent]

    def levels(self) -> dict[str, str]:
        with JournalReader(self.config.journal.path) as reader:
            rows = reader.ask("SELECT rule, level_to, max(id) FROM alert GROUP BY rule")
        return {rule: level for rule, level, _ in rows if level not in {"fine", "none"}}


@pytest.fixture
def household(tmp_path: Path) -> Household:
    return Household(tmp_path / "journal.sqlite3")


def test_quiet_muscles_are_no_alert(household: Household) -> None:
    household.measure(60)
    assert household.look() == []
    assert household.levels() == {}


def test_that_nothing_stands_means_something_only_while_somebody_looks(household: Household) -> None:
    household.measure(60)
    with JournalReader(household.config.journal.path) as reader:
        assert not is_watched(reader, "me", household.now_ns)
        household.look()
        assert is_watched(reader, "me", household.now_ns + MINUTE_NS)
        assert not is_watched(reader, "me", household.now_ns + HOUR_NS)


def test_a_sensor_that_goes_silent_is_told_and_so_is_its_return(household: Household) -> None:
    household.measure(60)
    household.look()
    assert household.look(after_ns=20 * MINUTE_NS) == []
    assert household.look(after_ns=20 * MINUTE_NS) == ["No data"]
    household.measure(5)
    assert household.look() == ["Data are arriving again"]


def test_a_restart_neither_forgets_nor_repeats(household: Household) -> None:
    household.measure(60)
    assert household.look(after_ns=HOUR_NS) == ["No data"]
    household.watchman = household.started()
    assert household.look(after_ns=MINUTE_NS) == []
    assert "no-data biceps-left emg" in household.levels()


def test_a_sensor_taken_off_on_purpose_is_not_missed(household: Household) -> None:
    household.measure(60)
    note = NoteRow("me", household.now_ns, NoteKind.OFF, "shower", "page", household.now_ns)
    with Journal(household.config.journal.path) as journal:
        journal.write(Records(notes=[note]))
    assert household.look(after_ns=5 * HOUR_NS) == []
    assert household.look(after_ns=20 * HOUR_NS) == ["No data"]


def test_a_clock_that_is_set_while_somebody_looks_is_told(household: Household) -> None:
    household.measure(60)
    household.look()
    household.now_ns += HOUR_NS
    household.measure(60)
    assert household.look() == ["A clock is not right"]


def test_a_clock_that_is_set_back_never_looks_like_all_is_well(household: Household) -> None:
    household.measure(60)
    household.look()
    household.now_ns -= 24 * HOUR_NS
    assert household.look() == ["A clock is not right"]


def test_a_site_that_was_given_up_ends_its_alert(household: Household) -> None:
    household.measure(60)
    household.look(after_ns=HOUR_NS)
    other = DeviceConfig(port="/dev/none", emg=(Site.parse("gastrocnemius-left"),))
    household.config = household.config.model_copy(update={"devices": (other,)})
    household.watchman = household.started()
    household.look(after_ns=8 * 24 * HOUR_NS)
    assert "no-data biceps-left emg" not in household.levels()


def test_a_journal_that_is_gone_is_told_without_one(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchman_module, "FIRST_LOOK_S", 0.0)
    household.config.journal.path.unlink()
    asyncio.run(until(lambda: bool(household.sent), household.watchman))
    assert [message.title for message in household.sent] == ["The journal cannot be written"]


async def until(done: Callable[[], bool], watchman: Watchman) -> None:
    """Run the watchman until something holds; the test's timeout is the limit."""
    running = asyncio.create_task(watchman.run())
    while not done():
        await asyncio.sleep(0.01)
    running.cancel()
