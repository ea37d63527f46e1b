"""The Today dashboard: what is happening now."""

from dashboards.grafana.colour import STATES
from dashboards.grafana.coverage import coverage_by_site
from dashboards.grafana.dashboard import Dashboard, Row
from dashboards.grafana.panel import COLUMNS, Query, bars, fixed_colours, lines, override, stat, table
from dashboards.grafana.select import ANNOTATIONS, CHOSEN, PER_REST_HOUR, VARIABLES, WEARER, select

_LAST_HOUR = CHOSEN.replace("$timeFilter", "time > now() - 1h")
_SHARES = ", ".join(
    f'sum({name}_s) AS "{words}"'
    for name, words in zip(("rest", "movement", "not_worn", "bad_contact", "missing"), STATES, strict=True)
)


def _now() -> Row:
    rate = select(PER_REST_HOUR, "minute", f"rest_s > 0 AND {_LAST_HOUR}", "site")
    battery = select("last(battery_percent)", "device", WEARER, "device")
    return Row(
        "The last hour",
        [
            stat(
                "Twitches per hour at rest",
                Query(rate, alias="$tag_site"),
                defaults={"decimals": 1},
                width=10,
                height=8,
                description=(
                    "The last 60 minutes, whatever time is shown. A site that did not rest is not here."
                ),
            ),
            coverage_by_site(
                "Coverage",
                "minute",
                _LAST_HOUR,
                width=8,
                height=8,
                description="The share of the last hour's record in which the site could be judged.",
            ),
            bars(
                "Battery",
                Query(battery, alias="$tag_device"),
                unit="percent",
                defaults={"max": 100},
                width=6,
                height=8,
            ),
        ],
    )


def _course() -> Row:
    counts = select("sum(count)", "minute", CHOSEN, "time($__interval), site fill(none)")
    shares = select(_SHARES, "minute", CHOSEN, "time($__interval) fill(none)")
    events = select(
        'duration_ms AS "ms", amplitude, "unit", confidence, "state", reason',
        "twitch",
        f"kind = 'twitch' AND {CHOSEN}",
        "site ORDER BY time DESC LIMIT 20",
    )
    stacked = {"stacking": {"mode": "percent", "group": "A"}, "lineWidth": 0}
    return Row(
        "As it comes",
        [
            lines(
                "Twitches",
                [Query(counts, alias="$tag_site")],
                style="bars",
                defaults={"decimals": 0},
                custom={"stacking": {"mode": "normal", "group": "A"}},
                width=COLUMNS,
                height=8,
                interval="1m",
                description="Zero is drawn as zero; where there is no bar, no minute is on record.",
            ),
            lines(
                "What the sensors saw",
                [Query(shares, alias="$col")],
                style="bars",
                unit="s",
                custom=stacked,
                overrides=fixed_colours(STATES),
                width=COLUMNS,
                height=7,
                interval="10m",
                description="Only at rest and while moving can twitches be seen.",
            ),
            table(
                "Latest twitches at each site",
                [Query(events, is_table=True)],
                width=COLUMNS,
                height=10,
                overrides=[override("confidence", {"unit": "percentunit"})],
            ),
        ],
    )


TODAY = Dashboard(
    uid="fasciwatch-today",
    title="Today",
    description="Twitches as they come, and whether they could be seen at all.",
    since="now-24h",
    refresh="10s",
    variables=VARIABLES,
    annotations=ANNOTATIONS,
    rows=[_now(), _course()],
)
