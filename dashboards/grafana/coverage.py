"""Coverage: the panel that stands beside every rate."""

from dashboards.grafana.panel import Panel, Query, bars
from dashboards.grafana.select import COVERAGE, select


def coverage_by_site(
    title: str, measurement: str, where: str, *, width: int, height: int, description: str
) -> Panel:
    """The share of what is on record in which each site could be judged, as bars up to all of it."""
    return bars(
        title,
        Query(select(COVERAGE, measurement, where, "site"), alias="$tag_site"),
        unit="percentunit",
        defaults={"max": 1},
        width=width,
        height=height,
        description=description,
    )
