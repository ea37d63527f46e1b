"""A journal of many sites and days, written in bulk: what the followers are measured on."""

import sqlite3
from dataclasses import fields
from pathlib import Path

import numpy as np

from ingest.journal import Journal
from ingest.minutes import MINUTE_NS
from ingest.schema import EventRow
from ingest.sites import MUSCLES

MINUTES_A_DAY = 1440
PER_REST_HOUR = (0.4, 1.0, 2.0, 4.0, 8.0, 20.0)  # from a quiet arm to a lively calf
WEARER = "me"
_EVENT = [field.name for field in fields(EventRow)]


def sites(count: int) -> list[str]:
    """So many sites, from all regions."""
    keys = [f"{muscle.key}-{side}" for muscle in MUSCLES for side in ("left", "right")]
    return [keys[place] for place in np.linspace(0, len(keys) - 1, count).astype(int)]


def write_long_journal(path: Path, *, days: float, site_count: int, end_minute: int, seed: int = 7) -> None:
    """Days of minutes with twitches in them, ending before `end_minute`: nights, movement, gaps, days off.

    Args:
        path: Of the journal; made if it is not there.
        days: How many.
        site_count: How many sites of one wearer.
        end_minute: Minutes since 1970.
        seed: Of all that is random.
    """
    rng = np.random.default_rng(seed)
    Journal(path).close()
    db = sqlite3.connect(path)
    for place, site in enumerate(sites(site_count)):
        minutes = np.arange(end_minute - round(days * MINUTES_A_DAY), end_minute)
        state = _states(minutes, place, rng)
        per_minute = PER_REST_HOUR[place % len(PER_REST_HOUR)] / 60
        counts = np.where(state == 0, rng.poisson(per_minute * rng.gamma(0.5, 2.0, minutes.size)), 0)
        durations = [rng.uniform(8, 60, n).round(2).tolist() for n in counts]
        db.executemany(
            "INSERT INTO minute VALUES (?, ?, 'emg', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    WEARER,
                    site,
                    minute,
                    *(60.0 * (s == n) for n in range(5)),
                    n,
                    n,
                    sum(d),
                    5.0,
                    row * site_count + place + 1,
                )
                for row, (minute, s, n, d) in enumerate(
                    zip(minutes.tolist(), state.tolist(), counts.tolist(), durations, strict=True)
                )
            ),
        )
        onsets = [
            (minute * MINUTE_NS + int(at_ns), duration_ms)
            for minute, ds in zip(minutes.tolist(), durations, strict=True)
            for at_ns, duration_ms in zip(np.sort(rng.integers(0, MINUTE_NS, len(ds))), ds, strict=True)
        ]
        db.executemany(
            f"INSERT INTO event ({', '.join(_EVENT)}) VALUES ({', '.join('?' * len(_EVENT))})",
            (
                (
                    *(WEARER, site, "emg", ns, 1_000_000, ms, 80.0, "uV", 7.5, "twitch", 0.9, None, "rest"),
                    *("isolated potential", "emg-1", "00a1", 1, place, 0, number, ns + 10**8),
                )
                for number, (ns, ms) in enumerate(onsets)
            ),
        )
    db.commit()
    db.close()


def _states(minutes: np.ndarray, place: int, rng: np.random.Generator) -> np.ndarray:
    """0 rest, 1 movement, 2 not worn, 3 bad contact, 4 missing; one for each minute."""
    hour, day = minutes // 60 % 24, minutes // MINUTES_A_DAY
    state = np.where(np.isin(hour, (8, 12, 17)), 1, 0)
    state = np.where(rng.random(minutes.size) < 0.1, 1, state)
    state = np.where((hour == 3) & (place % 4 == 1), 2, state)
    state = np.where((hour == 15) & (place % 5 == 2), 3, state)
    return np.where(day % 11 == 5, 4, state)
