"""What every transport comes to: a link that bytes go over."""

from collections.abc import Callable
from typing import Protocol


class Link(Protocol):
    """An open link to one device. Bytes are frames of firmware/PROTOCOL.md, in any cut."""

    name: str
    """For people: the port, the address or the topic."""

    async def read(self) -> bytes:
        """Return the next bytes, at least one. Raises LinkError when the link is lost. Safe to cancel."""
        ...

    def receipt(self) -> Callable[[], None]:
        """Return what to call once all that was read by now is stored for good.

        Who keeps what the device sends, if anybody does, may forget it then.
        """
        return _nobody_asks

    async def write(self, data: bytes) -> None:
        """Send bytes; none is no fault. Raises LinkError if they cannot be sent within a bounded time."""
        ...


def _nobody_asks() -> None:
    """Between device and host there is only a wire."""
