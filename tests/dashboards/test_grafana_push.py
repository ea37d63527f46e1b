"""Dashboards come into a running Grafana, once, and whatever else it holds stays."""

from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from dashboards.grafana.generate import DASHBOARDS
from dashboards.grafana.panel import SOURCE
from dashboards.grafana.push import Action, Grafana, GrafanaError
from dashboards.grafana.source import data_source
from fasciwatch.cli import app
from tests.dashboards.grafana_double import TOKEN, GrafanaDouble, running

INFLUX_SOURCE = data_source("http://influx:8086", "fasciwatch", "read-only")


@pytest.fixture
def double() -> Iterator[GrafanaDouble]:
    with running() as grafana:
        yield grafana


def push(double: GrafanaDouble) -> list[Action]:
    grafana = Grafana(double.url, TOKEN)
    steps = grafana.plan(INFLUX_SOURCE)
    for step in steps:
        if step.action is not Action.SAME:
            grafana.push(step)
    return [step.action for step in steps]


def test_an_empty_grafana_gets_everything(double: GrafanaDouble) -> None:
    assert set(push(double)) == {Action.CREATE}
    assert set(double.dashboards) == {board.uid for board in DASHBOARDS}
    assert double.sources[SOURCE["uid"]]["jsonData"]["dbName"] == "fasciwatch"


def test_pushing_again_changes_nothing(double: GrafanaDouble) -> None:
    push(double)
    double.changes.clear()
    assert set(push(double)) == {Action.SAME}
    assert double.changes == []


def test_a_dashboard_that_was_changed_there_is_mended_and_the_change_shown(double: GrafanaDouble) -> None:
    push(double)
    double.dashboards["fasciwatch-days"]["dashboard"]["title"] = "Mine"
    [step] = [s for s in Grafana(double.url, TOKEN).plan(INFLUX_SOURCE) if s.action is not Action.SAME]
    assert (step.what, step.action) == ("dashboard Days", Action.UPDATE)
    assert '- "title": "Mine"' in step.diff
    assert '+ "title": "Days"' in step.diff
    push(double)
    assert double.dashboards["fasciwatch-days"]["dashboard"]["title"] == "Days"


def test_a_data_source_without_its_token_gets_it_again(double: GrafanaDouble) -> None:
    push(double)
    double.sources[SOURCE["uid"]]["secureJsonFields"] = {}
    assert Action.UPDATE in push(double)
    assert double.sources[SOURCE["uid"]]["secureJsonFields"] == {"httpHeaderValue1": True}


def test_other_peoples_dashboards_are_left_alone(double: GrafanaDouble) -> None:
    theirs = {"dashboard": {"uid": "theirs", "version": 3}, "meta": {"folderUid": "other"}}
    double.dashboards["theirs"] = theirs
    push(double)
    assert double.dashboards["theirs"] == theirs


def test_a_wrong_token_is_told_in_a_sentence(double: GrafanaDouble) -> None:
    with pytest.raises(GrafanaError, match="the token is not valid"):
        Grafana(double.url, "wrong").plan(INFLUX_SOURCE)


def test_no_grafana_is_told_in_a_sentence() -> None:
    with pytest.raises(GrafanaError, match="no Grafana answers there"):
        Grafana("http://127.0.0.1:1", TOKEN).version()


@pytest.fixture
def command(double: GrafanaDouble, tmp_path, monkeypatch):
    """Run `fasciwatch grafana ...` with a configuration that names InfluxDB."""
    config, token_file = tmp_path / "fasciwatch.toml", tmp_path / "influx-token"
    config.write_text(f'wearer = "me"\n[[devices]]\nport = "x"\n[influx]\ntoken_file = "{token_file}"\n')
    (tmp_path / "influx-token-grafana").write_text("read-only\n")
    monkeypatch.setenv("FASCIWATCH_GRAFANA_TOKEN", TOKEN)

    def run(name: str, *options: str):
        return CliRunner().invoke(
            app, ["grafana", name, "--url", double.url, "--config", str(config), *options]
        )

    return run


def test_a_dry_run_says_what_it_would_do_and_does_nothing(command, double: GrafanaDouble) -> None:
    told = command("push", "--dry-run")
    assert told.exit_code == 0, told.output
    assert "create  dashboard Days" in told.output
    assert double.changes == []


def test_verify_fails_before_a_push_and_passes_after_it(command, double: GrafanaDouble) -> None:
    assert command("verify").exit_code == 1
    assert command("push").exit_code == 0
    assert command("verify").exit_code == 0


def test_verify_says_when_grafana_does_not_reach_influxdb(command, double: GrafanaDouble) -> None:
    command("push")
    double.source_is_healthy = False
    told = command("verify")
    assert told.exit_code == 1
    assert "connection refused" in told.output
