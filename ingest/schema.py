"""The journal's tables: all that the rest of the product knows of storage.

Times are UTC nanoseconds; a minute is a whole number of minutes since 1970. Every row of `minute` says what
each of its seconds was, so that "no twitches" and "nothing measured" never look alike.

Followers read on from a cursor: a row's `id` is never given twice, and a minute, which grows, takes a new and
higher `change` whenever it is written.

An event's row is final but for what other sensors say of it within a second or so (`Amendment`): its kind,
confidence and reason, and `part_of`, the event that it is only another sensor's view of; `amended` is then a
new and higher number, for followers.

`alert` says how each rule came to stand where it stands; `told` up to which level the wearer was told of it,
`silence` what is not to be told (a snooze with its end, an acknowledgement without), and `message` what went
out, to which of the named addresses, or still has to.

`event` and `minute` hold what was found live. What a detector makes of archived signal later is kept apart,
in `redetected`, under that detector's version; `redetection` says what signal each version has judged.

`quiet` holds what was found where there should have been nothing: in stretches of rest on purpose, or in
recordings of such. `withdrawn_note` tells followers which notes are gone, and not what they said.
"""

from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import NamedTuple

from ingest.archive.chunk import Chunk

ARCHIVE_PROBLEM = "archive problem"  # in `meta`: why raw signal is not being archived; empty when it is
VERSION = 3  # of the schema; `MIGRATIONS[n]` brings a journal from version n to n + 1

_EVENT_COLUMNS = """
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        wearer TEXT NOT NULL,
        site TEXT NOT NULL,
        modality TEXT NOT NULL,
        onset_ns INTEGER NOT NULL,
        uncertainty_ns INTEGER NOT NULL,
        duration_ms REAL NOT NULL,
        amplitude REAL NOT NULL,
        unit TEXT NOT NULL,
        snr REAL NOT NULL,
        kind TEXT NOT NULL,
        confidence REAL NOT NULL,
        motor_unit INTEGER,
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        detector TEXT NOT NULL,
        device TEXT NOT NULL,
        boot_id INTEGER NOT NULL,
        stream INTEGER NOT NULL,
        channel INTEGER NOT NULL,
        onset_sample INTEGER NOT NULL,
        recorded_ns INTEGER NOT NULL"""

