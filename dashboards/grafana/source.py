"""The data source and where Grafana finds the dashboards."""

from dashboards.grafana.alerting import FOLDER
from dashboards.grafana.panel import SOURCE, Json

DASHBOARDS_PATH = "/etc/grafana/dashboards"  # where docker-compose.yml mounts them


def data_source(url: str, bucket: str, token: str) -> Json:
    """InfluxDB 2 asked in InfluxQL: its database is the bucket, its password a header with the token."""
    return {
        "name": "fasciwatch InfluxDB",
        "uid": SOURCE["uid"],
        "type": SOURCE["type"],
        "access": "proxy",
        "url": url,
        "isDefault": False,
        "jsonData": {
            "version": "InfluxQL",
            "dbName": bucket,
            "httpMode": "GET",
            "httpHeaderName1": "Authorization",
        },
        "secureJsonData": {"httpHeaderValue1": f"Token {token}"},
    }


def provisioned_source() -> Json:
    """For provisioning: bucket and token come from Grafana's environment and a secret file."""
    source = data_source(
        "http://influxdb:8086", "$FASCIWATCH_INFLUX_BUCKET", "$__file{/tokens/influx-token-grafana}"
    )
    return {"apiVersion": 1, "datasources": [source | {"orgId": 1, "editable": False}]}


def provider() -> Json:
    """For provisioning: which folder of Grafana the dashboards come in, and from where."""
    return {
        "apiVersion": 1,
        "providers": [
            {
                "name": "fasciwatch",
                "orgId": 1,
                "folder": FOLDER,
                "folderUid": FOLDER,
                "type": "file",
                "disableDeletion": False,
                "allowUiUpdates": False,
                "updateIntervalSeconds": 60,
                "options": {"path": DASHBOARDS_PATH},
            }
        ],
    }
