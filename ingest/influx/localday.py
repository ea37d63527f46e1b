"""The wearer's days: from local midnight to local midnight."""

from datetime import date, datetime, time, tzinfo


def midnight_ns(day: date, zone: tzinfo | None) -> int:
    """When a local day begins, ns UTC."""
    return int(datetime.combine(day, time.min, tzinfo=zone).timestamp()) * 10**9


def day_of(time_ns: int, zone: tzinfo | None) -> date:
    """The local day of a moment."""
    return local(time_ns, zone).date()


def local(time_ns: int, zone: tzinfo | None) -> datetime:
    """What clocks show at a moment; in this machine's zone if `zone` is None."""
    return datetime.fromtimestamp(time_ns // 10**9, zone)
