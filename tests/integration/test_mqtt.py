"""MQTT over a real Mosquitto: nothing is lost, whoever of board, broker and host goes away."""

import asyncio

import pytest

from ingest.errors import LinkError
from ingest.reader import JournalReader
from ingest.transport.mqtt import PASSWORD_VARIABLE, connected, online_devices, open_mqtt, see_online
from tests.integration.counting import DEVICE, counting_board, open_files, said_by, serving
from tests.integration.mqtt_board import MqttBoard

# paho 2.2 leaves a socket whose TLS handshake failed to the garbage collector, which warns of it
socket_left_by_paho = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
pytestmark = [pytest.mark.server, pytest.mark.asyncio]


@pytest.fixture
def reading(tmp_path, taken, mosquitto):
    """Return what runs the service on the sensor."""
    return lambda: serving(tmp_path, taken, {"mqtt": DEVICE}, mqtt=mosquitto.settings.model_dump())


def publishing(mosquitto):
    """Return somebody else who says something through the broker."""
    return connected(mosquitto.settings, "somebody", session=None)


@pytest.fixture
def journal(tmp_path):
    """Return what opens the journal, once there is one."""
    return lambda: JournalReader(tmp_path / "journal.sqlite3")


async def test_a_sensor_is_read_through_the_broker(mosquitto, reading, taken, journal):
    async with MqttBoard(counting_board(), mosquitto), reading():
        await taken.more(2000)
    with journal() as kept:
        [device] = kept.devices()
        assert (device.device, device.link, device.lost) == (DEVICE, f"mqtt {DEVICE}", 0)
        assert not kept.gaps()
    assert not taken.breaks


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_a_restart_of_the_broker_loses_nothing(mosquitto, reading, taken, journal, back_after, end):
    async with MqttBoard(counting_board(), mosquitto), reading():
        await taken.more(1000)
        await getattr(mosquitto, end)()
        await mosquitto.start()
        await back_after("broker stopped or killed, and started again")
        await taken.more(3000)
    assert not taken.breaks
    with journal() as kept:
        assert not kept.gaps()


@socket_left_by_paho
async def test_a_broker_that_hangs_loses_nothing(mosquitto, reading, taken, journal, back_after):
    async with MqttBoard(counting_board(), mosquitto) as sensor, reading() as service:
        await taken.more(1000)
        mosquitto.freeze()
        await sensor.measures(7000)
        async with asyncio.timeout(3):
            while not service.links[0].problem:
                await asyncio.sleep(0.1)
        mosquitto.thaw()
        await back_after("broker that answered nobody for 7 s")
        await taken.more(8000)
    assert not taken.breaks
    with journal() as kept:
        assert not kept.gaps()


async def test_a_sensor_that_was_out_of_reach_loses_nothing(mosquitto, reading, taken, journal, back_after):
    async with MqttBoard(counting_board(), mosquitto) as sensor, reading():
        await taken.more(1000)
        sensor.cut()
        await back_after("connection of the sensor to the broker cut")
        await taken.more(3000)
    assert not taken.breaks
    with journal() as kept:
        assert not kept.gaps()


async def test_what_came_while_the_host_was_away_is_read_even_if_the_board_no_longer_holds_it(
    mosquitto, reading, taken, journal
):
    async with MqttBoard(counting_board(buffer_s=1.0), mosquitto) as sensor:
        async with reading():
            await taken.more(1000)
        await sensor.measures(4000)
        async with reading():
            await taken.more(5000)
    assert not taken.breaks
    with journal() as kept:
        assert not kept.gaps()


async def test_what_came_after_a_last_will_is_read_too(mosquitto, reading, taken, journal):
    async with MqttBoard(counting_board(buffer_s=1.0), mosquitto) as sensor:
        async with reading():
            await taken.more(1000)
        await sensor.measures(1000)
        sensor.cut()
        await sensor.measures(3000)
        async with reading():
            await taken.more(5000)
    assert not taken.breaks
    with journal() as kept:
        assert not kept.gaps()


async def test_what_was_read_and_not_stored_comes_again_and_what_was_stored_does_not(mosquitto):
    async def read(count, stored):
        async with open_mqtt(mosquitto.settings, DEVICE) as link:
            payloads = [await link.read() for _ in range(count)]
            if stored:
                link.receipt()()
        return payloads

    async with open_mqtt(mosquitto.settings, DEVICE), publishing(mosquitto) as client:
        for number in range(5):
            await client.publish(f"fasciwatch/{DEVICE}/data", bytes([number]), qos=1)
    assert await read(3, stored=False) == [b"\0", b"\1", b"\2"]
    assert await read(3, stored=True) == [b"\0", b"\1", b"\2"]
    assert await read(2, stored=True) == [b"\3", b"\4"]


