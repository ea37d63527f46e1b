"""The follower that copies the journal to InfluxDB. The journal stays the truth and never waits for it."""
