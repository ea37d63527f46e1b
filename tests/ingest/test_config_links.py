"""A sensor is reached by one of port, ble and mqtt; how, the configuration says in a line."""

import pytest

from ingest.config import Config
from ingest.configfile import load_config
from ingest.errors import ConfigError

ID = "0123456789abcdef"


def device(**link):
    return Config.model_validate({"wearer": "me", "devices": [link]}).devices[0]


@pytest.mark.parametrize(
    ("link", "name", "device_id"),
    [
        ({"port": "/dev/ttyUSB0"}, "/dev/ttyUSB0", None),
        ({"port": "/dev/ttyUSB0", "id": ID}, f"/dev/ttyUSB0 ({ID})", ID),
        ({"ble": "auto"}, "ble auto", None),
        ({"ble": ID}, f"ble {ID}", ID),
        ({"ble": "c0:ff:ee:00:00:01"}, "ble C0:FF:EE:00:00:01", None),
        ({"mqtt": ID.upper()}, f"mqtt {ID}", ID),
    ],
)
def test_each_link_has_a_name_and_may_say_which_device_it_is(link, name, device_id):
    assert (device(**link).link_name, device(**link).device_id) == (name, device_id)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('name = "arm"', "exactly one of port, ble and mqtt"),
        ('port = "/dev/ttyUSB0"\nble = "auto"', "exactly one of port, ble and mqtt"),
        ('ble = "arm"', ":3: devices.0.ble: 'arm' is no BLE sensor; expected a device id"),
        ('mqtt = "arm"', ":3: devices.0.mqtt: 'arm' is no device id; expected its 16 hex digits"),
        ('ble = "auto"\n[[devices]]\nble = "auto"', "ble auto is named twice"),
        (f'mqtt = "{ID}"\n[mqtt]\npassword = "secret"', "mqtt.password: there is no such key"),
    ],
)
def test_what_is_no_link_is_named(tmp_path, text, said):
    file = tmp_path / "fasciwatch.toml"
    file.write_text(f'wearer = "me"\n[[devices]]\n{text}\n')
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert said in str(caught.value)


@pytest.mark.parametrize(("settings", "port"), [({}, 8883), ({"tls": False}, 1883), ({"port": 1234}, 1234)])
def test_the_broker_is_asked_with_encryption_unless_told_otherwise(settings, port):
    config = Config.model_validate({"wearer": "me", "devices": [{"mqtt": ID}], "mqtt": settings})
    assert config.mqtt.tcp_port == port
