"""The configuration: who is watched, by which sensors, and what becomes of it."""

import re
from dataclasses import fields as dataclass_fields
from datetime import time
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_config_path, user_data_path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    model_validator,
)

from detector.rule import Rule
from ingest.archive.retention import Limits
from ingest.assignment import Assignment
from ingest.messages import Hello, Modality
from ingest.sites import Site

DEFAULT_PATH = user_config_path("fasciwatch") / "fasciwatch.toml"
DEFAULT_JOURNAL = user_data_path("fasciwatch") / "journal.sqlite3"
DEFAULT_BAUD = 500_000  # Bd, exact on a 16 MHz AVR (PROTOCOL.md, section 9)
DEFAULT_INFLUX_TOKEN = user_config_path("fasciwatch") / "influx-token"
DEFAULT_WEB_PORT = 8420
MQTT_PORTS = {True: 8883, False: 1883}  # with TLS and without, as registered with IANA
ANY_BLE = "auto"  # the first sensor in the air that no other block names

_DEVICE_ID = "[0-9a-f]{16}"
_BLE_ADDRESS = "([0-9A-F]{2}:){5}[0-9A-F]{2}|[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"  # latter: macOS


def _site(value: object) -> object:
    return Site.parse(value) if isinstance(value, str) else value


def _device_id(value: str) -> str:
    if not re.fullmatch(_DEVICE_ID, value.lower()):
        raise ValueError(f"{value!r} is no device id; expected its 16 hex digits")
    return value.lower()


def _ble_name(value: str) -> str:
    if value == ANY_BLE or re.fullmatch(_DEVICE_ID, value):
        return value
    if not re.fullmatch(_BLE_ADDRESS, value.upper()):
        raise ValueError(f"{value!r} is no BLE sensor; expected a device id, an address or {ANY_BLE!r}")
    return value.upper()


def _expanded(value: object) -> object:
    return Path(value).expanduser() if isinstance(value, str) else value


_SiteKey = Annotated[Site, BeforeValidator(_site)]
_DeviceId = Annotated[str, AfterValidator(_device_id)]
_BleName = Annotated[str, AfterValidator(_ble_name)]
_ExpandedPath = Annotated[Path, BeforeValidator(_expanded)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


class DeviceConfig(_Section):
    """One sensor: how it is reached and what it sits on."""

    port: str | None = Field(default=None, min_length=1)
    ble: _BleName | None = None
    mqtt: _DeviceId | None = None
    id: _DeviceId | None = None
    name: str = ""
    baud: int = Field(default=DEFAULT_BAUD, ge=9600, le=4_000_000)
    emg: Annotated[tuple[_SiteKey, ...], Field(strict=False)] = ()
    accelerometer: _SiteKey | None = None

    @model_validator(mode="after")
    def _is_reached_one_way(self) -> Self:
        if sum(way is not None for way in (self.port, self.ble, self.mqtt)) != 1:
            raise ValueError("a sensor is reached by exactly one of port, ble and mqtt")
        return self

    @property
    def link_name(self) -> str:
        """How people call the link to it."""
        if self.port and self.id:
            return f"{self.port} ({self.id})"
        return self.port or (f"ble {self.ble}" if self.ble else f"mqtt {self.mqtt}")

    @property
    def device_id(self) -> str | None:
        """The one device that this may be, where the configuration says so."""
        in_the_air = self.ble if self.ble and re.fullmatch(_DEVICE_ID, self.ble) else None
        return self.id or self.mqtt or in_the_air

    def assign(self, wearer: str, hello: Hello) -> Assignment | str:
        """Return the site of each channel of the device that said `hello`; or why there is none.

        Sites named here go before those that the board itself was told.
        """
        device = hello.device_id.hex()
        if self.device_id not in {None, device}:
            return f"device {device} is on {self.link_name}, the configuration expects {self.device_id} there"
        named = [site.key for site in self.emg]
        skin = (self.accelerometer.key,) if self.accelerometer else ()
        sites: dict[int, tuple[str, ...]] = {}
        for stream in hello.streams:
            hints = tuple(site.key for hint in stream.site_hints if (site := Site.from_hint(hint)))
            if stream.modality is Modality.ACCELEROMETER:
                sites[stream.stream_id] = skin or hints
            else:
                own, named = named[: stream.channels], named[stream.channels :]
                sites[stream.stream_id] = tuple(own) or hints
            wanted = 1 if stream.modality is Modality.ACCELEROMETER else stream.channels
            if len(sites[stream.stream_id]) not in {0, wanted}:
                return f"device {device} has {wanted} EMG channels, {len(own)} sites are named for it"
        if named:
            return f"device {device} has fewer EMG channels than sites are named for it"
        if not any(sites.values()):
            return f"nobody has said where device {device} sits; name its sites in the configuration"
        return Assignment(wearer, self.name or hello.name or device, sites)


class JournalConfig(_Section):
    """Where everything is kept."""

    path: _ExpandedPath = DEFAULT_JOURNAL


class ArchiveConfig(_Section):
    """Where raw signal goes and how much of it is kept."""

    enabled: bool = True
    path: _ExpandedPath | None = None
    keep_days: float = Field(default=30, gt=0)
    max_gb: float = Field(default=20, gt=0)
    leave_free_gb: float = Field(default=1, ge=0)

    @property
    def limits(self) -> Limits:
        """How much is kept, in the archive's own units."""
        return Limits(
            keep_ns=round(self.keep_days * 86_400e9),
            keep_bytes=round(self.max_gb * 1e9),
            leave_free_bytes=round(self.leave_free_gb * 1e9),
        )

    def folder(self, journal: Path) -> Path:
        """Where it is, for the journal at this path."""
        return self.path or journal.with_suffix(".archive")


class WebConfig(_Section):
    """Where the page is served."""

    host: str = "127.0.0.1"
    port: int = Field(default=DEFAULT_WEB_PORT, ge=1, le=65535)


class MqttConfig(_Section):
    """The broker between host and sensors."""

    host: str = Field(default="localhost", min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535)
    user: str = ""
    password_file: _ExpandedPath | None = None
    tls: bool = True
    ca_file: _ExpandedPath | None = None

    @property
    def tcp_port(self) -> int:
        """Where it listens."""
        return self.port or MQTT_PORTS[self.tls]


class InfluxConfig(_Section):
    """The InfluxDB that follows the journal."""

    url: str = Field(default="http://127.0.0.1:8086", pattern="^https?://[^/]+$")
    org: str = Field(default="home", min_length=1)
    bucket: str = Field(default="fasciwatch", pattern='^[^_"/][^"/]*$')
    token_file: _ExpandedPath = DEFAULT_INFLUX_TOKEN
    retention_days: int = Field(default=0, ge=0)


def _time_of_day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return time.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f'{value!r} is no time of day; expected one like "22:00"') from error


