"""Grafana's part: variables and macros filled in, and answers put in an order that can be compared.

Source: Grafana's documentation of the InfluxDB data source: `$timeFilter`, `$__interval`, and how a variable
with several values is written into a regular expression.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dashboards.grafana.generate import DASHBOARDS
from tests.integration.influx.influxd import Influxd

Answer = dict[tuple[object, ...], tuple[object, ...]]


@dataclass(frozen=True)
class Question:
    """One query of one panel."""

    dashboard: str
    panel: str
    query: str

    @property
    def name(self) -> str:
        return f"{self.dashboard}: {self.panel}"


def questions() -> Iterator[Question]:
    """Every query of every panel of every dashboard."""
    for board in DASHBOARDS:
        model = board.model()
        for panel in model["panels"]:
            targets = panel.get("targets", ())
            for target in targets:
                ref = f" {target['refId']}" if len(targets) > 1 else ""
                yield Question(model["title"], panel["title"] + ref, target["query"])


def filled(query: str, *, from_ms: int, to_ms: int, interval: str, variables: dict[str, list[str]]) -> str:
    """The query as Grafana sends it."""
    query = query.replace("$timeFilter", f"time >= {from_ms}ms and time <= {to_ms}ms")
    query = query.replace("$__interval", interval)
    for name, values in variables.items():
        chosen = values[0] if len(values) == 1 else f"({'|'.join(map(re.escape, values))})"
        query = query.replace(f"${name}", chosen)
    assert "$" not in query.replace("$/", ""), query
    return query


def ask(influxd: Influxd, bucket: str, query: str) -> list[dict[str, Any]]:
    return influxd.influxql(query, bucket, epoch="ms")


def by_tags(series: list[dict[str, Any]]) -> Answer:
    """Aggregates: the values by the tags, one row a series."""
    return {tuple(one.get("tags", {}).values()): tuple(one["values"][0][1:]) for one in series}


def by_time(series: list[dict[str, Any]]) -> Answer:
    """Points: the values by the tags and the time in ms."""
    return {
        (*one.get("tags", {}).values(), time_ms): tuple(values)
        for one in series
        for time_ms, *values in one["values"]
    }
