"""How the configured sensors are, as the alerts need it from the service."""

from collections.abc import Iterable

from ingest.alerts.facts import LinkFacts
from ingest.service import LinkState


def link_facts(links: Iterable[LinkState]) -> list[LinkFacts]:
    """One for each sensor; a sensor that is not there counts for the sites that it is configured for."""
    return [
        LinkFacts(
            sites=frozenset(_configured(link) if link.pipeline is None else link.pipeline.sites),
            device=link.pipeline.device if link.pipeline else "",
            problem=link.problem,
        )
        for link in links
    ]


def _configured(link: LinkState) -> list[tuple[str, str]]:
    skin = link.device.accelerometer
    return [(site.key, "emg") for site in link.device.emg] + ([(skin.key, "accelerometer")] if skin else [])
