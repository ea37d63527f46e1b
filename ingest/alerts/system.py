"""What is wrong with the set-up: pure rules over one moment's facts; those of sites are in `site_rules`.

Whatever keeps a site from being measured ends in one of these alerts. That nothing was found is never told
from silence.
"""

from collections.abc import Iterator, Mapping
from datetime import tzinfo

from ingest.alerts.alarm import Alarm, Kind, Rule, Verdict
from ingest.alerts.facts import Facts
from ingest.alerts.phrases import length, moment, signed
from ingest.alerts.site_rules import HOUR_NS, SiteRules, steps
from ingest.minutes import MINUTE_NS
from ingest.schema import DeviceRow

BATTERY_PERCENT = (30, 20)  # a few hours, and the last chance before the night
BATTERY_BACK_PERCENT = 5  # beyond either until it is well again: a voltage read twice differs by less
CLOCK_STEP_NS = (2 * 10**9, MINUTE_NS)  # the first moves no rate; the second moves twitches between minutes
CLOCK_AHEAD_NS = 2 * MINUTE_NS  # a minute's row reaches up to one minute ahead; more is a clock set back
STEP_STANDS_NS = 24 * HOUR_NS  # a day has both times in it
CLOCK_DOUBT_NS = (50_000_000, 10**9)  # an onset is known to 5 ms; a second is beyond pairing it with a note
DRIFT_PPM = 500.0  # crystals drift 20-100 ppm
FREE_BYTES = (10**9, 2 * 10**8)  # the archive stops at the first; the journal has a week in the second
FORWARDED_NS = (HOUR_NS, 24 * HOUR_NS)  # nothing is lost meanwhile: it is sent later


def look(facts: Facts, before: Mapping[str, int], zone: tzinfo | None = None) -> list[Verdict]:
    """Judge every rule.

    Args:
        facts: What is known.
        before: The level that each rule has stood at, by its text: what has recovered a little is not well.
        zone: Of the times that are told; this machine's if None.
    """
    machine, sites = _MachineRules(facts, before, zone), SiteRules(facts, zone)
    return [
        *machine.everywhere(),
        *(verdict for site in facts.recorded.sites for verdict in sites.at(site)),
        *(verdict for device in facts.recorded.devices for verdict in machine.of(device)),
    ]


class _MachineRules:
    """What is judged of this machine and of the devices, at one moment."""

    def __init__(self, facts: Facts, before: Mapping[str, int], zone: tzinfo | None) -> None:
        self._facts, self._before, self._zone = facts, before, zone

    def of(self, device: DeviceRow) -> Iterator[Verdict]:
        """Whether a device has power, and a clock that can be told."""
        name = device.name or device.device
        if device.battery_percent is not None:
            rule = Rule(Kind.BATTERY, device.device)
            back = BATTERY_BACK_PERCENT
            level = Alarm(
                sum(
                    device.battery_percent <= percent + back * (self._before.get(str(rule), 0) >= step)
                    for step, percent in enumerate(BATTERY_PERCENT, 1)
                )
            )
            yield Verdict(rule, level, f"Battery of {name}: {device.battery_percent} %.")
        yield Verdict(Rule(Kind.CLOCK, device.device), *self._device_clock(device, name))

    def everywhere(self) -> Iterator[Verdict]:
        """Whether the machine itself is well."""
        facts = self._facts
        yield Verdict(Rule(Kind.CLOCK), *self._clock())
        yield Verdict(
            Rule(Kind.JOURNAL),
            Alarm.ACT if facts.journal_problem else Alarm.FINE,
            facts.journal_problem or "The journal is being written.",
        )
        yield Verdict(
            Rule(Kind.ARCHIVE),
            Alarm.HEED if facts.recorded.archive_problem else Alarm.FINE,
            facts.recorded.archive_problem or "Raw signal is being archived.",
        )
        if facts.free_bytes is not None:
            level = Alarm(sum(facts.free_bytes < limit for limit in FREE_BYTES))
            yield Verdict(Rule(Kind.DISK), level, f"{facts.free_bytes / 1e9:.1f} GB free on the disk.")
        if facts.forwards:
            since_ns = facts.recorded.forwarded_ns or facts.started_ns
            level = steps(facts.now_ns - since_ns, FORWARDED_NS)
            yield Verdict(
                Rule(Kind.FORWARDER),
                level,
                f"Copied to InfluxDB up to {self._moment(since_ns)}."
                if facts.recorded.forwarded_ns
                else "Nothing was copied to InfluxDB yet.",
            )

    def _clock(self) -> tuple[Alarm, str]:
        """Whether this machine's clock was set, or runs behind what is on record."""
        facts = self._facts
        newest_ns = max((site.received_ns for site in facts.recorded.sites if site.received_ns), default=0)
        if newest_ns - facts.now_ns > CLOCK_AHEAD_NS:
            newest, now = self._moment(newest_ns), self._moment(facts.now_ns)
            return Alarm.ACT, f"The journal has data of {newest}; the clock of this machine says {now}."
        if facts.stepped and facts.now_ns - facts.stepped[0] < STEP_STANDS_NS:
            at_ns, step_ns = facts.stepped
            told = f"The clock of this machine was set by {signed(step_ns)} on {self._moment(at_ns)}."
            return steps(abs(step_ns), CLOCK_STEP_NS), told
        return Alarm.FINE, "The clock of this machine runs evenly."

    def _device_clock(self, device: DeviceRow, name: str) -> tuple[Alarm, str]:
        doubt_ns, drift_ppm = device.clock_uncertainty_ns or 0, device.drift_ppm or 0.0
        level = steps(doubt_ns, CLOCK_DOUBT_NS)
        if level or abs(drift_ppm) <= DRIFT_PPM:
            return level, f"Times of {name} are known to ± {length(doubt_ns)}."
        return Alarm.HEED, f"The clock of {name} is off by {drift_ppm:+.0f} ppm; usual are up to 100."

    def _moment(self, time_ns: int) -> str:
        return moment(time_ns, self._zone)
