"""The canvas that draws the live waves; see `dashboards.web.feed` for what it is fed."""

from nicegui.element import Element


class Waves(Element, component="waves.js"):
    """Rows of moving waves with their twitches marked; fetches them itself from /waves."""
