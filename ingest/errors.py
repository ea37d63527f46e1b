"""Everything that this product raises for a person to read.

    FasciwatchError
    ├── ConfigError       the configuration file: names the key and the line
    ├── RecordingError    a recording that cannot be read: names the file, and the column or line
    ├── JournalError      the journal cannot be opened, read or written
    ├── ArchiveError      raw signal that cannot be kept or read: names the file or folder
    ├── ProtocolError     a message that cannot be put on the wire
    ├── LinkError         a link to a device that cannot be opened or was lost
    ├── InfluxError       InfluxDB is away, or refuses what it is asked
    ├── DiaryError        there is no such note
    └── NotifyError       nobody can be told: names where the addresses are

Each message is one sentence that says what is wrong and what was expected; the command prints it as it is.
Bad bytes on a wire are no exceptions: they are counted and skipped (see `ingest.protocol.FrameDecoder`).
"""

from pathlib import Path


class FasciwatchError(Exception):
    """The root of this tree."""


class ConfigError(FasciwatchError):
    """The configuration is unusable.

    Attributes:
        path: The file.
        key: Dotted name of the key, such as `device.0.port`; empty if the file as a whole is meant.
        line: Line in the file, from 1; None where it is not known.
    """

    def __init__(self, message: str, *, path: Path, key: str = "", line: int | None = None) -> None:
        place = f"{path}:{line}" if line is not None else f"{path}"
        super().__init__(f"{place}: {key}: {message}" if key else f"{place}: {message}")
        self.path = path
        self.key = key
        self.line = line


class RecordingError(FasciwatchError):
    """A recording cannot be read.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path


class JournalError(FasciwatchError):
    """The journal cannot be used.

    Attributes:
        path: The SQLite file.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path


class ArchiveError(FasciwatchError):
    """Raw signal cannot be archived, or read from the archive.

    Attributes:
        path: The file or folder.
    """

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{path}: {message}")
        self.path = path


class ProtocolError(FasciwatchError):
    """A message does not fit the wire protocol, so it cannot be encoded."""


class LinkError(FasciwatchError):
    """A link to a device cannot be opened, or was lost.

    Attributes:
        port: Where the link leads, such as `/dev/ttyUSB0`.
    """

    def __init__(self, port: str, message: str) -> None:
        super().__init__(f"{port}: {message}")
        self.port = port


class InfluxError(FasciwatchError):
    """InfluxDB is away, or refuses what it is asked.

    Attributes:
        url: Of the server.
        status: Its HTTP status; None if it did not answer at all.
        retry_after_s: When it wishes to be asked again, if it said.
    """

    def __init__(
        self, url: str, message: str, *, status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(f"{url}: {message}")
        self.url = url
        self.status = status
        self.retry_after_s = retry_after_s

    @property
    def is_refusal(self) -> bool:
        """Whether it is these very points that the server does not take: trying again would not help."""
        return self.status in {400, 413, 422}


class DiaryError(FasciwatchError):
    """A note that was asked for is not there.

    Attributes:
        number: Of the note.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no note {number}; `fasciwatch notes list` has their numbers")
        self.number = number


class NotifyError(FasciwatchError):
    """Messages cannot be sent; never repeats an address, which may hold a password.

    Attributes:
        where: The file or variable with the addresses.
    """

    def __init__(self, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}")
        self.where = where
