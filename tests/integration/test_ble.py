"""Unmodified bleak against a BlueZ of the tests' own: nothing is lost, whatever air or bus do."""

import asyncio

import pytest

from ingest.errors import LinkError
from ingest.messages import Query
from ingest.protocol import FrameDecoder, encode
from ingest.reader import JournalReader
from ingest.transport.ble import open_ble, sensors_in_the_air
from tests.integration.ble_board import ADDRESS, BleBoard
from tests.integration.counting import DEVICE, counting_board, open_files, said_by, serving
from tests.integration.fake_bluez import BluezError

pytestmark = [pytest.mark.server, pytest.mark.asyncio]

OTHER = "fedcba9876543210"
SECOND = "C0:FF:EE:00:00:02"


@pytest.fixture
def reading(tmp_path, taken):
    """Return what runs the service on the sensor."""
    return lambda: serving(tmp_path, taken, {"ble": DEVICE})


@pytest.fixture
def journal(tmp_path):
    """Return what opens the journal, once there is one."""
    return lambda: JournalReader(tmp_path / "journal.sqlite3")


@pytest.fixture
def impatient(monkeypatch):
    """Let nothing take long, so that the tests of what takes too long do not."""
    monkeypatch.setattr("ingest.transport.ble.SCAN_S", 0.5)
    monkeypatch.setattr("ingest.transport.ble._CONNECT_S", 1.0)
    monkeypatch.setattr("ingest.transport.ble._CALL_S", 0.5)


async def device_id_of(opening):
    async with opening as link:
        [hello] = FrameDecoder().feed(await link.read())
    return hello.device_id.hex()


async def test_a_sensor_is_read_over_the_air(air, reading, taken, journal):
    async with BleBoard(counting_board(), air), reading():
        await taken.more(2000)
    with journal() as kept:
        [device] = kept.devices()
        assert (device.device, device.link, device.lost) == (DEVICE, f"ble {DEVICE}", 0)
        assert not kept.gaps()
    assert not taken.breaks


async def test_notifications_that_got_lost_are_sent_again(air, reading, taken, journal):
    async with BleBoard(counting_board(), air, loses=0.05), reading():
        await taken.more(5000)
    assert not taken.breaks
    with journal() as kept:
        assert not kept.gaps()
        assert kept.devices()[0].resent > 0


async def test_a_sensor_that_was_out_of_reach_loses_nothing(air, reading, taken, journal, back_after):
    async with BleBoard(counting_board(), air) as sensor, reading():
        await taken.more(1000)
        sensor.radio.in_reach = False
        air.forget(sensor.radio)
        await sensor.measures(2000)
        sensor.radio.in_reach = True
        await back_after("sensor out of reach and forgotten by BlueZ, in reach again")
        await taken.more(4000)
    assert not taken.breaks
    with journal() as kept:
        assert not kept.gaps()


async def test_a_sensor_that_comes_back_with_another_address_is_the_same(air, reading, taken):
    board = counting_board()
    async with reading():
        async with BleBoard(board, air) as sensor:
            await taken.more(1000)
            air.forget(sensor.radio)
            air.peripherals.clear()
        async with BleBoard(board, air, address="C0:FF:EE:00:00:99"):
            await taken.more(2000)
    assert not taken.breaks


async def test_a_sensor_that_falls_silent_while_connected_is_opened_again(
    air, reading, taken, journal, back_after
):
    async with BleBoard(counting_board(), air) as sensor, reading():
        await taken.more(1000)
        sensor.radio.listener = None
        await back_after("subscription lost without a word: from its loss on")
        await taken.more(8000)
    assert not taken.breaks
    with journal() as kept:
        assert not kept.gaps()


async def test_bluetoothd_killed_and_back_loses_nothing(air, reading, taken, journal, back_after):
    async with BleBoard(counting_board(), air) as sensor, reading():
        await taken.more(1000)
        await air.die()
        await sensor.measures(7000)
        await air.start()
        await back_after("bluetoothd killed, back after 7 s")
        await taken.more(10000)
    assert not taken.breaks
    with journal() as kept:
        assert not kept.gaps()


