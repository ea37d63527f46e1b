"""One minute of one site: what was judged and what was found. Silence is a row too."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Minute:
    """What one minute of one site came to.

    Attributes:
        site: The muscle and the side.
        region: Its body region: bulbar, cervical, thoracic or lumbosacral.
        modality: EMG or accelerometer.
        minute: Minutes since the epoch, UTC.
        rest_s: Seconds judged at rest; with the next four it adds up to the minute.
        movement_s: Seconds judged while moving.
        not_worn_s: Seconds in which the sensor was not worn.
        bad_contact_s: Seconds with a bad electrode.
        missing_s: Seconds without any signal.
        count: Twitches.
        count_rest: Twitches at rest.
        duration_ms: Summed duration of the twitches, ms.
        noise_floor: rms of the noise, uV or mg; NaN where it is not known.
    """

    site: str
    region: str
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
    noise_floor: float
