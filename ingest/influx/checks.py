"""What is looked at before points are sent: one clear sentence each."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from ingest.errors import InfluxError
from ingest.influx.server import Bucket, InfluxServer

_S_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        sentence: What was found.
        ok: Whether points can be stored as they should.
    """

    sentence: str
    ok: bool


async def checks(server: InfluxServer, *, retention_days: int) -> AsyncIterator[Check]:
    """Look at server, token, bucket, rights and retention, until one of them is not as it must be."""
    to = server.destination
    try:
        version = await server.version()
        yield Check(f"{to.url}: InfluxDB {version} answers", ok=True)
        bucket = await server.bucket()
        yield Check(f"{to.url}: bucket {to.bucket} of {to.org} is there", ok=True)
        await server.may_write()
        yield Check(f"{to.url}: the token may write to it", ok=True)
        yield _retention(server, bucket, retention_days)
    except InfluxError as error:
        yield Check(str(error), ok=False)


def _retention(server: InfluxServer, bucket: Bucket, wanted_days: int) -> Check:
    kept = _for_days(bucket.retention_s / _S_A_DAY)
    ok = bucket.retention_s == wanted_days * _S_A_DAY
    wanted = (
        "" if ok else f", the configuration wants {_for_days(wanted_days)}; `fasciwatch influx setup` sets it"
    )
    return Check(f"{server.destination.url}: points are kept {kept}{wanted}", ok=ok)


def _for_days(days: float) -> str:
    return f"for {days:g} days" if days else "for good"
