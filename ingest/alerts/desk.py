"""Where verdicts become messages: what changed goes on record, what is to be told goes to the outbox."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from ingest.alerts.alarm import Verdict
from ingest.alerts.ledger import Statement, changes, read_ledger, recording, telling
from ingest.alerts.message import Message, compose
from ingest.alerts.news import Hours, News, Urgency, forgotten, news
from ingest.journal import Journal
from ingest.notify.outbox import queueing
from ingest.reader import JournalReader


class Desk:
    """One wearer's. All of its memory is in the journal, so a restart changes nothing.

    Args:
        journal: The SQLite file.
        wearer: Whose alerts.
        hours: When the wearer is told.
        addresses: The names of those who are told; with none, nothing counts as told.
    """

    def __init__(self, journal: Path, wearer: str, hours: Hours, addresses: Sequence[str]) -> None:
        self._journal, self._wearer = journal, wearer
        self._hours, self._addresses = hours, tuple(addresses)

    def take(self, reader: JournalReader, verdicts: Iterable[Verdict], now_ns: int) -> Message | None:
        """Put what has changed on record, and return the message that was queued, if one was due.

        Args:
            reader: The journal, open.
            verdicts: Of one look.
            now_ns: When it was, UTC.

        Raises:
            JournalError: The journal cannot be read or written.
        """
        ledger = read_ledger(reader, self._wearer)
        if changed := changes(ledger, verdicts):
            self._change(recording(ledger, self._wearer, changed, now_ns))
            ledger = read_ledger(reader, self._wearer)
        if not self._addresses or self._hours.is_quiet(now_ns):
            return None
        digest_due = int(reader.meta(self._digest_key) or 0) < self._hours.last_digest_ns(now_ns)
        found = news(ledger, now_ns)
        told = [one for one in found if digest_due or one.urgency is Urgency.NOW]
        statements = telling(self._wearer, forgotten(ledger), now_ns)
        if digest_due:
            statements.append(("INSERT OR REPLACE INTO meta VALUES (?, ?)", (self._digest_key, str(now_ns))))
        message = compose(told) if told else None
        if message:
            statements += self._sending(message, told, now_ns)
        if statements:
            self._change(statements)
        return message

    @property
    def _digest_key(self) -> str:
        return f"digest {self._wearer}"

    def _sending(self, message: Message, told: Sequence[News], now_ns: int) -> list[Statement]:
        return [
            *queueing(self._wearer, self._addresses, message, now_ns),
            *telling(self._wearer, [one.standing for one in told], now_ns),
        ]

    def _change(self, statements: Iterable[Statement]) -> None:
        with Journal(self._journal) as journal:
            journal.change(statements)
