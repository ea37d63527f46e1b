"""Finds damped wobbles of the skin in three noisy axes: matched filters with a known false-alarm rate."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal
from scipy.optimize import brentq

from detector.contract import StateValue

Samples = NDArray[np.float64]

FREQUENCIES_HZ = (10.0, 13.0, 16.5, 20.0, 24.0)  # Hz, a wobble of 10-25 Hz is then at most 15 % beside one
DECAY_S = (
    0.05  # s, fits visible wobbles of 50-350 ms best in a bank of one decay (recall at 5 mg, LSM6DS3 noise)
)
RISE_S = 0.02  # s, skin does not start at full speed; a softer start also makes the Rice rate finite
LENGTH_S = 0.16  # s, about three decays; longer adds noise and delay only
HIGHPASS_HZ = 4.0  # Hz, takes gravity and posture away and leaves 7-25 Hz alone
FLOOR_MEMORY_S = 60.0  # s, in which the lower quartile is known to 5 %
FLOOR_STEP_S = 0.04  # s, about the time after which noise in one filter is independent
FLOOR_QUANTILE = 0.25  # up to three quarters of the time may be disturbed without pulling the floor up
DOUBT = 8.5  # half the usual threshold: keeps the false-alarm rate where the floor is uncertain
LEAST_MG = 0.02  # mg rms: no sensor is as quiet; keeps made signals without noise from dividing by zero
ENERGY_S = 0.01  # mg^2 s of a wobble of 1 mg peak to peak: the median over 10-25 Hz and 50-350 ms
FLOOR_READY_S = 2.0  # s, fewer than 50 samples say too little of the floor


def templates(rate_hz: float) -> NDArray[np.complex128]:
    """Damped wobbles as orthonormal pairs (real and imaginary part), seen through the high-pass.

    Returns:
        complex128, shape (kinds, length). The squared magnitude of a product with white noise of variance 1
        is exponential with mean 2.
    """
    time_s = np.arange(round(LENGTH_S * rate_hz)) / rate_hz
    envelope = np.exp(-time_s / DECAY_S) * np.minimum(1.0, (time_s + 1 / rate_hz) / RISE_S)
    pairs = []
    for frequency_hz in FREQUENCIES_HZ:
        if frequency_hz > 0.42 * rate_hz:  # beyond it the sensor's own filter has taken the signal away
            continue
        wobble = signal.sosfilt(highpass(rate_hz), envelope * np.exp(2j * np.pi * frequency_hz * time_s))
        left, _, right = np.linalg.svd(np.stack([wobble.real, wobble.imag], axis=1), full_matrices=False)
        pair = left @ right
        pairs.append(pair[:, 0] + 1j * pair[:, 1])
    return np.array(pairs)


def highpass(rate_hz: float) -> Samples:
    return np.asarray(signal.butter(2, HIGHPASS_HZ, "highpass", fs=rate_hz, output="sos"))


def bandwidth_rad_s(bank: NDArray[np.complex128], rate_hz: float) -> float:
    """Rms bandwidth about the mean frequency, the greatest of the bank's: how fast its output can change."""
    spectrum = np.abs(np.fft.fft(bank, 4096, axis=1)) ** 2
    omega = 2 * np.pi * np.fft.fftfreq(4096, 1 / rate_hz)
    mean = (spectrum @ omega) / spectrum.sum(axis=1)
    spread = (spectrum * (omega - mean[:, None]) ** 2).sum(axis=1) / spectrum.sum(axis=1)
    return float(np.sqrt(spread.max()))


def false_rate_hz(score: float, bandwidth: float, kinds: int) -> float:
    """How often noise alone crosses `score` upwards, per second, summed over the kinds of template.

    The score is the greater eigenvalue of the 2 x 2 Gram matrix of three complex Gaussians (mean power 1
    each), whose density is 2 exp(-u) (u - 1 + exp(-u)): the real Wishart law with three degrees of freedom
    (Muirhead, Aspects of Multivariate Statistical Theory, 1982, section 3.2). Its slope given u is normal
    with variance 2 u bandwidth^2, so Rice's formula (Bell Syst. Tech. J. 24, 1945) gives the crossings.
    """
    density = 2 * np.exp(-score) * (score - 1 + np.exp(-score))
    return float(kinds * density * bandwidth * np.sqrt(score / np.pi))


def threshold_for(false_per_hour: float, bandwidth: float, kinds: int) -> float:
    """The score that noise alone exceeds `false_per_hour` times an hour."""
    wished_hz = false_per_hour / 3600
    return float(brentq(lambda score: false_rate_hz(score, bandwidth, kinds) - wished_hz, 3.0, 100.0))


