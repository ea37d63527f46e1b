"""Writes everything that Grafana reads: `python -m dashboards.grafana.generate`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from dashboards.grafana.alerting import contact_points, policies, rule_groups
from dashboards.grafana.alerts import ALERTS
from dashboards.grafana.dashboard import Dashboard
from dashboards.grafana.days import DAYS
from dashboards.grafana.devices import DEVICES
from dashboards.grafana.source import provider, provisioned_source
from dashboards.grafana.today import TODAY

if TYPE_CHECKING:
    from dashboards.grafana.panel import Json

FOLDER = Path(__file__).parent
DASHBOARDS: tuple[Dashboard, ...] = (TODAY, DAYS, DEVICES, ALERTS)


def files() -> dict[str, str]:
    """Every file by its path below this folder. What is .yaml is JSON too, which YAML contains."""
    models: dict[str, Json] = {f"dashboards/{board.uid}.json": board.model() for board in DASHBOARDS} | {
        "provisioning/datasources/fasciwatch.yaml": provisioned_source(),
        "provisioning/dashboards/fasciwatch.yaml": provider(),
        "provisioning/alerting/rules.yaml": rule_groups(),
        "provisioning/alerting/contact-points.yaml": contact_points(),
        "provisioning/alerting/policies.yaml": policies(),
    }
    return {path: json.dumps(model, indent=2, ensure_ascii=False) + "\n" for path, model in models.items()}


def main() -> None:
    """Write them."""
    for path, text in files().items():
        (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / path).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
