"""The Days dashboard: how often, how long, where, over weeks and months."""

from itertools import pairwise

from dashboards.grafana.body import body_map
from dashboards.grafana.colour import REGIONS
from dashboards.grafana.coverage import coverage_by_site
from dashboards.grafana.dashboard import Dashboard, Row
from dashboards.grafana.panel import (
    COLUMNS,
    HALF,
    Query,
    bars,
    fixed_colours,
    heat,
    lines,
    override,
    shares,
    table,
)
from dashboards.grafana.select import ANNOTATIONS, CHOSEN, COVERAGE, PER_REST_HOUR, VARIABLES, WEARER, select
from ingest.influx.rollup import DURATION_EDGES_MS

_ALL_SITES = f"modality =~ /^$modality$/ AND {WEARER}"

_WHOLE_TIME = override("Time", {"custom.hidden": True})  # of a sum: the beginning of what is shown, no news


def _frequency() -> Row:
    by_day = Query(
        select(
            'per_h AS "rate", low_per_h AS "at least", high_per_h AS "at most", baseline_per_h AS "usual"',
            "day",
        ),
        alias="$col",
    )
    rate = select(PER_REST_HOUR, "day", f"rest_s > 0 AND {CHOSEN}", "site")
    band = {
        "custom.lineWidth": 0,
        "custom.showPoints": "never",
        "color": {"mode": "fixed", "fixedColor": "#56B4E9"},
    }
    return Row(
        "Frequency: twitches per hour at rest",
        [
            bars(
                "Twitches per hour at rest",
                Query(rate, alias="$tag_site"),
                width=HALF,
                height=9,
                description=(
                    "All twitches at rest over all hours at rest in the time shown. Read it with the"
                    " coverage."
                ),
            ),
            coverage_by_site(
                "Coverage: share of the time that could be judged",
                "day",
                CHOSEN,
                width=HALF,
                height=9,
                description=(
                    "Of all time on record: at rest or moving, against not worn, bad contact and missing."
                ),
            ),
            lines(
                "$site, day by day",
                [by_day],
                width=HALF,
                height=8,
                repeat="site",
                description=(
                    "Rate at rest; between 'at least' and 'at most' the truth lies with 95 % probability."
                    " 'usual' is this site's own rate over the four weeks before."
                    " A day without a point was not measured."
                ),
                overrides=[
                    override("at least", band),
                    override("at most", band | {"custom.fillBelowTo": "at least", "custom.fillOpacity": 25}),
                    override(
                        "usual",
                        {
                            "custom.lineStyle": {"fill": "dash", "dash": [8, 6]},
                            "color": {"mode": "fixed", "fixedColor": "#8C8C8C"},
                        },
                    ),
                    override("rate", {"color": {"mode": "fixed", "fixedColor": "#0072B2"}}),
                ],
            ),
        ],
    )


def _duration() -> Row:
    twitches = f"kind = 'twitch' AND {CHOSEN}"
    median = select('median(duration_ms) AS "median"', "twitch", twitches, "site")
    longest = select('percentile(duration_ms, 90) AS "9 of 10 shorter than"', "twitch", twitches, "site")
    by_day = select("duration_median_ms", "day", CHOSEN, "site")
    bins = ", ".join(
        f'sum(from_{edge}_ms) AS "{name}"' for edge, name in zip(DURATION_EDGES_MS, _bins(), strict=True)
    )
    spells = select(
        'sum(spells) AS "spells", sum(spell_s) / sum(spells) AS "mean", max(spell_longest_s) AS "longest"',
        "day",
        f"spells > 0 AND {CHOSEN}",
        "site",
    )
    seconds = {"unit": "s"}
    return Row(
        "Duration: of each twitch, and of spells of them",
        [
            table(
                "Length of a twitch by site",
                [Query(median, is_table=True), Query(longest, is_table=True)],
                defaults={"unit": "ms", "decimals": 1},
                width=HALF,
                height=9,
                transformations=[{"id": "merge", "options": {}}],
                overrides=[_WHOLE_TIME],
            ),
            bars(
                "How long twitches last, ms",
                Query(select(bins, "day"), alias="$col"),
                upright=True,
                width=HALF,
                height=9,
                description="How many twitches lasted how long, all chosen sites.",
            ),
            lines(
                "Median length by day", [Query(by_day, alias="$tag_site")], unit="ms", width=HALF, height=9
            ),
            table(
                "Spells by site",
                [Query(spells, is_table=True)],
                width=HALF,
                height=9,
                overrides=[_WHOLE_TIME, override("mean", seconds), override("longest", seconds)],
                description="A spell is three and more twitches with no pause over a minute, within one day.",
            ),
        ],
    )


