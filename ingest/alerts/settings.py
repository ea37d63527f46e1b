"""What the configuration says of alerts, in the alerts' own terms."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from detector.rule import Rule as Figures
from ingest.alerts.news import Hours
from ingest.config import Config


def hours_of(config: Config) -> Hours:
    """When the wearer is told."""
    alerts = config.alerts
    return Hours(alerts.quiet_from, alerts.quiet_until, alerts.digest_at, alerts.time_zone)


def figures_of(config: Config, now_ns: int) -> Figures:
    """The figures of persistence, days and looks being those of the wearer's clock as it is now."""
    local = datetime.fromtimestamp(now_ns / 1e9, UTC).astimezone(config.alerts.time_zone)
    offset = local.utcoffset() or timedelta()
    return replace(config.alerts.persistence, utc_offset_min=int(offset.total_seconds()) // 60)
