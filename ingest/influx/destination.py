"""Where the points go: a server, an organization, a bucket, and the token that opens it."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from ingest.config import InfluxConfig
from ingest.errors import InfluxError

TOKEN_VARIABLE = "FASCIWATCH_INFLUX_TOKEN"  # noqa: S105 -- the variable's name


@dataclass(frozen=True, slots=True)
class Destination:
    """One bucket.

    Attributes:
        url: Of the server.
        org: Name of the organization.
        bucket: Name of the bucket.
        token: Never shown.
        retention_days: How long the bucket is to keep points; 0 is for good.
    """

    url: str
    org: str
    bucket: str
    token: str = field(repr=False)
    retention_days: int = 0


def destination(config: InfluxConfig, *, token: str | None = None) -> Destination:
    """The bucket that the configuration names, opened by `token`, or else by the configured one.

    Raises:
        InfluxError: There is no token, or its file cannot be read.
    """
    token = token or _token(config)
    return Destination(config.url, config.org, config.bucket, token, config.retention_days)


def read_token(path: Path, url: str) -> str:
    """The token in a file.

    Raises:
        InfluxError: It cannot be read, or is empty.
    """
    try:
        token = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise InfluxError(url, f"the token file {path} cannot be read: {error.strerror}") from error
    if not token:
        raise InfluxError(url, f"the token file {path} is empty")
    return token


def _token(config: InfluxConfig) -> str:
    if token := os.environ.get(TOKEN_VARIABLE, "").strip():
        return token
    return read_token(config.token_file, config.url)
