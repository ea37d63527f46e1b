"""Many boards on ptys in a process of their own, cheap enough not to be what is measured.

All play one signal, rendered and framed once; they differ in their ids and in when they begin.
"""

import os
import selectors
import time
import tty
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection

import numpy as np

from ingest.messages import Feature, Hello, Modality, Query, Resend, Samples, SiteHint, Start, Stream, Unit
from ingest.protocol import FrameDecoder, encode
from ingest.simulated.body import Heart, Site
from ingest.simulated.emg import EmgSignal

CHANNELS = 4
RATE_HZ = 1000
FRAME = 28  # instants of four 16-bit channels fill a frame
SCALE_UV = 0.1
_APART_S = 0.097  # between two boards' power-ups, so that they do not twitch together
_TURN_S = 0.01


def frames(seconds: float) -> list[bytes]:
    """A muscle group's signal as samples frames."""
    heart = Heart((1, "load"))
    bodies = [Site.simulated((1, channel), heart) for channel in range(CHANNELS)]
    signal = EmgSignal((1,), bodies).read(int(seconds * RATE_HZ))
    codes = np.rint(signal / SCALE_UV).clip(-(2**15), 2**15 - 1).astype(np.int32)
    starts = range(0, codes.shape[1] - FRAME, FRAME)
    return [encode(Samples(0, at, at * 1000, 2, codes[:, at : at + FRAME])) for at in starts]


@dataclass
class Board:
    number: int
    fd: int
    powered_s: float
    decoder: FrameDecoder = field(default_factory=FrameDecoder)
    began_s: float | None = None
    sent: int = 0  # frames
    unsent: bytes = b""
    resends: int = 0

    def hear(self, now_s: float) -> None:
        with suppress(BlockingIOError, OSError):
            for message in self.decoder.feed(os.read(self.fd, 4096)):
                match message:
                    case Query() if now_s > self.powered_s:
                        self.unsent += encode(self._hello(now_s))
                    case Start() if self.began_s is None:
                        self.began_s = now_s
                    case Resend():
                        self.resends += 1
                    case _:
                        pass

    def play(self, rendered: list[bytes], now_s: float) -> float:
        """Send what is due; return by how many seconds the host is behind."""
        if self.began_s is not None:
            due = min(len(rendered), int((now_s - self.began_s) * RATE_HZ / FRAME))
            self.unsent += b"".join(rendered[self.sent : due])
            self.sent = due
        if self.unsent:
            with suppress(BlockingIOError, OSError):
                self.unsent = self.unsent[os.write(self.fd, self.unsent) :]
        return len(self.unsent) / (len(rendered[0]) * RATE_HZ / FRAME)

    def _hello(self, now_s: float) -> Hello:
        since_us = 0 if self.began_s is None else int((now_s - self.began_s) * 1e6)
        stream = Stream(
            0, Modality.EMG, Unit.MICROVOLT, CHANNELS, 2, RATE_HZ * 1000, SCALE_UV, -(2**15), 2**15 - 1, 0, 0,
            (SiteHint(),) * CHANNELS,
        )  # fmt: skip
        return Hello(
            self.number.to_bytes(8), 1, since_us, (1, 0, 0), Feature.RESEND, f"load {self.number}", (stream,)
        )


def play(count: int, seconds: float, told: Connection) -> None:
    """Tell the ports' paths and play until told something; then tell how far behind, resends and CPU."""
    boards, paths, sides = [], [], []
    poll = selectors.DefaultSelector()
    for number in range(count):
        fd, side = os.openpty()
        tty.setraw(side)
        os.set_blocking(fd, False)
        boards.append(Board(number, fd, time.monotonic() + _APART_S * number))
        paths.append(os.ttyname(side))
        sides.append(side)  # kept open, so that closing the port is no end of it
        poll.register(fd, selectors.EVENT_READ, boards[-1])
    rendered = frames(seconds)
    told.send(paths)
    behind_s = 0.0
    while not told.poll():
        now_s = time.monotonic()
        for key, _ in poll.select(0):
            key.data.hear(now_s)
        behind_s = max(behind_s, *(board.play(rendered, now_s) for board in boards))
        time.sleep(max(0.0, _TURN_S - (time.monotonic() - now_s)))
    told.send((behind_s, sum(board.resends for board in boards), time.process_time()))
