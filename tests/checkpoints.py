"""The journal's keeping of checkpoints, in memory."""

from ingest.schema import CheckpointRow


class Checkpoints:
    """The chain of each device that was kept."""

    def __init__(self) -> None:
        self._chains: dict[str, list[CheckpointRow]] = {}

    def keep(self, row: CheckpointRow | None) -> None:
        if row is not None:
            rows = [] if row.number == 0 else self._chains[row.device][: row.number]
            self._chains[row.device] = [*rows, row]

    def of(self, device: str) -> list[CheckpointRow]:
        return self._chains.get(device, [])
