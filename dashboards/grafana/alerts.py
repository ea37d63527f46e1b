"""The Alert history dashboard: what was told, when, and from which figures."""

from dashboards.grafana.colour import BLUE, GREY, ORANGE, SKY
from dashboards.grafana.dashboard import Dashboard, Row
from dashboards.grafana.panel import COLUMNS, Query, states, table
from dashboards.grafana.select import ANNOTATIONS, VARIABLES, WEARER, select

TWITCHING = "persistence"  # the rule that judges the wearer; all others are about the set-up

_TWITCHING_LEVELS = (
    (0, GREY, "nothing to tell"),
    (1, SKY, "more than usual"),
    (2, BLUE, "for days"),
    (3, ORANGE, "worth discussing with your doctor"),
)
_SET_UP_LEVELS = ((0, GREY, "in order"), (1, SKY, "to heed"), (2, ORANGE, "to act on"))


def _levels(which: str) -> Query:
    return Query(select("level", "alert", f"{which} AND {WEARER}", '"rule"'), alias="$tag_rule")


_ROWS = Row(
    "What was told",
    [
        states(
            "Twitching",
            _levels(f"\"rule\" = '{TWITCHING}'"),
            _TWITCHING_LEVELS,
            width=COLUMNS,
            height=5,
            description="A level holds until the next change. Counts alone are never urgent.",
        ),
        states(
            "Set-up",
            _levels(f"\"rule\" != '{TWITCHING}'"),
            _SET_UP_LEVELS,
            width=COLUMNS,
            height=9,
            description="Sensors, clocks, disk and the rest: nothing here is about the wearer.",
        ),
        table(
            "Changes and why",
            [
                Query(
                    select('level_from AS "from", level_to AS "to", why', "alert", WEARER, '"rule"'),
                    is_table=True,
                )
            ],
            width=COLUMNS,
            height=10,
        ),
        table(
            "Notes",
            [Query(select('"text", source', "note", WEARER, "kind"), is_table=True)],
            width=COLUMNS,
            height=10,
        ),
    ],
)

ALERTS = Dashboard(
    uid="fasciwatch-alerts",
    title="Alert history",
    description="What was told, when, and why.",
    since="now-90d",
    refresh="1m",
    variables=VARIABLES[:1],
    annotations=ANNOTATIONS,
    rows=[_ROWS],
)
