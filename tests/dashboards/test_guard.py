"""Only this machine, by a name of its own, and only this page."""

import asyncio

import pytest

from dashboards.web.guard import LoopbackOnly


def answers(host: str, origin: str | None = None, kind: str = "http") -> bool:
    """Whether somebody who calls us by that name is let through to the page."""
    reached: list[str] = []

    async def page(scope, receive, send) -> None:
        reached.append(scope["type"])

    async def ignore(message) -> None:
        pass

    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin else [])
    asyncio.run(LoopbackOnly(page)({"type": kind, "headers": headers}, ignore, ignore))
    return bool(reached)


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8420", "localhost:8420", "[::1]:8420", "localhost", "LOCALHOST:1"]
)
def test_this_machine_is_answered(host: str) -> None:
    assert answers(host)


@pytest.mark.parametrize(
    "host", ["evil.example:8420", "127.0.0.1.evil.example", "192.168.1.5:8420", "", "[::1"]
)
def test_other_names_that_lead_here_are_refused(host: str) -> None:
    assert not answers(host)


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_another_site_may_not_reach_in_through_the_browser(kind: str) -> None:
    assert answers("127.0.0.1:8420", "http://127.0.0.1:8420", kind)
    assert not answers("127.0.0.1:8420", "https://evil.example", kind)
    assert not answers("127.0.0.1:8420", "http://127.0.0.1:9999", kind)
    assert not answers("127.0.0.1:8420", "null", kind)


def test_the_start_of_the_server_itself_passes() -> None:
    assert answers("", kind="lifespan")


def test_no_other_page_may_frame_this_one() -> None:
    sent = []

    async def page(scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def keep(message) -> None:
        sent.append(message)

    scope = {"type": "http", "headers": [(b"host", b"localhost")]}
    asyncio.run(LoopbackOnly(page)(scope, keep, keep))
    assert (b"content-security-policy", b"frame-ancestors 'none'") in sent[0]["headers"]
