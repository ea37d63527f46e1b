"""The committed files are what the code makes, and have the form that Grafana reads."""

import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import grafana_foundation_sdk.cog.plugins as published
import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard as Published

from dashboards.grafana.alerting import policies, rule_groups
from dashboards.grafana.generate import DASHBOARDS, FOLDER, files
from dashboards.grafana.panel import COLUMNS, SOURCE
from ingest.sites import MUSCLES, Side

MODELS = {board.uid: board.model() for board in DASHBOARDS}
PANELS = [
    (uid, panel) for uid, model in MODELS.items() for panel in model["panels"] if panel["type"] != "row"
]


def test_the_committed_files_are_fresh() -> None:
    kept = {path: (FOLDER / path).read_text(encoding="utf-8") for path in files()}
    assert kept == files(), "run `python -m dashboards.grafana.generate`"


def test_nothing_else_lies_beside_them() -> None:
    found = {
        str(p.relative_to(FOLDER)) for d in ("dashboards", "provisioning") for p in (FOLDER / d).rglob("*.*")
    }
    assert found == set(files())


def not_kept(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Where something of ours is missing or different in theirs."""
    match ours, theirs:
        case dict(), dict():
            for key, value in ours.items():
                yield from not_kept(value, theirs.get(key), f"{path}/{key}")
        case list(), list() if len(ours) == len(theirs):
            for one, other in zip(ours, theirs, strict=True):
                yield from not_kept(one, other, f"{path}/*")
        case _ if ours != theirs:
            yield path


# The data source's own part of an annotation is not in the published types, but in its documentation.
OF_THE_SOURCE = tuple(
    f"/annotations/list/*/{key}"
    for key in ("query", "textColumn", "tagsColumn", "titleColumn", "timeEndColumn", "target")
)


@pytest.mark.parametrize("uid", MODELS)
def test_every_key_is_one_of_grafanas_published_types(uid: str) -> None:
    published.register_default_plugins()
    kept = json.loads(json.dumps(Published.from_json(MODELS[uid]), cls=JSONEncoder))
    assert [path for path in not_kept(MODELS[uid], kept) if not path.startswith(OF_THE_SOURCE)] == []


@pytest.mark.parametrize("uid", MODELS)
def test_panels_have_their_own_numbers_and_do_not_overlap(uid: str) -> None:
    panels = MODELS[uid]["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        apart_x = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        apart_y = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert apart_x or apart_y
        assert one["x"] + one["w"] <= COLUMNS


@pytest.mark.parametrize("uid", MODELS)
def test_a_dashboard_opens_without_a_click(uid: str) -> None:
    text = json.dumps(MODELS[uid])
    assert "${DS_" not in text
    assert "__inputs" not in text
    assert MODELS[uid]["timezone"] == "browser"


def test_every_panel_asks_our_data_source_and_says_so_when_there_is_nothing() -> None:
    for _, panel in PANELS:
        assert [target["datasource"] for target in panel["targets"]] == [SOURCE] * len(panel["targets"])
        assert panel["fieldConfig"]["defaults"]["noValue"]


def test_a_rate_never_counts_time_without_rest_as_quiet() -> None:
    """InfluxQL divides by zero to zero, which would read as no twitches."""
    queries = [target["query"] for _, panel in PANELS for target in panel["targets"]]
    rates = [query for query in queries if "/ sum(rest_s)" in query]
    assert rates
    assert all("rest_s > 0" in query for query in rates)


def test_the_body_map_has_a_place_for_every_site() -> None:
    [body] = [panel for _, panel in PANELS if panel["type"] == "canvas"]
    fields = {e["config"]["backgroundColor"].get("field") for e in body["options"]["root"]["elements"]}
    assert fields - {None} == {f"{muscle.key}-{side}" for muscle in MUSCLES for side in Side}


def test_rules_watch_levels_silence_and_emptiness_each_on_its_own() -> None:
    rules = {rule["uid"]: rule for rule in rule_groups()["groups"][0]["rules"]}
    assert set(rules) == {"fasciwatch-level", "fasciwatch-set-up", "fasciwatch-silent", "fasciwatch-empty"}
    assert [uid for uid, rule in rules.items() if rule["noDataState"] == "Alerting"] == ["fasciwatch-empty"]
    for rule in rules.values():
        assert rule["condition"] in {step["refId"] for step in rule["data"]}


def test_the_level_falls_back_only_below_the_level_that_raised_it() -> None:
    [level] = [rule for rule in rule_groups()["groups"][0]["rules"] if rule["uid"] == "fasciwatch-level"]
    [condition] = level["data"][-1]["model"]["conditions"]
    assert (condition["evaluator"], condition["unloadEvaluator"]) == (
        {"type": "gt", "params": [1]},
        {"type": "lt", "params": [1]},
    )


def test_grafanas_own_templates_survive_provisioning() -> None:
    """Provisioning replaces $name by the environment; $$ stands for one that is meant."""
    text = json.dumps(rule_groups())
    assert "$$labels" in text
    assert "$labels" not in text.replace("$$labels", "")


def test_the_policy_tree_keeps_grafanas_default_receiver_at_its_root() -> None:
    [tree] = policies()["policies"]
    assert tree["receiver"] == "grafana-default-email"
    assert [route["receiver"] for route in tree["routes"]] == ["fasciwatch"]
