"""A real InfluxDB for these tests, and a fresh bucket for each of them."""

import asyncio
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.influx.destination import Destination
from ingest.influx.server import InfluxServer
from ingest.influx.setup import Tokens, prepare
from tests.integration.influx.influxd import ORG, TOKEN, Influxd, binary


@dataclass(frozen=True)
class Target:
    """A bucket on a running server."""

    influxd: Influxd
    bucket: str
    tokens: Tokens

    @property
    def destination(self) -> Destination:
        return Destination(self.influxd.url, ORG, self.bucket, self.tokens.forwarder)

    def prepare_again(self) -> Destination:
        return Destination(self.influxd.url, ORG, self.bucket, prepared(self.influxd, self.bucket).forwarder)

    def count(self, measurement: str, field: str = "*") -> int:
        return self.influxd.count(measurement, field, self.bucket)


def prepared(influxd: Influxd, bucket: str, retention_s: int = 0) -> Tokens:
    async def make() -> Tokens:
        async with InfluxServer(Destination(influxd.url, ORG, bucket, TOKEN)) as server:
            return await prepare(server, retention_s=retention_s)

    return asyncio.run(make())


def started(folder: Path) -> Influxd:
    program = binary()
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("influxd has to be there in CI")
        pytest.skip("no influxd on this machine; tests/integration/influxd.sh builds one")
    influxd = Influxd(program, folder)
    influxd.start()
    influxd.onboard()
    return influxd


@pytest.fixture(scope="module")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    server = started(tmp_path_factory.mktemp("influxd"))
    yield server
    server.stop()


@pytest.fixture
def target(influxd: Influxd, request: pytest.FixtureRequest) -> Target:
    bucket = request.node.name
    return Target(influxd, bucket, prepared(influxd, bucket))


@pytest.fixture
def fresh_bucket(influxd: Influxd) -> Callable[[str, int], Target]:
    return lambda bucket, retention_s: Target(influxd, bucket, prepared(influxd, bucket, retention_s))
