"""A quiet check that is begun from the page."""

import asyncio
from pathlib import Path

import pytest

from dashboards.web.quiet_check import QuietCheck
from ingest.minutes import MINUTE_NS
from ingest.quiet import CHECK_MIN, stored_quiet
from ingest.reader import JournalReader
from ingest.schema import QuietRow
from tests.rows import START, journal_of_rest

HALF_NS = MINUTE_NS // 2


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.now_ns = START * MINUTE_NS + HALF_NS

    def tell(self) -> int:
        return self.now_ns

    async def sleep(self, seconds: float) -> None:
        self.now_ns += round(seconds * 1e9)
        await asyncio.sleep(0)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return journal_of_rest(tmp_path / "journal.sqlite3", minutes=30)


async def finished(check: QuietCheck) -> None:
    async with asyncio.timeout(10):
        while check.ends_ns is not None:
            await asyncio.sleep(0.01)


def kept(journal: Path) -> list[QuietRow]:
    with JournalReader(journal) as reader:
        return [one.row for one in stored_quiet(reader, "me")]


@pytest.mark.asyncio
async def test_it_judges_whole_minutes_from_the_next_on_once_they_are_over(journal: Path) -> None:
    clock = Clock()
    check = QuietCheck(journal, "me", now_ns=clock.tell, sleep=clock.sleep)
    check.begin()
    assert check.ends_ns == (START + 1 + CHECK_MIN) * MINUTE_NS
    await finished(check)
    [row] = kept(journal)
    assert (row.start_ns, row.end_ns) == ((START + 1) * MINUTE_NS, (START + 1 + CHECK_MIN) * MINUTE_NS)
    assert row.observed_s == CHECK_MIN * 60
    assert clock.now_ns > row.end_ns


@pytest.mark.asyncio
async def test_to_begin_twice_is_to_begin_once(journal: Path) -> None:
    clock = Clock()
    check = QuietCheck(journal, "me", now_ns=clock.tell, sleep=clock.sleep)
    check.begin()
    clock.now_ns += 3 * MINUTE_NS
    check.begin()
    await finished(check)
    assert [row.start_ns for row in kept(journal)] == [(START + 1) * MINUTE_NS]


def test_a_journal_that_cannot_be_read_ends_a_check_and_not_the_page(journal: Path) -> None:
    async def once() -> None:
        clock = Clock()
        check = QuietCheck(journal, "me", now_ns=clock.tell, sleep=clock.sleep)
        check.begin()
        await finished(check)

    away = journal.rename(journal.with_suffix(".away"))
    asyncio.run(once())
    away.rename(journal)
    asyncio.run(once())
    assert len(kept(journal)) == 1
