"""Colours that stay apart for colour-blind readers, on light and dark ground.

Source: Okabe and Ito, Color Universal Design (2008), for what is named; blues that differ in lightness for
what is counted.
"""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]
Steps = Sequence[tuple[int, str, str]]  # value, colour, words

BLUE, SKY, GREY, ORANGE, VERMILION, GREEN = "#0072B2", "#56B4E9", "#8C8C8C", "#E69F00", "#D55E00", "#009E73"

STATES = {"rest": BLUE, "movement": SKY, "not worn": GREY, "bad contact": ORANGE, "missing": VERMILION}
REGIONS = {"bulbar": ORANGE, "cervical": BLUE, "thoracic": GREEN, "lumbosacral": SKY}


def fixed(colour: str) -> Json:
    return {"mode": "fixed", "fixedColor": BLUE if colour == "blue" else colour}


def palette() -> Json:
    """A series keeps its colour whatever else is shown."""
    return {"mode": "palette-classic-by-name"}


def continuous() -> Json:
    """From pale to dark: read by lightness, so without hue too."""
    return {"mode": "continuous-blues"}


def thresholds() -> Json:
    return {"mode": "thresholds"}
