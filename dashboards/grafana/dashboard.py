"""A dashboard: variables, annotations and panels on the grid."""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.grafana.panel import COLUMNS, SOURCE, Json, Panel

SCHEMA_VERSION = 39  # of Grafana's dashboard model, as Grafana 11 writes it
_HEADING_ROWS = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A heading and the panels below it, from left to right, wrapping at the edge."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard.

    Attributes:
        uid: For good, so that links and provisioning find it again.
        title: In Grafana's list.
        description: For whom it is.
        since: The time range it opens with, such as `now-90d`.
        refresh: How often it asks again; empty for never.
        variables: What can be chosen.
        annotations: What is marked in every panel over time.
        rows: What is shown.
    """

    uid: str
    title: str
    description: str
    since: str
    refresh: str
    variables: Sequence[Json]
    annotations: Sequence[Json]
    rows: Sequence[Row]

    def model(self) -> Json:
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": ["fasciwatch"],
            "timezone": "browser",
            "editable": False,
            "graphTooltip": 1,
            "schemaVersion": SCHEMA_VERSION,
            "version": 1,
            "time": {"from": self.since, "to": "now"},
            "refresh": self.refresh,
            "templating": {"list": [*self.variables]},
            "annotations": {"list": [*self.annotations]},
            "links": [
                {
                    "type": "dashboards",
                    "title": "fasciwatch",
                    "tags": ["fasciwatch"],
                    "includeVars": True,
                    "keepTime": False,
                    "asDropdown": False,
                    "icon": "external link",
                    "targetBlank": False,
                    "tooltip": "",
                    "url": "",
                }
            ],
            "panels": _laid_out(self.rows),
        }


def variable(name: str, label: str, query: str, *, is_multi: bool = False) -> Json:
    """What can be chosen, as InfluxDB knows it."""
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": SOURCE,
        "query": query,
        "refresh": 2,  # when the time range changes: a site may be new
        "sort": 1,
        "multi": is_multi,
        "includeAll": is_multi,
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]} if is_multi else {},
        "hide": 0,
        "options": [],
        "regex": "",
        "skipUrlSync": False,
    }


def annotation(name: str, query: str, colour: str, *, text: str, tags: str) -> Json:
    """Moments that are marked in every panel over time."""
    return {
        "name": name,
        "datasource": SOURCE,
        "enable": True,
        "hide": False,
        "iconColor": colour,
        "query": query,
        "textColumn": text,
        "tagsColumn": tags,
        "titleColumn": "",
        "timeEndColumn": "",
        "target": {
            "refId": "Anno",
            "query": query,
            "rawQuery": True,
            "fromAnnotations": True,
            "textEditor": True,
        },
    }


def _laid_out(rows: Sequence[Row]) -> list[Json]:
    models: list[Json] = []
    y = 0
    for row in rows:
        place = {"x": 0, "y": y, "w": COLUMNS, "h": _HEADING_ROWS}
        models.append(
            {
                "id": len(models) + 1,
                "type": "row",
                "title": row.title,
                "collapsed": False,
                "gridPos": place,
                "panels": [],
            }
        )
        y += _HEADING_ROWS
        x, tallest = 0, 0
        for panel in row.panels:
            if x + panel.width > COLUMNS:
                x, y, tallest = 0, y + tallest, 0
            models.append(panel.model(len(models) + 1, x, y))
            x += panel.width
            tallest = max(tallest, panel.height)
        y += tallest
    return models
