"""What one short movement of the skin was, from its second of signal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.event import Kind

Samples = NDArray[np.float64]

SMOOTH_S = 0.04  # s, half a swing of the slowest wobble (10 Hz is 0.1 s)
RELEASE_SHARE = 0.1  # of the peak's amplitude: where a wobble counts as over
RELEASE_FLOOR = 1.6  # times the noise floor's amplitude: below it a wobble cannot be followed
BUZZ_SHARE = 0.4  # of the peak lies above the band in a knock of the case: 0.42-0.77 there, 0-0.39 in wobbles
BUZZ_FLOOR = 6.0  # times the noise: only then is the share of fast vibration known
BUZZ_RATE_HZ = 90.0  # Hz: slower streams hold nothing that is faster than skin
JERK_MG = 150.0  # mg peak to peak: three times the largest visible twitch moves a limb


@dataclass(frozen=True, slots=True)
class Jerk:
    """One short movement, measured.

    Attributes:
        length: Samples from its onset to its end, or to now.
        over: Whether it has ended.
        direction: Unit vector along which it moved most, shape (3,).
        amplitude_mg: Peak to peak along the direction of most movement.
        snr: Peak along that direction over the noise's rms.
        buzz: Share of the peak that is faster than skin swings, 0 where it is lost in noise.
    """

    length: int
    over: bool
    direction: Samples
    amplitude_mg: float
    snr: float
    buzz: float


def measure(
    band: Samples, buzz: Samples, onset: int, *, noise_mg: float, buzz_mg: float, rate_hz: float
) -> Jerk:
    """Measure the movement that begins at index `onset`.

    Args:
        band: Acceleration in the band of skin wobbles, shape (3, n), mg, up to now.
        buzz: Acceleration above that band, same shape.
        onset: Where it began.
        noise_mg: Rms of one axis of `band` without movement.
        buzz_mg: The same of `buzz`.
        rate_hz: Sampling rate.
    """
    width = max(1, round(SMOOTH_S * rate_hz))
    power = _smooth(np.square(band[:, onset:]).sum(axis=0), width)
    loudest = int(power.argmax())
    release = max((RELEASE_FLOOR * noise_mg) ** 2 * 3, RELEASE_SHARE**2 * power[loudest])
    active = np.flatnonzero(power > release)
    last = int(active[-1]) if active.size else loudest
    stretch = band[:, onset : onset + last + 1 + width // 2]
    direction = np.linalg.eigh(stretch @ stretch.T)[1][:, -1]
    along = direction @ stretch
    peak_buzz = float(np.sqrt(np.square(buzz[:, onset : onset + last + 1]).sum(axis=0).max()))
    peak_mg = float(np.abs(along).max())
    hears = rate_hz >= BUZZ_RATE_HZ
    return Jerk(
        length=last + 1,
        over=power.size - 1 - last >= width,
        direction=direction,
        amplitude_mg=float(np.ptp(along)),
        snr=peak_mg / noise_mg,
        buzz=peak_buzz / (peak_buzz + peak_mg) if hears and peak_buzz > BUZZ_FLOOR * buzz_mg else 0.0,
    )


def kind_of(jerk: Jerk) -> tuple[Kind, str]:
    """Name a short movement that began and ended at rest, and say why."""
    if jerk.buzz > BUZZ_SHARE:
        return Kind.ARTEFACT, f"knock: {jerk.buzz:.0%} of it is faster than skin swings"
    if jerk.amplitude_mg >= JERK_MG:
        return Kind.MYOCLONUS, f"a jerk of {jerk.amplitude_mg:.0f} mg, larger than any twitch"
    return Kind.TWITCH, "a short damped wobble between rest and rest"


def _smooth(power: Samples, width: int) -> Samples:
    """Mean over `width` samples about each; at the edges over what is there."""
    total = np.concatenate([[0.0], np.cumsum(power)])
    low = np.maximum(np.arange(power.size) - width // 2, 0)
    high = np.minimum(low + width, power.size)
    return np.asarray((total[high] - total[low]) / (high - low))
