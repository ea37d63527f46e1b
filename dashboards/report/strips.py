"""Signal as it was measured around a few twitches of a site."""

import numpy as np

from dashboards.report.figures import Strip
from dashboards.report.period import Period
from detector.event import Kind
from ingest.reader import JournalReader

WANTED = (0.1, 0.5, 0.9)  # of the twitches by size: a small, a middling and a large one
SIDE_S = {"emg": 0.06, "accelerometer": 0.3}  # shown before and after: a few times what a twitch lasts
DIGITS = 2  # of a sample: finer than any sensor


def read_strips(reader: JournalReader, wearer: str, site: str, modality: str, period: Period) -> list[Strip]:
    """Up to three twitches of the period whose signal was kept, by size."""
    rows = reader.ask(
        "SELECT id, onset_ns, unit, channel, onset_sample, duration_ms FROM event"
        " WHERE wearer = ? AND site = ? AND modality = ? AND kind = ? AND onset_ns >= ? AND onset_ns < ?"
        " AND EXISTS (SELECT 1 FROM snippet WHERE event_id = event.id) ORDER BY amplitude, id",
        (wearer, site, modality, Kind.TWITCH.value, period.start_ns, period.end_ns),
    )
    chosen = dict.fromkeys(rows[int(share * len(rows))] for share in WANTED) if rows else {}
    return [_strip(reader, row, modality, period) for row in chosen]


def _strip(
    reader: JournalReader, row: tuple[int, int, str, int, int, float], modality: str, period: Period
) -> Strip:
    event_id, onset_ns, unit, channel, onset_sample, duration_ms = row
    cuts = {
        snippet.channel: (snippet, samples)
        for snippet, samples in reader.snippet(event_id)
        if modality == "accelerometer" or snippet.channel == channel
    }
    snippet, samples = max(cuts.values(), key=lambda cut: float(np.ptp(cut[1])))
    onset = onset_sample - snippet.start_sample
    side = round(SIDE_S[modality] * snippet.rate_hz)
    first = max(0, onset - side)
    shown = samples[first : onset + round(duration_ms * snippet.rate_hz / 1000) + side].astype(np.float64)
    level = np.round(shown - np.median(samples), DIGITS)
    return Strip(period.iso(onset_ns), unit, snippet.rate_hz, onset - first, level.tolist())