MIGRATIONS = (
    f"""
    CREATE TABLE event (
        {_EVENT_COLUMNS},
        part_of INTEGER REFERENCES event (id),
        amended INTEGER,
        UNIQUE (device, boot_id, stream, channel, onset_sample, detector)
    );
    CREATE UNIQUE INDEX event_by_amendment ON event (amended) WHERE amended IS NOT NULL;
    CREATE INDEX event_by_time ON event (wearer, onset_ns);
    CREATE INDEX event_by_site ON event (wearer, site, onset_ns);

    CREATE TABLE minute (
        wearer TEXT NOT NULL,
        site TEXT NOT NULL,
        modality TEXT NOT NULL,
        minute INTEGER NOT NULL,
        rest_s REAL NOT NULL,
        movement_s REAL NOT NULL,
        not_worn_s REAL NOT NULL,
        bad_contact_s REAL NOT NULL,
        missing_s REAL NOT NULL,
        count INTEGER NOT NULL,
        count_rest INTEGER NOT NULL,
        duration_ms REAL NOT NULL,
        noise_floor REAL,
        change INTEGER NOT NULL,
        PRIMARY KEY (wearer, site, modality, minute)
    ) WITHOUT ROWID;
    CREATE INDEX minute_by_time ON minute (wearer, minute);
    CREATE INDEX minute_by_change ON minute (change);

    CREATE TABLE gap (
        device TEXT NOT NULL,
        boot_id INTEGER NOT NULL,
        stream INTEGER NOT NULL,
        start_sample INTEGER NOT NULL,
        end_sample INTEGER NOT NULL,
        start_ns INTEGER NOT NULL,
        end_ns INTEGER NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (device, boot_id, stream, start_sample)
    ) WITHOUT ROWID;

    CREATE TABLE device (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        device TEXT NOT NULL,
        time_ns INTEGER NOT NULL,
        wearer TEXT NOT NULL,
        name TEXT NOT NULL,
        link TEXT NOT NULL,
        state TEXT NOT NULL,
        firmware TEXT NOT NULL,
        boot_id INTEGER NOT NULL,
        battery_mv INTEGER,
        battery_percent INTEGER,
        temperature_degc REAL,
        received INTEGER NOT NULL,
        resent INTEGER NOT NULL,
        doubled INTEGER NOT NULL,
        lost INTEGER NOT NULL,
        damaged_frames INTEGER NOT NULL,
        clock_uncertainty_ns INTEGER,
        drift_ppm REAL,
        UNIQUE (device, time_ns)
    );

    CREATE TABLE note (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        wearer TEXT NOT NULL,
        time_ns INTEGER NOT NULL,
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        source TEXT NOT NULL,
        recorded_ns INTEGER NOT NULL,
        UNIQUE (wearer, time_ns, kind, text, source)
    );

    CREATE TABLE alert (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        wearer TEXT NOT NULL,
        rule TEXT NOT NULL,
        time_ns INTEGER NOT NULL,
        level_from TEXT NOT NULL,
        level_to TEXT NOT NULL,
        why TEXT NOT NULL,
        UNIQUE (wearer, rule, time_ns)
    );

    CREATE TABLE told (
        wearer TEXT NOT NULL,
        rule TEXT NOT NULL,
        level INTEGER NOT NULL,
        time_ns INTEGER NOT NULL,
        PRIMARY KEY (wearer, rule)
    ) WITHOUT ROWID;

    CREATE TABLE silence (
        wearer TEXT NOT NULL,
        rule TEXT NOT NULL,
        until_ns INTEGER,
        level INTEGER NOT NULL,
        PRIMARY KEY (wearer, rule)
    ) WITHOUT ROWID;

    CREATE TABLE message (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        wearer TEXT NOT NULL,
        time_ns INTEGER NOT NULL,
        address TEXT NOT NULL,
        title TEXT NOT NULL,
        body TEXT NOT NULL,
        tries INTEGER NOT NULL,
        next_ns INTEGER NOT NULL,
        sent_ns INTEGER,
        problem TEXT NOT NULL
    );

    CREATE TABLE snippet (
        event_id INTEGER NOT NULL REFERENCES event (id) ON DELETE CASCADE,
        channel INTEGER NOT NULL,
        start_sample INTEGER NOT NULL,
        rate_hz REAL NOT NULL,
        scale REAL NOT NULL,
        samples BLOB NOT NULL,
        PRIMARY KEY (event_id, channel)
    ) WITHOUT ROWID;

    CREATE TABLE checkpoint (
        device TEXT PRIMARY KEY,
        boot_id INTEGER NOT NULL,
        version TEXT NOT NULL,
        time_ns INTEGER NOT NULL,
        state BLOB NOT NULL
    );

    CREATE TABLE redetected (
        {_EVENT_COLUMNS},
        UNIQUE (detector, device, boot_id, stream, channel, onset_sample)
    );

    CREATE TABLE redetection (
        detector TEXT NOT NULL,
        device TEXT NOT NULL,
        boot_id INTEGER NOT NULL,
        stream INTEGER NOT NULL,
        channel INTEGER NOT NULL,
        start_sample INTEGER NOT NULL,
        end_sample INTEGER NOT NULL,
        start_ns INTEGER NOT NULL,
        end_ns INTEGER NOT NULL,
        wearer TEXT NOT NULL,
        site TEXT NOT NULL,
        modality TEXT NOT NULL,
        rest_s REAL NOT NULL,
        movement_s REAL NOT NULL,
        unusable_s REAL NOT NULL,
        finished_ns INTEGER NOT NULL,
        PRIMARY KEY (detector, device, boot_id, stream, channel, start_sample)
    ) WITHOUT ROWID;

    CREATE TABLE meta (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL
    );
    """,
    """
    CREATE TABLE quiet (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        wearer TEXT NOT NULL,
        site TEXT NOT NULL,
        modality TEXT NOT NULL,
        detector TEXT NOT NULL,
        source TEXT NOT NULL,
        start_ns INTEGER NOT NULL,
        end_ns INTEGER NOT NULL,
        observed_s REAL NOT NULL,
        count INTEGER NOT NULL,
        recorded_ns INTEGER NOT NULL
    );

    CREATE TABLE withdrawn_note (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        wearer TEXT NOT NULL,
        time_ns INTEGER NOT NULL,
        kind TEXT NOT NULL
    );
    CREATE TRIGGER note_is_withdrawn AFTER DELETE ON note BEGIN
        INSERT INTO withdrawn_note (wearer, time_ns, kind) VALUES (old.wearer, old.time_ns, old.kind);
    END;
    """,
    """
    DROP TABLE checkpoint;
    CREATE TABLE checkpoint (
        device TEXT NOT NULL,
        boot_id INTEGER NOT NULL,
        version TEXT NOT NULL,
        number INTEGER NOT NULL,
        time_ns INTEGER NOT NULL,
        state BLOB NOT NULL,
        PRIMARY KEY (device, number)
    );
    """,
)


