"""Who is told: Apprise addresses, in a file of their own because most of them hold a password or token."""

import os
from pathlib import Path

from ingest.config import NotifyConfig
from ingest.errors import NotifyError

ADDRESSES_VARIABLE = "FASCIWATCH_NOTIFY"


def read_addresses(settings: NotifyConfig) -> dict[str, str]:
    """Return the Apprise address of each name.

    A line is a name and an address, such as `phone ntfy://some-topic`; lines that begin with # are
    passed over.

    Raises:
        NotifyError: The file cannot be read, or a line is no name and address; an address is never repeated.
    """
    text = os.environ.get(ADDRESSES_VARIABLE)
    where = ADDRESSES_VARIABLE
    if text is None:
        if settings.addresses_file is None:
            return {}
        where = str(settings.addresses_file)
        text = _read(settings.addresses_file)
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, address = line.strip().partition(" ")
        if "://" not in address or "://" in name:
            raise NotifyError(
                where, f"line {number}: expected a name and an address, as in: phone ntfy://topic"
            )
        if name in found:
            raise NotifyError(where, f"line {number}: {name} is there twice")
        found[name] = address.strip()
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotifyError(str(path), f"the addresses cannot be read: {error}") from error
