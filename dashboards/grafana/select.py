"""What the dashboards ask of InfluxDB: conditions and sums that recur, in InfluxQL."""

from dashboards.grafana.dashboard import annotation, variable
from dashboards.grafana.panel import Json

WEARER = "wearer =~ /^$wearer$/ AND $timeFilter"
CHOSEN = f"site =~ /^$site$/ AND modality =~ /^$modality$/ AND {WEARER}"

PER_REST_HOUR = "sum(count_rest) / sum(rest_s) * 3600"
ON_RECORD_S = "(sum(rest_s) + sum(movement_s) + sum(not_worn_s) + sum(bad_contact_s) + sum(missing_s))"
COVERAGE = f"(sum(rest_s) + sum(movement_s)) / {ON_RECORD_S}"  # of the time on record, what could be judged


def select(what: str, measurement: str, where: str = CHOSEN, by: str = "") -> str:
    """An InfluxQL query; `by` is what it is grouped by, with whatever follows."""
    asked = f'SELECT {what} FROM "{measurement}" WHERE {where}'  # noqa: S608 -- ours, with Grafana's variables
    return f"{asked} GROUP BY {by}" if by else asked


VARIABLES: list[Json] = [
    variable("wearer", "Wearer", 'SHOW TAG VALUES FROM "hour" WITH KEY = "wearer"'),
    variable("modality", "Sensor", 'SHOW TAG VALUES FROM "hour" WITH KEY = "modality"'),
    variable(
        "site",
        "Site",
        'SHOW TAG VALUES FROM "hour" WITH KEY = "site"'
        " WHERE wearer =~ /^$wearer$/ AND modality =~ /^$modality$/",
        is_multi=True,
    ),
]

ANNOTATIONS: list[Json] = [
    annotation("Notes", select('"text", kind', "note", WEARER), "#E69F00", text="text", tags="kind"),
    annotation("Alerts", select('why, "rule"', "alert", WEARER), "#D55E00", text="why", tags="rule"),
]
