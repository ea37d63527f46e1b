"""What is wrong with the set-up: pure rules over one moment's facts.

Whatever keeps a site from being measured ends in one of these alerts. That nothing was found is never told
from silence.
"""

from collections.abc import Iterator, Mapping
from datetime import tzinfo

from ingest.alerts.alarm import Alarm, Kind, Rule, Verdict
from ingest.alerts.facts import Facts, SiteFacts
from ingest.alerts.phrases import length, moment, place, signed
from ingest.influx.points import OFF_H
from ingest.schema import DeviceRow

MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS
NO_DATA_NS = (15 * MINUTE_NS, 30 * MINUTE_NS)  # a shower is over within the first; the second costs a rate
UNJUDGED_NS = (
    5 * MINUTE_NS,
    15 * MINUTE_NS,
)  # rows are written every 5 s: this far behind nothing catches up
HEARD_NS = MINUTE_NS  # a sensor says how it is every 10 s; within this it is there
BATTERY_PERCENT = (30, 20)  # a few hours, and the last chance before the night
BATTERY_BACK_PERCENT = 5  # beyond either until it is well again: a voltage read twice differs by less
CONTACT_MIN = (10, 30)  # minutes: after the first a hand may still be at it
CONTACT_SHARE = 0.8  # of what was received, with bad contact: an electrode that touches now and then is off
RECEIVED_SHARE = 0.8  # of those minutes that must have been received to say so
NOISE_FLOOR = {"emg": 25.0}  # uV rms: rest noise is 2-10; a drying electrode adds its resistance's
CLOCK_STEP_NS = (2 * 10**9, MINUTE_NS)  # the first moves no rate; the second moves twitches between minutes
CLOCK_AHEAD_NS = 2 * MINUTE_NS  # a minute's row reaches up to one minute ahead; more is a clock set back
STEP_STANDS_NS = 24 * HOUR_NS  # a day has both times in it
CLOCK_DOUBT_NS = (50_000_000, 10**9)  # an onset is known to 5 ms; a second is beyond pairing it with a note
DRIFT_PPM = 500.0  # crystals drift 20-100 ppm
FREE_BYTES = (10**9, 2 * 10**8)  # the archive stops at the first; the journal has a week in the second
FORWARDED_NS = (HOUR_NS, 24 * HOUR_NS)  # nothing is lost meanwhile: it is sent later
OFF_NS = OFF_H * HOUR_NS
OFF_GRACE_NS = 10 * MINUTE_NS  # between the note and the taking off


def look(facts: Facts, before: Mapping[str, int], zone: tzinfo | None = None) -> list[Verdict]:
    """Judge every rule.

    Args:
        facts: What is known.
        before: The level that each rule has stood at, by its text: what has recovered a little is not well.
        zone: Of the times that are told; this machine's if None.
    """
    looks = _Look(facts, before, zone)
    return [
        *looks.everywhere(),
        *(verdict for site in facts.recorded.sites for verdict in looks.at(site)),
        *(verdict for device in facts.recorded.devices for verdict in looks.of(device)),
    ]


