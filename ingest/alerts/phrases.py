"""Places, times and lengths in the words of an alert."""

from datetime import datetime, tzinfo

from ingest.sites import Site

_MODALITIES = {"emg": "electrodes", "accelerometer": "movement sensor"}


def place(key: tuple[str, str]) -> str:
    """What a person calls a site and what is worn there.

    >>> place(("gastrocnemius-left", "emg"))
    'Left calf (electrodes)'
    """
    site, modality = key
    try:
        plain = Site.parse(site).plain
    except ValueError:
        plain = site
    return f"{plain[:1].upper()}{plain[1:]} ({_MODALITIES.get(modality, modality)})"


def moment(time_ns: int, zone: tzinfo | None) -> str:
    """A time on the wearer's clock; on this machine's if no zone is named.

    >>> from datetime import UTC
    >>> moment(0, UTC)
    '1 Jan, 00:00'
    """
    local = datetime.fromtimestamp(time_ns / 1e9, zone)
    return f"{local.day} {local:%b}, {local:%H:%M}"


def length(span_ns: int) -> str:
    """A length of time.

    >>> length(1_300_000), length(4 * 10**9), length(90 * 60 * 10**9), length(7200 * 10**9)
    ('1 ms', '4 s', '90 min', '2 h')
    """
    for unit, name, most in (
        (10**6, "ms", 10**9),
        (10**9, "s", 120 * 10**9),
        (60 * 10**9, "min", 7200 * 10**9),
    ):
        if span_ns < most:
            return f"{span_ns / unit:.0f} {name}"
    return f"{span_ns / 3600e9:.0f} h"


def signed(span_ns: int) -> str:
    """A length of time with its sign.

    >>> signed(-4 * 10**9)
    '-4 s'
    """
    return f"{'-' if span_ns < 0 else '+'}{length(abs(span_ns))}"


def listed(parts: list[str]) -> str:
    """A list in words.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last
