"""One bucket of an InfluxDB 2 server, as far as the forwarder needs it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import aiohttp
from influxdb_client.client.influxdb_client_async import InfluxDBClientAsync
from influxdb_client.rest import ApiException
from influxdb_client.service.buckets_service import BucketsService

from ingest.errors import InfluxError
from ingest.influx.destination import Destination
from ingest.influx.line import tag_value

_TIMEOUT_MS = 30_000  # for a batch on a slow card; a server that takes longer is as good as away


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket as the server has it.

    Attributes:
        id: Differs from that of an earlier bucket of the same name.
        org_id: Of the organization that owns it.
        retention_s: Older points are dropped; 0 keeps them for good.
    """

    id: str
    org_id: str
    retention_s: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """Points that are to go: those of a measurement with these tags and start <= time < end, ns UTC."""

    measurement: str
    tags: tuple[tuple[str, str], ...]
    start_ns: int
    end_ns: int

    @property
    def predicate(self) -> str:
        """As InfluxDB wants it: `name="value"`, joined by AND."""
        named = [("_measurement", self.measurement), *((name, tag_value(value)) for name, value in self.tags)]
        return " AND ".join(f'{name}="{value.replace(chr(34), chr(92) + chr(34))}"' for name, value in named)


class InfluxServer:
    """A connection to one bucket. Every failure is an `InfluxError` that says what to do about it.

    Attributes:
        destination: Where it leads.
        client: influxdb-client's.
    """

    def __init__(self, destination: Destination) -> None:
        self.destination = destination

    async def __aenter__(self) -> Self:
        """Open it; nothing is sent yet."""
        to = self.destination
        self.client = InfluxDBClientAsync(url=to.url, token=to.token, org=to.org, timeout=_TIMEOUT_MS)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.client.close()

    async def version(self) -> str:
        """The server's version; needs no token."""
        with self.sentences():
            return str(await self.client.version())

    async def bucket(self) -> Bucket:
        """The bucket as it is now."""
        to = self.destination
        with self.sentences():
            found = await BucketsService(self.client.api_client).get_buckets_async(name=to.bucket, org=to.org)
        if not found.buckets:
            raise self._error(404, "")
        bucket = found.buckets[0]
        seconds = [rule.every_seconds for rule in bucket.retention_rules or []]
        return Bucket(bucket.id, bucket.org_id, max(seconds, default=0))

    async def write(self, lines: Sequence[str]) -> None:
        """Store points; those of the same series and time are overwritten."""
        with self.sentences():
            await self.client.write_api().write(self.destination.bucket, record="\n".join(lines).encode())

    async def erase(self, erasure: Erasure) -> None:
        """Take points out; it is no error if there are none."""
        start, last = (
            _rfc3339(erasure.start_ns),
            _rfc3339(erasure.end_ns - 1),
        )  # the server erases the last too
        with self.sentences():
            await self.client.delete_api().delete(
                start, last, erasure.predicate, self.destination.bucket, self.destination.org
            )

    async def may_write(self) -> None:
        """Store a comment, which is no point: the server refuses it where the token has not the right."""
        await self.write(["# nothing"])

    @contextmanager
    def sentences(self) -> Iterator[None]:
        """Within this, the client's errors become ours."""
        try:
            yield
        except ApiException as error:
            raise self._error(error.status, error.message or "", error.headers) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            reason = str(error) or "it takes too long"
            raise InfluxError(self.destination.url, f"no InfluxDB answers there: {reason}") from error

    def _error(self, status: int, message: str, headers: Any = None) -> InfluxError:
        to = self.destination
        said = {
            401: "the token is not valid, or not any more; `fasciwatch influx setup` makes a new one",
            403: f"the token has not the right to use bucket {to.bucket}",
            404: f"there is no bucket {to.bucket} in organization {to.org}, or the token may not see it;"
            " `fasciwatch influx setup` makes one",
            413: "the request is too large",
            429: "the server is busy",
        }.get(status, f"the server answers {status}: {message}")
        wait = (headers or {}).get("Retry-After", "")
        retry_after_s = float(wait) if wait.isdecimal() else None
        return InfluxError(to.url, said, status=status, retry_after_s=retry_after_s)


def _rfc3339(time_ns: int) -> str:
    """A time to the nanosecond, as the server reads it."""
    seconds, rest_ns = divmod(time_ns, 10**9)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest_ns:09}Z"