class _Look:
    """One moment's rules."""

    def __init__(self, facts: Facts, before: Mapping[str, int], zone: tzinfo | None) -> None:
        self._facts, self._before, self._zone = facts, before, zone

    def at(self, site: SiteFacts) -> Iterator[Verdict]:
        """Whether a site is measured, judged and in contact."""
        subject = " ".join(site.key)
        rules = {
            Kind.NO_DATA: self._no_data,
            Kind.UNJUDGED: self._unjudged,
            Kind.CONTACT: self._contact,
            Kind.NOISE: self._noise,
        }
        for kind, rule in rules.items():
            level, why = rule(site)
            if level and self._is_off(site):
                level, why = Alarm.FINE, f"{place(site.key)}: noted as off on purpose."
            yield Verdict(Rule(kind, subject), level, why)

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
            level = _steps(facts.now_ns - since_ns, FORWARDED_NS)
            yield Verdict(
                Rule(Kind.FORWARDER),
                level,
                f"Copied to InfluxDB up to {self._moment(since_ns)}."
                if facts.recorded.forwarded_ns
                else "Nothing was copied to InfluxDB yet.",
            )

    def _no_data(self, site: SiteFacts) -> tuple[Alarm, str]:
        since_ns = self._facts.started_ns if site.received_ns is None else site.received_ns
        level = _steps(self._facts.now_ns - since_ns, NO_DATA_NS)
        if not level:
            return level, f"{place(site.key)}: data are arriving."
        told = f"{place(site.key)}: no data since {self._moment(since_ns)}."
        return level, f"{told} {site.problem}".strip()

    def _unjudged(self, site: SiteFacts) -> tuple[Alarm, str]:
        """The sensor is heard, and yet nothing of what it sends is judged."""
        if site.heard_ns is None or self._facts.now_ns - site.heard_ns > HEARD_NS:
            return Alarm.FINE, f"{place(site.key)}: nothing waits to be judged."
        since_ns = max(site.received_ns or 0, self._facts.started_ns)
        level = _steps(self._facts.now_ns - since_ns, UNJUDGED_NS)
        if not level:
            return level, f"{place(site.key)}: what comes is being judged."
        since = self._moment(since_ns)
        return level, f"{place(site.key)}: its sensor is sending, but nothing was judged since {since}."

    def _contact(self, site: SiteFacts) -> tuple[Alarm, str]:
        level = Alarm(sum(_is_loose(site, minutes) for minutes in CONTACT_MIN))
        if not level:
            return level, f"{place(site.key)}: in contact as far as can be told."
        return level, f"{place(site.key)}: bad contact for {CONTACT_MIN[level - 1]} minutes and more."

    def _noise(self, site: SiteFacts) -> tuple[Alarm, str]:
        limit, floor = NOISE_FLOOR.get(site.key[1]), site.noise_floor
        if limit is None or floor is None or floor <= limit:
            return Alarm.FINE, f"{place(site.key)}: noise as usual."
        return Alarm.HEED, f"{place(site.key)}: noise of {floor:.0f} µV over half an hour; usual are 2 to 10."

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
            return _steps(abs(step_ns), CLOCK_STEP_NS), told
        return Alarm.FINE, "The clock of this machine runs evenly."

    def _device_clock(self, device: DeviceRow, name: str) -> tuple[Alarm, str]:
        doubt_ns, drift_ppm = device.clock_uncertainty_ns or 0, device.drift_ppm or 0.0
        level = _steps(doubt_ns, CLOCK_DOUBT_NS)
        if level or abs(drift_ppm) <= DRIFT_PPM:
            return level, f"Times of {name} are known to ± {length(doubt_ns)}."
        return Alarm.HEED, f"The clock of {name} is off by {drift_ppm:+.0f} ppm; usual are up to 100."

    def _is_off(self, site: SiteFacts) -> bool:
        """Noted as off, not long ago, and not put on again since."""
        off_ns = self._facts.recorded.off_ns
        if off_ns is None or not 0 <= self._facts.now_ns - off_ns < OFF_NS:
            return False
        return site.judged_ns is None or site.judged_ns < off_ns + OFF_GRACE_NS

    def _moment(self, time_ns: int) -> str:
        return moment(time_ns, self._zone)


def _steps(value: int, limits: tuple[int, int]) -> Alarm:
    """How many of the limits are reached."""
    return Alarm(sum(value >= limit for limit in limits))


def _is_loose(site: SiteFacts, minutes: int) -> bool:
    """Whether nearly all of the last minutes was received, and nearly all of that without contact."""
    latest = site.minutes[-minutes:]
    received_s = sum(minute.received_s for minute in latest)
    bad_s = sum(minute.bad_contact_s for minute in latest)
    return received_s >= RECEIVED_SHARE * 60 * minutes and bad_s >= CONTACT_SHARE * received_s