class NoteKind(StrEnum):
    """What a wearer can note."""

    FELT = "felt"
    CAFFEINE = "caffeine"
    NICOTINE = "nicotine"
    SLEEP = "sleep"
    EXERCISE = "exercise"
    STRESS = "stress"
    WATER = "water"
    FOOD = "food"
    MEDICINE = "medicine"
    SYMPTOM = "symptom"
    OFF = "off"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event; see `detector.event.Event` for the figures.

    Attributes:
        onset_ns: UTC.
        uncertainty_ns: The onset lies within this on either side.
        unit: Of the amplitude: uV, mg or adc.
        motor_unit: Which of the site's recurring shapes.
        detector: Version of the detector.
        onset_sample: Sequence number of the onset; with device, boot and stream it names the event for good.
        recorded_ns: When the row was written.
    """

    wearer: str
    site: str
    modality: str
    onset_ns: int
    uncertainty_ns: int
    duration_ms: float
    amplitude: float
    unit: str
    snr: float
    kind: str
    confidence: float
    motor_unit: int | None
    state: str
    reason: str
    detector: str
    device: str
    boot_id: int
    stream: int
    channel: int
    onset_sample: int
    recorded_ns: int

    @property
    def key(self) -> "EventKey":
        """What names it for good."""
        return EventKey(
            self.device, self.boot_id, self.stream, self.channel, self.onset_sample, self.detector
        )


class EventKey(NamedTuple):
    """What names an event for good: which sample of which boot, and who found it."""

    device: str
    boot_id: int
    stream: int
    channel: int
    onset_sample: int
    detector: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """What an event turned out to be once all sensors were heard.

    Attributes:
        key: The event.
        kind: What it is.
        confidence: That it is.
        reason: Why.
        part_of: The event that it is another view of; None if it stands for itself.
    """

    key: EventKey
    kind: str
    confidence: float
    reason: str
    part_of: EventKey | None = None


@dataclass(frozen=True, slots=True)
class MinuteRow:
    """What one site was doing in one minute; the five `_s` add up to what of it has passed.

    Attributes:
        minute: Minutes since 1970, UTC.
        count: Twitches, zero included.
        count_rest: Those of them at rest.
        duration_ms: Their durations added up.
        noise_floor: Median rms of the noise, uV or mg; None where it was not known.
    """

    wearer: str
    site: str
    modality: str
    minute: int
    rest_s: float
    movement_s: float
    not_worn_s: float
    bad_contact_s: float
    missing_s: float
    count: int
    count_rest: int
    duration_ms: float
    noise_floor: float | None


@dataclass(frozen=True, slots=True)
class MinutePart:
    """What a minute of a site is to grow by.

    The journal adds the seconds up, counts the twitches in its own event rows, and calls missing what of
    `elapsed_s` (how much of the minute had passed) nobody accounted for. So samples that arrive late turn
    missing seconds into observed ones, and nothing is counted twice.
    """

    wearer: str
    site: str
    modality: str
    minute: int
    rest_s: float = 0.0
    movement_s: float = 0.0
    not_worn_s: float = 0.0
    bad_contact_s: float = 0.0
    elapsed_s: float = 60.0
    noise_floor: float | None = None


@dataclass(frozen=True, slots=True)
class GapRow:
    """Samples [start_sample, end_sample) of a stream that are missing for good, and why."""

    device: str
    boot_id: int
    stream: int
    start_sample: int
    end_sample: int
    start_ns: int
    end_ns: int
    reason: str


@dataclass(frozen=True, slots=True)
class RedetectionRow:
    """A stretch of archived signal of one channel that a version of the detector has judged.

    Its events are in `redetected`, from `start_sample` to before `end_sample`. `unusable_s` is what was
    neither rest nor movement, gaps included.
    """

    detector: str
    device: str
    boot_id: int
    stream: int
    channel: int
    start_sample: int
    end_sample: int
    start_ns: int
    end_ns: int
    wearer: str
    site: str
    modality: str
    rest_s: float
    movement_s: float
    unusable_s: float
    finished_ns: int


@dataclass(frozen=True, slots=True)
class QuietRow:
    """What was found at one site in a quiet stretch.

    Attributes:
        detector: Version that judged it.
        source: `JOURNAL` if it was found live; otherwise the name of a recording.
        start_ns: UTC; of a recording 0, for it does not say when it was made.
        end_ns: UTC; of a recording its length.
        observed_s: Seconds of it that could be judged.
        count: Twitches and bursts found.
        recorded_ns: When it was judged.
    """

    wearer: str
    site: str
    modality: str
    detector: str
    source: str
    start_ns: int
    end_ns: int
    observed_s: float
    count: int
    recorded_ns: int


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """How a device was at a time; counts are since the service met this boot of it."""

    device: str
    time_ns: int
    wearer: str
    name: str
    link: str
    state: str
    firmware: str
    boot_id: int
    battery_mv: int | None
    battery_percent: int | None
    temperature_degc: float | None
    received: int
    resent: int
    doubled: int
    lost: int
    damaged_frames: int
    clock_uncertainty_ns: int | None
    drift_ppm: float | None


@dataclass(frozen=True, slots=True)
class NoteRow:
    """Something the wearer noted. `source` is page, command or button."""

    wearer: str
    time_ns: int
    kind: str
    text: str
    source: str
    recorded_ns: int


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A rule changed its mind; `why` holds the figures that decided."""

    wearer: str
    rule: str
    time_ns: int
    level_from: str
    level_to: str
    why: str


@dataclass(frozen=True, slots=True)
class SnippetRow:
    """Raw signal around an event: one channel, `scale` units a count; `samples` is int32, little-endian."""

    channel: int
    start_sample: int
    rate_hz: float
    scale: float
    samples: bytes


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A link of the chain that says where to go on with a device: after its last acknowledged sample.

    Number 0 holds everything, and with it the chain begins anew; each further one what has changed since.
    """

    device: str
    boot_id: int
    version: str
    number: int
    time_ns: int
    state: bytes


@dataclass(slots=True)
class Records:
    """What one step of the pipeline wants written, in one transaction; before it `signal` is archived."""

    events: list[EventRow] = field(default_factory=list)
    amendments: list[Amendment] = field(default_factory=list)
    snippets: list[tuple[EventKey, SnippetRow]] = field(default_factory=list)
    minutes: list[MinutePart] = field(default_factory=list)
    gaps: list[GapRow] = field(default_factory=list)
    devices: list[DeviceRow] = field(default_factory=list)
    notes: list[NoteRow] = field(default_factory=list)
    signal: list[Chunk] = field(default_factory=list)
    checkpoint: CheckpointRow | None = None

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return any(getattr(self, f.name) for f in fields(self))
