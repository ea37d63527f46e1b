"""The page, loaded when it is wanted: its framework takes a second to import, and `--help` need not wait."""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from dashboards.web.context import PageContext


class Serve(Protocol):
    """See `dashboards.web.server.serve`."""

    def __call__(
        self, context: PageContext, *, host: str, port: int, on_ready: Callable[[str], None]
    ) -> Coroutine[Any, Any, None]:
        """Serve the page until cancelled."""
        ...


def load_page() -> Serve:
    """Return what serves the page."""
    from dashboards.web.server import serve  # noqa: PLC0415 -- see above

    return serve
