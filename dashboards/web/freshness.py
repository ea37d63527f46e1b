"""Whether anything arrives at all: the first thing that the page says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from dashboards.web.overview import Overview, Place
from dashboards.web.wording import STATES, clock, place_name
from detector.event import State
from ingest.live import Lane

SILENT_NS = 5_000_000_000  # 5 s without a sample: what the protocol calls a stale link


class Health(StrEnum):
    """How the whole is."""

    GOOD = "good"
    PARTLY = "partly"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Headline:
    """One line at the head of the page."""

    health: Health
    text: str


def headline(overview: Overview, lanes: Sequence[Lane]) -> Headline:
    """Say whether data arrive, and if not, since when."""
    heard = last_heard(lanes)
    silent = [device for device, last_ns in heard.items() if not is_fresh(last_ns, overview.now_ns)]
    if heard and not silent:
        return Headline(Health.GOOD, "Data are arriving from " + _sensors(len(heard)))
    if len(silent) < len(heard):
        return Headline(Health.PARTLY, f"No data from {len(silent)} of {_sensors(len(heard))}")
    newest_ns = _newest_ns(overview, heard)
    if newest_ns is None:
        return Headline(Health.SILENT, "Waiting for the first data")
    since = clock(newest_ns, overview.zone, overview.now_ns)
    return Headline(Health.SILENT, f"No data since {since}")


def last_heard(lanes: Sequence[Lane]) -> dict[str, int]:
    """When each device's newest sample was taken, ns UTC."""
    heard: dict[str, int] = {}
    for lane in lanes:
        heard[lane.device] = max(lane.end_ns, heard.get(lane.device, 0))
    return heard


def is_fresh(time_ns: int, now_ns: int) -> bool:
    """Whether a sample of that time says that its device is there now."""
    return now_ns - time_ns < SILENT_NS


def device_state(last_ns: int | None, reported_ns: int, now_ns: int, zone: tzinfo) -> str:
    """Say whether a device is there: by its samples if there were any, else by its last report."""
    if last_ns is None:
        return f"not connected, last heard of {clock(reported_ns, zone, now_ns)}"
    if is_fresh(last_ns, now_ns):
        return "connected, data arriving"
    return f"no data since {clock(last_ns, zone, now_ns, seconds=True)}"


def signal(device: str, lanes: Sequence[Lane], places: Sequence[Place]) -> str:
    """Say at which of its sites a device cannot judge, and why; "good" where it can everywhere."""
    watched = {(site, lane.modality) for lane in lanes if lane.device == device for site in lane.sites}
    found = [place for place in places if (place.site, place.modality) in watched]
    bad = [place for place in found if place.state not in {State.REST, State.MOVEMENT}]
    if not found:
        return "not known yet"
    return "; ".join(f"{STATES[place.state]}: {place_name(place.site).lower()}" for place in bad) or "good"


def _sensors(count: int) -> str:
    return "1 sensor" if count == 1 else f"{count} sensors"


def _newest_ns(overview: Overview, heard: dict[str, int]) -> int | None:
    times = heard.values() or [place.last_ns for place in overview.places if place.last_ns is not None]
    return max(times, default=None)
