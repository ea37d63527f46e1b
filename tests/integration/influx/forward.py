"""A forwarder to be killed: forward.py JOURNAL URL BUCKET; the token comes on stdin when it says ready."""

import asyncio
import sys
from datetime import UTC
from pathlib import Path

from ingest.influx.destination import Destination
from ingest.influx.forwarder import Forwarder
from tests.integration.influx.influxd import ORG

if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    to = Destination(sys.argv[2], ORG, sys.argv[3], sys.stdin.readline().strip())
    asyncio.run(Forwarder(lambda: to, Path(sys.argv[1]), zone=UTC, poll_s=0.05, round_s=0.3).run())
