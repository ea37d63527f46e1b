"""From candidates to events: every candidate is examined once its surroundings are known."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.activity import Recent
from detector.candidate import LOOK_AT, NEVER, Candidate
from detector.classify import CLASSES, probabilities
from detector.company import Past
from detector.contract import StateValue
from detector.edges import Edges
from detector.event import Kind
from detector.finding import Finding
from detector.fit import Fit, fitter
from detector.heartbeat import Heartbeat
from detector.surroundings import AFTER_MS, BEFORE_MS, features, local_noise
from detector.units import Units
from detector.verdict import verdict
from detector.volley import Volley
from detector.waiting import Waiting

RAGGED = 0.4  # of a beat: no two are the same, so much may be left when the mean beat is taken away
SAME_MS = 12.0  # two potentials fitted closer than this are one
LONGEST_MS = 120.0  # twice the longest potential at the skin: a loose electrode
LARGEST_SNR = 5000.0  # a potential of 10 mV over 2 uV of noise: muscles make less
RESTLESS = 1.3  # times the floor: from here on it is the surroundings' own noise that counts
KINDS = {
    "twitch": (Kind.TWITCH, "a short potential that stands by itself"),
    "contraction": (Kind.CONTRACTION, "one of many: the muscle is at work"),
    "pop": (Kind.ARTEFACT, "a step that decays: the electrode slipped"),
}


Recaller = Callable[[int, int], NDArray[np.float64]]  # the signal from one instant to another


class Examiner:
    """Examines the candidates of one channel, in order of time.

    At the start of a segment the heart is not known yet. Then what could be one of several beats is held back
    until it is known whether there is a rhythm.
    """

    def __init__(self, raw_rate_hz: float, working_hz: float) -> None:
        self._rate_hz = working_hz
        self._raw_rate_hz = raw_rate_hz
        self._fitter = fitter(raw_rate_hz)
        self._edges = Edges(raw_rate_hz, working_hz)
        self.before, self.after = round(BEFORE_MS * working_hz / 1000), round(AFTER_MS * working_hz / 1000)
        self.heart = Heartbeat(working_hz)
        self._past = Past(working_hz)
        self._units = Units(working_hz)
        self._volley = Volley(working_hz)
        self._waiting = Waiting(working_hz, self.heart)
        self._told = NEVER
        self._over = NEVER  # when the last finding ended

    def examine(
        self,
        one: Candidate,
        around: NDArray[np.float64],
        following: list[Candidate],
        recent: Recent,
        recall: Recaller,
        threshold: float,
    ) -> list[Finding]:
        """What is certain now that this candidate's surroundings are known.

        `around` is the signal from `before` samples ahead of the candidate's start to `after` behind it;
        `recall` gives what went before. What stays below the threshold is not told.
        """
        fit = self._fitter.fit(around, self.before)
        middle = self.before + fit.onset + fit.length // 2
        start = one.at - self.before
        self.heart.catch_up(start + middle, recall)
        beat = self.heart.find(start + middle, around, middle)
        if beat is not None:
            around = self._without(around, beat.wave, beat.at - self.heart.half - start)
            rest = self._fitter.fit(around, self.before)
            one = replace(one, z=one.z * rest.match / fit.match)
            if one.z < LOOK_AT or rest.match < RAGGED * beat.norm:
                return []
            fit = rest
        told = self._is_told(one.at + fit.onset + fit.length // 2)
        vain = one.z < threshold and not self.heart.wants(one.z)  # whatever it is, it will not be told
        if vain and not told:
            self._past.remember(one)
        if vain or told:
            return []
        company = self._past.company(one, following, recent)
        chances = probabilities(features(one, fit, around, self.before, company, self._rate_hz))
        self._past.remember(one)
        found = verdict(chances, recent, company, self._raw_rate_hz)
        if found == "nothing":
            return []
        finding = self._describe(one, fit, around, found, float(chances[CLASSES.index(found)]))
        if finding.kind is not Kind.TWITCH:
            return [finding] if finding.z >= threshold and self._begins(finding) else []
        self.heart.suggest(start + middle, one.z)
        if finding.z < threshold or self._waiting.may_be_a_faint_beat(finding):
            return []
        return self._tell_or_hold(finding, around, middle, start)

    def _tell_or_hold(
        self, finding: Finding, around: NDArray[np.float64], middle: int, start: int
    ) -> list[Finding]:
        self._begins(finding)
        finding = self._volley.extend(replace(finding, unit=self._units.assign(around, middle)))
        held = self._waiting.admit(finding, start + middle, self.heart.shape(around, middle))
        return [] if held else [finding]

    def _begins(self, finding: Finding) -> bool:
        """Whether it is not a part of the last finding, which may be as long as many candidates."""
        begins = finding.onset >= self._over
        self._over = max(self._over, finding.onset + finding.length)
        return begins

    def startle(self, at: int) -> None:
        """The electrode was loose at this instant: what comes next may again be the first beats."""
        self._waiting.startle(at)

    def _describe(
        self, one: Candidate, fit: Fit, around: NDArray[np.float64], found: str, probability: float
    ) -> Finding:
        kind, reason = KINDS[found]
        onset, end = self._edges.find(around, self.before + fit.onset, fit.length, one.noise)
        restless = max(local_noise(around, onset, end, self._rate_hz)) / one.noise
        shape = around[onset:end]
        snr = float(np.abs(shape).max() / one.noise)
        too_long = end - onset > LONGEST_MS * self._rate_hz / 1000
        if kind is not Kind.CONTRACTION and (too_long or snr > LARGEST_SNR):
            kind, reason = Kind.ARTEFACT, "too long or too large for a muscle"
        return Finding(
            kind=kind,
            onset=one.at - self.before + onset,
            length=end - onset,
            amplitude=float(np.ptp(shape)),
            snr=snr,
            z=one.z / restless if restless > RESTLESS else one.z,
            probability=probability,
            reason=reason,
        )

    @staticmethod
    def _without(around: NDArray[np.float64], wave: NDArray[np.float64], at: int) -> NDArray[np.float64]:
        """The signal after taking away a wave that begins at this index, as far as it lies within."""
        rest = around.copy()
        first, last = max(0, at), min(len(around), at + len(wave))
        rest[first:last] -= wave[first - at : last - at]
        return rest

    def _is_told(self, middle: int) -> bool:
        """Whether the last candidate was this same potential, seen by another of its lobes."""
        told = abs(middle - self._told) < SAME_MS * self._rate_hz / 1000
        self._told = middle
        return told

    def turn_page(self, recall: Recaller, now: int) -> list[Finding]:
        """Look for a heart in the last seconds; return what need not wait any longer."""
        if self.heart.wants_search:
            self.heart.search(recall, now)
        return self._waiting.release(now)

    def finish(self) -> list[Finding]:
        """The segment has ended; return what was held back."""
        held = self._waiting.finish()
        self._past.clear()
        self._told, self._over = NEVER, NEVER
        self._volley.interrupt()
        self.heart.interrupt()
        return held

    def state(self) -> dict[str, StateValue]:
        return {
            "heart": self.heart.state(),
            "past": self._past.state(),
            "told": self._told,
            "over": self._over,
            "units": self._units.state(),
            "volley": self._volley.state(),
            "waiting": self._waiting.state(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        self.heart.restore(state["heart"])
        self._past.restore(state["past"])
        self._told, self._over = state["told"], state["over"]
        self._units.restore(state["units"])
        self._volley.restore(state["volley"])
        self._waiting.restore(state["waiting"])
