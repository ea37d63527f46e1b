"""How the configured sensors are, as the alerts need it from the service."""

from collections.abc import Iterable

from ingest.alerts.facts import LinkFacts
from ingest.listener import Listener


def link_facts(links: Iterable[Listener]) -> list[LinkFacts]:
    """One for each sensor; a sensor that is not there counts for the sites that it is configured for."""
    return [_facts(link) for link in links]


def _facts(link: Listener) -> LinkFacts:
    pipeline = link.pipeline  # once, as another thread may take it away
    sites = _configured(link) if pipeline is None else pipeline.sites
    return LinkFacts(frozenset(sites), device=pipeline.device if pipeline else "", problem=link.problem)


def _configured(link: Listener) -> list[tuple[str, str]]:
    skin = link.device.accelerometer
    return [(site.key, "emg") for site in link.device.emg] + ([(skin.key, "accelerometer")] if skin else [])
