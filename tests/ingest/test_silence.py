"""Minutes in which nothing came."""

from ingest.minutes import MINUTE_NS
from ingest.silence import Silence

CALF = ("gastrocnemius-left", "emg")
AFTER = MINUTE_NS // 2  # of a minute: long enough for its end to be settled


def minutes(silence: Silence, now_minute: int, *sites: tuple[str, str]) -> list[int]:
    return [part.minute for part in silence.parts(sites, now_minute * MINUTE_NS + AFTER)]


def test_each_minute_that_is_over_gets_a_row_once() -> None:
    silence = Silence("me", lambda *_: None)
    assert minutes(silence, 100, CALF) == []
    assert minutes(silence, 101, CALF) == [100]
    assert minutes(silence, 101, CALF) == []
    assert minutes(silence, 103, CALF) == [101, 102]


def test_a_minute_that_has_just_ended_is_waited_for() -> None:
    silence = Silence("me", lambda *_: None)
    silence.parts([CALF], 100 * MINUTE_NS + AFTER)
    assert silence.parts([CALF], 101 * MINUTE_NS + 5_000_000_000) == []


def test_the_minutes_in_which_the_service_was_off_are_filled() -> None:
    silence = Silence("me", lambda *_: 90)
    assert minutes(silence, 95, CALF) == [90, 91, 92, 93, 94]


def test_a_site_that_is_no_longer_read_goes_on_being_said_to_be_silent() -> None:
    silence = Silence("me", lambda *_: None)
    minutes(silence, 100, CALF)
    assert minutes(silence, 101) == [100]
