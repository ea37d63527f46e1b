"""A double of Grafana's HTTP API, as its documentation has it: folders, data sources, dashboards, health."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "service-account-token"


class GrafanaDouble:
    """What it holds, and every request that changed something."""

    def __init__(self) -> None:
        self.folders: dict[str, dict[str, Any]] = {}
        self.sources: dict[str, dict[str, Any]] = {}
        self.dashboards: dict[str, dict[str, Any]] = {}
        self.changes: list[str] = []
        self.source_is_healthy = True
        self.url = ""

    def answer(self, method: str, path: str, body: Any) -> tuple[int, object]:  # noqa: C901, PLR0911 -- a table
        match method, path.removeprefix("/api/").split("/"):
            case "GET", ["health"]:
                return 200, {"version": "11.6.1", "database": "ok"}
            case "GET", ["folders", uid]:
                return self._get(self.folders, uid)
            case "POST", ["folders"]:
                self.folders[body["uid"]] = body
                return 200, body
            case "GET", ["datasources", "uid", uid]:
                return self._get(self.sources, uid)
            case "POST", ["datasources"]:
                return self._keep_source(body)
            case "PUT", ["datasources", "uid", uid]:
                assert uid in self.sources
                return self._keep_source(body)
            case "GET", ["datasources", "uid", uid, "health"]:
                if uid not in self.sources:
                    return 404, {"message": "data source not found"}
                return 200, {"status": "OK", "message": "fine"} if self.source_is_healthy else {
                    "status": "ERROR",
                    "message": "connection refused",
                }
            case "GET", ["dashboards", "uid", uid]:
                return self._get(self.dashboards, uid)
            case "POST", ["dashboards", "db"]:
                return self._keep_dashboard(body)
        return 404, {"message": f"no such thing: {method} {path}"}

    def _get(self, kept: dict[str, dict[str, Any]], uid: str) -> tuple[int, object]:
        return (200, kept[uid]) if uid in kept else (404, {"message": "not found"})

    def _keep_source(self, body: dict[str, Any]) -> tuple[int, object]:
        shown = {key: value for key, value in body.items() if key != "secureJsonData"}
        fields = dict.fromkeys(body.get("secureJsonData", {}), True)
        self.sources[body["uid"]] = shown | {"id": 1, "readOnly": False, "secureJsonFields": fields}
        return 200, {"message": "Datasource added"}

    def _keep_dashboard(self, body: dict[str, Any]) -> tuple[int, object]:
        assert body["folderUid"] in self.folders
        model = body["dashboard"]
        before = self.dashboards.get(model["uid"])
        if before and not body["overwrite"]:
            return 412, {
                "message": "The dashboard has been changed by someone else",
                "status": "version-mismatch",
            }
        version = before["dashboard"]["version"] + 1 if before else 1
        kept = model | {"id": 7, "version": version}
        self.dashboards[model["uid"]] = {"dashboard": kept, "meta": {"folderUid": body["folderUid"]}}
        return 200, {"status": "success", "uid": model["uid"], "version": version}


@contextmanager
def running() -> Iterator[GrafanaDouble]:
    """The double behind a loopback port."""
    double = GrafanaDouble()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                status, told = 401, {"message": "Invalid API key"}
            else:
                status, told = double.answer(self.command, self.path, body)
                if self.command != "GET":
                    double.changes.append(f"{self.command} {self.path}")
            text = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PUT = handle_any  # noqa: N815 -- the names that http.server calls

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    double.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield double
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
