"""What each panel has to show, worked out from the journal alone and by other means than the roll-ups'."""

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np

from detector.rate import Rate, rate
from detector.spell import spells
from ingest.influx.rollup import ACTIVE_ABOVE_PER_H, DURATION_EDGES_MS
from ingest.reader import JournalReader
from ingest.schema import MinuteRow
from ingest.sites import Site
from tests.integration.influx.asked import Answer

DAY_MIN, HOUR_MIN = 1440, 60
DAY_MS, HOUR_MS, MINUTE_MS, MINUTE_NS = 86_400_000, 3_600_000, 60_000, 60_000_000_000
STATES = ("rest_s", "movement_s", "not_worn_s", "bad_contact_s", "missing_s")


@dataclass
class Oracle:
    """The journal from `first_minute` on, whole days of UTC, one wearer, EMG."""

    reader: JournalReader
    first_minute: int
    minutes: list[MinuteRow] = field(init=False)
    twitches: dict[str, list[tuple[int, float]]] = field(init=False)

    def __post_init__(self) -> None:
        self.minutes = self.reader.minutes()
        self.twitches = defaultdict(list)
        for stored in self.reader.events(kind="twitch"):
            self.twitches[stored.row.site].append((stored.row.onset_ns, stored.row.duration_ms))

    def sums(
        self, key: Callable[[MinuteRow], tuple], rows: list[MinuteRow] | None = None
    ) -> dict[tuple, dict]:  # type: ignore[type-arg]
        """Minutes added up by some key."""
        found: dict[tuple, dict] = defaultdict(lambda: dict.fromkeys((*STATES, "count", "count_rest"), 0.0))  # type: ignore[type-arg]
        for row in self.minutes if rows is None else rows:
            for name, value in found[key(row)].items():
                found[key(row)][name] = value + getattr(row, name)
        return found

    def per_rest_hour(self, key: Callable[[MinuteRow], tuple], rows: list[MinuteRow] | None = None) -> Answer:  # type: ignore[type-arg]
        return {
            k: (s["count_rest"] / s["rest_s"] * 3600,) for k, s in self.sums(key, rows).items() if s["rest_s"]
        }

    def coverage(self, key: Callable[[MinuteRow], tuple], rows: list[MinuteRow] | None = None) -> Answer:  # type: ignore[type-arg]
        return {
            k: ((s["rest_s"] + s["movement_s"]) / sum(s[name] for name in STATES),)
            for k, s in self.sums(key, rows).items()
        }

    def day_rates(self) -> dict[tuple[str, int], Rate]:
        """By site and day in ms, from quarters of an hour."""
        blocks = self.sums(lambda m: (m.site, m.minute // 15))
        found: dict[tuple[str, int], tuple[list[float], list[float]]] = defaultdict(lambda: ([], []))
        for (site, quarter), s in sorted(blocks.items()):
            counts, hours = found[site, quarter // 96 * DAY_MS]
            counts.append(s["count_rest"])
            hours.append(s["rest_s"] / 3600)
        rates = {key: rate(*blocks) for key, blocks in found.items()}
        return {key: own for key, own in rates.items() if own is not None}

    def days_of(self, site: str) -> dict[int, list[tuple[int, float]]]:
        days: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for onset_ns, duration_ms in self.twitches[site]:
            days[onset_ns // (DAY_MIN * MINUTE_NS) * DAY_MS].append((onset_ns, duration_ms))
        return days

    def last_hour(self) -> list[MinuteRow]:
        return [row for row in self.minutes if row.minute * MINUTE_NS > time.time_ns() - 3600 * 10**9]


def site_of(row: MinuteRow) -> tuple[str]:
    return (row.site,)


@cache
def region(site: str) -> str:
    return str(Site.parse(site).region)


def region_of(row: MinuteRow) -> tuple[str]:
    return (region(row.site),)


def site_day(row: MinuteRow) -> tuple[str, int]:
    return row.site, row.minute // DAY_MIN * DAY_MS


def day_by_day(o: Oracle, site: str) -> Answer:
    """The rate of one site, its bounds, and the same over the 28 days before."""
    daily = o.sums(site_day)
    found: Answer = {}
    for (of, day_ms), own in o.day_rates().items():
        before = [daily[of, day_ms - n * DAY_MS] for n in range(1, 29) if (of, day_ms - n * DAY_MS) in daily]
        rest_s, count = sum(s["rest_s"] for s in before), sum(s["count_rest"] for s in before)
        usual = count / rest_s * 3600 if rest_s else None
        if of == site:
            found[(day_ms,)] = (own.per_hour, own.low, own.high, usual)
    for (of, day_ms), own_sums in daily.items():  # days without rest still have a usual
        if of == site and (day_ms,) not in found:
            assert not own_sums["rest_s"]
            before = [
                daily[of, day_ms - n * DAY_MS] for n in range(1, 29) if (of, day_ms - n * DAY_MS) in daily
            ]
            rest_s, count = sum(s["rest_s"] for s in before), sum(s["count_rest"] for s in before)
            if rest_s:
                found[(day_ms,)] = (None, None, None, count / rest_s * 3600)
    return found


def lengths(o: Oracle) -> Answer:
    """Median, and the 90th percentile by nearest rank, as InfluxQL has it."""
    found: Answer = {}
    for site, twitches in o.twitches.items():
        each = sorted(duration_ms for _, duration_ms in twitches)
        found[(site,)] = float(np.median(each)), each[int(len(each) * 0.9 + 0.5) - 1]
    return found


def bins(o: Oracle) -> Answer:
    each = [duration_ms for twitches in o.twitches.values() for _, duration_ms in twitches]
    edges = [*DURATION_EDGES_MS, float("inf")]
    return {(): tuple(sum(low <= ms < high for ms in each) for low, high in pairwise(edges))}


def medians_by_day(o: Oracle) -> Answer:
    return {
        (site, day_ms): (float(np.median([ms for _, ms in each])),)
        for site in o.twitches
        for day_ms, each in o.days_of(site).items()
    }


def spells_by_site(o: Oracle) -> Answer:
    found: Answer = {}
    for site in o.twitches:
        runs = [run for each in o.days_of(site).values() for run in spells(np.array([ns for ns, _ in each]))]
        if runs:
            seconds = [run.duration_s for run in runs]
            found[(site,)] = len(runs), sum(seconds) / len(runs), max(seconds)
    return found


def active(o: Oracle) -> Answer:
    found: dict[int, set[str]] = defaultdict(set)
    for (site, day_ms), own in o.day_rates().items():
        if own.low > ACTIVE_ABOVE_PER_H:
            found[day_ms].add(site)
        else:
            found[day_ms] |= set()
    return {(ms,): (len({Site.parse(site).region for site in s}), len(s)) for ms, s in found.items()}


def clock(row: MinuteRow) -> tuple[str]:
    return (f"{row.minute // HOUR_MIN % 24:02}",)


def hour_ms(row: MinuteRow) -> int:
    return row.minute // HOUR_MIN * HOUR_MS


def latest(o: Oracle) -> Answer:
    newest: dict[str, list] = defaultdict(list)  # type: ignore[type-arg]
    for stored in o.reader.events(kind="twitch"):
        newest[stored.row.site].append(stored.row)
    return {
        (site, row.onset_ns // 1_000_000): (
            row.duration_ms, row.amplitude, row.unit, row.confidence, row.state, row.reason
        )
        for site, rows in newest.items()
        for row in rows[-20:]
    }  # fmt: skip


def per_hour_of_device(o: Oracle, value: str, how: str) -> Answer:
    """The last or largest value of each device and hour; or by how much the last grew."""
    found: Answer = {}
    for device in o.reader.devices():
        hours: dict[int, list[float]] = defaultdict(list)
        for row in o.reader.device_rows(device.device):
            hours[row.time_ns // 10**6 // HOUR_MS * HOUR_MS].append(getattr(row, value))
        match how:
            case "last":
                found |= {(device.device, ms): (each[-1],) for ms, each in hours.items()}
            case "max":
                found |= {(device.device, ms): (max(each) / 1e6,) for ms, each in hours.items()}
            case "mean":
                found |= {(device.device, ms): (sum(each) / len(each),) for ms, each in hours.items()}
            case "growth":
                for before, ms in pairwise(hours):
                    grown = hours[ms][-1] - hours[before][-1]
                    if grown >= 0:
                        found[device.device, ms] = (grown,)
    return found


def sensors(o: Oracle) -> Answer:
    return {
        (d.device,): (d.name, d.state, d.link, d.firmware, d.battery_percent, d.lost, d.resent)
        for d in o.reader.devices()
    }


def levels(o: Oracle, which: str, names: list[str]) -> Answer:
    rows = o.reader.ask(f"SELECT rule, time_ns, level_to FROM alert WHERE rule {which} 'persistence'")
    return {(rule, ns // 10**6): (names.index(to),) for rule, ns, to in rows}


def expectations(site: str) -> dict[str, Callable[[Oracle], Answer]]:
    """By dashboard and panel: what is to be seen. `site` is the one chosen where one is shown at a time."""
    return {
        "Today: Twitches per hour at rest": lambda o: o.per_rest_hour(site_of, o.last_hour()),
        "Today: Coverage": lambda o: o.coverage(site_of, o.last_hour()),
        "Today: Battery": lambda o: {(d.device,): (d.battery_percent,) for d in o.reader.devices()},
        "Today: Twitches": lambda o: {
            (k, ms): (s["count"],) for (k, ms), s in o.sums(lambda m: (m.site, hour_ms(m))).items()
        },
        "Today: What the sensors saw": lambda o: {
            k: tuple(s[name] for name in STATES) for k, s in o.sums(lambda m: (hour_ms(m),)).items()
        },
        "Today: Latest twitches at each site": latest,
        "Days: Twitches per hour at rest": lambda o: o.per_rest_hour(site_of),
        "Days: Coverage: share of the time that could be judged": lambda o: o.coverage(site_of),
        "Days: $site, day by day": lambda o: day_by_day(o, site),
        "Days: Length of a twitch by site A": lambda o: {
            k: (median,) for k, (median, _) in lengths(o).items()
        },
        "Days: Length of a twitch by site B": lambda o: {k: (p90,) for k, (_, p90) in lengths(o).items()},
        "Days: How long twitches last, ms": bins,
        "Days: Median length by day": medians_by_day,
        "Days: Spells by site": spells_by_site,
        "Days: Body map: twitches per hour at rest": lambda o: o.per_rest_hour(site_of),
        "Days: Twitches by site": lambda o: {k: (s["count"],) for k, s in o.sums(site_of).items()},
        "Days: Share by body region": lambda o: {k: (s["count"],) for k, s in o.sums(region_of).items()},
        "Days: Rate at rest by site and day": lambda o: {k: (r.per_hour,) for k, r in o.day_rates().items()},
        "Days: Body regions and sites active each day": active,
        "Days: Twitches per hour at rest, by hour of the day": lambda o: o.per_rest_hour(clock),
        "Days: Hours at rest that this rests on": lambda o: {
            k: (s["rest_s"] / 3600,) for k, s in o.sums(clock).items()
        },
        "Days: Coverage by site and day": lambda o: o.coverage(site_day),
        "Device health: Sensors": sensors,
        "Device health: Battery": lambda o: per_hour_of_device(o, "battery_percent", "last"),
        "Device health: Clock error": lambda o: per_hour_of_device(o, "clock_uncertainty_ns", "max"),
        "Device health: Samples lost for good": lambda o: per_hour_of_device(o, "lost", "growth"),
        "Device health: Samples sent again": lambda o: per_hour_of_device(o, "resent", "growth"),
        "Device health: Damaged frames": lambda o: per_hour_of_device(o, "damaged_frames", "growth"),
        "Device health: Temperature": lambda o: per_hour_of_device(o, "temperature_degc", "mean"),
        "Alert history: Twitching": lambda o: levels(o, "=", ["none", "digest", "notice", "discuss"]),
        "Alert history: Set-up": lambda o: levels(o, "!=", ["fine", "heed", "act"]),
        "Alert history: Changes and why": lambda o: {
            (rule, ns // 10**6): rest
            for rule, ns, *rest in o.reader.ask("SELECT rule, time_ns, level_from, level_to, why FROM alert")
        },
        "Alert history: Notes": lambda o: {
            (n.kind, n.time_ns // 10**6): (n.text, n.source) for n in o.reader.notes()
        },
    }
