"""Finds damped wobbles of the skin in three noisy axes: matched filters with a known false-alarm rate."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from detector.axis import SkinAxis
from detector.contract import StateValue
from detector.crossing import along_any_direction, along_one_direction, threshold
from detector.power import PowerFloor

Samples = NDArray[np.float64]

FREQUENCIES_HZ = (10.0, 13.0, 16.5, 20.0, 24.0)  # Hz, a wobble of 10-25 Hz is then at most 15 % beside one
DECAY_S = (
    0.05  # s, fits visible wobbles of 50-350 ms best in a bank of one decay (recall at 5 mg, LSM6DS3 noise)
)
RISE_S = 0.02  # s, skin does not start at full speed; a softer start also makes the Rice rate finite
LENGTH_S = 0.16  # s, about three decays; longer adds noise and delay only
TOP_SHARE = 0.42  # of the rate: beyond it the sensor's own filter has taken the signal away
HIGHPASS_HZ = 4.0  # Hz, takes gravity and posture away and leaves 7-25 Hz alone
FLOOR_MEMORY_S = 60.0  # s, in which the lower quartile is known to 5 %
FLOOR_STEP_S = 0.04  # s, about the time after which noise in one filter is independent
FLOOR_READY_S = 2.0  # s, fewer than 50 powers say too little of the floor
LEAST_MG = 0.02  # mg rms: no sensor is as quiet; keeps made signals without noise from dividing by zero
ENERGY_S = 0.01  # mg^2 s of a wobble of 1 mg peak to peak: the median over 10-25 Hz and 50-350 ms
ANY_SHARE = 0.1  # of the false alarms for any direction, the rest along the site's own, once that is known


def highpass(rate_hz: float) -> Samples:
    return np.asarray(signal.butter(2, HIGHPASS_HZ, "highpass", fs=rate_hz, output="sos"))


def templates(rate_hz: float) -> NDArray[np.complex128]:
    """Damped wobbles as orthonormal pairs (real and imaginary part), seen through the high-pass.

    Returns:
        complex128, shape (kinds, length). The squared magnitude of a product with white noise of variance 1
        is exponential with mean 2.
    """
    time_s = np.arange(round(LENGTH_S * rate_hz)) / rate_hz
    envelope = np.exp(-time_s / DECAY_S) * np.minimum(1.0, (time_s + 1 / rate_hz) / RISE_S)
    pairs = []
    for frequency_hz in (hz for hz in FREQUENCIES_HZ if hz <= TOP_SHARE * rate_hz):
        wobble = signal.sosfilt(highpass(rate_hz), envelope * np.exp(2j * np.pi * frequency_hz * time_s))
        left, _, right = np.linalg.svd(np.stack([wobble.real, wobble.imag], axis=1), full_matrices=False)
        pair = left @ right
        pairs.append(pair[:, 0] + 1j * pair[:, 1])
    return np.array(pairs)


def bandwidth_rad_s(bank: NDArray[np.complex128], rate_hz: float) -> float:
    """Rms bandwidth about the mean frequency, the greatest of the bank's: how fast its output can change."""
    spectrum = np.abs(np.fft.fft(bank, 4096, axis=1)) ** 2
    omega = 2 * np.pi * np.fft.fftfreq(4096, 1 / rate_hz)
    mean = (spectrum @ omega) / spectrum.sum(axis=1)
    spread = (spectrum * (omega - mean[:, None]) ** 2).sum(axis=1) / spectrum.sum(axis=1)
    return float(np.sqrt(spread.max()))


