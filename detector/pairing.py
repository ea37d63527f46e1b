"""When two sightings belong together: by their times and by what saw them."""

from detector.event import Kind
from detector.sighting import Sighting

EMG, ACCELEROMETER = "emg", "accelerometer"
MS = 1_000_000  # ns

LAG_NS = (5 * MS, 40 * MS)  # from a potential to the movement of the skin over it
ONSET_NS = {EMG: 3 * MS, ACCELEROMETER: 12 * MS}  # how well each onset is known: p95 of docs/accuracy.md
SAME_NS = {EMG: 5 * MS, ACCELEROMETER: 20 * MS}  # nearer than this is the same instant
SHORT = frozenset({Kind.TWITCH, Kind.MYOCLONUS, Kind.ARTEFACT})  # what several sensors can see at one instant


def _tolerance_ns(one: Sighting, other: Sighting) -> int:
    """How far off the time between two onsets may be."""
    clocks_ns = one.uncertainty_ns + other.uncertainty_ns
    return ONSET_NS[one.source.modality] + ONSET_NS[other.source.modality] + clocks_ns


def moves(potential: Sighting, movement: Sighting) -> bool:
    """Whether `potential` made the skin move as `movement` saw it."""
    if (potential.source.modality, movement.source.modality) != (EMG, ACCELEROMETER):
        return False
    lag_ns = movement.onset_ns - potential.onset_ns
    slack_ns = _tolerance_ns(potential, movement)
    in_time = LAG_NS[0] - slack_ns <= lag_ns <= LAG_NS[1] + slack_ns
    return in_time and potential.source.site == movement.source.site and potential.event.kind in SHORT


def is_same_instant(one: Sighting, other: Sighting) -> bool:
    """Whether two sensors of one kind saw something at the same instant."""
    if one.source.modality != other.source.modality:
        return False
    clocks_ns = one.uncertainty_ns + other.uncertainty_ns
    return abs(one.onset_ns - other.onset_ns) <= SAME_NS[one.source.modality] + clocks_ns


def horizon_ns(sighting: Sighting) -> int:
    """Until when something that belongs to a sighting may begin."""
    clocks_ns = 2 * sighting.uncertainty_ns
    onsets_ns = ONSET_NS[EMG] + ONSET_NS[ACCELEROMETER] + clocks_ns
    if sighting.source.modality == EMG:
        return sighting.onset_ns + LAG_NS[1] + onsets_ns
    return sighting.onset_ns + max(SAME_NS[ACCELEROMETER], onsets_ns - LAG_NS[0])
