"""Consistent overhead byte stuffing: takes the zero bytes out of a payload, so that 0x00 can end a frame.

Source: Cheshire and Baker, "Consistent Overhead Byte Stuffing", IEEE/ACM Trans. Networking 7(2), 1999.
"""

_LONGEST_RUN = 254  # bytes without a zero that one code byte can announce: 0xFF says 254 and no zero after


def encode(payload: bytes) -> bytes:
    """Return the stuffed payload, without the 0x00 that ends the frame.

    >>> encode(bytes([1, 0, 2])).hex()
    '02010202'
    """
    stuffed = bytearray()
    for run in payload.split(b"\0"):
        rest = run
        while len(rest) >= _LONGEST_RUN:
            stuffed.append(_LONGEST_RUN + 1)
            stuffed += rest[:_LONGEST_RUN]
            rest = rest[_LONGEST_RUN:]
        stuffed.append(len(rest) + 1)
        stuffed += rest
    return bytes(stuffed)


def decode(stuffed: bytes) -> bytes | None:
    """Return the payload, or None if the bytes are no stuffing of anything.

    Args:
        stuffed: One frame without the 0x00 that ended it.

    >>> decode(bytes.fromhex("02010202")).hex()
    '010002'
    >>> decode(bytes.fromhex("05")) is None
    True
    """
    payload = bytearray(stuffed)  # each code becomes the zero that it stands for
    end = len(payload)
    joints: list[int] = []  # codes that follow a longest run stand for none
    at = 0
    while at < end:
        code = payload[at]
        if code == 0:
            return None
        payload[at] = 0
        at += code
        if code > _LONGEST_RUN and at < end:
            joints.append(at)
    if at > end:
        return None
    for joint in reversed(joints):
        del payload[joint]
    return bytes(payload[1:])
