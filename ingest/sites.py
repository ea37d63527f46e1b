"""The places that can be watched: a muscle and a side, grouped into the four body regions of neurology.

A site is named by its key, such as `biceps-left`. The vocabulary is fixed, so that counts of regions mean the
same in every journal; the codes are those of firmware/PROTOCOL.md, section 7.
"""

from dataclasses import dataclass
from enum import StrEnum

from ingest.messages import SiteHint


class Region(StrEnum):
    """Body regions as neurologists group them (El Escorial, Gold Coast)."""

    BULBAR = "bulbar"
    CERVICAL = "cervical"
    THORACIC = "thoracic"
    LUMBOSACRAL = "lumbosacral"

    @property
    def plain(self) -> str:
        """For people."""
        return _PLAIN_REGIONS[self]


_PLAIN_REGIONS = {
    Region.BULBAR: "face, tongue and jaw",
    Region.CERVICAL: "arm, hand and shoulder",
    Region.THORACIC: "back and abdomen",
    Region.LUMBOSACRAL: "leg and foot",
}


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    MIDDLE = "middle"


_SIDE_CODES = {1: Side.LEFT, 2: Side.RIGHT, 3: Side.MIDDLE}


@dataclass(frozen=True, slots=True)
class Muscle:
    """One muscle of the vocabulary.

    Attributes:
        key: Its name in site keys.
        code: Its number on the wire.
        region: Body region.
        term: The anatomical name.
        plain: What a person calls the place.
    """

    key: str
    code: int
    region: Region
    term: str
    plain: str


MUSCLES = tuple(
    Muscle(key, code, region, term, plain)
    for region, rows in {
        Region.BULBAR: (
            ("tongue", 1, "tongue (submental)", "tongue"),
            ("masseter", 2, "masseter", "jaw"),
            ("orbicularis-oculi", 3, "orbicularis oculi", "eyelid"),
            ("orbicularis-oris", 4, "orbicularis oris", "lips"),
            ("frontalis", 5, "frontalis", "forehead"),
            ("mentalis", 6, "mentalis", "chin"),
            ("sternocleidomastoid", 7, "sternocleidomastoid", "neck, side"),
        ),
        Region.CERVICAL: (
            ("trapezius", 20, "trapezius", "shoulder, top"),
            ("deltoid", 21, "deltoid", "shoulder"),
            ("biceps", 22, "biceps brachii", "upper arm, front"),
            ("triceps", 23, "triceps brachii", "upper arm, back"),
            ("brachioradialis", 24, "brachioradialis", "forearm, thumb side"),
            ("forearm-flexors", 25, "forearm flexors", "forearm, inside"),
            ("forearm-extensors", 26, "forearm extensors", "forearm, outside"),
            ("thenar", 27, "thenar muscles", "hand, ball of the thumb"),
            (
                "first-dorsal-interosseous",
                28,
                "first dorsal interosseous",
                "hand, between thumb and index finger",
            ),
            ("hypothenar", 29, "hypothenar muscles", "hand, little-finger side"),
        ),
        Region.THORACIC: (
            ("paraspinal", 50, "thoracic paraspinal muscles", "upper back, beside the spine"),
            ("rectus-abdominis", 51, "rectus abdominis", "belly"),
            ("intercostal", 52, "intercostal muscles", "ribs"),
            ("latissimus-dorsi", 53, "latissimus dorsi", "back, side"),
            ("pectoralis", 54, "pectoralis major", "chest"),
        ),
        Region.LUMBOSACRAL: (
            ("gluteus-maximus", 70, "gluteus maximus", "buttock"),
            ("vastus-lateralis", 71, "vastus lateralis", "thigh, outside"),
            ("vastus-medialis", 72, "vastus medialis", "thigh, inside"),
            ("rectus-femoris", 73, "rectus femoris", "thigh, front"),
            ("hamstrings", 74, "hamstrings", "thigh, back"),
            ("tibialis-anterior", 75, "tibialis anterior", "shin"),
            ("gastrocnemius", 76, "gastrocnemius", "calf"),
            ("soleus", 77, "soleus", "calf, lower part"),
            ("peroneus", 78, "peroneus longus", "lower leg, outside"),
            ("abductor-hallucis", 79, "abductor hallucis", "foot, inside"),
            ("extensor-digitorum-brevis", 80, "extensor digitorum brevis", "foot, top"),
        ),
    }.items()
    for key, code, term, plain in rows
)

_ADJOINING = (  # muscles so near that electrodes over one may pick up another
    {"tongue", "masseter", "orbicularis-oris", "mentalis"},
    {"orbicularis-oculi", "frontalis"},
    {"trapezius", "deltoid", "sternocleidomastoid"},
    {"deltoid", "biceps", "triceps"},
    {"biceps", "triceps", "brachioradialis"},
    {"brachioradialis", "forearm-flexors", "forearm-extensors"},
    {"thenar", "first-dorsal-interosseous", "hypothenar"},
    {"paraspinal", "latissimus-dorsi", "intercostal"},
    {"rectus-abdominis", "intercostal", "pectoralis"},
    {"vastus-lateralis", "vastus-medialis", "rectus-femoris", "hamstrings"},
    {"gluteus-maximus", "hamstrings"},
    {"tibialis-anterior", "peroneus", "gastrocnemius", "soleus"},
    {"abductor-hallucis", "extensor-digitorum-brevis"},
)

_BY_KEY = {muscle.key: muscle for muscle in MUSCLES}
_BY_CODE = {muscle.code: muscle for muscle in MUSCLES}


@dataclass(frozen=True, slots=True)
class Site:
    """A muscle on one side.

    >>> site = Site.parse("gastrocnemius-left")
    >>> site.plain, str(site.region)
    ('left calf', 'lumbosacral')
    """

    muscle: Muscle
    side: Side

    @property
    def key(self) -> str:
        """How it is named in the journal."""
        return f"{self.muscle.key}-{self.side}"

    @property
    def region(self) -> Region:
        return self.muscle.region

    @property
    def neighbours(self) -> frozenset[str]:
        """Keys of the sites on the same side whose muscles may be picked up here."""
        near = set().union(*(group for group in _ADJOINING if self.muscle.key in group))
        return frozenset(f"{key}-{self.side}" for key in near - {self.muscle.key})

    @property
    def plain(self) -> str:
        """For people."""
        return self.muscle.plain if self.side is Side.MIDDLE else f"{self.side} {self.muscle.plain}"

    @property
    def hint(self) -> SiteHint:
        """As the wire has it."""
        side = next(code for code, side in _SIDE_CODES.items() if side is self.side)
        return SiteHint(self.muscle.code, side)

    @staticmethod
    def parse(key: str) -> "Site":
        """Return the site with this key. Raises ValueError, which names what was expected."""
        muscle_key, _, side = key.rpartition("-")
        if side not in set(Side):
            raise ValueError(f"{key!r} is no site: it ends in -left, -right or -middle")
        if muscle_key not in _BY_KEY:
            raise ValueError(f"{key!r} is no site: the muscle is one of {', '.join(sorted(_BY_KEY))}")
        return Site(_BY_KEY[muscle_key], Side(side))

    @staticmethod
    def from_hint(hint: SiteHint) -> "Site | None":
        """Return the site that a board hints at; None if it hints at none that we know."""
        if hint.muscle not in _BY_CODE or hint.side not in _SIDE_CODES:
            return None
        return Site(_BY_CODE[hint.muscle], _SIDE_CODES[hint.side])