def _zone(value: object) -> object:
    try:
        return ZoneInfo(value) if isinstance(value, str) else value
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{value!r} is no time zone; expected one like Europe/Vienna") from error


def _figures(value: object) -> object:
    if not isinstance(value, dict):
        return value
    known = {f.name for f in dataclass_fields(Rule)} - {"utc_offset_min"}  # which follows from the time zone
    if unknown := sorted(set(value) - known):
        raise ValueError(f"{unknown[0]!r} is none of the figures; these are {', '.join(sorted(known))}")
    return TypeAdapter(Rule).validate_python(value)


_TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]


class AlertsConfig(_Section):
    """When the wearer is told, and what decides it."""

    quiet_from: _TimeOfDay = time(22)
    quiet_until: _TimeOfDay = time(7)
    digest_at: _TimeOfDay = time(9)
    time_zone: Annotated[ZoneInfo | None, BeforeValidator(_zone)] = None
    persistence: Annotated[Rule, BeforeValidator(_figures)] = Rule()


class NotifyConfig(_Section):
    """Who is told."""

    addresses_file: _ExpandedPath | None = None
    home_assistant: bool = False
    home_assistant_prefix: str = Field(default="homeassistant", pattern="^[^+#/]+$")


class Config(_Section):
    """All of it."""

    wearer: str = Field(min_length=1, max_length=64)
    devices: Annotated[tuple[DeviceConfig, ...], Field(strict=False, min_length=1)]
    journal: JournalConfig = JournalConfig()
    archive: ArchiveConfig = ArchiveConfig()
    web: WebConfig = WebConfig()
    mqtt: MqttConfig = MqttConfig()
    influx: InfluxConfig | None = None
    alerts: AlertsConfig = AlertsConfig()
    notify: NotifyConfig = NotifyConfig()

    @property
    def sites(self) -> list[tuple[str, str]]:
        """Every site that is named, with the modality."""
        emg = [(site.key, "emg") for device in self.devices for site in device.emg]
        skin = [(d.accelerometer.key, "accelerometer") for d in self.devices if d.accelerometer]
        return emg + skin
