"""From a device's configuration to an open link."""

from contextlib import AbstractAsyncContextManager

from ingest.config import DeviceConfig
from ingest.transport.link import Link
from ingest.transport.serial import open_serial


def open_link(device: DeviceConfig) -> AbstractAsyncContextManager[Link]:
    """Return what opens the link to a configured device and closes it at the end of the context.

    Raises:
        LinkError: On entering, if the link cannot be had.
    """
    return open_serial(device.port, device.baud)
