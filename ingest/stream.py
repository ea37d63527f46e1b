"""One stream of one boot of a device: samples in order to rows of the journal."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from detector.accelerometer import AccelerometerDetector
from detector.block import Block
from detector.contract import Detector, StateValue
from detector.emg import EmgDetector
from detector.event import Event, Findings, State
from ingest.archive.chunk import Chunk, Source
from ingest.archive.cutter import ChunkCutter
from ingest.clock import DeviceClock
from ingest.live import Mark
from ingest.messages import MODALITY_NAMES, UNIT_NAMES, Modality, Stream
from ingest.minutes import MinuteBook
from ingest.reassembly import Gap, Run
from ingest.sampletime import SampleTimes
from ingest.schema import EventKey, EventRow, GapRow, Records, SnippetRow
from ingest.snippets import SnippetCutter, Wanted


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose samples these are: part of the key of every row."""

    wearer: str
    device: str
    boot_id: int


@dataclass(frozen=True, slots=True)
class Progress:
    """One kind of sensor at one site has told all that began before `until_ns`, UTC, and is in this state."""

    site: str
    modality: str
    until_ns: int
    state: State


def detector_for(stream: Stream) -> Detector:
    """Return the detector that judges this kind of stream."""
    rails = (stream.lowest_code * stream.scale, stream.highest_code * stream.scale)
    if stream.modality is Modality.ACCELEROMETER:
        return AccelerometerDetector(stream.rate_hz, saturation_mg=rails)
    return EmgDetector(stream.rate_hz, stream.channels, saturation_uv=rails)


def event_row(
    event: Event, source: Source, version: str, onset_ns: int, uncertainty_ns: int, *, recorded_ns: int = 0
) -> EventRow:
    """Return the row of an event that a detector of this version found in a source's signal."""
    stream = source.stream
    return EventRow(
        wearer=source.wearer,
        site=source.sites[event.channel],
        modality=MODALITY_NAMES[stream.modality],
        onset_ns=onset_ns,
        uncertainty_ns=uncertainty_ns,
        duration_ms=event.duration_ms,
        amplitude=event.amplitude,
        unit=UNIT_NAMES[stream.unit],
        snr=event.snr,
        kind=str(event.kind),
        confidence=event.confidence,
        motor_unit=event.unit,
        state=str(event.state),
        reason=event.reason,
        detector=version,
        device=source.device,
        boot_id=source.boot_id,
        stream=stream.stream_id,
        channel=event.channel,
        onset_sample=event.onset,
        recorded_ns=recorded_ns,
    )