async def test_payloads_that_say_nothing_do_not_stand_in_the_way(mosquitto, reading, taken):
    async with reading():
        async with publishing(mosquitto) as client:
            for _ in range(5000):  # more than may be unacknowledged
                await client.publish(f"fasciwatch/{DEVICE}/data", b"nonsense\0", qos=1)
        async with MqttBoard(counting_board(), mosquitto):
            await taken.more(1000)


async def test_a_broker_that_lets_few_payloads_wait_is_read_to_the_end(
    mosquitto, reading, taken, monkeypatch
):
    monkeypatch.setattr("ingest.transport.mqtt._UNACKNOWLEDGED", 40)
    async with MqttBoard(counting_board(buffer_s=1.0), mosquitto) as sensor:
        async with reading():
            await taken.more(1000)
        await sensor.measures(4000)
        async with reading():
            await taken.more(8000)
    assert not taken.breaks


async def test_a_reboot_while_the_host_was_away_mixes_no_samples(mosquitto, reading, taken, journal):
    async with MqttBoard(counting_board(), mosquitto) as sensor:
        async with reading():
            await taken.more(1000)
        await sensor.measures(1000)
        sensor.board.reboot(8)
        await sensor.measures(100)
        async with reading():
            await taken.more(2000)
    assert len(taken.breaks) <= 1, "between the boots, where a frame was not full, and nowhere else"
    with journal() as kept:
        assert [device.boot_id for device in kept.devices()] == [8]


async def test_a_sensor_that_is_online_is_listed(mosquitto):
    async with MqttBoard(counting_board(), mosquitto) as sensor:
        async with open_mqtt(mosquitto.settings, DEVICE) as link:
            await link.read()
        assert await online_devices(mosquitto.settings) == {DEVICE: True}
        await see_online(mosquitto.settings, DEVICE)
        await sensor.vanish()
        with pytest.raises(LinkError, match="not on the network"):
            await see_online(mosquitto.settings, DEVICE)


async def test_the_host_is_told_when_the_sensor_leaves(mosquitto):
    async def read_on(link):
        while True:
            await link.read()

    async with (
        open_mqtt(mosquitto.settings, DEVICE) as link,
        MqttBoard(counting_board(), mosquitto) as sensor,
    ):
        await link.read()
        await sensor.vanish()
        with pytest.raises(LinkError, match="has left the network"):
            await asyncio.wait_for(read_on(link), 10)


async def test_reading_may_be_cancelled_at_any_time(mosquitto):
    async with open_mqtt(mosquitto.settings, DEVICE) as link:
        read = asyncio.create_task(link.read())
        await asyncio.sleep(0)
        read.cancel()
        async with MqttBoard(counting_board(), mosquitto):
            assert await asyncio.wait_for(link.read(), 10)


async def test_a_wrong_password_is_said_without_the_password(mosquitto, monkeypatch):
    monkeypatch.setenv(PASSWORD_VARIABLE, "guessed")
    with pytest.raises(LinkError, match="does not let user house in") as refusal:
        async with open_mqtt(mosquitto.settings, DEVICE):
            pass
    assert "guessed" not in str(refusal.value)


async def test_the_password_may_come_from_the_environment(mosquitto, monkeypatch):
    monkeypatch.setenv(PASSWORD_VARIABLE, mosquitto.password)
    settings = mosquitto.settings.model_copy(update={"password_file": None})
    assert await online_devices(settings) == {}


@socket_left_by_paho
async def test_a_broker_that_nobody_vouches_for_gets_no_password(mosquitto):
    stranger = mosquitto.settings.model_copy(update={"ca_file": None})
    with pytest.raises(LinkError, match="certificate verify failed"):
        async with open_mqtt(stranger, DEVICE):
            pass


async def test_a_broker_that_is_not_there_is_said(mosquitto):
    await mosquitto.stop()
    with pytest.raises(LinkError, match=f"broker at localhost:{mosquitto.port} cannot be reached"):
        async with open_mqtt(mosquitto.settings, DEVICE):
            pass


async def test_a_hundred_connections_leave_no_file_open(mosquitto):
    before = open_files()
    for _ in range(100):
        async with open_mqtt(mosquitto.settings, DEVICE):
            pass
    assert open_files() <= before


async def test_the_command_lists_what_the_broker_knows(mosquitto, tmp_path):
    settings = mosquitto.settings
    file = tmp_path / "fasciwatch.toml"
    file.write_text(f"""\
wearer = "test"
[[devices]]
mqtt = "{DEVICE}"
[mqtt]
port = {settings.port}
user = "{settings.user}"
password_file = "{settings.password_file}"
ca_file = "{settings.ca_file}"
""")
    async with MqttBoard(counting_board(), mosquitto), open_mqtt(settings, DEVICE) as link:
        await link.read()
        assert f"{DEVICE} online" in " ".join((await said_by("devices", "--mqtt", "-c", file)).split())
