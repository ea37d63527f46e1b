"""Keeps other web sites away from a page on this machine.

A page on loopback is open to every web site that its wearer visits: by a name of its own that resolves to
127.0.0.1 (DNS rebinding), by a WebSocket, to which no same-origin rule applies, or in a frame that catches
clicks. So the Host header has to name this machine, a browser's Origin has to be this page, and no other page
may frame it.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
_POLICY_VIOLATION = 1008  # RFC 6455, section 7.4.1


class LoopbackOnly:
    """ASGI middleware: answers 403 to whoever does not call this machine by a name of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or _is_ours(Headers(scope=scope)):
            await self._app(scope, receive, _unframed(send))
        elif scope["type"] == "websocket":
            await WebSocketClose(_POLICY_VIOLATION)(scope, receive, send)
        else:
            refusal = PlainTextResponse("This page answers only to the machine that it runs on.", 403)
            await refusal(scope, receive, send)


def _unframed(send: Send) -> Send:
    async def send_unframed(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["content-security-policy"] = "frame-ancestors 'none'"
        await send(message)

    return send_unframed


def _is_ours(headers: Headers) -> bool:
    host = headers.get("host", "")
    origin = headers.get("origin")
    return _name(f"//{host}") in LOOPBACK_NAMES and (origin is None or urlsplit(origin).netloc == host)


def _name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
