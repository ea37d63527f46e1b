"""`fasciwatch sensor` talking to the Uno's sketch in simavr."""

import asyncio
import threading
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from fasciwatch.sensor import app
from tests.firmware.simulated_uno import SimulatedUno

pytestmark = [pytest.mark.server, pytest.mark.usefixtures("uno")]


@contextmanager
def powered(tmp_path):
    """A board that is on for one command, as opening the port resets a real one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    board = SimulatedUno(tmp_path, emg=[512])
    asyncio.run_coroutine_threadsafe(board.__aenter__(), loop).result(30)
    try:
        yield str(board.port)
    finally:
        asyncio.run_coroutine_threadsafe(board.__aexit__(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def sensor(tmp_path):
    def command(*words):
        with powered(tmp_path) as port:
            return CliRunner().invoke(app, [words[0], port, *words[1:]])

    return command


def test_info_shows_what_the_board_is_and_measures(sensor):
    shown = sensor("info").stdout
    assert "0.1.0" in shown
    assert "1 x 1000 Hz, 24.41 uV a count" in shown
    assert "3 x 200 Hz, 0.06104 mg a count" in shown
    assert "send again" not in shown


def test_a_name_stays(sensor):
    assert sensor("set-name", "left calf ä").exit_code == 0
    assert "left calf ä" in sensor("info").stdout


def test_sites_stay_for_each_input_and_for_the_accelerometer(sensor):
    assert sensor("set-site", "gastrocnemius-left").exit_code == 0
    assert sensor("set-site", "soleus-left", "--accelerometer").exit_code == 0
    shown = sensor("info").stdout
    assert "on gastrocnemius-left" in shown
    assert "on soleus-left" in shown


def test_a_name_too_long_is_refused_before_the_board_is_asked(sensor):
    result = sensor("set-name", "x" * 25)
    assert (result.exit_code, "24" in result.stderr) == (2, True)


def test_a_site_that_there_is_not_is_refused(sensor):
    result = sensor("set-site", "big-toe-left")
    assert (result.exit_code, "big-toe" in result.stderr) == (2, True)


def test_an_input_that_the_board_does_not_have_is_told(sensor):
    result = sensor("set-site", "biceps-left", "--channel", "2")
    assert (result.exit_code, "EMG input" in result.stderr) == (1, True)


def test_identify_is_heard(sensor):
    assert sensor("identify", "--seconds", "3").exit_code == 0


def test_network_settings_are_sent_and_never_shown(sensor):
    words = ("--ssid", "home", "--password", "secret", "--broker", "mqtts://me:hidden@broker")
    result = sensor("set-network", *words)
    assert result.exit_code == 0
    assert "secret" not in result.output
    assert "hidden" not in result.output


def test_a_port_that_is_not_there_is_one_sentence(tmp_path):
    result = CliRunner().invoke(app, ["info", str(tmp_path / "none")])
    assert result.exit_code == 1
    assert "no such port" in result.stderr
