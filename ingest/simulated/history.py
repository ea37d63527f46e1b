"""Made days for the demonstration: what a journal looks like once a wearer has lived with the sensors.

Nothing in it was measured. Everything follows from its arguments, so that it is the same each time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from detector.event import Kind, State
from ingest.journal import Journal
from ingest.minutes import MINUTE_NS
from ingest.schema import DeviceRow, EventRow, MinutePart, NoteKind, NoteRow, Records
from ingest.simulated.diary import DAY_MIN, Diary, wandering

DETECTOR = "made-1"  # stands where the version of a detector would: no detector found these
_SPELL_MIN = 20.0  # minutes over which twitching comes and goes
_SPELL_SPREAD = 0.8  # standard deviation of the logarithm of the rate within a day
_DROPOUTS = 0.003  # share of minutes in which a link is lost
_BATTERY_H = 30.0  # hours from full to empty


@dataclass(frozen=True, slots=True)
class MadeSite:
    """A site with a sensor on it.

    Attributes:
        site: Its key.
        device: Hex id of the sensor.
        twitches_per_h: Mean, an observed hour awake at rest.
        modality: emg or accelerometer.
        stream: Of the device.
        channel: Of the stream.
    """

    site: str
    device: str
    twitches_per_h: float
    modality: str = "emg"
    stream: int = 0
    channel: int = 0


def write_history(
    journal: Journal,
    sites: Sequence[MadeSite],
    *,
    wearer: str,
    until_ns: int,
    days: int = 14,
    utc_offset_s: int = 0,
    seed: int = 1,
) -> None:
    """Write the `days` before the minute of `until_ns` (UTC) into a journal that has none of them.

    Args:
        journal: Where to.
        sites: What is worn.
        wearer: By whom.
        until_ns: End of the history.
        days: Its length.
        utc_offset_s: The wearer's time zone: nights are nights there.
        seed: Another one, another history.
    """
    rng = np.random.default_rng(seed)
    diary = Diary.made(rng, until_minute=until_ns // MINUTE_NS, days=days, utc_offset_s=utc_offset_s)
    records = Records(notes=list(_notes(rng, diary, wearer)))
    for site, own in zip(sites, rng.spawn(len(sites)), strict=True):
        parts = _minute_parts(own, diary, site, wearer)
        records.minutes += parts
        records.events += _events(own, diary, site, parts)
    for device in dict.fromkeys(site.device for site in sites):
        records.devices += _device_rows(rng, diary, device, wearer)
    journal.write(records)


def _minute_parts(rng: np.random.Generator, diary: Diary, site: MadeSite, wearer: str) -> list[MinutePart]:
    """Return what each minute was; two stretches in each week go wrong."""
    count = diary.minutes.size
    missing = diary.charging | (rng.random(count) < _DROPOUTS)
    not_worn, bad_contact = np.zeros(count, bool), np.zeros(count, bool)
    for wrong, hours in ((not_worn, (5, 14)), (bad_contact, (2, 6))):
        for start in rng.choice(count, max(1, count // (7 * DAY_MIN)), replace=False):
            wrong[start : start + round(60 * rng.uniform(*hours))] = True
    state = np.select([missing, not_worn, bad_contact], [0, 1, 2], 3)
    movement_s = np.round(60 * diary.activity, 1)
    floor = (5.0 if site.modality == "emg" else 0.6) * wandering(rng, count, minutes=600.0, spread=0.15)
    return [
        MinutePart(
            wearer,
            site.site,
            site.modality,
            minute,
            rest_s=60 - moving_s if what == 3 else 0.0,
            movement_s=moving_s if what == 3 else 0.0,
            not_worn_s=60.0 if what == 1 else 0.0,
            bad_contact_s=60.0 if what == 2 else 0.0,
            noise_floor=noise if what == 3 else None,
        )
        for minute, what, moving_s, noise in zip(
            diary.minutes.tolist(), state.tolist(), movement_s.tolist(), floor.tolist(), strict=True
        )
    ]


def _events(
    rng: np.random.Generator, diary: Diary, site: MadeSite, parts: Sequence[MinutePart]
) -> Iterator[EventRow]:
    """Return the twitches of a site, in the order of their onsets."""
    spells = wandering(rng, diary.minutes.size, minutes=_SPELL_MIN, spread=_SPELL_SPREAD)
    rest_s = np.array([part.rest_s for part in parts])
    moving_s = np.array([part.movement_s for part in parts])
    rate_per_s = site.twitches_per_h / 3600 * diary.unrest * spells
    counts = rng.poisson(rate_per_s * (rest_s + 0.3 * moving_s))  # movement hides most of them
    which = np.repeat(np.arange(counts.size), counts)
    start_ns = int(diary.minutes[0]) * MINUTE_NS
    onsets_ms = np.unique(which * 60_000 + rng.integers(0, 60_000, which.size))
    is_emg = site.modality == "emg"
    figures = zip(
        onsets_ms.tolist(),
        (3.5 + rng.gamma(2.0, 2.0, onsets_ms.size)).tolist(),
        rng.uniform(*((9, 22) if is_emg else (60, 250)), onsets_ms.size).tolist(),
        rng.beta(12, 1.5, onsets_ms.size).tolist(),
        rng.choice(3, onsets_ms.size, p=(0.6, 0.3, 0.1)).tolist(),
        rng.random(onsets_ms.size).tolist(),
        strict=True,
    )
    for at_ms, snr, duration_ms, confidence, motor_unit, chance in figures:
        part = parts[at_ms // 60_000]
        moving = chance * (part.rest_s + 0.3 * part.movement_s) > part.rest_s
        yield EventRow(
            wearer=part.wearer,
            site=site.site,
            modality=site.modality,
            onset_ns=start_ns + at_ms * 1_000_000,
            uncertainty_ns=2_000_000,
            duration_ms=duration_ms,
            amplitude=1.8 * snr * (part.noise_floor or 0.0),
            unit="uV" if is_emg else "mg",
            snr=snr,
            kind=Kind.TWITCH.value,
            confidence=confidence,
            motor_unit=motor_unit if is_emg else None,
            state=(State.MOVEMENT if moving else State.REST).value,
            reason="made for the demonstration",
            detector=DETECTOR,
            device=site.device,
            boot_id=1,
            stream=site.stream,
            channel=site.channel,
            onset_sample=at_ms,
            recorded_ns=start_ns + (at_ms + 200) * 1_000_000,
        )


def _notes(rng: np.random.Generator, diary: Diary, wearer: str) -> Iterator[NoteRow]:
    """Return what the wearer wrote down: some things daily, some now and then."""
    habits = (
        (NoteKind.SLEEP, "slept well", 7.2, 0.5),
        (NoteKind.SLEEP, "woke up often", 7.1, 0.25),
        (NoteKind.CAFFEINE, "two cups of coffee", 8.2, 0.9),
        (NoteKind.EXERCISE, "walked for an hour", 17.0, 0.3),
        (NoteKind.STRESS, "long day at work", 18.5, 0.25),
        (NoteKind.FELT, "", 21.0, 0.6),
        (NoteKind.MEDICINE, "magnesium", 22.0, 0.4),
    )
    for day in range(int(diary.day[-1]) + 1):
        for kind, text, hour, share in habits:
            at = np.flatnonzero((diary.day == day) & (diary.hour >= hour + rng.uniform(0, 0.8)))
            if rng.random() < share and at.size:
                time_ns = int(diary.minutes[at[0]]) * MINUTE_NS
                yield NoteRow(wearer, time_ns, kind, text, "page", time_ns)


def _device_rows(rng: np.random.Generator, diary: Diary, device: str, wearer: str) -> Iterator[DeviceRow]:
    """Return how a sensor was each hour: it runs down until it is charged, and some samples come twice."""
    battery = 1.0
    received = resent = 0
    drift_ppm = float(rng.uniform(-40, 40))
    for at in range(0, diary.minutes.size, 60):
        charging = bool(diary.charging[at : at + 60].any())
        battery = 1.0 if charging else max(0.05, battery - 1 / _BATTERY_H)
        received += 3_600_000
        resent += int(rng.poisson(40))
        yield DeviceRow(
            device=device,
            time_ns=int(diary.minutes[at]) * MINUTE_NS,
            wearer=wearer,
            name="",
            link="made",
            state="streaming",
            firmware="1.0.0",
            boot_id=1,
            battery_mv=round(3400 + 800 * battery),
            battery_percent=round(100 * battery),
            temperature_degc=round(float(rng.normal(33, 0.4)), 1),
            received=received,
            resent=resent,
            doubled=resent // 10,
            lost=0,
            damaged_frames=resent // 30,
            clock_uncertainty_ns=int(rng.uniform(0.5e6, 3e6)),
            drift_ppm=drift_ppm,
        )
