"""Grafana as code: dashboards, data source and alert rules from functions; their JSON is committed beside."""
