"""Where the page may be served, and what is said where it may not."""

import asyncio
import socket
from pathlib import Path

import pytest

from dashboards.web.context import PageContext
from dashboards.web.server import serve
from ingest.errors import LinkError
from ingest.live import LiveSignal


async def no_note(kind: str, text: str, time_ns: int) -> None:
    raise AssertionError("nobody writes notes here")


def try_to_serve(host: str, port: int) -> None:
    context = PageContext(Path("none"), "me", LiveSignal(), no_note)
    asyncio.run(serve(context, host=host, port=port, on_ready=lambda url: pytest.fail(f"serves {url}")))


def test_a_taken_port_is_named_and_another_is_asked_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(LinkError, match=rf"^127\.0\.0\.1:{port}: another program uses this port"):
            try_to_serve("127.0.0.1", port)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_without_a_password_the_page_stays_on_this_machine(host: str) -> None:
    with pytest.raises(LinkError, match="no password yet"):
        try_to_serve(host, 0)


def test_a_host_that_does_not_exist_is_said_so() -> None:
    with pytest.raises(LinkError, match="cannot be served here"):
        try_to_serve("no-such-host.invalid", 0)
