"""`fasciwatch flash`: put a firmware image onto a board, with the tool that its maker gives."""

import shutil
import subprocess
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fasciwatch.console import FAILED, WRONG_USAGE, err, fail


class BoardName(StrEnum):
    UNO = "uno"
    NANO = "nano"
    NANO_OLD = "nano-old"  # its boot loader is of before 2018 and slower
    ESP32 = "esp32"
    ESP32_S3 = "esp32s3"
    ESP32_C3 = "esp32c3"


@dataclass(frozen=True, slots=True)
class Tool:
    """What writes images of one kind.

    Attributes:
        programs: Its names, the newest first.
        suffix: Of the images that it writes.
        install: How it is had.
    """

    programs: tuple[str, ...]
    suffix: str
    install: str


AVRDUDE = Tool(("avrdude",), ".hex", "`apt install avrdude`, `brew install avrdude`")
ESPTOOL = Tool(("esptool", "esptool.py"), ".bin", "`pipx install esptool`, `apt install esptool`")
AVR_BAUD = {BoardName.UNO: 115_200, BoardName.NANO: 115_200, BoardName.NANO_OLD: 57_600}  # of the boot loader
ESP_BAUD = 460_800  # Bd; what every USB bridge on these boards manages


def command(
    board: Annotated[BoardName, typer.Argument(help="What it is.")],
    image: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="A .hex for an Uno or Nano, a whole .bin for an ESP32."
        ),
    ],
    port: Annotated[str, typer.Option(help="The serial port that it is on.")],
) -> None:
    """Write firmware onto a board. Take the electrodes off first.

    docs/build-a-sensor.md says how an image is made.
    """
    tool = AVRDUDE if board in AVR_BAUD else ESPTOOL
    if image.suffix != tool.suffix:
        raise fail(f"{image} is no image for {board}: its name ends in {tool.suffix}", code=WRONG_USAGE)
    program = next(filter(None, map(shutil.which, tool.programs)), None)
    if program is None:
        raise fail(f"{tool.programs[0]} is not here, which writes to {board}; {tool.install}")
    done = subprocess.run([program, *arguments(board, image, port)], check=False)  # noqa: S603 -- no shell
    if done.returncode:
        raise fail(f"{tool.programs[0]} could not write to {board} on {port}; it says why above", code=FAILED)
    err.print(f"done; `fasciwatch sensor info {port}` asks the board who it is", markup=False)


def arguments(board: BoardName, image: Path, port: str) -> list[str]:
    """Return what the tool of that board is told."""
    if board in AVR_BAUD:
        link = ["-c", "arduino", "-P", port, "-b", str(AVR_BAUD[board])]
        return ["-p", "atmega328p", *link, "-D", "-U", f"flash:w:{image}:i"]
    return ["--chip", board, "--port", port, "--baud", str(ESP_BAUD), "write_flash", "0x0", str(image)]
