"""The firmware's core, compiled for this machine: the very code that runs on an ESP32, seen from its wire."""

import ctypes

import numpy as np

from tests.firmware.simulated_uno import FIRMWARE

CHANNELS = 4
PERIOD_US = 1000
_BYTES = ctypes.c_char_p
_POINTER = ctypes.c_void_p


class CoreBoard:
    """Four EMG channels at 1 kHz; the codes of instant n are a function of n.

    Args:
        memory_bytes: For samples.
    """

    def __init__(self, memory_bytes):
        library = ctypes.CDLL(str(FIRMWARE / "build" / "libboard.so"))
        library.board_new.restype = _POINTER
        library.board_new.argtypes = [ctypes.c_size_t]
        library.board_free.argtypes = [_POINTER]
        library.board_take.argtypes = [_POINTER, _POINTER]
        library.board_skip.argtypes = [_POINTER, ctypes.c_uint32]
        library.board_press.argtypes = [_POINTER, ctypes.c_uint64]
        library.board_lost.argtypes = [_POINTER]
        library.board_lost.restype = ctypes.c_uint32
        library.board_receive.argtypes = [_POINTER, _BYTES, ctypes.c_size_t, ctypes.c_uint64]
        library.board_send.argtypes = [_POINTER, _POINTER, ctypes.c_size_t, ctypes.c_uint64]
        library.board_send.restype = ctypes.c_size_t
        self._library = library
        self._board = library.board_new(memory_bytes)
        self.taken = 0

    def __del__(self):
        self._library.board_free(self._board)

    @property
    def now_us(self):
        return self.taken * PERIOD_US

    @property
    def lost(self):
        return self._library.board_lost(self._board)

    def run(self, instants):
        """Let that many samples be taken."""
        codes = np.ascontiguousarray(truth(self.taken, self.taken + instants).T, np.int32)
        for row in codes:
            self._library.board_take(self._board, row.ctypes.data)
        self.taken += instants

    def skip(self, instants):
        """Let that many samples fail to be taken."""
        self._library.board_skip(self._board, instants)
        self.taken += instants

    def press(self):
        self._library.board_press(self._board, self.now_us)

    def receive(self, data):
        self._library.board_receive(self._board, data, len(data), self.now_us)

    def send(self, limit):
        buffer = ctypes.create_string_buffer(limit)
        size = self._library.board_send(self._board, ctypes.addressof(buffer), limit, self.now_us)
        return buffer.raw[:size]


def truth(start, end):
    """Return the codes of [start, end), shape (channels, n): the number, modulo another prime each."""
    primes = np.array([[30011], [29989], [10007], [199]])
    return np.arange(start, end) % primes
