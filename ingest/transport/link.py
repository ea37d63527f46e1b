"""What every transport comes to: a link that bytes go over."""

from typing import Protocol


class Link(Protocol):
    """An open link to one device. Bytes are frames of firmware/PROTOCOL.md, in any cut."""

    name: str
    """For people: the port, the address or the topic."""

    async def read(self) -> bytes:
        """Return the next bytes, at least one. Raises LinkError when the link is lost. Safe to cancel."""
        ...

    async def write(self, data: bytes) -> None:
        """Send bytes; none is no fault. Raises LinkError if they cannot be sent within a bounded time."""
        ...
