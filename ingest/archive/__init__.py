"""Raw signal on disk: appended as it is acknowledged, sealed by the hour (docs/archive.md)."""
