"""From a device's configuration to an open link."""

from contextlib import AbstractAsyncContextManager

from ingest.config import Config, DeviceConfig
from ingest.transport.link import Link
from ingest.transport.mqtt import open_mqtt
from ingest.transport.search import is_pattern, open_found
from ingest.transport.serial import open_serial


def open_link(device: DeviceConfig, config: Config) -> AbstractAsyncContextManager[Link]:
    """Return what opens the link to one of the configured devices and closes it at the end of the context.

    Raises:
        LinkError: On entering, if the link cannot be had.
    """
    if device.ble:
        from ingest.transport.ble import open_ble  # noqa: PLC0415 -- takes 0.3 s that only BLE has to wait for

        others = {other.device_id for other in config.devices if other is not device and other.device_id}
        return open_ble(device.ble, others=others)
    if device.mqtt:
        return open_mqtt(config.mqtt, device.mqtt)
    assert device.port is not None
    if is_pattern(device.port):
        return open_found(device.port, device.baud, device.id)
    return open_serial(device.port, device.baud)
