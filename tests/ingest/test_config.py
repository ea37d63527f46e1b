"""What is wrong with a configuration is said by file, line and key; what is right means what it says."""

from pathlib import Path

import pytest

from ingest.config import DeviceConfig
from ingest.configfile import TEMPLATE, load_config
from ingest.errors import ConfigError
from ingest.messages import Feature, Hello, Modality, SiteHint, Stream, Unit
from ingest.sites import Site

DEVICE = '[[devices]]\nport = "/dev/ttyUSB0"\n'


def stream(modality: Modality, channels: int, hints: tuple[SiteHint, ...], stream_id: int = 0) -> Stream:
    return Stream(stream_id, modality, Unit.MICROVOLT, channels, 2, 1_000_000, 1.0, -5, 5, 0, 0, hints)


def hello(*streams: Stream) -> Hello:
    return Hello(bytes(8), 1, 0, (1, 0, 0), Feature(0), "calf", streams)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "fasciwatch.toml"


def test_the_template_is_in_order(file: Path) -> None:
    file.write_text(TEMPLATE)
    assert load_config(file).devices[0].emg == (Site.parse("biceps-left"),)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('wearer = "me"\n' + DEVICE + "bauds = 3\n", 4, "devices.0.bauds: there is no such key"),
        (
            'wearer = "me"\n' + DEVICE + 'baud = "fast"\n',
            4,
            "devices.0.baud: should be a valid integer, not 'fast'",
        ),
        ('wearer = "me"\n' + DEVICE + DEVICE + 'emg = ["calf"]\n', 6, "devices.1.emg.0: 'calf' is no site"),
        ("wearer = 5\n" + DEVICE, 1, "wearer: should be a valid string, not 5"),
        (
            'wearer = "me"\n[web]\nport = 70000\n' + DEVICE,
            3,
            "web.port: should be less than or equal to 65535",
        ),
        (DEVICE, None, "wearer: this key is missing"),
        ('wearer = "me"\n', None, "devices: this key is missing"),
        ('wearer = "me\n', None, "this is not TOML"),
        ('wearer = "me"\n' + DEVICE + DEVICE, None, "/dev/ttyUSB0 is named twice"),
        (
            'wearer = "me"\n' + DEVICE + 'emg = ["soleus-left", "soleus-left"]\n',
            None,
            "soleus-left is named twice",
        ),
    ],
    ids=[
        "unknown key",
        "wrong type",
        "wrong site",
        "wrong wearer",
        "out of range",
        "no wearer",
        "no device",
        "no TOML",
        "port twice",
        "site twice",
    ],
)
def test_what_is_wrong_is_named(file: Path, text: str, line: int | None, said: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    place = f"{file}:{line}: " if line else f"{file}: "
    assert str(caught.value).startswith(place)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_says_how_to_get_one(file: Path) -> None:
    with pytest.raises(ConfigError, match="fasciwatch config init"):
        load_config(file)


def test_the_sites_named_go_before_those_that_the_board_was_told() -> None:
    device = DeviceConfig(port="p", emg=(Site.parse("triceps-left"), Site.parse("triceps-right")))
    hints = (SiteHint(22, 1), SiteHint(22, 2))
    assignment = device.assign("me", hello(stream(Modality.EMG, 2, hints)))
    assert not isinstance(assignment, str)
    assert assignment.sites == {0: ("triceps-left", "triceps-right")}


def test_without_names_the_boards_own_sites_hold() -> None:
    emg = stream(Modality.EMG, 1, (SiteHint(22, 1),))
    skin = stream(Modality.ACCELEROMETER, 3, (SiteHint(76, 2),), 1)
    assignment = DeviceConfig(port="p").assign("me", hello(emg, skin))
    assert not isinstance(assignment, str)
    assert assignment.sites == {0: ("biceps-left",), 1: ("gastrocnemius-right",)}
    assert assignment.name == "calf"


@pytest.mark.parametrize(
    ("device", "said"),
    [
        (DeviceConfig(port="p"), "nobody has said where"),
        (DeviceConfig(port="p", emg=(Site.parse("biceps-left"),)), "has 2 EMG channels, 1 sites are named"),
        (
            DeviceConfig(
                port="p", emg=tuple(map(Site.parse, ("biceps-left", "biceps-right", "soleus-left")))
            ),
            "fewer EMG channels",
        ),
        (DeviceConfig(port="p", id="00000000000000ff"), "expects 00000000000000ff"),
    ],
    ids=["no sites", "too few", "too many", "another board"],
)
def test_a_device_that_does_not_fit_is_refused_in_a_sentence(device: DeviceConfig, said: str) -> None:
    refusal = device.assign("me", hello(stream(Modality.EMG, 2, (SiteHint(), SiteHint()))))
    assert isinstance(refusal, str)
    assert said in refusal
