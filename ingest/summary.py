"""Sums over the journal's minutes: what a site came to in a day, or in each slot of a day."""

from dataclasses import dataclass

from ingest.reader import JournalReader
from ingest.schema import MinuteRow


@dataclass(frozen=True, slots=True)
class Observation:
    """What one site came to over a stretch of whole minutes.

    Attributes:
        site: Key of the site.
        modality: emg or accelerometer.
        minute: The first minute of the stretch, since 1970, UTC.
        rest_s: Seconds judged at rest; this and the next four add up to what is on record.
        movement_s: Seconds judged while moving.
        not_worn_s: Seconds not worn.
        bad_contact_s: Seconds with bad contact.
        missing_s: Seconds without signal.
        count: Twitches.
        count_rest: Those of them at rest.
    """

    site: str
    modality: str
    minute: int
    rest_s: float = 0.0
    movement_s: float = 0.0
    not_worn_s: float = 0.0
    bad_contact_s: float = 0.0
    missing_s: float = 0.0
    count: int = 0
    count_rest: int = 0

    @property
    def observed_s(self) -> float:
        """Seconds in which twitches could be seen: at rest and while moving, nowhere else."""
        return self.rest_s + self.movement_s


def observations(
    reader: JournalReader,
    *,
    wearer: str,
    since_minute: int,
    until_minute: int,
    step_minutes: int | None = None,
) -> list[Observation]:
    """Sum up the minutes with since <= minute < until.

    Args:
        reader: The journal.
        wearer: Whose minutes.
        since_minute: The first, since 1970, UTC.
        until_minute: The one after the last.
        step_minutes: Length of a slot; None makes one slot of the whole stretch.

    Returns:
        One for each site, modality and slot that has any minute on record, in that order.
    """
    rows = reader.ask(
        "SELECT site, modality, :since + (minute - :since) / :step * :step AS slot,"
        " sum(rest_s), sum(movement_s), sum(not_worn_s), sum(bad_contact_s), sum(missing_s),"
        " sum(count), sum(count_rest)"
        " FROM minute WHERE wearer = :wearer AND minute >= :since AND minute < :until"
        " GROUP BY site, modality, slot ORDER BY site, modality, slot",
        {
            "wearer": wearer,
            "since": since_minute,
            "until": until_minute,
            "step": step_minutes or max(1, until_minute - since_minute),
        },
    )
    return [Observation(*row) for row in rows]


def latest_minute(reader: JournalReader, *, wearer: str, site: str, modality: str) -> MinuteRow | None:
    """The newest minute of a site in which anything at all was received; None where there never was any."""
    rows = reader.ask(
        "SELECT minute FROM minute WHERE wearer = ? AND site = ? AND modality = ?"
        " AND rest_s + movement_s + not_worn_s + bad_contact_s > 0 ORDER BY minute DESC LIMIT 1",
        (wearer, site, modality),
    )
    if not rows:
        return None
    [(minute,)] = rows
    found = reader.minutes(
        wearer=wearer, site=site, modality=modality, since_minute=minute, until_minute=minute + 1
    )
    return found[0]


def newest_event_id(reader: JournalReader) -> int:
    """The number of the event that was written last; 0 where there is none. See `events_after`."""
    [(newest,)] = reader.ask("SELECT coalesce(max(id), 0) FROM event")
    return int(newest)
