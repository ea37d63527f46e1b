"""Figures and states in plain words."""

from datetime import tzinfo

from dashboards.web.days import local_time
from detector.event import State
from ingest.sites import Site

STATES = {
    State.REST: "at rest",
    State.MOVEMENT: "moving",
    State.NOT_WORN: "not worn",
    State.BAD_CONTACT: "bad contact",
    State.MISSING: "no data",
}
MODALITIES = {"emg": "electrodes", "accelerometer": "movement sensor"}
UNITS = {"uV": "µV", "mg": "mg", "adc": "counts"}


def place_name(site: str) -> str:
    """What a person calls the site; its key where it is none of the vocabulary.

    >>> place_name("gastrocnemius-left")
    'Left calf'
    """
    try:
        plain = Site.parse(site).plain
    except ValueError:
        plain = site
    return plain[:1].upper() + plain[1:]


def anatomical_term(site: str) -> str:
    """What an anatomist calls the muscle; nothing where the site is none of the vocabulary.

    >>> anatomical_term("biceps-left")
    'biceps brachii'
    """
    try:
        return Site.parse(site).muscle.term
    except ValueError:
        return ""


def duration(seconds: float) -> str:
    """A length of time, as short as it can be said.

    >>> duration(42), duration(730), duration(13_920), duration(90_000)
    ('42 s', '12 min', '3 h 52 min', '25 h')
    """
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, minutes = divmod(whole // 60, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes and hours < 24 else f"{hours} h"


def figure(value: float) -> str:
    """A rate with two digits that mean something.

    >>> figure(0), figure(0.04), figure(3.14), figure(27.6)
    ('0', '0.04', '3.1', '28')
    """
    if value >= 10 or value == 0:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 0.1 else f"{value:.2g}"


def share(part: float) -> str:
    """A share of one, in percent; never 0 % for something nor 100 % for less than all.

    >>> share(0), share(0.001), share(0.5), share(0.999), share(1)
    ('0 %', 'under 1 %', '50 %', '99 %', '100 %')
    """
    if 0 < part < 0.01:
        return "under 1 %"
    return f"{int(part * 100 + 1e-9)} %"


def clock(time_ns: int, zone: tzinfo, now_ns: int, *, seconds: bool = False) -> str:
    """A time of day on the wearer's clock; where it is not today's, to the minute and with its date.

    >>> from datetime import UTC
    >>> clock(0, UTC, 0), clock(0, UTC, 10**15)
    ('00:00', 'Thu 1 Jan, 00:00')
    """
    local, today = local_time(time_ns, zone), local_time(now_ns, zone).date()
    of_day = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    return of_day if local.date() == today else f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"
