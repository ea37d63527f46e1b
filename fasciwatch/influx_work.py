"""What the commands of `fasciwatch influx` do; apart from them, as influxdb-client takes a second to load."""

import time

from rich.progress import Progress as Bar

from fasciwatch.console import err, out
from ingest.config import Config, InfluxConfig
from ingest.influx.checks import checks
from ingest.influx.cursor import Progress, load_progress
from ingest.influx.destination import destination
from ingest.influx.feeds import all_feeds
from ingest.influx.filler import BucketFiller
from ingest.influx.refused import RefusedPoints
from ingest.influx.server import InfluxServer
from ingest.influx.setup import Tokens
from ingest.influx.setup import prepare as prepare_server
from ingest.reader import JournalReader

_S_A_DAY = 86_400


async def prepare(settings: InfluxConfig, admin_token: str) -> Tokens:
    """Make bucket and tokens."""
    async with InfluxServer(destination(settings, token=admin_token)) as server:
        return await prepare_server(server, retention_s=settings.retention_days * _S_A_DAY)


async def check(settings: InfluxConfig) -> bool:
    """Print what is found; return whether all is well."""
    all_ok = True
    async with InfluxServer(destination(settings)) as server:
        async for looked in checks(server, retention_days=settings.retention_days):
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
