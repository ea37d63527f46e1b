"""Other open tools on the same signals: each with one threshold, which is tuned on seeds that are not scored.

Every peer gets what its users would give it: the signal behind a 20-450 Hz band-pass, in one piece.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import signal

Samples = NDArray[np.float64]
Onsets = NDArray[np.float64]

REFRACTORY_S = 0.03  # onsets closer than this are one event, for every peer alike


@dataclass(frozen=True, slots=True)
class Peer:
    """A tool, and the thresholds that it is tuned over."""

    name: str
    find: Callable[[Samples, float, float], Onsets]
    thresholds: tuple[float, ...]


def prepare(samples: Samples, rate_hz: float) -> Samples:
    """The band in which surface EMG is usually looked at."""
    band = signal.butter(4, (20.0, min(450.0, 0.45 * rate_hz)), "bandpass", fs=rate_hz, output="sos")
    return np.asarray(signal.sosfilt(band, samples))


def find_onsets(peer: Peer, samples: Samples, rate_hz: float, threshold: float) -> Onsets:
    """Onsets, s, at least the refractory time apart; nothing where the tool gives up."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            onsets = np.sort(np.asarray(peer.find(samples, rate_hz, threshold), dtype=np.float64))
        except (ValueError, IndexError, ZeroDivisionError):
            return np.empty(0)
    if not len(onsets):
        return onsets
    return onsets[np.concatenate([[True], np.diff(onsets) > REFRACTORY_S])]


def _noise(samples: Samples) -> float:
    """Robust rms."""
    return float(np.median(np.abs(samples)) / 0.6745)


def _rising(above: NDArray[np.bool_], rate_hz: float) -> Onsets:
    return np.asarray(np.flatnonzero(np.diff(above.astype(np.int8)) == 1) / rate_hz)


def scipy_find_peaks(samples: Samples, rate_hz: float, threshold: float) -> Onsets:
    """Peaks of the 8 ms energy envelope."""
    width = max(1, round(0.008 * rate_hz))
    envelope = np.sqrt(np.convolve(samples**2, np.full(width, 1 / width), "same"))
    peaks = signal.find_peaks(
        envelope, height=threshold * _noise(samples), distance=round(REFRACTORY_S * rate_hz)
    )[0]
    return np.asarray(peaks / rate_hz - 0.005)


def obspy_sta_lta(samples: Samples, rate_hz: float, threshold: float) -> Onsets:
    from obspy.signal.trigger import classic_sta_lta  # noqa: PLC0415 -- slow to import, and only here

    ratio = classic_sta_lta(samples, round(0.01 * rate_hz), round(1.0 * rate_hz))
    return _rising(ratio > threshold, rate_hz)


def brainflow_z_score(samples: Samples, rate_hz: float, threshold: float) -> Onsets:
    from brainflow.data_filter import DataFilter  # noqa: PLC0415 -- slow to import, and only here

    envelope = np.ascontiguousarray(np.convolve(np.abs(samples), np.full(8, 0.125), "same"))
    peaks = DataFilter.detect_peaks_z_score(envelope, round(0.5 * rate_hz), threshold, 0.1)
    return _rising(peaks > 0, rate_hz)


def neurokit2_threshold(samples: Samples, rate_hz: float, threshold: float) -> Onsets:
    import neurokit2  # noqa: PLC0415 -- slow to import, and only here

    amplitude = neurokit2.emg_amplitude(samples)
    level = threshold * float(np.median(amplitude))
    info = neurokit2.emg_activation(
        amplitude, sampling_rate=round(rate_hz), threshold=level, duration_min=0.004
    )[1]
    return np.asarray(info["EMG_Onsets"]) / rate_hz


def biosppy_hodges(samples: Samples, rate_hz: float, threshold: float) -> Onsets:
    from biosppy.signals import emg  # noqa: PLC0415 -- slow to import, and only here

    quiet = {"mean": float(np.mean(np.abs(samples))), "std_dev": float(1.253 * _noise(samples) * 0.6)}
    found = emg.hodges_bui_onset_detector(
        signal=samples, rest=quiet, sampling_rate=rate_hz, size=round(0.008 * rate_hz), threshold=threshold
    )
    return np.asarray(found["onsets"]) / rate_hz


def biosppy_lidierth(samples: Samples, rate_hz: float, threshold: float) -> Onsets:
    from biosppy.signals import emg  # noqa: PLC0415 -- slow to import, and only here

    quiet = {"mean": float(np.median(np.abs(samples))), "std_dev": _noise(samples) * 0.6}
    found = emg.lidierth_onset_detector(
        signal=samples, rest=quiet, sampling_rate=rate_hz, size=round(0.008 * rate_hz), threshold=threshold,
        active_state_duration=round(0.006 * rate_hz), fail_size=round(0.003 * rate_hz),
    )  # fmt: skip
    return np.asarray(found["onsets"]) / rate_hz


def biosppy_find_onsets(samples: Samples, rate_hz: float, threshold: float) -> Onsets:
    from biosppy.signals import emg  # noqa: PLC0415 -- slow to import, and only here

    found = emg.find_onsets(
        signal=samples, sampling_rate=rate_hz, size=0.008, threshold=threshold * _noise(samples)
    )
    return np.asarray(found["onsets"]) / rate_hz


PEERS = (
    Peer("biosppy find_onsets", biosppy_find_onsets, (1.2, 1.5, 1.8, 2.1, 2.5, 3.0)),
    Peer("biosppy hodges_bui", biosppy_hodges, (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)),
    Peer("biosppy lidierth", biosppy_lidierth, (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)),
    Peer("neurokit2", neurokit2_threshold, (2.0, 2.5, 3.0, 3.5, 4.0, 5.0)),
    Peer("obspy STA/LTA", obspy_sta_lta, (2.5, 3.0, 3.5, 4.0, 5.0, 6.0)),
    Peer("brainflow z-score", brainflow_z_score, (3.0, 4.0, 5.0, 6.0, 8.0)),
    Peer("scipy find_peaks", scipy_find_peaks, (1.8, 2.0, 2.2, 2.5, 2.8, 3.2)),
)
