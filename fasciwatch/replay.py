"""`fasciwatch replay`: recordings through protocol, pipeline and journal."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from platformdirs import user_data_path

from fasciwatch.console import err, progress, sentences
from fasciwatch.detect import ModalityOption, RateOption, Recordings, UnitOption, read_all
from ingest.errors import RecordingError
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.replay import replay

DEFAULT_JOURNAL = user_data_path("fasciwatch") / "replay.sqlite3"


def command(
    recordings: Recordings,
    journal: Annotated[
        Path, typer.Option(help="The journal to write; never the one that `run` writes, unless you say so.")
    ] = DEFAULT_JOURNAL,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"], help="When the first sample was taken, UTC."),
    ] = None,
    wearer: Annotated[str, typer.Option(help="Whose recording it is.")] = "replay",
    modality: ModalityOption = None,
    rate_hz: RateOption = None,
    unit: UnitOption = None,
) -> None:
    """Play recordings through protocol, detector and journal, as fast as it goes.

    A sensor's samples take the same way. Playing a recording twice with the same --start adds nothing.
    """
    with sentences():
        read = read_all(recordings, modality, rate_hz, unit)
        for path, recording in zip(recordings, read, strict=True):
            if recording.modality == "accelerometer" and len(recording.channels) != 3:
                raise RecordingError(path, f"an accelerometer has three axes, not {len(recording.channels)}")
        total_s = sum(recording.duration_s for recording in read)
        began = start.replace(tzinfo=UTC) if start else datetime.now(UTC)
        start_ns = int(began.timestamp()) * 10**9 - (0 if start else int(total_s) * 10**9)
        with Journal(journal) as kept, progress("replaying", total_s) as bar:
            for recording in read:
                sites = replay(
                    recording,
                    kept,
                    wearer=wearer,
                    start_ns=start_ns,
                    advance=lambda s: bar.advance(bar.task_ids[0], s),
                )
                _summarise(journal, wearer, recording.name, sites, start_ns, recording.duration_s)
                start_ns += int(recording.duration_s * 1e9)
    err.print(f"journal: {journal}")


def _summarise(
    path: Path, wearer: str, name: str, sites: list[str], start_ns: int, duration_s: float
) -> None:
    end_ns = start_ns + int(duration_s * 1e9)
    with JournalReader(path) as reader:
        events = [
            stored.row
            for stored in reader.events(wearer=wearer, since_ns=start_ns - 10**9, until_ns=end_ns + 10**9)
            if stored.row.site in set(sites)
        ]
    twitches = sum(event.kind == "twitch" for event in events)
    err.print(f"{name}: {len(sites)} sites, {twitches} twitches, {len(events) - twitches} other events")
