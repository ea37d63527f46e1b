"""The EMG detector on recordings: evoked responses, voluntary contraction, chest ECG, rest."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

from bench import recordings
from bench.emg import detect, twitches
from bench.score import match
from bench.section import Bar, Section, table
from bench.signals import BAND_HZ

CONTRACTIONS = {  # counted by eye in the recordings; myo-bursts has one cue every five seconds
    "biosignals-emg-bursts": 9,
    "biosignals-emg-1000-hz-16-bits-solo": 19,
    "myo-bursts": 84,
}
LOUD, ENVELOPE_S = 4.0, 0.1  # rms over so long above so many times its own quiet part is a contraction
QUIET_SHARE = 0.2  # of a recording, at least, is rest
BEFORE_S, AFTER_S = 0.5, 1.0  # what swells before one and lingers on after it belongs to it
RESTS = ("myo-rest", "emggo-bursts")


def responses() -> Section:
    """mepfeatx: how many responses of 50 uV and more are found, and how well their onset."""
    trials = recordings.evoked()
    found = twitches(detect(trials.samples, trials.rate_hz))
    onsets_s = np.array([event.onset for event in found]) / trials.rate_hz
    real = trials.amplitude_uv >= recordings.SMALLEST_UV
    pairs = match(trials.onset_s[real], onsets_s)
    error_ms = 1000 * (onsets_s[pairs.found] - trials.onset_s[real][pairs.planted])
    lengths_ms = np.array([event.duration_ms for event in found])[pairs.found]
    length_error_ms = lengths_ms - trials.duration_ms[real][pairs.planted]
    share = len(pairs.planted) / int(real.sum())
    section = Section("Evoked responses (mepfeatx)")
    words = (
        f"{int(real.sum())} responses of {recordings.SMALLEST_UV:g} uV and more in {len(real)} trials, "
        "joined by 0.6-2 s of noise of each trial's own rms before its stimulus. "
        f"Found: {len(pairs.planted)}. Besides them {len(found) - len(pairs.found)} events, among them "
        "stimulus artefacts and responses under 50 uV. Onset against the authors' latency: median "
        f"{np.median(error_ms):+.2f} ms; duration against theirs: median "
        f"{np.median(length_error_ms):+.1f} ms."
    )
    section.lines = [words, ""]
    section.bars = [
        Bar("mepfeatx, share of responses of 50 uV and more found", share, 0.98),
        Bar("mepfeatx, onset error, median, ms", float(np.median(np.abs(error_ms))), 2.0, at_least=False),
    ]
    section.data = {"found": share, "onset_error_ms": float(np.median(np.abs(error_ms)))}
    return section


def contractions() -> Section:
    """Twitches told in or next to voluntary contractions, and per minute of chest ECG and of rest."""
    section = Section("What must not count as a twitch")
    rows = []
    for name, count in CONTRACTIONS.items():
        samples, rate_hz = recordings.load(name)
        found = twitches(detect(samples, rate_hz))
        working = at_work(samples, rate_hz)
        told = sum(bool(working[event.channel, event.onset]) for event in found)
        share = told / count / len(samples)
        section.bars.append(Bar(f"{name}, twitches a contraction", share, 0.1, at_least=False))
        holds = f"{count} contractions, {len(samples)} channels"
        rows.append(
            [name, holds, f"{told}, and {len(found) - told} further away", f"{share:.2f} a contraction"]
        )
    samples, rate_hz = recordings.load("biosignals-ecg-5-min")
    told, minutes = len(twitches(detect(samples, rate_hz))), samples.shape[1] / rate_hz / 60
    section.bars.append(Bar("chest ECG, twitches a minute", told / minutes, 1.0, at_least=False))
    rows.append(["biosignals-ecg-5-min", "a heart", str(told), f"{told / minutes:.2f} a minute"])
    for name in RESTS:
        samples, rate_hz = recordings.load(name)
        told, hours = len(twitches(detect(samples, rate_hz))), samples.size / rate_hz / 3600
        rows.append([name, f"{len(samples)} channels", str(told), f"{told / hours:.0f} an hour and channel"])
    words = (
        "Next to a contraction is from half a second before it to a second after, where the envelope of "
        f"{1000 * ENVELOPE_S:.0f} ms is {LOUD:g} times that of rest. The rests hold slight movements "
        "that nobody has labelled."
    )
    section.lines = [words, "", *table(["recording", "holds", "told", "rate"], rows)]
    section.data = {row[0]: row[3] for row in rows}
    return section


def at_work(samples: NDArray[np.float64], rate_hz: float) -> NDArray[np.bool_]:
    """Where each channel (channels, n) contracts, is about to or has just done so, by its loudness alone."""
    band = signal.butter(
        4, (BAND_HZ[0], min(BAND_HZ[1], 0.45 * rate_hz)), "bandpass", fs=rate_hz, output="sos"
    )
    passed = signal.sosfiltfilt(band, samples - np.median(samples, axis=1, keepdims=True), axis=1)
    power = ndimage.uniform_filter1d(passed**2, round(ENVELOPE_S * rate_hz), axis=1)
    loud = power > LOUD**2 * np.quantile(power, QUIET_SHARE, axis=1, keepdims=True)
    before, after = round(BEFORE_S * rate_hz), round(AFTER_S * rate_hz)
    reach = np.cumsum(np.pad(loud, ((0, 0), (after + 1, before))), axis=1)
    return np.asarray(reach[:, before + after + 1 :] > reach[:, : -before - after - 1])
