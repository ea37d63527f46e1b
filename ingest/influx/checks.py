"""What is looked at before points are sent: one clear sentence each."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from ingest.errors import InfluxError
from ingest.influx.destination import Destination
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


async def checks(server: InfluxServer) -> AsyncIterator[Check]:
    """Look at server, token, bucket, rights and retention, until one of them is not as it must be."""
    to = server.destination
    try:
        version = await server.version()
        yield Check(f"{to.url}: InfluxDB {version} answers", ok=True)
        bucket = await server.bucket()
        yield Check(f"{to.url}: bucket {to.bucket} of {to.org} is there", ok=True)
        await server.may_write()
        yield Check(f"{to.url}: the token may write to it", ok=True)
        yield retention(to, bucket)
    except InfluxError as error:
        yield Check(str(error), ok=False)


def retention(to: Destination, bucket: Bucket) -> Check:
    """Whether the bucket keeps points as long as it is to."""
    said = f"{to.url}: points are kept {_for_days(bucket.retention_s / _S_A_DAY)}"
    if bucket.retention_s == to.retention_days * _S_A_DAY:
        return Check(said, ok=True)
    wanted = _for_days(to.retention_days)
    return Check(f"{said}, the configuration wants {wanted}; `fasciwatch influx setup` sets it", ok=False)


def _for_days(days: float) -> str:
    return f"for {days:g} days" if days else "for good"
