"""From verdicts to messages: what is told at once, what waits, what is silenced; over restarts too."""

import re
from collections.abc import Iterator
from datetime import UTC, time
from pathlib import Path

import pytest

from detector.persistence import Level
from ingest.alerts.alarm import Alarm, Kind, Rule, Verdict
from ingest.alerts.desk import Desk
from ingest.alerts.ledger import EVERY_RULE, acknowledging, read_ledger, snoozing
from ingest.alerts.message import Message
from ingest.alerts.news import Hours
from ingest.journal import Journal
from ingest.notify.outbox import GIVE_UP_NS, deliver, waiting
from ingest.reader import JournalReader
from tests.ingest.alerts.made import HOUR_NS, MINUTE_NS, NOON_NS, no_data, twitching

HOURS = Hours(zone=UTC)
MORNING_NS = NOON_NS + 21 * HOUR_NS  # 9 o'clock: the quiet hours are over and the summary is due
DISEASES = re.compile(
    r"\b(als|mnd|amyotroph|motor neuron|sclerosis|parkinson|disease|urgent!)", re.IGNORECASE
)


class Wearer:
    """One wearer's journal and desk; a desk is made anew for each look, as after a restart."""

    def __init__(self, path: Path, addresses: tuple[str, ...] = ("phone",)) -> None:
        self.path, self.addresses = path, addresses
        self.reader = JournalReader(path)

    def take(self, *verdicts: Verdict, at_ns: int) -> Message | None:
        return Desk(self.path, "me", HOURS, self.addresses).take(self.reader, verdicts, at_ns)

    def snooze(self, rule: str, until_ns: int) -> None:
        with Journal(self.path) as journal:
            journal.change(snoozing("me", rule, until_ns))

    def acknowledge(self, rule: str) -> None:
        with Journal(self.path) as journal:
            journal.change(acknowledging("me", read_ledger(self.reader, "me").standing[rule]))


@pytest.fixture
def wearer(tmp_path: Path) -> Iterator[Wearer]:
    path = tmp_path / "journal.sqlite3"
    Journal(path).close()
    one = Wearer(path)
    one.take(at_ns=NOON_NS - HOUR_NS)  # the summary of today is out, with nothing to say
    yield one
    one.reader.close()


NO_DATA = "no-data biceps-left emg"


def test_what_has_to_be_acted_on_is_told_at_once_and_once(wearer: Wearer) -> None:
    message = wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS)
    assert message is not None
    assert message.title == "No data"
    assert wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + HOUR_NS) is None


def test_each_message_says_what_was_measured_what_it_may_mean_and_what_to_do(wearer: Wearer) -> None:
    verdicts = [
        Verdict(Rule(kind), Alarm.ACT, f"Figures of {kind}.") for kind in Kind if kind != "persistence"
    ]
    message = wearer.take(*verdicts, twitching(Level.DISCUSS), at_ns=NOON_NS)
    assert message is not None
    for verdict in verdicts:
        assert verdict.why in message.body
    assert message.body.count("What it may mean:") == message.body.count("What to do:") == len(verdicts) + 1
    assert "It is not urgent." in message.body
    assert not DISEASES.search(message.body)


def test_sensors_that_fail_together_are_one_message(wearer: Wearer) -> None:
    sites = [no_data(Alarm.ACT, f"site-{number} emg") for number in range(8)]
    message = wearer.take(*sites, at_ns=NOON_NS)
    assert message is not None
    assert "And 2 more." in message.body
    assert len(waiting(wearer.reader, "me", now_ns=NOON_NS)) == 1


def test_what_is_only_to_be_heeded_waits_for_the_summary(wearer: Wearer) -> None:
    assert wearer.take(no_data(Alarm.HEED), at_ns=NOON_NS) is None
    assert wearer.take(no_data(Alarm.HEED), at_ns=MORNING_NS) is not None
    assert wearer.take(no_data(Alarm.HEED), at_ns=MORNING_NS + MINUTE_NS) is None


def test_a_digest_waits_for_the_summary_and_a_notice_does_not(wearer: Wearer) -> None:
    assert wearer.take(twitching(Level.DIGEST), at_ns=NOON_NS) is None
    assert wearer.take(twitching(Level.NOTICE), at_ns=NOON_NS + MINUTE_NS) is not None


def test_a_summary_without_anything_to_say_is_not_sent(wearer: Wearer) -> None:
    assert wearer.take(no_data(Alarm.FINE), twitching(Level.NONE), at_ns=MORNING_NS) is None


def test_quiet_hours_hold_a_message_back_until_they_end(wearer: Wearer) -> None:
    assert wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + 11 * HOUR_NS) is None
    assert wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + 18 * HOUR_NS) is None
    assert wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + 19 * HOUR_NS) is not None


def test_what_came_and_went_in_quiet_hours_is_never_told(wearer: Wearer) -> None:
    wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + 12 * HOUR_NS)
    wearer.take(no_data(Alarm.FINE), at_ns=NOON_NS + 13 * HOUR_NS)
    assert wearer.take(no_data(Alarm.FINE), at_ns=MORNING_NS) is None


def test_when_data_are_back_that_is_told(wearer: Wearer) -> None:
    wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS)
    message = wearer.take(no_data(Alarm.FINE), at_ns=NOON_NS + HOUR_NS)
    assert message is not None
    assert message.title == "Data are arriving again"


