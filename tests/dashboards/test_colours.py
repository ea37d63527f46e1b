"""Text stands out from its ground, in light and in dark (WCAG 2.2, success criterion 1.4.3)."""

import re

import pytest

import dashboards.web.server

CSS = (dashboards.web.server.ASSETS / "page.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
)
TEXT_CONTRAST = 4.5
SHAPE_CONTRAST = 3.0  # for what is no text but has to be seen: criterion 1.4.11


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("ink", "ground"), ("ink", "card"), ("faint", "ground"), ("faint", "card"), ("on-accent", "accent"),
        ("warn-ink", "warn-ground"), ("warn-ink", "card"), ("alarm-ink", "alarm-ground"),
    ],
)  # fmt: skip
def test_text_can_be_read(theme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= TEXT_CONTRAST


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("shape", ["wave", "twitch", "accent"])
def test_marks_can_be_seen(theme: dict[str, str], shape: str) -> None:
    assert contrast(theme[shape], theme["card"]) >= SHAPE_CONTRAST
