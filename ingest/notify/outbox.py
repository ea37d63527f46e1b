"""Messages on their way: tried until they are taken, over restarts too."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.alerts.ledger import Statement
from ingest.alerts.message import Message
from ingest.journal import Journal
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader

RETRY_NS = tuple(minutes * MINUTE_NS for minutes in (1, 2, 5, 15, 30, 60))  # the last for good
GIVE_UP_NS = 3 * 24 * 3600 * 10**9  # a message older than three days only confuses

_QUEUE = """
    INSERT INTO message (wearer, time_ns, address, title, body, tries, next_ns, problem)
    VALUES (?, ?, ?, ?, ?, 0, ?, '')
"""

Send = Callable[[str, Message], str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that an address has not taken yet.

    Attributes:
        id: Its number in the journal.
        time_ns: When it was written, UTC.
        address: The name of the address.
        message: What it says.
        tries: How often it was tried.
        problem: Why the last try failed; empty before the first.
    """

    id: int
    time_ns: int
    address: str
    message: Message
    tries: int
    problem: str


def queueing(wearer: str, addresses: Iterable[str], message: Message, now_ns: int) -> list[Statement]:
    """Let a message be sent to these addresses."""
    return [
        (
            _QUEUE,
            (wearer, now_ns, name, message.title, message.body, now_ns),
        )
        for name in addresses
    ]


def waiting(reader: JournalReader, wearer: str, *, now_ns: int, due_only: bool = False) -> list[Waiting]:
    """What is not sent yet, and not given up, oldest first."""
    return [
        Waiting(number, time_ns, address, Message(title, body), tries, problem)
        for number, time_ns, address, title, body, tries, problem in reader.ask(
            "SELECT id, time_ns, address, title, body, tries, problem FROM message"
            " WHERE wearer = ? AND sent_ns IS NULL AND time_ns > ? AND next_ns <= ? ORDER BY id",
            (wearer, now_ns - GIVE_UP_NS, now_ns if due_only else 2**62),
        )
    ]


def deliver(
    journal: Path, wearer: str, addresses: Mapping[str, str], send: Send, now_ns: int
) -> list[Waiting]:
    """Try everything that is due, once each; return what was not taken.

    Args:
        journal: The SQLite file.
        wearer: Whose messages.
        addresses: Where each name leads.
        send: Sends a message to an address and returns why it could not.
        now_ns: UTC.

    Raises:
        JournalError: The journal cannot be read or written.
    """
    with JournalReader(journal) as reader:
        due = waiting(reader, wearer, now_ns=now_ns, due_only=True)
    failed = []
    for one in due:
        address = addresses.get(one.address)
        problem = (
            send(address, one.message) if address else f"there is no address named {one.address} any more"
        )
        if problem:
            failed.append(one)
        with Journal(journal) as kept:
            kept.change([_tried(one, problem, now_ns)])
    return failed


def _tried(one: Waiting, problem: str, now_ns: int) -> Statement:
    values: Sequence[object] = (
        None if problem else now_ns,
        problem,
        now_ns + RETRY_NS[min(one.tries, len(RETRY_NS) - 1)],
        one.id,
    )
    return "UPDATE message SET tries = tries + 1, sent_ns = ?, problem = ?, next_ns = ? WHERE id = ?", values