async def test_a_message_bus_killed_and_back_loses_nothing(
    system_bus, air, reading, taken, journal, back_after
):
    async with BleBoard(counting_board(), air) as sensor, reading():
        await taken.more(1000)
        await system_bus.kill()
        await air.die()
        await sensor.measures(2000)
        await system_bus.start()
        await air.start()
        await back_after("D-Bus and bluetoothd killed, back after 2 s")
        await taken.more(4000)
    assert not taken.breaks
    with journal() as kept:
        assert not kept.gaps()


async def test_a_connection_left_by_a_killed_program_is_taken_over(air):
    async with BleBoard(counting_board(), air) as sensor:
        async with open_ble(DEVICE):
            pass
        sensor.radio.is_connected = True  # and so it does not advertise
        async with open_ble(DEVICE) as link:
            assert await link.read()


@pytest.mark.parametrize("method", ["Connect", "ReadValue", "StartNotify"])
async def test_a_call_that_is_never_answered_is_given_up(air, impatient, method):
    async with BleBoard(counting_board(), air) as sensor:
        air.never_answer(method)
        with pytest.raises(LinkError, match="took over"):
            async with open_ble(DEVICE):
                pass
        assert not sensor.radio.is_connected


async def test_a_write_that_is_never_answered_is_given_up(air, impatient):
    async with BleBoard(counting_board(), air), open_ble(DEVICE) as link:
        air.never_answer("WriteValue")
        with pytest.raises(LinkError, match="writing took over"):
            await link.write(encode(Query()))


async def test_a_bluetoothd_that_hangs_cannot_hold_us_when_leaving(air, impatient):
    async with BleBoard(counting_board(), air), asyncio.timeout(15), open_ble(DEVICE):
        air.never_answer("Disconnect")


async def test_a_try_that_bluez_gave_up_is_repeated(air):
    async with BleBoard(counting_board(), air):
        air.refuse("Connect", BluezError("Failed", "br-connection-canceled"))
        async with open_ble(DEVICE) as link:
            assert await link.read()


async def test_a_sensor_that_wants_a_bond_is_paired_once(air):
    async with BleBoard(counting_board(), air, wants_bond=True) as sensor:
        for _ in range(2):
            async with open_ble(DEVICE) as link:
                assert await link.read()
        assert sensor.radio.is_bonded
        assert sensor.radio.calls.count("Pair") == 1


async def test_a_sensor_that_refuses_a_bond_is_said(air):
    async with BleBoard(counting_board(), air, wants_bond=True):
        air.refuse("Pair", BluezError("AuthenticationFailed", "Authentication Failed"))
        with pytest.raises(LinkError, match=r"pairing failed .*Authentication Failed"):
            async with open_ble(DEVICE):
                pass


async def test_a_sensor_is_found_by_its_address(air):
    async with BleBoard(counting_board(), air), BleBoard(counting_board(device=OTHER), air, address=SECOND):
        assert await device_id_of(open_ble(SECOND)) == OTHER


async def test_any_sensor_means_none_that_belongs_to_another_link(air):
    async with BleBoard(counting_board(), air), BleBoard(counting_board(device=OTHER), air, address=SECOND):
        assert await device_id_of(open_ble("auto", others={DEVICE})) == OTHER


async def test_what_is_in_the_air_is_listed(air):
    async with BleBoard(counting_board(), air), BleBoard(counting_board(device=OTHER), air, address=SECOND):
        assert await sensors_in_the_air(listen_s=0.5) == {ADDRESS: DEVICE, SECOND: OTHER}


async def test_a_machine_without_bluetooth_is_said(system_bus):
    with pytest.raises(LinkError, match="scanning failed"):
        async with open_ble(DEVICE):
            pass


async def test_a_sensor_that_is_not_in_the_air_is_said(air, impatient):
    with pytest.raises(LinkError, match="no such sensor is in the air"):
        async with open_ble(DEVICE):
            pass


async def test_a_thousand_connections_leave_no_file_open(air):
    async with BleBoard(counting_board(), air):
        async with open_ble(DEVICE):
            before = open_files()
        for _ in range(1000):
            async with open_ble(DEVICE):
                pass
        async with open_ble(DEVICE):
            assert open_files() <= before


async def test_the_command_lists_what_is_in_the_air(air):
    async with BleBoard(counting_board(), air):
        assert DEVICE in await said_by("devices", "--ble")
