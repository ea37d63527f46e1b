"""A serial port with a simulated board at its far end: a pseudo-terminal, so that no program can tell."""

import asyncio
import os
import tempfile
import time
import tty
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.simulated.board import Board
from ingest.simulated.line import Faults, Line

_WAKE_S = 0.01  # s between looks at the port: little beside the 30 ms that a frame gathers samples
_SLICE_US = 20_000  # us of the board's time between looks, so that a late wake-up loses no samples
_FAST_SLICES = 5  # at once when nobody waits for the clock: few system calls, and less than the queue holds
_QUEUE_BYTES = 4096  # what a USB serial chip and its driver hold for a host that does not read
_NO_FAULTS = Faults()


class SimulatedPort:
    """A port that can be opened, closed and opened again like any serial port.

    Args:
        board: What is connected to it; its power is switched on now.
        to_host: What the line does to the board's bytes.
        from_host: And to the host's.
        link: A name for the port; one of its own if not given.
        as_fast_as_read: Let the board's time run, once it is started, as fast as the host reads and stores.

    Attributes:
        path: What a host opens.
        powered_ns: When the power was switched on, ns UTC.
    """

    def __init__(
        self,
        board: Board,
        *,
        to_host: Faults = _NO_FAULTS,
        from_host: Faults = _NO_FAULTS,
        link: Path | None = None,
        as_fast_as_read: bool = False,
    ) -> None:
        self._board = board
        self._to_host = Line((board.boot_id, "to host"), to_host)
        self._from_host = Line((board.boot_id, "from host"), from_host)
        self._as_fast_as_read = as_fast_as_read
        self._fd, host_side = os.openpty()
        try:
            tty.setraw(host_side)
            self.path = Path(os.ttyname(host_side))
        finally:
            os.close(host_side)
        os.set_blocking(self._fd, False)
        # A name of its own: the number under /dev/pts is given to the next port that is opened, and whoever
        # still looks for this one must not find that.
        self._folder = None if link else tempfile.TemporaryDirectory(prefix="fasciwatch-port-")
        link = link or Path(self._folder.name if self._folder else "") / "tty"
        link.unlink(missing_ok=True)
        link.symlink_to(self.path)
        self.path = link
        self._is_open = False
        self._unsent = b""
        self._board_us = 0
        self.powered_ns = time.time_ns()
        self._powered_monotonic_ns = time.monotonic_ns()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the port away, as if it were pulled out."""
        os.close(self._fd)
        self.path.unlink(missing_ok=True)
        if self._folder:
            self._folder.cleanup()

    def utc_ns(self, measured_s: float) -> int:
        """Return when the board took what lies so far into its signals, if it samples since its boot."""
        return self.powered_ns + self._board.true_us(round(measured_s * 1e6)) * 1000

    async def run(self) -> None:
        """Keep the board going until it is done, which only a player ever is."""
        while not (self._board.done and not self._unsent):
            moved = self._turn()
            await asyncio.sleep(0 if moved and self._as_fast_as_read else _WAKE_S)

    def _turn(self) -> bool:
        """Let the board catch up with its time; return whether anything moved on the line."""
        now_us = (time.monotonic_ns() - self._powered_monotonic_ns) // 1000
        heard = self._read()
        self._board.receive(self._from_host.carry(heard, now_us / 1e6))
        target_us = self._target_us(now_us)
        said = 0
        while True:
            self._board_us = min(target_us, self._board_us + _SLICE_US)
            self._board.run(self._board_us)
            data = self._board.send(max(0, _QUEUE_BYTES - len(self._unsent)))
            self._unsent += self._to_host.carry(data, now_us / 1e6)
            said += len(data)
            self._write()
            if self._board_us >= target_us:
                return bool(heard or said)

    def _target_us(self, now_us: int) -> int:
        if not (self._as_fast_as_read and self._board.started):
            return max(now_us, self._board_us)
        room_us = 0 if self._unsent else max(0, self._board.room_us())
        return self._board_us + min(room_us, _FAST_SLICES * _SLICE_US)

    def _read(self) -> bytes:
        heard = b""
        try:
            while piece := os.read(self._fd, _QUEUE_BYTES):
                heard += piece
        except BlockingIOError:
            self._is_open = True
        except OSError:  # EIO: nobody has the port open
            self._is_open = False
        return heard

    def _write(self) -> None:
        if not self._is_open:
            self._unsent = b""  # a wire that leads nowhere
            return
        with suppress(BlockingIOError):  # the host does not read; it may later
            self._unsent = self._unsent[os.write(self._fd, self._unsent) :]
