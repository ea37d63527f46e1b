"""`fasciwatch flash`: the right tool with the right words, or a sentence that says what to install."""

import os

import pytest
import typer
from typer.testing import CliRunner

from fasciwatch import flash

PORT = "/dev/ttyUSB7"


def run(*words):
    app = typer.Typer()
    app.command()(flash.command)
    return CliRunner().invoke(app, words)


@pytest.fixture
def tool(tmp_path, monkeypatch):
    """Return what puts a tool on the path that notes its arguments and ends with an exit code."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/bin")

    def put(name, code=0):
        program = folder / name
        program.write_text(f'#!/bin/sh\necho "$*" > {tmp_path}/said\nexit {code}\n')
        program.chmod(0o755)

    return put


@pytest.fixture
def image(tmp_path):
    def make(name):
        path = tmp_path / name
        path.touch()
        return str(path)

    return make


def said(tmp_path):
    return (tmp_path / "said").read_text().split()


@pytest.mark.parametrize(("board", "baud"), [("uno", "115200"), ("nano", "115200"), ("nano-old", "57600")])
def test_an_arduino_is_written_by_avrdude(tool, image, tmp_path, board, baud):
    tool("avrdude")
    hex_file = image("uno.hex")
    result = run(board, hex_file, "--port", PORT)
    assert result.exit_code == 0
    words = said(tmp_path)
    assert words[words.index("-P") + 1] == PORT
    assert words[words.index("-b") + 1] == baud
    assert words[-1] == f"flash:w:{hex_file}:i"


@pytest.mark.parametrize("program", ["esptool", "esptool.py"])
def test_an_esp32_is_written_by_esptool(tool, image, tmp_path, program):
    tool(program)
    whole = image("firmware.factory.bin")
    assert run("esp32c3", whole, "--port", PORT).exit_code == 0
    assert said(tmp_path)[-3:] == ["write_flash", "0x0", whole]
    assert said(tmp_path)[:4] == ["--chip", "esp32c3", "--port", PORT]


@pytest.mark.parametrize(
    ("board", "name", "install"),
    [("uno", "a.hex", "apt install avrdude"), ("esp32", "a.bin", "pipx install esptool")],
)
def test_without_the_tool_it_says_what_to_install(monkeypatch, image, board, name, install):
    monkeypatch.setenv("PATH", os.devnull)
    result = run(board, image(name), "--port", PORT)
    assert result.exit_code == 1
    assert install in result.stderr


def test_an_image_of_the_other_kind_is_refused(tool, image, tmp_path):
    tool("avrdude")
    result = run("uno", image("firmware.bin"), "--port", PORT)
    assert result.exit_code == 2
    assert not (tmp_path / "said").exists()


def test_a_tool_that_fails_makes_the_command_fail(tool, image):
    tool("avrdude", code=3)
    result = run("uno", image("uno.hex"), "--port", PORT)
    assert result.exit_code == 1
    assert PORT in result.stderr
