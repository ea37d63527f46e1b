"""Panels of a dashboard. Their words are Grafana's own (dashboard JSON model, schema version 39)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboards.grafana.colour import Steps, continuous, fixed, palette, thresholds

Json = dict[str, Any]

SOURCE = {"type": "influxdb", "uid": "fasciwatch-influxdb"}
NOTHING = "Nothing was measured in this time"  # "no twitches" is a zero; this is what no figure at all says
COLUMNS = 24  # Grafana's grid: a panel over the whole of it
HALF = COLUMNS // 2  # two beside each other


@dataclass(frozen=True, slots=True)
class Query:
    """One InfluxQL query.

    Attributes:
        text: With Grafana's variables and macros.
        alias: What its series are called, such as `$tag_site`; empty where the columns name themselves.
        is_table: Asked for as a table and not as series.
    """

    text: str
    alias: str = ""
    is_table: bool = False

    def target(self, ref: str) -> Json:
        return {
            "refId": ref,
            "datasource": SOURCE,
            "query": self.text,
            "rawQuery": True,
            "alias": self.alias,
            "resultFormat": "table" if self.is_table else "time_series",
        }


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Attributes:
        kind: Grafana's name of the panel type.
        title: What it shows, in plain words.
        width: Of 24 columns.
        height: In Grafana's rows of 30 px.
        queries: What it asks.
        description: What the reader should know about it.
        defaults: Options of all fields.
        options: Options of the panel.
        overrides: Options of single fields.
        repeat: The variable for each value of which it is shown once.
        transformations: What Grafana does with the answers.
        interval: The shortest `$__interval`, where less than that is not on record.
    """

    kind: str
    title: str
    width: int
    height: int
    queries: Sequence[Query]
    description: str = ""
    defaults: Json = field(default_factory=dict)
    options: Json = field(default_factory=dict)
    overrides: Sequence[Json] = ()
    repeat: str = ""
    transformations: Sequence[Json] = ()
    interval: str = ""

    def model(self, number: int, x: int, y: int) -> Json:
        model: Json = {
            "id": number,
            "type": self.kind,
            "title": self.title,
            "description": self.description,
            "gridPos": {"x": x, "y": y, "w": self.width, "h": self.height},
            "datasource": SOURCE,
            "targets": [query.target(chr(ord("A") + n)) for n, query in enumerate(self.queries)],
            "fieldConfig": {"defaults": {"noValue": NOTHING} | self.defaults, "overrides": [*self.overrides]},
            "options": self.options,
            "transformations": [*self.transformations],
        }
        if self.interval:
            model["interval"] = self.interval
        if self.repeat:
            model |= {"repeat": self.repeat, "repeatDirection": "h", "maxPerRow": COLUMNS // self.width}
        return model


def stat(title: str, query: Query, *, unit: str = "short", **more: Any) -> Panel:
    """One large figure a series."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "colorMode": "value",
        "graphMode": "none",
        "textMode": "value_and_name",
        "orientation": "auto",
    }
    defaults = {"unit": unit, "color": palette()} | more.pop("defaults", {})
    return Panel("stat", title, queries=[query], options=options, defaults=defaults, **more)


def bars(title: str, query: Query, *, unit: str = "short", upright: bool = False, **more: Any) -> Panel:
    """One bar a series."""
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "displayMode": "basic",
        "orientation": "vertical" if upright else "horizontal",
        "valueMode": "text",
        "showUnfilled": True,
    }
    defaults = {"unit": unit, "min": 0, "color": fixed("blue")} | more.pop("defaults", {})
    return Panel("bargauge", title, queries=[query], options=options, defaults=defaults, **more)


def lines(
    title: str, queries: Sequence[Query], *, unit: str = "short", style: str = "line", **more: Any
) -> Panel:
    """Series over time; a gap in the data stays a gap."""
    custom = {
        "drawStyle": style,
        "lineWidth": 2,
        "pointSize": 4,
        "showPoints": "auto",
        "spanNulls": False,
        "fillOpacity": 60 if style == "bars" else 0,
    } | more.pop("custom", {})
    options = {
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    defaults = {"unit": unit, "min": 0, "color": palette(), "custom": custom} | more.pop("defaults", {})
    return Panel("timeseries", title, queries=queries, options=options, defaults=defaults, **more)


def table(title: str, queries: Sequence[Query], **more: Any) -> Panel:
    """Rows of figures or words."""
    options = {"showHeader": True, "cellHeight": "sm", "footer": {"show": False}} | more.pop("options", {})
    return Panel("table", title, queries=queries, options=options, **more)


def heat(title: str, query: Query, *, unit: str = "short", **more: Any) -> Panel:
    """A row a series, a cell a point; the darker, the more. Where nothing was measured there is no cell."""
    options = {
        "showValue": "never",
        "rowHeight": 0.9,
        "colWidth": 0.95,
        "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
        "tooltip": {"mode": "single"},
    }
    defaults = {"unit": unit, "min": 0, "color": continuous(), "custom": {"fillOpacity": 90, "lineWidth": 0}}
    return Panel("status-history", title, queries=[query], options=options, defaults=defaults, **more)


def shares(title: str, query: Query, **more: Any) -> Panel:
    """How a whole is divided between the series."""
    options = {
        "pieType": "donut",
        "displayLabels": ["name", "percent"],
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "legend": {"displayMode": "list", "placement": "right", "showLegend": True, "values": ["percent"]},
    }
    return Panel("piechart", title, queries=[query], options=options, defaults={"color": palette()}, **more)


def states(title: str, query: Query, steps: Steps, **more: Any) -> Panel:
    """A row a series, coloured by what held when; `steps` names each value."""
    mapping = {
        str(value): {"text": text, "color": colour, "index": n}
        for n, (value, colour, text) in enumerate(steps)
    }
    defaults = {
        "color": thresholds(),
        "mappings": [{"type": "value", "options": mapping}],
        "custom": {"fillOpacity": 80, "lineWidth": 0},
    }
    options = {
        "showValue": "auto",
        "rowHeight": 0.9,
        "legend": {"displayMode": "list", "placement": "bottom"},
    }
    return Panel("state-timeline", title, queries=[query], options=options, defaults=defaults, **more)


def override(name: str, properties: Mapping[str, object]) -> Json:
    """Options of the one field of this name."""
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [{"id": key, "value": value} for key, value in properties.items()],
    }


def fixed_colours(colours: Mapping[str, str]) -> list[Json]:
    """Each named field in its own colour."""
    return [override(name, {"color": fixed(colour)}) for name, colour in colours.items()]
