"""The Device health dashboard: whether the sensors can be trusted."""

from dashboards.grafana.dashboard import Dashboard, Row
from dashboards.grafana.panel import COLUMNS, HALF, Panel, Query, lines, table
from dashboards.grafana.select import VARIABLES, WEARER, select


def _now() -> Row:
    last = select(
        'last("name") AS "name", "state", "link", firmware, battery_percent AS "battery %", lost, resent',
        "device",
        WEARER,
        "device",
    )
    return Row(
        "Now",
        [
            table(
                "Sensors",
                [Query(last, is_table=True)],
                width=COLUMNS,
                height=7,
                description="The newest word of each sensor in the time shown, and when it came.",
            )
        ],
    )


def _course() -> Row:
    def over_time(title: str, what: str, unit: str, description: str = "") -> Panel:
        query = Query(
            select(what, "device", WEARER, "time($__interval), device fill(none)"), alias="$tag_device"
        )
        return lines(title, [query], unit=unit, width=HALF, height=8, interval="1m", description=description)

    return Row(
        "Over time",
        [
            over_time("Battery", "last(battery_percent)", "percent"),
            over_time("Clock error", "max(clock_uncertainty_ms)", "ms", "How far off an onset may be."),
            over_time(
                "Samples lost for good",
                "non_negative_difference(last(lost))",
                "short",
                "Counted on the board; each is on record as missing time.",
            ),
            over_time("Samples sent again", "non_negative_difference(last(resent))", "short"),
            over_time("Damaged frames", "non_negative_difference(last(damaged_frames))", "short"),
            over_time("Temperature", "mean(temperature_degc)", "celsius"),
        ],
    )


DEVICES = Dashboard(
    uid="fasciwatch-devices",
    title="Device health",
    description="Batteries, losses and clocks of the sensors.",
    since="now-7d",
    refresh="1m",
    variables=VARIABLES[:1],
    annotations=[],
    rows=[_now(), _course()],
)
