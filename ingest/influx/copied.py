"""What of the journal is copied: a feed for each kind of row."""

from ingest.influx import points
from ingest.influx.feeds import RollupFeed, RowFeed
from ingest.influx.withdrawn import WithdrawnFeed
from ingest.schema import AlertRow, DeviceRow, EventRow, MinuteRow, NoteRow

Feed = RowFeed | WithdrawnFeed | RollupFeed


def row_feeds() -> list[Feed]:
    """Everything that is copied as it is."""
    return [
        RowFeed("event", EventRow, points.twitch),
        RowFeed("event", EventRow, points.twitch, name="amended", column="amended"),
        RowFeed("minute", MinuteRow, points.minute, column="change"),
        RowFeed("device", DeviceRow, points.device),
        WithdrawnFeed(),
        RowFeed("note", NoteRow, points.note, more=points.off_on_purpose),
        RowFeed("alert", AlertRow, points.alert),
    ]


def all_feeds() -> list[Feed]:
    """Those, and the hours and days summed up from them."""
    return [*row_feeds(), RollupFeed()]
