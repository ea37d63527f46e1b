"""A service without sensors: a made journal, a made live signal, and the real page. Run by the page's tests.

    python scene.py JOURNAL SCENE

prints the page's address, then obeys lines on stdin: `silence` (no more samples), `twitch` (one, now, at the
first site). Notes from the page are written to the journal; the text "disk full" fails as a full disk would.
"""

import asyncio
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dashboards.web.context import PageContext
from dashboards.web.server import serve
from ingest.errors import JournalError
from ingest.journal import Journal
from ingest.live import LiveSignal, Mark
from ingest.schema import DeviceRow, EventRow, MinutePart, NoteRow, Records

MINUTE_NS = 60_000_000_000
WEARER = "me"
MUSCLES = (
    "masseter",
    "biceps",
    "triceps",
    "paraspinal",
    "vastus-lateralis",
    "gastrocnemius",
    "soleus",
    "thenar",
)


@dataclass(frozen=True)
class Scene:
    """Which sites are watched, for how long they already were, and how often they twitch by themselves."""

    sites: tuple[str, ...] = ()
    days: int = 0
    twitches_hz: float = 0.0
    name: str = "Leg band"


SCENES = {
    "empty": Scene(),
    "quiet": Scene(("biceps-left",), name='<img src="x" onerror="document.title=1">'),
    "calm": Scene(("biceps-left", "tibialis-anterior-right"), days=1),
    "usual": Scene(
        ("biceps-left", "first-dorsal-interosseous-right", "gastrocnemius-left", "tibialis-anterior-right"),
        days=13,
        twitches_hz=0.25,
    ),
    "much": Scene(
        tuple(f"{m}-{side}" for m in MUSCLES for side in ("left", "right")), days=13, twitches_hz=0.25
    ),
}
EMG_RATE_HZ, ACCELEROMETER_RATE_HZ = 1000.0, 200.0
TICK_S = 0.04


def event(site: str, onset_ns: int, device: str, channel: int = 0, modality: str = "emg") -> EventRow:
    return EventRow(
        wearer=WEARER,
        site=site,
        modality=modality,
        onset_ns=onset_ns,
        uncertainty_ns=1_000_000,
        duration_ms=14.0,
        amplitude=86.0,
        unit="uV",
        snr=7.0,
        kind="twitch",
        confidence=0.93,
        motor_unit=None,
        state="rest",
        reason="isolated potential",
        detector="emg-1",
        device=device,
        boot_id=1,
        stream=0,
        channel=channel,
        onset_sample=onset_ns // 1_000_000 % 2**32,
        recorded_ns=onset_ns + 100_000_000,
    )


def history(scene: Scene, now_ns: int) -> Records:
    """The days before: worn by day, moving thrice, a day off, a bad electrode, a night off the body."""
    rng = np.random.default_rng(7)
    records = Records()
    now = now_ns // MINUTE_NS
    for place, site in enumerate(scene.sites):
        for minute in range(now - scene.days * 1440, now):
            day, hour = divmod(now - minute, 1440)[0], minute // 60 % 24
            if (day == 5) or (day == 9 and place == 1):
                continue  # the service was off
            state = "rest_s"
            if hour in {8, 12, 17}:
                state = "movement_s"
            elif hour < 6:
                state = "not_worn_s"
            elif place == 2 and hour in {14, 15}:
                state = "bad_contact_s"
            elif hour == 22:
                state = "missing_s"
            seconds = {} if state == "missing_s" else {state: 60.0}
            records.minutes.append(MinutePart(WEARER, site, "emg", minute, **seconds))
            if state == "rest_s" and rng.random() < 0.02 * (1 + 2 * (place == 2)):
                records.events.append(
                    event(site, minute * MINUTE_NS + int(rng.integers(MINUTE_NS)), f"d{place}")
                )
    return records


def device_row(device: str, name: str, time_ns: int, *, lost: int = 0, battery: int | None = 82) -> DeviceRow:
    return DeviceRow(
        device=device,
        time_ns=time_ns,
        wearer=WEARER,
        name=name,
        link="pty",
        state="connected",
        firmware="1.0.0",
        boot_id=1,
        battery_mv=3910,
        battery_percent=battery,
        temperature_degc=29.5,
        received=1_204_332,
        resent=56,
        doubled=0,
        lost=lost,
        damaged_frames=3,
        clock_uncertainty_ns=1_300_000,
        drift_ppm=18.0,
    )


