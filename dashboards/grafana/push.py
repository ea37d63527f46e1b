"""Bringing the dashboards into a Grafana that runs already, through its HTTP API.

Everything is found by its fixed uid, so pushing twice changes nothing the second time. Whatever else that
Grafana holds is left alone: no policies, no contact points, no alert rules are touched.
"""

import difflib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from grafana_client.api import GrafanaApi
from grafana_client.client import (
    GrafanaClientError,
    GrafanaException,
    GrafanaUnauthorizedError,
    TokenAuth,
)

from dashboards.grafana.alerting import FOLDER
from dashboards.grafana.generate import DASHBOARDS
from dashboards.grafana.panel import SOURCE, Json
from ingest.errors import FasciwatchError

_OWN_TO_GRAFANA = frozenset({"id", "version"})  # of a dashboard: counted by Grafana
_TIMEOUT_S = 15.0  # a Raspberry Pi answers its first request slowly
_NOT_FOUND = 404


class GrafanaError(FasciwatchError):
    """Grafana is away, or refuses what it is asked."""


class Action(StrEnum):
    """What has to be done about one thing."""

    CREATE = "create"
    UPDATE = "update"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that Grafana should hold.

    Attributes:
        what: Folder, data source or dashboard, and its name.
        action: What has to be done.
        diff: From what is there to what should be, line by line.
        do: Does it.
    """

    what: str
    action: Action
    diff: str
    do: Callable[[], object]


class Grafana:
    """A running Grafana, opened with the token of a service account with the role Admin."""

    def __init__(self, url: str, token: str) -> None:
        place = urlsplit(url)
        self.url = url
        self._api = GrafanaApi(
            TokenAuth(token),
            protocol=place.scheme,
            host=place.hostname or "localhost",
            port=place.port,
            url_path_prefix=f"{place.path.strip('/')}/" if place.path.strip("/") else "",
            timeout=_TIMEOUT_S,
        )

    def version(self) -> str:
        """Which Grafana answers.

        Raises:
            GrafanaError: None does.
        """
        with self._sentences():
            return str(self._api.health.check()["version"])

    def plan(self, source: Json) -> list[Step]:
        """What it takes to hold folder, data source and dashboards as they are here.

        Raises:
            GrafanaError: Grafana is away, or the token may not look.
        """
        with self._sentences():
            boards = [self._dashboard_step(board.model()) for board in DASHBOARDS]
            return [self._folder_step(), self._source_step(source), *boards]

    def push(self, step: Step) -> None:
        """Do one step.

        Raises:
            GrafanaError: Grafana is away, or the token may not.
        """
        with self._sentences():
            step.do()

    def source_problem(self) -> str:
        """Why the data source does not answer; empty if it does.

        Raises:
            GrafanaError: Grafana is away, or there is no such data source.
        """
        with self._sentences():
            told = self._api.datasource.health(SOURCE["uid"])
        return "" if told.get("status") == "OK" else str(told.get("message", "it does not answer"))

    def _folder_step(self) -> Step:
        there = self._found(lambda: self._api.folder.get_folder(FOLDER))
        action = Action.CREATE if there is None else Action.SAME
        return Step(
            f"folder {FOLDER}", action, "", lambda: self._api.folder.create_folder(FOLDER, uid=FOLDER)
        )

    def _source_step(self, source: Json) -> Step:
        there = self._found(lambda: self._api.datasource.get_datasource_by_uid(SOURCE["uid"]))
        name = f"data source {source['name']}"
        if there is None:
            return Step(name, Action.CREATE, "", lambda: self._api.datasource.create_datasource(source))
        wanted = {key: value for key, value in source.items() if key != "secureJsonData"}
        diff = _diff({key: there.get(key) for key in wanted}, wanted)
        has_token = there.get("secureJsonFields", {}).get("httpHeaderValue1", False)
        action = Action.SAME if not diff and has_token else Action.UPDATE
        uid = SOURCE["uid"]
        return Step(name, action, diff, lambda: self._api.datasource.update_datasource_by_uid(uid, source))

    def _dashboard_step(self, model: Json) -> Step:
        there = self._found(lambda: self._api.dashboard.get_dashboard(model["uid"]))
        wanted = {
            "dashboard": model,
            "folderUid": FOLDER,
            "overwrite": True,
            "message": "fasciwatch grafana push",
        }
        before = there["dashboard"] if there else {}
        diff = _diff(_ours(before), _ours(model))
        moved = there is not None and there["meta"].get("folderUid") != FOLDER
        action = Action.CREATE if there is None else Action.UPDATE if diff or moved else Action.SAME
        name = f"dashboard {model['title']}"
        return Step(name, action, diff if there else "", lambda: self._api.dashboard.update_dashboard(wanted))

    @staticmethod
    def _found(ask: Callable[[], Json]) -> Json | None:
        try:
            return ask()
        except GrafanaClientError as error:
            if error.status_code == _NOT_FOUND:
                return None
            raise

    @contextmanager
    def _sentences(self) -> Iterator[None]:
        try:
            yield
        except GrafanaUnauthorizedError as error:
            raise GrafanaError(
                f"{self.url}: the token is not valid; make one for a service account"
            ) from error
        except GrafanaClientError as error:
            raise GrafanaError(f"{self.url}: Grafana refuses ({error.message})") from error
        except (GrafanaException, OSError, ValueError) as error:
            raise GrafanaError(f"{self.url}: no Grafana answers there: {error}") from error


def _ours(model: Json) -> Json:
    return {key: value for key, value in model.items() if key not in _OWN_TO_GRAFANA}


def _diff(there: Json, wanted: Json) -> str:
    before, after = (json.dumps(m, indent=1, sort_keys=True).splitlines() for m in (there, wanted))
    return "\n".join(difflib.unified_diff(before, after, "there", "wanted", n=1, lineterm=""))
