"""The vocabulary of places."""

import pytest

from ingest.messages import SiteHint
from ingest.sites import MUSCLES, Region, Side, Site


def test_a_site_is_named_by_muscle_and_side_and_knows_its_body_region() -> None:
    site = Site.parse("first-dorsal-interosseous-left")
    assert site.region is Region.CERVICAL
    assert site.plain == "left hand, between thumb and index finger"


@pytest.mark.parametrize("muscle", MUSCLES, ids=lambda muscle: muscle.key)
@pytest.mark.parametrize("side", list(Side))
def test_every_site_survives_its_key_and_its_code(muscle: object, side: Side) -> None:
    site = Site(muscle, side)
    assert Site.parse(site.key) == site
    assert Site.from_hint(site.hint) == site


def test_keys_and_codes_are_unique() -> None:
    assert len({m.key for m in MUSCLES}) == len({m.code for m in MUSCLES}) == len(MUSCLES)


@pytest.mark.parametrize(("key", "expected"), [("biceps", "-left"), ("bicep-left", "biceps")])
def test_a_wrong_key_is_refused_with_what_was_expected(key: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        Site.parse(key)


def test_a_hint_that_is_not_set_or_not_known_is_no_site() -> None:
    assert Site.from_hint(SiteHint()) is None
    assert Site.from_hint(SiteHint(255, 1)) is None