class WobbleBank:
    """Matched filters over three axes, whitened by a noise floor that each learns for itself.

    Fed with hops of one fixed length, so that the sums are the same however the signal came.

    Args:
        rate_hz: Sampling rate.
        hop: Samples of every hop.
        false_per_hour: How often noise alone may reach an excess of 1.
    """

    def __init__(self, rate_hz: float, hop: int, false_per_hour: float) -> None:
        bank = templates(rate_hz)
        kinds, self.length = len(bank), int(bank.shape[1])
        bandwidth = bandwidth_rad_s(bank, rate_hz)
        wished = false_per_hour / kinds
        self._any_only = threshold(wished, along_any_direction, bandwidth)
        self._any = threshold(wished * ANY_SHARE, along_any_direction, bandwidth)
        self._own = threshold(wished * (1 - ANY_SHARE), along_one_direction, bandwidth)
        self._taps = np.concatenate([bank.real, -bank.imag]).T.copy()
        self._kinds = kinds
        self._hop = hop
        self._rate_hz = rate_hz
        self._past = np.zeros((3, self.length - 1))
        step_s = max(1, round(FLOOR_STEP_S * rate_hz / hop)) * hop / rate_hz
        self._step = round(step_s * rate_hz / hop)
        self._floor = PowerFloor(
            (3, kinds),
            memory=round(FLOOR_MEMORY_S / step_s),
            ready=round(FLOOR_READY_S / step_s),
            least=2 * LEAST_MG**2,
        )
        self._hops = 0
        self._axis = SkinAxis()
        self._own_direction: Samples | None = None

    @property
    def _whitening(self) -> Samples:
        return np.asarray(1 / np.sqrt(self._floor.mean)[:, None, :])

    @property
    def ready(self) -> bool:
        """Whether the noise floor is known."""
        return self._floor.is_known

    @property
    def noise_mg(self) -> float:
        """Rms of an axis without movement, over the whole band up to half the rate; NaN until ready."""
        return float(np.sqrt(np.mean(self._floor.mean) / 2))

    def excess_of(self, amplitude_mg: float) -> float:
        """The excess of a typical wobble of this peak to peak, at the noise floor of now."""
        return amplitude_mg**2 * ENERGY_S * self._rate_hz / (2 * self.noise_mg**2) / self._any_only

    def restart(self) -> None:
        """Forget the last samples: what follows does not continue them. The noise floor is kept."""
        self._past[:] = 0

    def learn_axis(self, direction: Samples) -> None:
        """Take note of the direction (a unit vector) in which a twitch moved the skin."""
        white = direction / np.sqrt(self._floor.mean.mean(axis=1))
        self._axis.learn(white / np.linalg.norm(white))
        self._own_direction = self._axis.direction

    def match(self, samples: Samples) -> NDArray[np.complex128]:
        """Match high-passed samples, shape (3, hops x hop), with every template.

        Returns:
            shape (hops, 3, hop, kinds). A wobble that starts at a sample matches best `length` - 1 later.
        """
        joined = np.concatenate([self._past, samples], axis=1)
        self._past = joined[:, samples.shape[1] :]
        windows = np.lib.stride_tricks.sliding_window_view(joined, self.length, axis=1)
        # Products of one shape, whatever the number of hops: their sums are the same to the last bit.
        stacked = np.ascontiguousarray(windows.reshape(3, -1, self._hop, self.length).swapaxes(0, 1))
        products = stacked @ self._taps
        return np.asarray(products[..., : self._kinds] + 1j * products[..., self._kinds :])

    def excess(self, matched: NDArray[np.complex128], *, calm: bool) -> Samples:
        """Judge one hop of matches, shape (3, hop, kinds).

        Args:
            matched: The matches.
            calm: Whether nothing is going on, so that the floor may learn.

        Returns:
            The excess of each sample, shape (hop,): power in units of the noise's, over the threshold. It is
            the greater of the power along the direction in which the skin moves to and fro most and that
            along the site's own direction, the best of the bank. Zero until the floor is known.
        """
        self._hops += 1
        if self._hops % self._step == 0:
            self._floor.learn(np.square(matched[:, -1].real) + np.square(matched[:, -1].imag), calm=calm)
        if not self.ready:
            return np.zeros(self._hop)
        white = matched * self._whitening
        squares = white * white
        powers = np.abs(squares).sum(axis=0) + np.abs(squares.sum(axis=0))
        along_any = powers.max(axis=1) / 2
        if self._own_direction is None:
            return np.asarray(along_any / self._any_only)
        own = np.abs((white * self._own_direction[:, None, None]).sum(axis=0)).max(axis=1)
        return np.asarray(np.maximum(along_any / self._any, own * own / self._own))

    def state(self) -> dict[str, StateValue]:
        return {
            "past": self._past.copy(),
            "floor": self._floor.state(),
            "hops": self._hops,
            "axis": self._axis.state(),
        }

    def restore(self, state: Mapping[str, StateValue]) -> None:
        saved: Mapping[str, Any] = state
        self._past = np.array(saved["past"], dtype=np.float64)
        self._floor.restore(saved["floor"])
        self._hops = saved["hops"]
        self._axis.restore(saved["axis"])
        self._own_direction = self._axis.direction