class Sensors:
    """EMG of all sites from one device, and an accelerometer at the first site."""

    def __init__(self, scene: Scene, live: LiveSignal, journal: Journal) -> None:
        self.sites = scene.sites
        self.twitches_hz = scene.twitches_hz
        self.silent = False
        self.twitch_wanted = self.glimpse_wanted = False
        self._live = live
        self._journal = journal
        self._rng = np.random.default_rng(3)

    async def run(self) -> None:
        now_ns = time.time_ns()
        while self.sites:
            await asyncio.sleep(TICK_S)
            while now_ns < time.time_ns():
                now_ns += round(TICK_S * 1e9)
                if not self.silent:
                    self.step(now_ns)

    def step(self, now_ns: int) -> None:
        count = round(TICK_S * EMG_RATE_HZ)
        emg = self._rng.normal(0, 5, (len(self.sites), count))
        emg += 8 * np.sin(2 * np.pi * 50 * (now_ns / 1e9 + np.arange(count) / EMG_RATE_HZ))
        found = [place for place in range(len(self.sites)) if self._rng.random() < TICK_S * self.twitches_hz]
        if self.twitch_wanted:
            found, self.twitch_wanted = [0], False
        for place in found:
            emg[place, 10:24] += potential(14) * self._rng.uniform(40, 160)
        marks = [Mark(0, now_ns - 30_000_000, 12.0)] if self.glimpse_wanted else []
        self.glimpse_wanted = False
        self._push("00a1", "emg", "uV", self.sites, EMG_RATE_HZ, now_ns, emg, marks)
        tilt = np.array([[0.0], [180.0], [980.0]]) + self._rng.normal(
            0, 1, (3, round(TICK_S * ACCELEROMETER_RATE_HZ))
        )
        self._push(
            "00b2",
            "accelerometer",
            "mg",
            self.sites[:1],
            ACCELEROMETER_RATE_HZ,
            now_ns,
            tilt,
        )
        minute = now_ns // MINUTE_NS
        self._journal.write(
            Records(
                events=[event(self.sites[p], now_ns - 30_000_000, "00a1", p) for p in found],
                minutes=[
                    MinutePart(
                        WEARER, site, modality, minute, rest_s=TICK_S, elapsed_s=now_ns % MINUTE_NS / 1e9
                    )
                    for site, modality in [
                        *((s, "emg") for s in self.sites),
                        (self.sites[0], "accelerometer"),
                    ]
                ],
            )
        )

    def _push(
        self,
        device: str,
        modality: str,
        unit: str,
        sites: Sequence[str],
        rate_hz: float,
        end_ns: int,
        samples: NDArray[np.float64],
        marks: Sequence[Mark] = (),
    ) -> None:
        self._live.push(
            device=device,
            stream=0,
            modality=modality,
            unit=unit,
            sites=sites,
            rate_hz=rate_hz,
            end_ns=end_ns,
            samples=samples.astype(np.float32),
            marks=marks,
        )


def potential(count: int) -> NDArray[np.float64]:
    phase = np.linspace(0, 2 * np.pi, count)
    return np.sin(phase) * np.hanning(count)


async def obey(sensors: Sensors) -> None:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        match line.decode().strip():
            case "silence":
                sensors.silent = True
            case "twitch":
                sensors.twitch_wanted = True
            case "glimpse":
                sensors.glimpse_wanted = True


async def main(path: Path, scene: Scene) -> None:
    live, now_ns = LiveSignal(), time.time_ns()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    with Journal(path) as journal:
        journal.write(history(scene, now_ns))
        if scene.sites:
            ill = device_row("00b2", "", now_ns, lost=930, battery=17)
            journal.write(Records(devices=[device_row("00a1", scene.name, now_ns), ill]))

        async def add_note(kind: str, text: str, time_ns: int) -> None:
            if text == "disk full":
                raise JournalError(path, "writing failed: database or disk is full")
            journal.write(Records(notes=[NoteRow(WEARER, time_ns, kind, text, "page", time.time_ns())]))

        sensors = Sensors(scene, live, journal)
        context = PageContext(path, WEARER, live, add_note, made=scene.days > 0)
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(serve(context, host="127.0.0.1", port=0, on_ready=say)),
                tasks.create_task(sensors.run()),
                tasks.create_task(obey(sensors)),
            ]
            await stop.wait()
            for task in running:
                task.cancel()


def say(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), SCENES[sys.argv[2]]))
