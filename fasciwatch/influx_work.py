"""What the commands of `fasciwatch influx` do; apart from them, as influxdb-client takes a second to load."""

import asyncio
import time
from pathlib import Path

from rich.progress import Progress as Bar

from fasciwatch.console import err, out
from ingest.config import Config, InfluxConfig
from ingest.errors import InfluxError
from ingest.influx.checks import checks
from ingest.influx.copied import all_feeds
from ingest.influx.cursor import Progress, load_progress
from ingest.influx.destination import destination, read_token
from ingest.influx.filler import BucketFiller
from ingest.influx.refused import RefusedPoints
from ingest.influx.server import InfluxServer
from ingest.influx.setup import Tokens
from ingest.influx.setup import prepare as prepare_server
from ingest.reader import JournalReader

_S_A_DAY = 86_400


def prepare(settings: InfluxConfig, admin_token: str, forwarder: Path, grafana: Path) -> None:
    """Make the bucket and the two token files, unless those that are there still open it."""
    there = None
    if forwarder.exists() and grafana.exists():
        there = Tokens(read_token(forwarder, settings.url), read_token(grafana, settings.url))
    tokens = asyncio.run(_prepare(settings, admin_token, there))
    if tokens != there:
        _write_secret(forwarder, tokens.forwarder, settings.url, mode=0o600)
        _write_secret(grafana, tokens.grafana, settings.url, mode=0o640)  # Grafana may be put in the group


async def _prepare(settings: InfluxConfig, admin_token: str, there: Tokens | None) -> Tokens:
    async with InfluxServer(destination(settings, token=admin_token)) as server:
        return await prepare_server(server, retention_s=settings.retention_days * _S_A_DAY, there=there)


def _write_secret(path: Path, secret: str, url: str, *, mode: int) -> None:
    """Write it so that nobody else can read it, not even for a moment, nor find half of it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=mode, exist_ok=False)
        fresh.write_text(secret + "\n", encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise InfluxError(url, f"the token file {path} cannot be written: {error.strerror}") from error


async def check(settings: InfluxConfig) -> bool:
    """Print what is found; return whether all is well."""
    all_ok = True
    async with InfluxServer(destination(settings)) as server:
        async for looked in checks(server):
            out.print(f"{'ok' if looked.ok else 'NOT OK'}  {looked.sentence}", markup=False)
            all_ok &= looked.ok
    return all_ok


async def backfill(config: Config, settings: InfluxConfig) -> None:
    """Send everything from the beginning, beside whatever else sends."""
    journal = config.journal.path
    async with InfluxServer(destination(settings)) as server:
        bucket = await server.bucket()
        with (
            JournalReader(journal) as reader,
            Bar(console=err, transient=True, disable=not err.is_terminal) as bar,
        ):
            filler = BucketFiller(
                server, reader, RefusedPoints(journal), Progress(), retention_s=bucket.retention_s
            )
            for feed in all_feeds():
                total = feed.waiting(reader, 0)
                task = bar.add_task(feed.name, total=total)
                while await filler.send_next(feed):
                    left = feed.waiting(reader, filler.progress.cursors[feed.name])
                    bar.update(task, completed=total - left)
                bar.update(task, completed=total)
    refused = filler.progress.set_aside
    err.print(
        f"everything is sent; {refused} points refused"
        + (f", see {journal}.influx-refused" if refused else "")
    )


async def status(config: Config, settings: InfluxConfig) -> None:
    """Print how many rows each feed is behind."""
    async with InfluxServer(destination(settings)) as server:
        bucket = await server.bucket()
    with JournalReader(config.journal.path) as reader:
        progress = load_progress(reader, bucket.id)
        for feed in all_feeds():
            left = feed.waiting(reader, progress.cursors.get(feed.name, 0))
            out.print(f"{feed.name:<7} {left:,} waiting")
    ago_s = (time.time_ns() - progress.stored_ns) / 1e9
    out.print(f"last sent {ago_s:.0f} s ago" if progress.stored_ns else "nothing was ever sent")
    if progress.set_aside:
        out.print(f"{progress.set_aside} points refused, the last: {progress.last_refusal}", markup=False)
