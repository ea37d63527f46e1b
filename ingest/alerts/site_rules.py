"""Whether a site is measured, judged and in contact: pure rules over one moment's facts."""

from collections.abc import Iterator
from datetime import tzinfo

from ingest.alerts.alarm import Alarm, Kind, Rule, Verdict
from ingest.alerts.facts import Facts, SiteFacts
from ingest.alerts.phrases import moment, place
from ingest.influx.points import OFF_H
from ingest.minutes import MINUTE_NS

HOUR_NS = 60 * MINUTE_NS
NO_DATA_NS = (15 * MINUTE_NS, 30 * MINUTE_NS)  # a shower is over within the first; the second costs a rate
UNJUDGED_NS = (5 * MINUTE_NS, 15 * MINUTE_NS)  # rows are written every 5 s: nothing catches up from there
HEARD_NS = MINUTE_NS  # a sensor says how it is every 10 s; within this it is there
CONTACT_MIN = (10, 30)  # minutes: after the first a hand may still be at it
CONTACT_SHARE = 0.8  # of what was received, with bad contact: an electrode that touches now and then is off
RECEIVED_SHARE = 0.8  # of those minutes that must have been received to say so
NOISE_FLOOR = {"emg": 25.0}  # uV rms: rest noise is 2-10; a drying electrode adds its resistance's
OFF_NS = OFF_H * HOUR_NS
OFF_GRACE_NS = 10 * MINUTE_NS  # between the note and the taking off


class SiteRules:
    """What is judged of each site at one moment."""

    def __init__(self, facts: Facts, zone: tzinfo | None) -> None:
        self._facts, self._zone = facts, zone

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

    def _no_data(self, site: SiteFacts) -> tuple[Alarm, str]:
        since_ns = self._facts.started_ns if site.received_ns is None else site.received_ns
        level = steps(self._facts.now_ns - since_ns, NO_DATA_NS)
        if not level:
            return level, f"{place(site.key)}: data are arriving."
        told = f"{place(site.key)}: no data since {self._moment(since_ns)}."
        return level, f"{told} {site.problem}".strip()

    def _unjudged(self, site: SiteFacts) -> tuple[Alarm, str]:
        """The sensor is heard, and yet nothing of what it sends is judged."""
        if site.heard_ns is None or self._facts.now_ns - site.heard_ns > HEARD_NS:
            return Alarm.FINE, f"{place(site.key)}: nothing waits to be judged."
        since_ns = max(site.received_ns or 0, self._facts.started_ns)
        level = steps(self._facts.now_ns - since_ns, UNJUDGED_NS)
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

    def _is_off(self, site: SiteFacts) -> bool:
        """Noted as off, not long ago, and not put on again since."""
        off_ns = self._facts.recorded.off_ns
        if off_ns is None or not 0 <= self._facts.now_ns - off_ns < OFF_NS:
            return False
        return site.judged_ns is None or site.judged_ns < off_ns + OFF_GRACE_NS

    def _moment(self, time_ns: int) -> str:
        return moment(time_ns, self._zone)


def steps(value: int, limits: tuple[int, int]) -> Alarm:
    """How many of the limits are reached."""
    return Alarm(sum(value >= limit for limit in limits))


def _is_loose(site: SiteFacts, minutes: int) -> bool:
    """Whether nearly all of the last minutes was received, and nearly all of that without contact."""
    latest = site.minutes[-minutes:]
    received_s = sum(minute.received_s for minute in latest)
    bad_s = sum(minute.bad_contact_s for minute in latest)
    return received_s >= RECEIVED_SHARE * 60 * minutes and bad_s >= CONTACT_SHARE * received_s
