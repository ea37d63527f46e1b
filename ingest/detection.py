"""Offline detection: a recording in, what the live detector would have found out."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from detector.accelerometer import AccelerometerDetector
from detector.block import Block
from detector.contract import Detector
from detector.emg import EmgDetector
from detector.event import Event, Findings, Kind, State
from ingest.recording import Recording
from ingest.sites import Site

_BLOCK_S = 10.0  # of signal a step: enough to be fast, little enough to show progress


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the output: an event of one channel of one recording; see `detector.event.Event`."""

    recording: str
    channel: str
    site: str | None
    modality: str
    kind: str
    onset_s: float
    duration_ms: float
    amplitude: float
    unit: str
    snr: float
    confidence: float
    state: str


class Tally:
    """What was observed and found, over any number of recordings.

    Attributes:
        seconds: Channel-seconds in each state.
        twitches: Events that count.
        others: Events of other kinds.
    """

    def __init__(self) -> None:
        self.seconds: Counter[State] = Counter()
        self.twitches = 0
        self.others = 0

    @property
    def observed_s(self) -> float:
        """Channel-seconds in which twitches could be seen: at rest and moving."""
        return self.seconds[State.REST] + self.seconds[State.MOVEMENT]

    @property
    def rate_per_hour(self) -> float | None:
        """Twitches per observed channel-hour; None where nothing could be observed."""
        return self.twitches * 3600 / self.observed_s if self.observed_s else None

    def add(self, findings: Findings, rate_hz: float) -> None:
        """Count what an update brought."""
        for span in findings.spans:
            self.seconds[span.state] += (span.end - span.start) / rate_hz  # type: ignore[assignment]  # Counter of float
        twitches = sum(event.kind is Kind.TWITCH for event in findings.events)
        self.twitches += twitches
        self.others += len(findings.events) - twitches


def detector_for_recording(recording: Recording) -> Detector:
    """Return the detector for this kind of signal. Raises ValueError if it can judge none such."""
    if recording.modality == "accelerometer":
        if len(recording.channels) != 3:
            raise ValueError(f"an accelerometer has three axes, not {len(recording.channels)}")
        return AccelerometerDetector(recording.rate_hz)
    return EmgDetector(recording.rate_hz, len(recording.channels))


def detect(
    recording: Recording, tally: Tally, *, advance: Callable[[float], None] = lambda _: None
) -> Iterator[Found]:
    """Yield what is found, in the order in which it becomes certain.

    Args:
        recording: EMG, each channel for itself, or an accelerometer, all axes together.
        tally: Counts along.
        advance: Is told how many seconds of signal were done.

    Raises:
        ValueError: The rate, or the number of axes, is none that the detector can judge.
    """
    for findings in judge(recording, detector_for_recording(recording), advance=advance):
        tally.add(findings, recording.rate_hz)
        for event in findings.events:
            yield _line(recording, event)


def judge(
    recording: Recording, detector: Detector, *, advance: Callable[[float], None] = lambda _: None
) -> Iterator[Findings]:
    """Yield what a detector makes of a recording, step by step; `advance` is told the seconds done."""
    step = max(1, int(_BLOCK_S * recording.rate_hz))
    for start in range(0, recording.samples.shape[1], step):
        block = Block(start, recording.samples[:, start : start + step])
        yield detector.update(block)
        advance(block.samples.shape[1] / recording.rate_hz)
    yield detector.finish()


def site_of(channel: str) -> str | None:
    """Return the site that a channel is named after, if it is one of ours."""
    try:
        return Site.parse(channel).key
    except ValueError:
        return None


def _line(recording: Recording, event: Event) -> Found:
    together = recording.modality == "accelerometer"
    channel = "+".join(recording.channels) if together else recording.channels[event.channel]
    return Found(
        recording=recording.name,
        channel=channel,
        site=site_of(channel),
        modality=recording.modality,
        kind=str(event.kind),
        onset_s=round(event.onset / recording.rate_hz, 6),
        duration_ms=round(event.duration_ms, 3),
        amplitude=round(event.amplitude, 3),
        unit=recording.unit,
        snr=round(event.snr, 3),
        confidence=round(event.confidence, 3),
        state=str(event.state),
    )
