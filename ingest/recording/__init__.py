"""Recordings in files: signals that somebody measured before, in `.npz`, `.csv` or `.edf`."""

from ingest.recording.content import Recording
from ingest.recording.reader import read_recording

__all__ = ["Recording", "read_recording"]