class WobbleBank:
    """Matched filters over three axes, whitened by a noise floor that each learns for itself.

    Fed with hops of one fixed length, so that the sums are the same however the signal came.
    """

    def __init__(self, rate_hz: float, hop: int) -> None:
        self._bank = templates(rate_hz)
        kinds, self.length = len(self._bank), int(self._bank.shape[1])
        self._taps = np.concatenate([self._bank.real, self._bank.imag]).T.copy()
        self._hop = hop
        self._rate_hz = rate_hz
        self._past = np.zeros((3, self.length - 1))
        self._step = max(1, round(FLOOR_STEP_S * rate_hz / hop))
        self._powers = np.full((round(FLOOR_MEMORY_S * rate_hz / (hop * self._step)), 3, kinds), np.nan)
        self._ready_count = round(FLOOR_READY_S * rate_hz / (hop * self._step))
        self._seen = 0
        self._hops = 0
        self._uncalm = 0
        self._mean_power = np.full((3, kinds), np.nan)

    def threshold(self, false_per_hour: float) -> float:
        return threshold_for(false_per_hour, bandwidth_rad_s(self._bank, self._rate_hz), self._bank.shape[0])

    @property
    def ready(self) -> bool:
        """Whether the noise floor is known."""
        return self._seen >= self._ready_count

    @property
    def axis_rms_mg(self) -> Samples:
        """Noise of each axis, rms over the whole band up to half the rate, shape (3,); NaN until ready."""
        return np.asarray(np.sqrt(self._mean_power.mean(axis=1) / 2))

    def score_of(self, amplitude_mg: float) -> float:
        """The score of a typical wobble of this peak to peak, at the noise floor of now."""
        noise_power = 2 * float(np.mean(np.square(self.axis_rms_mg)))
        return amplitude_mg**2 * ENERGY_S * self._rate_hz / noise_power

    def restart(self) -> None:
        """Forget the last samples: what follows does not continue them. The noise floor is kept."""
        self._past[:] = 0

    def update(self, hop: Samples, *, calm: bool) -> Samples:
        """Score a hop of high-passed samples, shape (3, hop).

        Args:
            hop: The samples.
            calm: Whether nothing is going on, so that the floor may learn. Where it never is, the floor
                learns all the same after a while: what is always there is the floor.

        Returns:
            The score of each sample, shape (hop,): the power along the direction in which the skin moves to
            and fro most, in units of the noise's, the best of the bank. A wobble that starts at sample i
            scores highest near i + length - 1. Zero until the floor is known.
        """
        joined = np.concatenate([self._past, hop], axis=1)
        self._past = joined[:, self._hop :]
        windows = np.lib.stride_tricks.sliding_window_view(joined, self.length, axis=1)
        products = windows @ self._taps
        kinds = products.shape[2] // 2
        wobble = products[:, :, :kinds] - 1j * products[:, :, kinds:]
        self._learn(np.abs(wobble[:, -1]) ** 2, calm=calm)
        if not self.ready:
            return np.zeros(hop.shape[1])
        white = wobble / np.sqrt(self._mean_power)[:, None, :]
        along = (np.abs(white) ** 2).sum(axis=0) + np.abs((white**2).sum(axis=0))
        return np.asarray(along.max(axis=1) / 2)

    def _learn(self, powers: Samples, *, calm: bool) -> None:
        self._hops += 1
        if self._hops % self._step:
            return
        self._uncalm = 0 if calm else self._uncalm + 1
        if not calm and self.ready and self._uncalm < len(self._powers):
            return
        self._powers[self._seen % len(self._powers)] = powers
        self._seen += 1
        if self._seen >= self._ready_count and self._seen % self._ready_count == 0:
            known = self._powers[: self._seen]
            quantile = np.quantile(known, FLOOR_QUANTILE, axis=0)
            # The powers are exponential, so a quantile tells the mean, with this relative variance.
            variance = FLOOR_QUANTILE / (1 - FLOOR_QUANTILE) / np.log1p(-FLOOR_QUANTILE) ** 2 / len(known)
            mean_power = quantile / -np.log1p(-FLOOR_QUANTILE) * (1 + DOUBT * variance)
            self._mean_power = np.maximum(mean_power, 2 * LEAST_MG**2)

    def state(self) -> dict[str, StateValue]:
        return {
            "past": self._past.copy(),
            "powers": self._powers.copy(),
            "seen": self._seen,
            "hops": self._hops,
            "uncalm": self._uncalm,
            "mean_power": self._mean_power.copy(),
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._past = np.array(saved["past"], dtype=np.float64)
        self._powers = np.array(saved["powers"], dtype=np.float64)
        self._seen, self._hops, self._uncalm = saved["seen"], saved["hops"], saved["uncalm"]
        self._mean_power = np.array(saved["mean_power"], dtype=np.float64)
