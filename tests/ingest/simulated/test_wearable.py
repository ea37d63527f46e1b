"""Worn boards: one body, a board at each site, each with its own truth."""

import numpy as np

from ingest.messages import Hello, Start
from ingest.protocol import FrameDecoder, encode
from ingest.simulated.wearable import wearables
from ingest.sites import Site

SITES = [Site.parse("biceps-left"), Site.parse("first-dorsal-interosseous-right")]


def test_each_says_where_it_is_worn_and_what_it_measures():
    for worn in wearables(SITES, seed=1, boot_id=5):
        worn.board.run(1)
        [hello] = [m for m in FrameDecoder().feed(worn.board.send(1000)) if isinstance(m, Hello)]
        assert [Site.from_hint(stream.site_hints[0]) for stream in hello.streams] == [worn.site] * 2
        assert [(stream.channels, stream.rate_hz) for stream in hello.streams] == [(1, 1000), (3, 200)]
        assert worn.site.key.startswith(hello.name)


def test_they_differ_in_name_twitches_and_clock():
    one, other = wearables(SITES, seed=1, boot_id=5)
    for worn in (one, other):
        worn.board.receive(encode(Start(5)))
        worn.board.run(60_000_000)
    assert one.board.device_id != other.board.device_id
    assert one.board.device_us != other.board.device_us
    assert one.emg.planted
    assert one.emg.planted != other.emg.planted


def test_twitches_are_seen_by_both_sensors_of_a_site():
    [worn] = wearables(SITES[:1], seed=1, boot_id=5, contractions_per_min=0)
    worn.board.run(300_000_000)
    both = [
        movement
        for movement in worn.accelerometer.planted
        if any(0 < movement.onset_s - potential.onset_s < 0.05 for potential in worn.emg.planted)
    ]
    assert len(both) > 0.7 * len(worn.accelerometer.planted)


def test_the_heart_is_larger_on_the_trunk_than_on_a_leg():
    chest, calf = wearables(
        [Site.parse("pectoralis-left"), Site.parse("gastrocnemius-left")],
        seed=1,
        boot_id=5,
        twitches_per_min=0,
        contractions_per_min=0,
    )
    assert np.percentile(chest.emg.read(20_000), 99) > 4 * np.percentile(calf.emg.read(20_000), 99)
