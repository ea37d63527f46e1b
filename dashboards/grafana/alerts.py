"""The Alert history dashboard: what was told, when, and from which figures."""

from dashboards.grafana.colour import BLUE, GREY, ORANGE, SKY
from dashboards.grafana.dashboard import Dashboard, Row
from dashboards.grafana.panel import Query, states, table
from dashboards.grafana.select import ANNOTATIONS, VARIABLES, WEARER, select

LEVELS = (
    (0, GREY, "nothing to tell"),
    (1, SKY, "more than usual"),
    (2, BLUE, "for days"),
    (3, ORANGE, "worth discussing with your doctor"),
)

_ROWS = Row(
    "What was told",
    [
        states(
            "Level",
            Query(select("level", "alert", WEARER, '"rule"'), alias="$tag_rule"),
            LEVELS,
            width=24,
            height=7,
            description="A level holds until the next change. Counts alone are never urgent.",
        ),
        table(
            "Changes and why",
            [
                Query(
                    select('level_from AS "from", level_to AS "to", why', "alert", WEARER, '"rule"'),
                    is_table=True,
                )
            ],
            width=24,
            height=10,
        ),
        table(
            "Notes",
            [Query(select('"text", source', "note", WEARER, "kind"), is_table=True)],
            width=24,
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
