"""What a site is doing now is what its newest seconds were."""

from dataclasses import replace

from dashboards.web.site_now import SiteNow, main_state
from detector.event import State
from ingest.schema import MinuteRow

MINUTE_NS = 60_000_000_000
SECOND_NS = 1_000_000_000


def minute(number: int = 100, **seconds: float) -> MinuteRow:
    states = (
        dict.fromkeys(("rest_s", "movement_s", "not_worn_s", "bad_contact_s", "missing_s"), 0.0) | seconds
    )
    return MinuteRow(
        wearer="me", site="biceps-left", modality="emg", minute=number, **states, count=0, count_rest=0,
        duration_ms=0.0, noise_floor=None,
    )  # fmt: skip


def test_a_site_that_was_never_heard_of_is_missing() -> None:
    assert SiteNow().update(None, 0) == (State.MISSING, None)


def test_the_seconds_that_a_minute_gained_say_what_is_now() -> None:
    site, now_ns = SiteNow(), 100 * MINUTE_NS
    assert site.update(minute(rest_s=40.0), now_ns)[0] is State.REST
    assert site.update(minute(rest_s=40.0, bad_contact_s=2.0), now_ns + SECOND_NS)[0] is State.BAD_CONTACT


def test_a_new_minute_speaks_for_itself() -> None:
    site = SiteNow()
    site.update(minute(100, rest_s=60.0), 101 * MINUTE_NS)
    assert site.update(minute(101, movement_s=1.0), 101 * MINUTE_NS + SECOND_NS)[0] is State.MOVEMENT


def test_a_minute_half_of_which_has_no_data_yet_is_not_called_missing() -> None:
    assert SiteNow().update(minute(rest_s=5.0, missing_s=50.0), 100 * MINUTE_NS)[0] is State.REST


def test_another_count_in_a_minute_changes_nothing() -> None:
    site = SiteNow()
    site.update(minute(rest_s=20.0), 100 * MINUTE_NS)
    counted = replace(minute(rest_s=20.0, missing_s=1.0), count=1)
    assert site.update(counted, 100 * MINUTE_NS + SECOND_NS) == (State.REST, 100 * MINUTE_NS)


def test_a_minute_that_grows_no_more_is_missing_since_it_last_grew() -> None:
    site, grown_ns = SiteNow(), 100 * MINUTE_NS + 20 * SECOND_NS
    site.update(minute(rest_s=20.0), grown_ns)
    assert site.update(minute(rest_s=20.0), grown_ns + 10 * SECOND_NS) == (State.REST, grown_ns)
    assert site.update(minute(rest_s=20.0), grown_ns + 16 * SECOND_NS) == (State.MISSING, grown_ns)


def test_a_page_opened_long_after_the_last_minute_does_not_take_it_for_now() -> None:
    assert SiteNow().update(minute(100, rest_s=60.0), 500 * MINUTE_NS) == (State.MISSING, 101 * MINUTE_NS)


def test_most_of_the_time_decides_and_a_tie_goes_to_what_judged_less() -> None:
    assert main_state(minute(rest_s=31.0, missing_s=29.0)) is State.REST
    assert main_state(minute(rest_s=30.0, missing_s=30.0)) is State.MISSING
