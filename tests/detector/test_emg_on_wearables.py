"""The EMG detector on the demo's wearables: noise, mains, heartbeat, drift, contractions, pops.

The demo's bar: of planted twitches with an SNR of 5 and more, recall and precision of .95 and more. The
heartbeat is that of `ingest.simulated.shapes.qrs`: 40 uV and 30 ms wide at an arm, 10 uV at a leg.
"""

from detector.block import Block
from detector.emg import EmgDetector
from detector.event import Kind
from ingest.simulated.wearable import wearables
from ingest.sites import Site

SITES = ("biceps-left", "first-dorsal-interosseous-right", "gastrocnemius-left", "gastrocnemius-right")
SECONDS = 60
SEEDS = range(4)  # with four sites, sixteen minutes of signal and 148 clear twitches


def test_planted_twitches_are_found_and_little_else() -> None:
    planted = found = right = false = 0
    for seed in SEEDS:
        for worn in wearables([Site.parse(key) for key in SITES], seed=seed, boot_id=1):
            detector = EmgDetector(1000.0, 1)
            samples = worn.emg.read(SECONDS * 1000)
            events = detector.update(Block(0, samples)).events + detector.finish().events
            onsets_s = [event.onset / 1000 for event in events if event.kind is Kind.TWITCH]
            truth = [twitch for twitch in worn.emg.planted if twitch.onset_s < SECONDS - 1.5]
            hits = [any(abs(at - twitch.onset_s) < 0.05 for at in onsets_s) for twitch in truth]
            clear = [hit for hit, twitch in zip(hits, truth, strict=True) if twitch.snr >= 5]
            planted, found = planted + len(clear), found + sum(clear)
            true = sum(
                any(abs(at - twitch.onset_s) < 0.05 for twitch in truth)
                for at in onsets_s
                if at < SECONDS - 1.5
            )
            right, false = right + true, false + sum(at < SECONDS - 1.5 for at in onsets_s) - true
    assert found / planted >= 0.95
    assert right / (right + false) >= 0.95, f"{false} false twitches"