def test_twitching_that_has_become_less_is_told_in_the_summary(wearer: Wearer) -> None:
    wearer.take(twitching(Level.NOTICE), at_ns=NOON_NS)
    assert wearer.take(twitching(Level.NONE), at_ns=NOON_NS + HOUR_NS) is None
    message = wearer.take(twitching(Level.NONE), at_ns=MORNING_NS)
    assert message is not None
    assert message.title == "Twitching is back to its usual"


def test_a_snooze_has_an_end_at_which_what_still_stands_is_told_anew(wearer: Wearer) -> None:
    wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS)
    wearer.snooze(NO_DATA, NOON_NS + 2 * HOUR_NS)
    assert wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + HOUR_NS) is None
    assert wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + 2 * HOUR_NS) is not None


def test_a_snooze_of_everything_holds_back_what_comes_later_too(wearer: Wearer) -> None:
    wearer.snooze(EVERY_RULE, NOON_NS + 2 * HOUR_NS)
    assert wearer.take(twitching(Level.DISCUSS), no_data(Alarm.ACT), at_ns=NOON_NS) is None
    assert wearer.take(twitching(Level.DISCUSS), no_data(Alarm.ACT), at_ns=NOON_NS + 3 * HOUR_NS) is not None


def test_what_is_not_acknowledged_is_told_again_a_day_later(wearer: Wearer) -> None:
    wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS)
    assert wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + 23 * HOUR_NS) is None
    assert wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + 24 * HOUR_NS) is not None


def test_twitching_is_never_repeated(wearer: Wearer) -> None:
    wearer.take(twitching(Level.DISCUSS), at_ns=NOON_NS)
    assert wearer.take(twitching(Level.DISCUSS), at_ns=NOON_NS + 72 * HOUR_NS) is None


def test_what_is_acknowledged_is_told_again_only_after_it_was_well(wearer: Wearer) -> None:
    wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS)
    wearer.acknowledge(NO_DATA)
    assert wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + 48 * HOUR_NS) is None
    assert wearer.take(no_data(Alarm.FINE), at_ns=NOON_NS + 49 * HOUR_NS) is not None
    assert wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + 50 * HOUR_NS) is not None


def test_what_gets_worse_is_told_though_it_was_acknowledged(wearer: Wearer) -> None:
    wearer.take(twitching(Level.NOTICE), at_ns=NOON_NS)
    wearer.acknowledge("persistence")
    assert wearer.take(twitching(Level.DISCUSS), at_ns=NOON_NS + HOUR_NS) is not None


def test_without_an_address_nothing_counts_as_told(wearer: Wearer) -> None:
    wearer.addresses = ()
    assert wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS) is None
    wearer.addresses = ("phone",)
    assert wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + HOUR_NS) is not None


def test_every_change_is_on_record_with_its_figures(wearer: Wearer) -> None:
    wearer.take(no_data(Alarm.HEED), at_ns=NOON_NS)
    wearer.take(no_data(Alarm.HEED), at_ns=NOON_NS + MINUTE_NS)
    wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS + HOUR_NS)
    rows = wearer.reader.ask("SELECT time_ns, level_from, level_to FROM alert ORDER BY id")
    assert rows == [(NOON_NS, "fine", "heed"), (NOON_NS + HOUR_NS, "heed", "act")]


def test_a_message_is_tried_until_it_is_taken_and_then_never_again(wearer: Wearer) -> None:
    wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS)
    tried: list[str] = []

    def send(address: str, message: Message) -> str:
        tried.append(address)
        return "" if len(tried) == 3 else "the network is down"

    for minute in range(60):
        deliver(wearer.path, "me", {"phone": "x://"}, send, NOON_NS + minute * MINUTE_NS)
        if minute == 1:
            [unsent] = waiting(wearer.reader, "me", now_ns=NOON_NS)
            assert unsent.problem == "the network is down"
    assert len(tried) == 3
    assert waiting(wearer.reader, "me", now_ns=NOON_NS) == []


def test_one_address_that_is_down_does_not_hold_up_another(wearer: Wearer) -> None:
    wearer.addresses = ("down", "up")
    wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS)
    places = {"down": "a://", "up": "b://"}
    failed = deliver(wearer.path, "me", places, lambda address, _: "no" * (address == "a://"), NOON_NS)
    assert [one.address for one in failed] == ["down"]


def test_a_message_that_is_three_days_old_is_given_up(wearer: Wearer) -> None:
    wearer.take(no_data(Alarm.ACT), at_ns=NOON_NS)
    assert waiting(wearer.reader, "me", now_ns=NOON_NS + GIVE_UP_NS) == []


@pytest.mark.parametrize(
    ("quiet_from", "quiet_until", "quiet"), [(22, 7, {23, 0, 6}), (1, 5, {1, 3}), (7, 7, set())]
)
def test_quiet_hours_may_pass_midnight_or_be_none(quiet_from: int, quiet_until: int, quiet: set[int]) -> None:
    hours = Hours(time(quiet_from), time(quiet_until), zone=UTC)
    midnight_ns = NOON_NS - 12 * HOUR_NS
    loud = {7, 12} | ({0, 6, 23} - quiet)
    assert all(hours.is_quiet(midnight_ns + hour * HOUR_NS) for hour in quiet)
    assert not any(hours.is_quiet(midnight_ns + hour * HOUR_NS) for hour in loud)
