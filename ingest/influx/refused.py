"""Points that the server refuses for good, set aside beside the journal for whoever wants to know why."""

from pathlib import Path

_LIMIT_BYTES = 1_000_000  # thousands of points; more tell nothing new, and the disk is the journal's


class RefusedPoints:
    """A file of refused points in line protocol, each after a comment with the reason."""

    def __init__(self, journal: Path) -> None:
        self.path = journal.with_name(journal.name + ".influx-refused")

    def add(self, line: str, reason: str) -> None:
        """Set one aside, unless there are very many already."""
        if self.path.exists() and self.path.stat().st_size > _LIMIT_BYTES:
            return
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"# {' '.join(reason.split())}\n{line}\n")