def _location() -> Row:
    by_site = select("sum(count)", "day", _ALL_SITES, "site")
    by_region = select("sum(count)", "day", _ALL_SITES, "region")
    by_day = select("per_h", "day", CHOSEN, "site")
    active = select('active_regions AS "regions", active_sites AS "sites"', "wearer_day", _ALL_SITES)
    rate = select(PER_REST_HOUR, "day", f"rest_s > 0 AND {_ALL_SITES}", "site")
    return Row(
        "Location: which parts of the body",
        [
            body_map(Query(rate, alias="$tag_site")),
            bars(
                "Twitches by site",
                Query(by_site, alias="$tag_site"),
                width=8,
                height=14,
                description=(
                    "Where they were counted. A site that was measured longer counts more: see the coverage."
                ),
            ),
            shares(
                "Share by body region",
                Query(by_region, alias="$tag_region"),
                width=8,
                height=14,
                overrides=fixed_colours(REGIONS),
            ),
            heat(
                "Rate at rest by site and day",
                Query(by_day, alias="$tag_site"),
                width=COLUMNS,
                height=10,
                description=(
                    "Twitches per hour at rest; the darker, the more. An empty cell was not measured."
                ),
            ),
            lines(
                "Body regions and sites active each day",
                [Query(active, alias="$col")],
                style="bars",
                width=COLUMNS,
                height=7,
                defaults={"decimals": 0},
                description=(
                    "Active: surely more than one twitch an hour at rest, which is what noise may cause."
                ),
            ),
        ],
    )


def _pattern() -> Row:
    clock = select(PER_REST_HOUR, "hour", f"rest_s > 0 AND {CHOSEN}", "clock")
    rest = select("sum(rest_s) / 3600", "hour", CHOSEN, "clock")
    by_day = select(_coverage_of_a_day(), "day", CHOSEN, "site")
    return Row(
        "Hours of the day, and coverage",
        [
            bars(
                "Twitches per hour at rest, by hour of the day",
                Query(clock, alias="$tag_clock"),
                upright=True,
                width=HALF,
                height=9,
                description="The wearer's own clock.",
            ),
            bars(
                "Hours at rest that this rests on",
                Query(rest, alias="$tag_clock"),
                unit="h",
                upright=True,
                width=HALF,
                height=9,
            ),
            heat(
                "Coverage by site and day",
                Query(by_day, alias="$tag_site"),
                unit="percentunit",
                width=COLUMNS,
                height=10,
                description="The share of the day's record in which the site could be judged.",
            ),
        ],
    )


def _coverage_of_a_day() -> str:
    return COVERAGE.replace("sum(", "(")


def _bins() -> list[str]:
    between = [f"{low} to {high}" for low, high in pairwise(DURATION_EDGES_MS[1:])]
    return [f"under {DURATION_EDGES_MS[1]}", *between, f"over {DURATION_EDGES_MS[-1]}"]


DAYS = Dashboard(
    uid="fasciwatch-days",
    title="Days",
    description="How often, how long and where muscles twitched, over weeks.",
    since="now-90d",
    refresh="",
    variables=VARIABLES,
    annotations=ANNOTATIONS,
    rows=[_frequency(), _duration(), _location(), _pattern()],
)
