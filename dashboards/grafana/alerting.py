"""Alert rules: they pass on what the service has told, and notice when the service itself falls silent.

Nothing is judged here: the level of a wearer is computed beside the journal, with its own hysteresis. A rule
finds its fault in figures; that a query brings no figures at all is a rule of its own. Provisioning reads `$`
as its own, so that a `$` meant for Grafana's templates is written twice.
"""

from dashboards.grafana.alerts import TWITCHING
from dashboards.grafana.panel import SOURCE, Json
from dashboards.grafana.select import select

FOLDER = "fasciwatch"
SILENT_AFTER_MIN = 30  # minutes without a row: the service writes one each minute, whatever the sensors do
KNOWN_D = 30  # a wearer of whom nothing came for so long is no longer missed

_MATH = {"type": "__expr__", "uid": "__expr__"}

# A row for each wearer known at all: signs of life of late, and none from whom nothing came of late. In one
# measurement, as InfluxQL adds nothing up across measurements.
_SIGNS = 'FROM "life" WHERE time <= now() AND time > now() -'
_RECENT = f"SELECT count(alive) AS signs {_SIGNS} {SILENT_AFTER_MIN}m GROUP BY wearer"
_KNOWN = f"SELECT count(alive) * 0 AS signs {_SIGNS} {KNOWN_D}d GROUP BY wearer"
_SIGNS_OF_LIFE = f"SELECT sum(signs) FROM ({_RECENT}), ({_KNOWN}) GROUP BY wearer"  # noqa: S608 -- all ours
_LAST_YEAR = "time > now() - 365d"
_TWITCHING = select("last(level)", "alert", f"\"rule\" = '{TWITCHING}' AND {_LAST_YEAR}", "wearer")
_SET_UP = select("last(level)", "alert", f"\"rule\" != '{TWITCHING}' AND {_LAST_YEAR}", 'wearer, "rule"')
_ANYTHING = select("count(rest_s)", "hour", f"time > now() - {KNOWN_D}d")


def rule_groups() -> Json:
    """For provisioning: every rule, in one group."""
    return {
        "apiVersion": 1,
        "groups": [{"orgId": 1, "name": "fasciwatch", "folder": FOLDER, "interval": "1m", "rules": _rules()}],
    }


def contact_points() -> Json:
    """For provisioning: where alerts go, until the household names a better place."""
    receiver = {
        "uid": "fasciwatch-mail",
        "type": "email",
        "settings": {"addresses": "$FASCIWATCH_ALERT_MAIL", "singleEmail": True},
        "disableResolveMessage": False,
    }
    return {
        "apiVersion": 1,
        "contactPoints": [{"orgId": 1, "name": "fasciwatch", "receivers": [receiver]}],
    }


def policies() -> Json:
    """For provisioning: who is told what. It replaces the whole tree of this Grafana."""
    route = {
        "receiver": "fasciwatch",
        "object_matchers": [["product", "=", "fasciwatch"]],
        "group_by": ["alertname", "wearer"],
        "group_wait": "1m",
        "group_interval": "1h",
        "repeat_interval": "1d",
    }
    return {
        "apiVersion": 1,
        "policies": [
            {
                "orgId": 1,
                "receiver": "grafana-default-email",
                "group_by": ["grafana_folder", "alertname"],
                "routes": [route],
            }
        ],
    }


def _rules() -> list[Json]:
    return [
        _rule(
            "fasciwatch-level",
            "Twitching persists",
            _TWITCHING,
            {"type": "gt", "params": [1]},
            back={"type": "lt", "params": [1]},
            no_data="OK",  # nothing was ever told
            hold="0s",
            summary="Persistent twitching of {{ $$labels.wearer }} was noticed; the page says where and why.",
        ),
        _rule(
            "fasciwatch-set-up",
            "The set-up needs somebody",
            _SET_UP,
            {"type": "gt", "params": [1]},
            back={"type": "lt", "params": [1]},
            no_data="OK",
            hold="0s",
            summary="{{ $$labels.rule }} ({{ $$labels.wearer }}): the page says what to do.",
        ),
        _rule(
            "fasciwatch-silent",
            "Nothing is being recorded",
            _SIGNS_OF_LIFE,
            {"type": "lt", "params": [1]},
            no_data="OK",  # the next rule's business
            hold="0s",
            summary=f"No minute of {{{{ $$labels.wearer }}}} has come for {SILENT_AFTER_MIN} min: service,"
            " forwarder or machine stands still. This says nothing about twitches.",
        ),
        _rule(
            "fasciwatch-empty",
            "InfluxDB holds nothing",
            _ANYTHING,
            {"type": "lt", "params": [1]},
            no_data="Alerting",
            hold="1h",
            summary="No data at all: was the service ever started, or is this another bucket?",
        ),
    ]


def _rule(
    uid: str,
    title: str,
    query: str,
    fires: Json,
    *,
    no_data: str,
    hold: str,
    summary: str,
    back: Json | None = None,
) -> Json:
    condition: Json = {"type": "query", "evaluator": fires, "query": {"params": ["B"]}}
    if back is not None:
        condition["unloadEvaluator"] = back
    span = {"from": KNOWN_D * 86_400, "to": 0}
    influx = {
        "refId": "A",
        "query": query,
        "rawQuery": True,
        "resultFormat": "time_series",
        "datasource": SOURCE,
    }
    reduce = {"refId": "B", "type": "reduce", "expression": "A", "reducer": "last", "datasource": _MATH}
    threshold = {
        "refId": "C",
        "type": "threshold",
        "expression": "B",
        "conditions": [condition],
        "datasource": _MATH,
    }
    return {
        "uid": uid,
        "title": title,
        "condition": "C",
        "data": [
            {"refId": "A", "datasourceUid": SOURCE["uid"], "relativeTimeRange": span, "model": influx},
            {"refId": "B", "datasourceUid": "__expr__", "relativeTimeRange": span, "model": reduce},
            {"refId": "C", "datasourceUid": "__expr__", "relativeTimeRange": span, "model": threshold},
        ],
        "noDataState": no_data,
        "execErrState": "Error",
        "for": hold,
        "labels": {"product": "fasciwatch"},
        "annotations": {"summary": summary},
        "isPaused": False,
    }
