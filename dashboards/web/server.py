"""Serves the page inside the service's own event loop."""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_address
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from nicegui import ui
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from dashboards.web.context import PageContext
from dashboards.web.feed import send_waves
from dashboards.web.guard import LoopbackOnly
from dashboards.web.overview_reader import OverviewReader
from dashboards.web.page import build_page
from dashboards.web.quiet_check import QuietCheck
from dashboards.web.report import send_report
from dashboards.web.told import ToldReader
from ingest.errors import LinkError

ASSETS = Path(__file__).parent / "assets"
SHUTDOWN_S = 1  # an open page gets this long to let go; it finds its way back by itself


async def serve(context: PageContext, *, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve the page until cancelled; once in a process, since NiceGUI keeps one app a process.

    Signals stay with the caller. Cancelling closes open pages and returns within about a second.

    Args:
        context: What the page shows.
        host: Where to listen: a name or address of this machine.
        port: TCP port; 0 takes a free one.
        on_ready: Called with the page's address once it answers.

    Raises:
        LinkError: The port is taken or not allowed, or the host is not on loopback.
    """
    with _listen(host, port) as listener:
        server = _Server(
            uvicorn.Config(
                _app(context),
                ws="websockets-sansio",
                log_config=None,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=SHUTDOWN_S,
            ),
            on_started=lambda: on_ready(_address(host, listener)),
        )
        serving = asyncio.create_task(server.serve([listener]), name="page-server")
        try:
            await asyncio.shield(serving)
        finally:
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave SIGINT and SIGTERM to the service."""
        yield


def _app(context: PageContext) -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.add_middleware(LoopbackOnly)
    app.mount("/assets", StaticFiles(directory=ASSETS))
    if context.health:
        app.router.routes.append(Route("/healthz", partial(_healthz, context.health)))
    app.router.routes.append(Route("/report.{kind}", partial(send_report, context)))
    app.router.routes.append(WebSocketRoute("/waves", partial(send_waves, context=context)))
    ui.run_with(
        app,
        root=partial(
            build_page,
            context,
            OverviewReader(context.journal, context.wearer),
            ToldReader(context.journal, context.wearer),
            QuietCheck(context.journal, context.wearer),
        ),
        title="fasciwatch",
        favicon=ASSETS / "icon.svg",
        dark=None,
        language="en-US",
        tailwind=False,
        show_welcome_message=False,
    )
    return app


async def _healthz(health: Callable[[], Mapping[str, object]], _request: Request) -> JSONResponse:
    """Answer 200 as long as what comes is being kept, otherwise 503; with the particulars either way."""
    told = health()
    return JSONResponse(told, status_code=200 if told["ok"] else 503)


def _listen(host: str, port: int) -> socket.socket:
    place = f"{host}:{port}"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        if not ip_address(address[0]).is_loopback:
            raise LinkError(
                place,
                "the page has no password yet, so it is served to this machine only;"
                " use 127.0.0.1, and an SSH tunnel from elsewhere",
            )
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise LinkError(place, "another program uses this port; choose another with --port") from error
        raise LinkError(place, f"the page cannot be served here: {error.strerror or error}") from error


def _address(host: str, listener: socket.socket) -> str:
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{listener.getsockname()[1]}/"
