"""One sensor, one line, one host, in virtual time, and everything that may befall them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest.archive.reading import chunks, streams
from ingest.hostclock import HostClock
from ingest.messages import Samples
from ingest.protocol import FrameDecoder
from ingest.reader import JournalReader
from ingest.recording import Recording
from ingest.schema import EventRow
from ingest.simulated.board import Board
from ingest.simulated.body import Heart
from ingest.simulated.body import Site as Body
from ingest.simulated.converter import Converter
from ingest.simulated.emg import EmgSignal
from ingest.simulated.line import Faults, Line
from ingest.simulated.player import Playback
from tests.integration.faults_host import SITE, Host, PowerCutError

START_NS = 1_800_000_000_000_000_000
STEP_US = 50_000  # of virtual time between two looks at the port
LINE_BYTES = 2500  # in a step: 500,000 Bd
QUEUE_BYTES = 4096  # what the kernel holds for a host that does not read
HELD_S = 25.0  # what an ESP32 holds
DRIFT_PPM = 50.0
DONE_WITHIN_S = 60.0  # after its signal has ended a sensor must be rid of all of it


def twitches(seed: int, duration_s: float) -> Recording:
    """A muscle that twitches, in whole uV and within 16 bits: exact on the wire."""
    body = Body.simulated((seed, SITE), Heart((seed, "heart")), twitches_per_min=40.0)
    samples = np.rint(EmgSignal((seed,), [body]).read(int(duration_s * 1000))).clip(-(2**15), 2**15 - 1)
    return Recording("twitches", samples, 1000.0, "emg", "uV", (SITE,), {})


def sensor(recording: Recording, held_s: float = HELD_S) -> Board:
    """Measures the recording from its power-up on."""
    converter = Converter(Playback(recording, slice(None)), 1.0)
    return Board([converter], device_id=b"faulty!!", boot_id=1, buffer_s=held_s, drift_ppm=DRIFT_PPM)


@dataclass(frozen=True, slots=True)
class Boot:
    """What a boot of the sensor took, sent and was told is stored; numbers of samples."""

    boot_id: int
    first: int  # where in the signal its sample 0 lies
    taken: int
    acked: int
    heard: frozenset[int]  # those that came whole to a host that was there


class Frames:
    """Loses, doubles and swaps whole frames, at random but repeatably."""

    def __init__(self, seed: int, probability: float) -> None:
        self._rng, self._probability = np.random.default_rng(seed), probability
        self._rest = b""

    def pass_on(self, data: bytes) -> bytes:
        *frames, self._rest = (self._rest + data).split(b"\0")
        lost, doubled, swapped = self._rng.random((3, len(frames))) < self._probability
        order = np.argsort(np.arange(len(frames)) + np.where(swapped, 3.5, 0.0))
        return b"".join(
            (frames[i] + b"\0") * (0 if lost[i] else 2 if doubled[i] else 1) for i in order.tolist()
        )


class Trial:
    """A sensor that measures a signal, and a host that shall get it.

    Args:
        folder: For the host's journal and archive.
        seed: Of everything.
        duration_s: Of the signal.
        held_s: How much the sensor can send again.
        line: What the line does to bytes.
        frames: With which probability a frame is lost, doubled or out of order.
    """

    def __init__(
        self,
        folder: Path,
        *,
        seed: int = 1,
        duration_s: float = 60.0,
        held_s: float = HELD_S,
        line: Faults | None = None,
        frames: float = 0.0,
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.signal = twitches(seed, duration_s)
        self.board = sensor(self.signal, held_s)
        self._lines = [Line((seed, way), line or Faults()) for way in ("to host", "to sensor")]
        self._frames = Frames(seed, frames)
        self._folder = folder
        self._at_us = 0
        self._step_ns = 0
        self._queue = b""  # what the kernel holds for the host
        self._taken, self._boots = 0, list[Boot]()
        self._spy, self._heard = FrameDecoder(), set[int]()
        self.is_plugged, self.is_awake = True, True
        self._clock = HostClock(lambda: START_NS + self._at_us * 1000 + self._step_ns, self._steady_ns)
        self._over_us: int | None = None
        self.back_us: int | None = None
        self.over_at = 0  # the sample at which the fault was over
        self.host: Host | None = None
        self.start()

    def start(self) -> None:
        """Start the host, anew if it ran before."""
        self.host = Host(self._folder, self._clock, self, lambda: self.is_plugged)

    def push(self, **_: object) -> None:
        """Samples have come to the host's detector."""
        if self._over_us is not None and self.back_us is None:
            self.back_us = self._at_us - self._over_us

    def over(self) -> None:
        """The fault has ended: from now on time is measured until the host is back in service."""
        self._over_us = self._at_us
        self.over_at = self.board.samplers[0].next

    def run(self, seconds: float) -> None:
        """Let time pass."""
        until_us = self._at_us + round(seconds * 1e6)
        while self._at_us < until_us:
            self.step()

    def finish(self) -> None:
        """Let time pass until the sensor's signal has ended and the host has all of it; then end the host."""
        while not self.board.done:
            self.step()
            assert self._at_us < (self.signal.duration_s + DONE_WITHIN_S) * 1e6, (
                "the sensor is never rid of its samples"
            )
        assert self.host
        self.host.end()
        self._note_boot()

    def step(self) -> None:
        """One look at the port."""
        data = self.arriving()
        if self.host is not None and self.is_awake:
            self._listen(data)
            if self.is_plugged:
                answer = self._lines[1].carry(self.host.hear(data, self._steady_ns()), self._at_us / 1e6)
                self.board.receive(answer)
            else:
                self.host.hear(b"", self._steady_ns())
        else:
            self._queue = data

    def arriving(self) -> bytes:
        """Let the sensor go on; return what lies at the host's end of the line."""
        self._at_us += STEP_US
        self.board.run(self._at_us)
        room = min(LINE_BYTES, QUEUE_BYTES - len(self._queue)) if self.is_plugged else 10**9
        sent = self.board.send(max(0, room))
        data, self._queue = self._queue, b""
        if not self.is_plugged:
            return b""
        return data + self._frames.pass_on(self._lines[0].carry(sent, self._at_us / 1e6))

    def unplug(self, seconds: float, then: Callable[[], None] = lambda: None) -> None:
        """Pull the cable; the board has a battery and goes on. Before it is plugged in, `then` happens."""
        assert self.host
        self.is_plugged = False
        self.host.lose_link(self._steady_ns())
        self.run(seconds)
        then()
        self.is_plugged = True
        self.over()

    def suspend(self, seconds: float) -> None:
        """The host stands still with the port open; its clocks go on."""
        self.is_awake = False
        self.run(seconds)
        self.is_awake = True
        self.over()

    def kill(self, stage: int) -> None:
        """End the host after any byte, with what came of it discarded, archived, or in the journal too."""
        assert self.host
        data = self.arriving()
        self.host.die(data[: self.rng.integers(len(data) + 1)], stage)
        self._restart()

    def kill_while_archiving(self) -> None:
        """End the host in the middle of a write to the archive, any number of its bytes done."""
        assert self.host
        self.host.tear = self.rng
        with suppress(PowerCutError):
            while True:
                self.step()
        self._restart()

    def _restart(self) -> None:
        self.host = None
        self.run(float(self.rng.uniform(0.0, 1.0)))  # until somebody starts it again; what comes queues up
        self.over()
        self.start()

    def reboot(self) -> None:
        """The sensor loses what it holds; its numbers and its clock begin anew."""
        self._note_boot()
        self.board.reboot(self.board.boot_id + 1)
        self._heard = set()
        self.over()

    def set_host_clock(self, step_s: float) -> None:
        """Somebody sets the host's clock."""
        self._step_ns += round(step_s * 1e9)
        self.over()

    def onset_error_ns(self, row: EventRow) -> int:
        """By how much the journal's time of an event is off, on the host's clock as it is now."""
        true_ns = START_NS + self.board.true_us(row.onset_sample * 1000) * 1000
        return row.onset_ns - true_ns - self._step_ns

    def outcome(self) -> "Outcome":
        """What is on the host's disk, held against what happened."""
        return Outcome(self._folder, self.signal, self._boots, self.back_us)

    def _steady_ns(self) -> int:
        return self._at_us * 1000

    def _listen(self, data: bytes) -> None:
        for message in self._spy.feed(data):
            if isinstance(message, Samples):
                self._heard |= set(range(message.sequence, message.sequence + message.codes.shape[1]))

    def _note_boot(self) -> None:
        [sampler] = self.board.samplers
        self._boots.append(
            Boot(self.board.boot_id, self._taken, sampler.next, sampler._acked, frozenset(self._heard))
        )
        self._taken += sampler.next


