"""The heartbeat in an EMG channel: recognised by its own rhythm, whatever it looks like."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import find_peaks

from detector.contract import StateValue
from detector.rhythm import Rhythm, find_rhythm

Wave = NDArray[np.float64]

KNOWN_MS = 32.0  # of a beat, either side of its middle: by this it is recognised
SHORTEST_MS = 30.0  # no beat is shorter behind the high-pass
HALF_MS = 75.0  # the same with its slopes: so much is taken away
SMOOTH_MS = 4.0  # a beat has little above 150 Hz, the noise a lot
SLACK_MS = 40.0  # so far beside its middle a beat still shows
SAME_MS = 15.0  # closer than this two beats are one seen twice
LEARNT_S = 12.0  # a rhythm is looked for in so much signal
ALIKE = 0.5  # correlation with the mean beat; noise around a faint beat leaves no more
SURELY_ALIKE = 0.85  # above, a potential off its time speaks strongly against the rhythm
VISIBLE = 2.5  # times the noise: the energy from which on a beat can be told from what is around it
SIZES = (0.5, 2.0)  # a beat over the mean beat: breathing changes it by less
OFF = 0.15  # of an interval: further off its time it is no beat
OFF_COVERED = 0.1  # the same where something else lies on top
COVERED = 0.3  # correlation that is left then
NOISY, RAGGED = 2.5, 0.12  # times the noise and times the beat: what may remain when the beat is taken away
APART_S = 0.1  # s: what is alike and closer belongs to one potential; what is further must show as a stray
LEAST_FITS = (0.65, 0.5, 0.4)  # correlation times size: from those surely alike to those in noise
COHERENT = 0.45  # share of the beats' energy that their mean keeps; of chance finds it keeps less
FAINTEST = 4.0  # times the noise: fainter beats do not pass for twitches, and chance finds are that faint
CAUGHT_UP_S = 9.0  # without a candidate: a faint heart's step is lost by then
CLOSE = 0.6  # of an interval: a beat that near is looked for at the candidate itself
MEMORY = 0.1  # of each new beat in the mean beat
PACE = 0.2  # of each new interval in the mean one: breathing changes it within a few beats
OFF_TIME = 2.0  # beats in time that make up for one off its time
TRUST_FIRST, TRUST_MOST = (
    4,
    12,
)  # beats for, less two for each like potential off its time; at 0 it was no heart
SEEDS = 2  # potentials a page that are tried as a beat
SAME_STRENGTH = 1.42  # times: beats differ by less
FEWEST_LIKE = 5  # potentials of one strength before a rhythm is worth looking for: it needs eight beats
FAINTEST_SEED = 4.3  # standard deviations: fainter ones are nearly all noise, which would be searched in vain


@dataclass(frozen=True, slots=True)
class Beat:
    """A heartbeat found at an instant, and what it adds to the signal there."""

    at: int
    wave: Wave  # (2 * half,) around `at`

    @property
    def norm(self) -> float:
        """The root of its energy."""
        return float(np.linalg.norm(self.wave))


class Heartbeat:
    """Follows the beats of one channel."""

    def __init__(self, rate_hz: float) -> None:
        self._rate_hz = rate_hz
        self.half = round(HALF_MS * rate_hz / 1000)
        self._slack = max(1, round(SLACK_MS * rate_hz / 1000))
        smooth = max(1, round(SMOOTH_MS * rate_hz / 1000))
        self._same = round(SAME_MS * rate_hz / 1000)
        self._kernel = np.full(smooth, 1 / smooth)
        known = round(KNOWN_MS * rate_hz / 1000)
        self._middle = slice(self.half - known, self.half + known)
        self._weights = np.hanning(2 * known) ** 2
        self._taper = np.pad(np.hanning(2 * known), self.half - known)
        self.forget()

    def forget(self) -> None:
        """The rhythm must be found anew."""
        self._mean: Wave | None = None
        self._power, self._size = 0.0, 1.0
        self._last: int | None = None
        self._interval, self._trust, self._sure = 0.0, 0.0, False
        self._seeds: list[tuple[float, int]] = []
        self._tried = -1

    def interrupt(self) -> None:
        """A gap: the beat is still known, but not when the next will come."""
        self._last, self._seeds, self._tried = None, [], -1

    @property
    def known(self) -> bool:
        return self._mean is not None

    def expects(self, at: int) -> bool:
        """Whether a beat of the known heart may have its middle there, as far as it was followed."""
        return self._last is not None and self._beats_since(at)[1] < OFF_COVERED

    def catch_up(self, until: int, recall: Callable[[int, int], Wave]) -> None:
        """Follow the beats that were too faint to be candidates, up to shortly before an instant."""
        while self._mean is not None and self._last is not None:
            expected = self._last + self._interval
            if expected > until - (1 - CLOSE) * self._interval:
                return
            if until - self._last > CAUGHT_UP_S * self._rate_hz:
                self.interrupt()
                return
            slack = round(OFF * self._interval)
            first = round(expected) - slack - self.half
            smooth = np.convolve(recall(first, first + 2 * (slack + self.half)), self._kernel, "same")
            if len(smooth) < 2 * (slack + self.half):
                return
            match, size, rest = self._compare(smooth, self._energy(smooth), self._mean)
            best = int(np.argmax(size))
            seen = self._visible(_lower(rest)) and match[best] > ALIKE and SIZES[0] < size[best] < SIZES[1]
            self._last = first + self.half + best if seen else round(expected)
            self._size = float(size[best]) if seen else 1.0

    def find(self, at: int, around: Wave, middle: int) -> Beat | None:
        """The beat near a candidate whose middle, instant `at`, is `around[middle]`; None if there is none.

        A twitch on top of a beat is found too: what remains beside the beat is then more than noise.
        """
        if self._mean is None:
            return None
        smooth = np.convolve(around, self._kernel, "same")
        match, size, rest = self._compare(smooth, self._energy(smooth), self._mean)
        noise = _lower(rest)
        first = middle - self.half - self._slack
        best = first + int(np.argmax(size[first : first + 2 * self._slack + 1]))
        here = at + best + self.half - middle
        beats, off = self._beats_since(here)
        if self._last is not None and abs(here - self._last) < self._same:
            return Beat(self._last, self._mean * self._size)
        spare = RAGGED * size[best] ** 2 * self._power + NOISY * noise
        alone = bool(rest[best] < spare)
        if not SIZES[0] < size[best] < SIZES[1]:
            return None
        beat = Beat(here, self._mean * size[best])
        if not self._visible(noise):  # nothing is learnt from it
            return beat if off < OFF_COVERED and match[best] > ALIKE else None
        in_time = alone and off < OFF and match[best] > ALIKE
        if in_time or (alone and match[best] > SURELY_ALIKE):
            self._take(here, smooth[best : best + 2 * self.half], float(size[best]), beats, in_time=in_time)
            return beat
        covered = not alone and off < OFF_COVERED and match[best] > COVERED and self._last is not None
        return beat if covered else None

    def _visible(self, noise: float) -> bool:
        """Whether a beat stands out of noise of this energy; a fainter one is no candidate either."""
        return self._power > VISIBLE * noise

    def _beats_since(self, here: int) -> tuple[float, float]:
        """How many beats since the last one that was seen, and how far off its time this one is."""
        if self._last is None:
            return 1.0, 0.0
        since = (here - self._last) / self._interval
        beats = max(1.0, round(since))
        return beats, abs(since - beats) / min(beats, 2.0)

    def _doubt(self, weight: float) -> None:
        """Something speaks against it: a heart that was sure has lost its step, another was none."""
        self._trust -= weight
        if self._trust <= 0 and self._sure:
            self.interrupt()
            self._trust, self._sure = TRUST_FIRST, False
        elif self._trust <= 0:
            self.forget()

    def _take(self, here: int, wave: Wave, size: float, beats: float, *, in_time: bool) -> None:
        """Learn from a beat that stands alone. One off its time is an early beat, or there is no heart."""
        assert self._mean is not None
        if self._last is not None and in_time:
            self._interval += PACE * ((here - self._last) / beats - self._interval)
        self._last, self._size = here, size
        self._set_mean(self._mean + MEMORY * (wave - self._mean))
        if not in_time:
            self._doubt(OFF_TIME)
            return
        self._trust = min(self._trust + 1, TRUST_MOST)
        self._sure = self._sure or self._trust == TRUST_MOST

    def _set_mean(self, mean: Wave) -> None:
        self._mean, self._power = mean, float((mean * self._taper) @ (mean * self._taper))

    def _energy(self, signal: Wave) -> Wave:
        """At every position the energy that a beat there would have to explain."""
        square = (signal * signal)[self._middle.start : len(signal) - self._middle.start]
        return np.maximum(np.correlate(square, self._weights, "valid"), np.finfo(np.float64).tiny)

    def _compare(self, signal: Wave, energy: Wave, mean: Wave) -> tuple[Wave, Wave, Wave]:
        """At every position: correlation with the mean beat, size over it, and the energy that is left."""
        weighted = mean[self._middle] * self._weights
        power = float(weighted @ mean[self._middle]) + np.finfo(np.float64).tiny
        within = signal[self._middle.start : len(signal) - self._middle.start]
        size = np.correlate(within, weighted, "valid") / power
        explained = power * size * size
        return size * np.sqrt(power / energy), size, energy - explained

    def shape(self, around: Wave, middle: int) -> Wave:
        """A potential as it is compared with others: smooth, fading at both sides, of unit length."""
        part = (
            np.convolve(around[middle - self.half : middle + self.half], self._kernel, "same") * self._taper
        )
        return np.asarray(part / (np.linalg.norm(part) + np.finfo(np.float64).tiny))

    def resembles(self, shape: Wave) -> bool:
        """Whether such a shape may be a beat."""
        if self._mean is None:
            return False
        mean = self._mean * self._taper
        return self.same(shape, mean / (np.linalg.norm(mean) + np.finfo(np.float64).tiny))

    def same(self, one: Wave, other: Wave) -> bool:
        """Whether two such shapes may be of one source; their middles are only roughly known."""
        middle = len(one) - 1
        lags = np.correlate(one, other, "full")[middle - self._slack : middle + self._slack + 1]
        return float(lags.max()) > ALIKE

    @property
    def wants_search(self) -> bool:
        return not self.known and bool(self._seeds)

    def wants(self, z: float) -> bool:
        """Whether a candidate of that strength may be the first beat to be seen."""
        return not self.known and z > FAINTEST_SEED

    def suggest(self, at: int, z: float) -> None:
        """A twitch that may be a beat."""
        if self.wants(z):
            self._seeds.append((z, at))

    def search(self, recall: Callable[[int, int], Wave], end: int) -> None:
        """Look for a rhythm in the last seconds, which end at this instant."""
        start = max(0, end - round(LEARNT_S * self._rate_hz))
        self._seeds = [(z, at) for z, at in self._seeds if at - self.half >= start and at + self.half <= end]
        seeds = self._choose()
        if not seeds:
            return
        self._tried = max(at for _, at in self._seeds)
        smooth = np.convolve(recall(start, end), self._kernel, "same")
        energy = self._energy(smooth)
        for at in seeds:
            first = at - start - self.half
            found = self._refine(smooth, energy, smooth[first : first + 2 * self.half])
            found = self._refine(smooth, energy, found[0]) if found else None
            if found:
                self._begin(*found, start)
                return

    def _begin(self, mean: Wave, rhythm: Rhythm, start: int) -> None:
        """Follow the rhythm that was found in a signal beginning at this instant."""
        self._set_mean(mean)
        self._last = start + round(float(rhythm.beats[-1]) * self._rate_hz) + self.half
        self._interval, self._trust, self._seeds = rhythm.interval_s * self._rate_hz, TRUST_FIRST, []

    def _choose(self) -> list[int]:
        """Of the potentials not tried yet those that have most others of their strength."""
        strengths = sorted(z for z, _ in self._seeds)
        like = [
            (bisect_left(strengths, SAME_STRENGTH * z) - bisect_right(strengths, z / SAME_STRENGTH), at)
            for z, at in self._seeds
            if at > self._tried
        ]
        return [at for count, at in sorted(like, reverse=True)[:SEEDS] if count >= FEWEST_LIKE]

    def _refine(self, smooth: Wave, energy: Wave, mean: Wave) -> tuple[Wave, Rhythm] | None:
        """The mean of all that are like this wave, if they come in a rhythm and have one shape."""
        match, size, rest = self._compare(smooth, energy, mean)
        fits = np.where((match > ALIKE) & (size > SIZES[0]) & (size < SIZES[1]), match * size, 0.0)
        rhythm = self._rhythm(fits)
        if rhythm is None:
            return None
        starts = np.round(rhythm.beats * self._rate_hz).astype(np.int64)
        waves = np.array([smooth[first : first + 2 * self.half] for first in starts])
        mean = waves.mean(axis=0)
        kept = float(np.square(mean * self._taper).sum())
        least = max(
            COHERENT * float(np.square(waves * self._taper).sum(axis=1).mean()), FAINTEST * _lower(rest)
        )
        return (mean, rhythm) if kept > least else None

    def _rhythm(self, fits: Wave) -> Rhythm | None:
        """The rhythm of the best fits; of more and more of them until there is one."""
        peaks = find_peaks(fits, distance=round(APART_S * self._rate_hz))[0]
        for least in LEAST_FITS:
            rhythm = find_rhythm(peaks[fits[peaks] > least] / self._rate_hz, len(fits) / self._rate_hz)
            if rhythm is not None:
                return rhythm
        return None

    def state(self) -> dict[str, StateValue]:
        return {
            "mean": None if self._mean is None else self._mean.copy(),
            "power": self._power,
            "size": self._size,
            "last": self._last,
            "interval": self._interval,
            "trust": self._trust,
            "sure": self._sure,
            "seed_z": [z for z, _ in self._seeds],
            "seed_at": [at for _, at in self._seeds],
            "tried": self._tried,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self._mean = None if state["mean"] is None else np.array(state["mean"])
        self._power, self._size = state["power"], state["size"]
        self._last, self._interval, self._trust = state["last"], state["interval"], state["trust"]
        self._tried, self._sure = state["tried"], state["sure"]
        self._seeds = list(zip(state["seed_z"], state["seed_at"], strict=True))


def _lower(energies: Wave) -> float:
    """The lower tercile: what there is between the potentials."""
    return float(np.partition(energies, len(energies) // 3)[len(energies) // 3])
