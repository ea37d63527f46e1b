"""A body map: where the sensors sat, and how often each site twitched."""

import math
from collections.abc import Iterable

from dashboards.report.drawing import COVERED, INK, NOTHING, RATE
from dashboards.report.figures import SiteFigures
from ingest.sites import Side, Site

VIEW_WIDTH, HEIGHT = 100.0, 220.0  # of one view; the front stands left, the back right
LARGEST, SMALLEST = 8.0, 2.5  # radius of a dot: the busiest site, and one that never twitched

# Muscles of one side: x from the middle line outwards, y from the crown down.
_FRONT = {
    "tongue": (0, 32),
    "masseter": (6, 24),
    "orbicularis-oculi": (4, 17),
    "orbicularis-oris": (2, 27),
    "frontalis": (4, 11),
    "mentalis": (1, 31),
    "sternocleidomastoid": (5, 36),
    "pectoralis": (10, 56),
    "intercostal": (13, 68),
    "rectus-abdominis": (5, 82),
    "deltoid": (22, 48),
    "biceps": (25, 64),
    "brachioradialis": (31, 84),
    "forearm-flexors": (28, 90),
    "thenar": (31, 108),
    "first-dorsal-interosseous": (34, 112),
    "hypothenar": (37, 109),
    "vastus-lateralis": (17, 132),
    "rectus-femoris": (11, 124),
    "vastus-medialis": (8, 142),
    "tibialis-anterior": (11, 172),
    "peroneus": (16, 170),
    "abductor-hallucis": (7, 207),
    "extensor-digitorum-brevis": (13, 208),
}
_BACK = {
    "trapezius": (9, 43),
    "triceps": (25, 64),
    "forearm-extensors": (31, 88),
    "paraspinal": (4, 66),
    "latissimus-dorsi": (13, 74),
    "gluteus-maximus": (10, 106),
    "hamstrings": (11, 136),
    "gastrocnemius": (11, 166),
    "soleus": (11, 182),
}

_OUTLINE = (  # head, neck, trunk, arms, hands, legs, feet of half a body, mirrored
    '<ellipse cx="0" cy="18" rx="11" ry="15"/><rect x="-5" y="30" width="10" height="10"/>'
    '<path d="M-1 38 L8 39 Q20 41 24 46 Q28 52 29 66 L36 100 Q39 110 36 114 Q32 117 29 110 L24 86 L19 64'
    ' L17 78 Q18 94 20 106 L18 146 L16 178 L15 202 L19 211 L6 212 L7 180 L5 150 L1 112 L-1 112 Z"/>'
    '<path d="M1 38 L-8 39 Q-20 41 -24 46 Q-28 52 -29 66 L-36 100 Q-39 110 -36 114 Q-32 117 -29 110 L-24 86'
    " L-19 64 L-17 78 Q-18 94 -20 106 L-18 146 L-16 178 L-15 202 L-19 211 L-6 212 L-7 180 L-5 150 L-1 112"
    ' L1 112 Z"/>'
)


def body_svg(sites: Iterable[SiteFigures]) -> str:
    """Front and back, a dot at each site: its area is the rate at rest, grey where nothing was observed."""
    known = [(Site.parse(figures.site), figures) for figures in sites if figures.region]
    top = max([1.0, *(figures.at_rest.per_hour for _, figures in known if figures.at_rest)])
    views = "".join(
        f'<g transform="translate({middle:g} 2)" fill="{NOTHING}">{_OUTLINE}</g>'
        for middle in (VIEW_WIDTH / 2, VIEW_WIDTH * 1.5)
    )
    dots = "".join(_dot(site, figures, top) for site, figures in known)
    size = f'viewBox="0 0 {2 * VIEW_WIDTH:g} {HEIGHT:g}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{views}{dots}</svg>'


def _dot(site: Site, figures: SiteFigures, top: float) -> str:
    x, y = _place(site)
    if figures.at_rest is None:
        return f'<circle cx="{x:g}" cy="{y:g}" r="{SMALLEST:g}" fill="white" stroke="{COVERED}"/>'
    radius = max(SMALLEST, LARGEST * math.sqrt(figures.at_rest.per_hour / top))
    fill = RATE if figures.count_rest else "white"
    return (
        f'<circle cx="{x:g}" cy="{y:g}" r="{radius:.1f}" fill="{fill}" fill-opacity="0.75" stroke="{INK}"/>'
    )


def _place(site: Site) -> tuple[float, float]:
    """Where a site is on the map. The wearer's left is on the right of the front view."""
    front = site.muscle.key in _FRONT
    x, y = (_FRONT if front else _BACK)[site.muscle.key]
    side = {Side.LEFT: 1, Side.RIGHT: -1, Side.MIDDLE: 0}[site.side]
    return (VIEW_WIDTH / 2 + x * side, y + 2) if front else (VIEW_WIDTH * 1.5 - x * side, y + 2)