class Outcome:
    """What is on the host's disk after a trial.

    Attributes:
        back_s: How long after the fault the first samples came again; None if it had no end.
        taken: Samples that the sensor took.
        archived: Those that are in the archive.
        wrong: Archived samples that differ from what was measured.
        twice: Archived more than once.
        acked_lost: Acknowledged, and neither archived nor on record as a gap of what never came.
        recorded: Numbers of samples on record as gaps, a set for each boot.
        missing: Numbers that never came, a set for each boot, from the first to the last that it knew of.
        unaccounted: Samples in between that are neither archived nor on record as a gap.
        unsent: Samples that a boot took first or last and that no host ever heard of.
        events: What is in the journal.
    """

    def __init__(self, folder: Path, recording: Recording, boots: list[Boot], back_us: int | None) -> None:
        self.back_s = None if back_us is None else back_us / 1e6
        self.taken = sum(boot.taken for boot in boots)
        self.archived = self.wrong = self.twice = self.acked_lost = self.unaccounted = self.unsent = 0
        self.recorded, self.missing = list[set[int]](), list[set[int]]()
        held = {key.boot_id: found for key, found in streams(folder / "archive", 0, 2**62)}
        with JournalReader(folder / "journal.sqlite3") as reader:
            gaps = reader.gaps()
            self.events: list[EventRow] = [stored.row for stored in reader.events()]
        for boot in boots:
            there = np.zeros(boot.taken, np.int64)
            for chunk in (chunk for segment in held.get(boot.boot_id, []) for chunk in chunks(segment)):
                there[chunk.start : chunk.end] += 1
                truth = recording.samples[:, boot.first + chunk.start : boot.first + chunk.end]
                self.wrong += int((chunk.codes != truth).sum())
            recorded = {
                n
                for gap in gaps
                if gap.boot_id == boot.boot_id
                for n in range(gap.start_sample, gap.end_sample)
            }
            archived = set(np.flatnonzero(there).tolist())
            accounted = archived | recorded
            known = set(range(min(accounted), max(accounted) + 1))
            self.archived += len(archived)
            self.twice += int((there > 1).sum()) + len(archived & recorded)
            self.acked_lost += len({n for n in known & boot.heard if n < boot.acked} - archived)
            self.recorded.append(recorded)
            self.missing.append(known - boot.heard)
            self.unaccounted += len(known - accounted)
            self.unsent += boot.taken - len(known)