class StreamRecorder:
    """Feeds the detector of one stream and turns its findings into rows."""

    def __init__(self, origin: Origin, stream: Stream, sites: Sequence[str], clock: DeviceClock) -> None:
        self.stream = stream
        self.sites = tuple(sites)
        self.lost = 0
        self.received = 0
        self.progress: dict[str, Progress] = {}
        self.marks: list[Mark] = []  # what looked like a twitch in the samples taken last
        self._origin = origin
        self._clock = clock
        self._modality = MODALITY_NAMES[stream.modality]
        self._detector = detector_for(stream)
        self._times = SampleTimes(stream.rate_hz)
        self._untimed_gaps: list[Gap] = []
        self._unsettled = 0  # instants
        axes = stream.modality is Modality.ACCELEROMETER
        self._snippets = SnippetCutter(
            channels=stream.channels, rate_hz=stream.rate_hz, scale=stream.scale, together=axes
        )
        self._source = Source.of(origin.wearer, origin.device, origin.boot_id, stream, self.sites)
        self._cutter = ChunkCutter(self._source, self.utc_ns, self._uncertainty_ns)
        self._books = [
            MinuteBook(wearer=origin.wearer, site=site, modality=self._modality) for site in self.sites
        ]

    def take(self, run: Run, timed_us: int, arrival_ns: int, records: Records) -> NDArray[np.float32]:
        """Take the next samples.

        Args:
            run: The samples.
            timed_us: Device time of the instant `run.timed`.
            arrival_ns: When they arrived, UTC.
            records: What comes of it is added here.

        Returns:
            The samples in the stream's unit, float32, shape (channels, n).
        """
        self._times.mark(run.timed, timed_us)
        if not run.resent:
            last_us = timed_us + round((run.end - 1 - run.timed) * 1e6 / self.stream.rate_hz)
            self._clock.observe(last_us, arrival_ns)  # a frame can leave once its last sample is taken
        for gap in self._untimed_gaps:
            records.gaps.append(self._gap_row(gap))
        self._untimed_gaps = []
        self.received += run.end - run.start
        self._unsettled += run.end - run.start
        self._snippets.push(run.start, run.codes)
        self._cutter.push(run.start, run.codes)
        samples = self._samples(run.codes)
        findings = self._detector.update(Block(run.start, samples))
        self._write(findings, records)
        self.marks = [Mark(one.channel, self.utc_ns(one.onset), one.duration_ms) for one in findings.glimpses]
        return samples

    def skip(self, gap: Gap, records: Records) -> None:
        """Put a gap on record; the detector sees it at the next samples."""
        self.lost += gap.end - gap.start
        if self._times.started:
            records.gaps.append(self._gap_row(gap))
        else:
            self._untimed_gaps.append(gap)

    def finish(self, records: Records) -> None:
        """The signal has ended: add what was still open."""
        self._write(self._detector.finish(), records)
        self.add_partial_snippets(records)

    def add_partial_snippets(self, records: Records) -> None:
        """Add what there is of the open snippets; if the signal goes on, whole ones replace them."""
        self._add_cuts(self._snippets.partial(), records)

    def settle(self, records: Records) -> list[Chunk]:
        """Add what the minutes grew by, and the signal that came, since the last time; return the signal."""
        self._unsettled = 0
        signal = self._cutter.take()
        records.signal += signal
        for book in self._books:
            records.minutes += book.take()
        return signal

    @property
    def unsettled_ns(self) -> int:
        """How much signal has come since it was settled."""
        return int(self._unsettled * 1e9 / self.stream.rate_hz)

    def utc_ns(self, sequence: int) -> int:
        """When the sample `sequence` was taken."""
        return self._clock.to_utc_ns(self._times.device_us(sequence))

    def state(self) -> dict[str, StateValue]:
        """Everything needed to go on later."""
        return self._counts() | {
            "version": self._detector.version,
            "detector": self._detector.state(),
            "snippets": self._snippets.state(),
        }

    def change(self, signal: Sequence[Chunk]) -> dict[str, StateValue]:
        """What is to be restored after an earlier state to get to this one: `signal` is what came since."""
        return self._counts() | {"signal": [{"start": c.start, "codes": c.codes} for c in signal]}

    def restore(self, state: Mapping[str, StateValue]) -> None:
        """Go on from a saved state or change; another version's detector begins anew, all else goes on."""
        if "signal" in state:
            for piece in cast("list[dict[str, StateValue]]", state["signal"]):
                self._take_again(int(np.asarray(piece["start"])), np.asarray(piece["codes"]))
        else:
            self._snippets.restore(cast("dict[str, StateValue]", state["snippets"]))
            if state["version"] == self._detector.version:
                self._detector.restore(cast("dict[str, StateValue]", state["detector"]))
        self._times.restore(cast("dict[str, StateValue]", state["times"]))
        self._snippets.wanted = np.asarray(state["wanted"])
        self.received = int(np.asarray(state["received"]))
        self.lost = int(np.asarray(state["lost"]))

    def _counts(self) -> dict[str, StateValue]:
        """The small part of the state."""
        return {
            "times": self._times.state(),
            "wanted": self._snippets.wanted,
            "received": self.received,
            "lost": self.lost,
        }

    def _take_again(self, start: int, codes: NDArray[np.int32]) -> None:
        """Take samples whose findings are in the journal already."""
        self._snippets.push(start, codes)
        self._detector.update(Block(start, self._samples(codes)))

    def _samples(self, codes: NDArray[np.int32]) -> NDArray[np.float32]:
        return (codes.astype(np.int32) * np.float32(self.stream.scale)).astype(np.float32)

    def _uncertainty_ns(self, sequence: int) -> int:
        return self._clock.uncertainty_ns(self._times.device_us(sequence))

    def _write(self, findings: Findings, records: Records) -> None:
        for event in findings.events:
            records.events.append(self._event_row(event))
            self._snippets.want(event.channel, event.onset, event.duration_ms)
        for span in findings.spans:
            floor = None if math.isnan(span.noise_floor) else span.noise_floor
            start_ns, end_ns = self.utc_ns(span.start), self.utc_ns(span.end)
            lasted_ns = round(
                (span.end - span.start) * 1e9 / self.stream.rate_hz
            )  # by count, which no clock stretches
            self._books[span.channel].add(start_ns, start_ns + lasted_ns, span.state, floor)
            site = self.sites[span.channel]
            self.progress[site] = Progress(site, self._modality, end_ns, span.state)
        self._add_cuts(self._snippets.ready(), records)

    def _add_cuts(self, cuts: list[tuple[Wanted, SnippetRow]], records: Records) -> None:
        records.snippets += [(self._key(wanted.channel, wanted.onset), row) for wanted, row in cuts]

    def _key(self, channel: int, onset: int) -> EventKey:
        origin = self._origin
        stream_id = self.stream.stream_id
        return EventKey(origin.device, origin.boot_id, stream_id, channel, onset, self._detector.version)

    def _event_row(self, event: Event) -> EventRow:
        onset_us = self._times.device_us(event.onset)
        onset_ns, uncertainty_ns = self._clock.to_utc_ns(onset_us), self._clock.uncertainty_ns(onset_us)
        return event_row(event, self._source, self._detector.version, onset_ns, uncertainty_ns)

    def _gap_row(self, gap: Gap) -> GapRow:
        return GapRow(
            device=self._origin.device,
            boot_id=self._origin.boot_id,
            stream=self.stream.stream_id,
            start_sample=gap.start,
            end_sample=gap.end,
            start_ns=self.utc_ns(gap.start),
            end_ns=self.utc_ns(gap.end),
            reason=gap.reason,
        )
