"""The body map: Grafana's canvas panel with a mark at each place that can be watched."""

from dashboards.grafana.colour import continuous
from dashboards.grafana.panel import Json, Panel, Query
from ingest.sites import MUSCLES, Side, Site

_MARK_PX = 16
_WIDTH_PX = 300
_OUTLINE = (  # left, top, width, height in px: head, trunk, arms, legs
    (130, 4, 40, 54),
    (108, 62, 84, 130),
    (74, 66, 28, 150),
    (198, 66, 28, 150),
    (108, 196, 38, 214),
    (154, 196, 38, 214),
)
# Distance from the middle and from the top, px, of each muscle's mark; seen from the front.
_PLACES = {
    "tongue": (0, 46), "masseter": (14, 38), "orbicularis-oculi": (9, 20), "orbicularis-oris": (4, 36),
    "frontalis": (7, 8), "mentalis": (4, 50), "sternocleidomastoid": (14, 56),
    "trapezius": (28, 64), "deltoid": (62, 74), "biceps": (58, 106), "triceps": (72, 112),
    "brachioradialis": (66, 140), "forearm-flexors": (54, 156), "forearm-extensors": (72, 160),
    "thenar": (54, 190), "first-dorsal-interosseous": (62, 200), "hypothenar": (72, 190),
    "paraspinal": (8, 90), "rectus-abdominis": (10, 150), "intercostal": (34, 120),
    "latissimus-dorsi": (38, 140), "pectoralis": (24, 84),
    "gluteus-maximus": (34, 200), "vastus-lateralis": (38, 262), "vastus-medialis": (12, 276),
    "rectus-femoris": (26, 240), "hamstrings": (18, 258), "tibialis-anterior": (22, 330),
    "gastrocnemius": (34, 316), "soleus": (30, 348), "peroneus": (38, 360),
    "abductor-hallucis": (12, 392), "extensor-digitorum-brevis": (28, 396),
}  # fmt: skip


def body_map(query: Query) -> Panel:
    """A mark for each site, darker where it twitches more; a site that was not measured has no colour."""
    sites = [Site(muscle, side) for muscle in MUSCLES for side in Side]
    elements = [_outline(*place) for place in _OUTLINE] + [_mark(site) for site in sites]
    return Panel(
        "canvas",
        "Body map: twitches per hour at rest",
        8,
        14,
        [query],
        description="Seen from the front: the wearer's left is on the right. Point at a mark for its name.",
        defaults={"unit": "short", "min": 0, "decimals": 1, "color": continuous()},
        options={
            "inlineEditing": False,
            "showAdvancedTypes": False,
            "root": {
                "type": "frame",
                "name": "body",
                "elements": elements,
            },
        },
    )


def _outline(left: int, top: int, width: int, height: int) -> Json:
    return _element(
        "rectangle", f"outline {left} {top}", (left, top, width, height), {"fixed": "transparent"}, "#8C8C8C"
    )


def _mark(site: Site) -> Json:
    across, top = _PLACES[site.muscle.key]
    across = {Side.LEFT: across, Side.RIGHT: -across, Side.MIDDLE: 0}[site.side]
    left = _WIDTH_PX // 2 + across - _MARK_PX // 2
    colour = {"field": site.key, "fixed": "transparent"}
    return _element("ellipse", site.key, (left, top, _MARK_PX, _MARK_PX), colour, "transparent")


def _element(kind: str, name: str, place: tuple[int, int, int, int], colour: Json, border: str) -> Json:
    left, top, width, height = place
    return {
        "type": kind,
        "name": name,
        "config": {"backgroundColor": colour},
        "background": {"color": colour},
        "border": {"color": {"fixed": border}, "width": 1},
        "constraint": {"horizontal": "left", "vertical": "top"},
        "placement": {"left": left, "top": top, "width": width, "height": height},
    }
