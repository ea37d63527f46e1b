"""Whose sensor it is and what it sits on."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assignment:
    """What the configuration says of a device: its wearer, its name, the site of each channel."""

    wearer: str
    name: str
    sites: Mapping[int, tuple[str, ...]]  # by stream id; an accelerometer has one site
