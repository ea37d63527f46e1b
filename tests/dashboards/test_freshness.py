"""Whether data arrive is said first, and silence has its time."""

from datetime import UTC

import pytest

from dashboards.web.freshness import Health, device_state, headline, signal
from dashboards.web.overview import Overview, Place
from detector.event import State
from ingest.live import Lane

SECOND_NS = 1_000_000_000
NOW_NS = 12 * 3600 * SECOND_NS  # noon on the first of January 1970


def lane(device: str, silent_s: float, site: str = "biceps-left") -> Lane:
    return Lane(device, 0, "emg", "uV", (site,), 1000.0, 1, NOW_NS - round(silent_s * SECOND_NS))


def place(site: str, state: State, last_ns: int | None = None) -> Place:
    return Place(site, "emg", state, last_ns, days=(), runs=(), busy=())


def overview(*places: Place) -> Overview:
    return Overview(NOW_NS, UTC, (0, 1440), places, devices=(), twitches=(), notes=())


@pytest.mark.parametrize(
    ("silent_s", "health", "text"),
    [
        ([0.2], Health.GOOD, "Data are arriving from 1 sensor"),
        ([0.2, 4.9], Health.GOOD, "Data are arriving from 2 sensors"),
        ([0.2, 60], Health.PARTLY, "No data from 1 of 2 sensors"),
        ([120, 600], Health.SILENT, "No data since 11:58"),
        ([], Health.SILENT, "Waiting for the first data"),
    ],
)
def test_the_headline(silent_s: list[float], health: Health, text: str) -> None:
    line = headline(overview(), [lane(f"d{n}", seconds) for n, seconds in enumerate(silent_s)])
    assert (line.health, line.text) == (health, text)


def test_after_a_restart_the_journal_knows_since_when() -> None:
    last_ns = NOW_NS - 3600 * SECOND_NS
    line = headline(overview(place("biceps-left", State.MISSING, last_ns)), [])
    assert (line.health, line.text) == (Health.SILENT, "No data since 11:00")


def test_a_device_is_there_while_its_samples_are() -> None:
    assert device_state(NOW_NS - SECOND_NS, 0, NOW_NS, UTC) == "connected, data arriving"
    assert device_state(NOW_NS - 60 * SECOND_NS, 0, NOW_NS, UTC) == "no data since 11:59:00"
    assert device_state(None, NOW_NS - 60 * SECOND_NS, NOW_NS, UTC) == "not connected, last heard of 11:59"


def test_a_device_says_where_it_cannot_judge() -> None:
    lanes = [lane("d1", 0, "biceps-left"), lane("d2", 0, "gastrocnemius-left")]
    places = [place("biceps-left", State.MOVEMENT), place("gastrocnemius-left", State.BAD_CONTACT)]
    assert signal("d1", lanes, places) == "good"
    assert signal("d2", lanes, places) == "bad contact: left calf"
    assert signal("d3", lanes, places) == "not known yet"
