"""Telling people: by the services that Apprise knows, and by Home Assistant."""
