"""The report against the journal that it is made from, and as the file that a doctor gets."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from dashboards.report.body import body_svg
from dashboards.report.builder import build_report
from dashboards.report.document import Format, document
from dashboards.report.model import Noted, Report, Sensor, Trigger
from dashboards.report.view import view as view_of
from ingest.journal import Journal
from ingest.minutes import MINUTE_NS
from ingest.reader import JournalReader
from ingest.schema import Amendment, DeviceRow, EventRow, MinutePart, NoteKind, NoteRow, Records, SnippetRow
from ingest.sites import MUSCLES

WEARER = "me"
CALF, ARM = "gastrocnemius-left", "biceps-right"
FIRST, LAST = date(2026, 3, 2), date(2026, 3, 4)
START = 29_540_160  # the first midnight, minutes UTC
NOW_NS = (START + 3 * 1440) * MINUTE_NS
SAMPLES = 2014


def event(site: str, minute: int, second: float, *, state: str = "rest", kind: str = "twitch") -> EventRow:
    onset_ns = minute * MINUTE_NS + int(second * 1e9)
    return EventRow(
        wearer=WEARER,
        site=site,
        modality="emg",
        onset_ns=onset_ns,
        uncertainty_ns=1_000_000,
        duration_ms=10.0 + second / 6,
        amplitude=50.0 + second,
        unit="uV",
        snr=6.0,
        kind=kind,
        confidence=0.9,
        motor_unit=int(second) % 2,
        state=state,
        reason="isolated potential",
        detector="emg-1",
        device="00a1",
        boot_id=1,
        stream=0,
        channel=0 if site == CALF else 1,
        onset_sample=onset_ns // 1_000_000,
        recorded_ns=onset_ns,
    )


def snippet(row: EventRow) -> SnippetRow:
    codes = np.arange(SAMPLES, dtype="<i4")
    return SnippetRow(row.channel, row.onset_sample - 1000, 1000.0, 0.1, codes.tobytes())


def note(kind: NoteKind, minute: int, text: str = "") -> NoteRow:
    return NoteRow(WEARER, minute * MINUTE_NS, kind, text, "page", minute * MINUTE_NS)


def three_days() -> Records:
    """Two sites. The calf: ten hours of rest a day, one of movement; the arm only on the first day."""
    rng = np.random.default_rng(11)
    records = Records()
    for minute in range(START, START + 3 * 1440):
        day, of_day = divmod(minute - START, 1440)
        for site in (CALF, ARM) if day == 0 else (CALF,):
            seconds = (
                {"rest_s": 60.0}
                if of_day < 600
                else {"movement_s": 60.0}
                if of_day < 660
                else {"not_worn_s": 60.0}
            )
            records.minutes.append(MinutePart(WEARER, site, "emg", minute, **seconds))
            if of_day < 660 and site == CALF and rng.random() < 0.3:
                state = "rest" if of_day < 600 else "movement"
                records.events.append(event(site, minute, float(rng.uniform(0, 60)), state=state))
    records.events.append(event(CALF, START + 30, 59.5, kind="artefact"))
    records.snippets = [(row.key, snippet(row)) for row in records.events[:20]]
    records.notes = [
        note(NoteKind.FELT, START + 800),
        note(NoteKind.SYMPTOM, START + 900, "cramp <in> the calf"),
        note(NoteKind.MEDICINE, START + 1000, "magnesium"),
        note(NoteKind.CAFFEINE, START + 120, "coffee"),
    ]
    records.devices = [
        DeviceRow(
            "00a1",
            NOW_NS,
            WEARER,
            "leg",
            "pty",
            "streaming",
            "1.2.0",
            1,
            3900,
            80,
            30.0,
            999,
            0,
            0,
            1,
            0,
            10,
            1.0,
        )
    ]
    return records


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "journal.sqlite3"
    with Journal(path) as kept:
        kept.write(three_days())
    return path


def made(path: Path, first: date = FIRST, last: date = LAST, zone: Any = UTC, wearer: str = WEARER) -> Report:
    with JournalReader(path) as reader:
        return build_report(reader, wearer, first, last, zone=zone, now_ns=NOW_NS)


@pytest.fixture(scope="module")
def report(journal: Path) -> Report:
    return made(journal)


@pytest.fixture(scope="module")
def told(report: Report) -> dict[str, Any]:
    """The JSON, read back."""
    return json.loads(document(report, Format.JSON))


@pytest.fixture
def sql(journal: Path) -> Iterator[Callable[..., Any]]:
    """The first column of the first row."""
    database = sqlite3.connect(journal)
    yield lambda question, *values: database.execute(question, values).fetchone()[0]
    database.close()


def calf(told: dict[str, Any]) -> dict[str, Any]:
    return next(site for site in told["sites"] if site["site"] == CALF)


# the figures are the journal's


@pytest.mark.parametrize(
    ("figure", "question"),
    [
        ("count", "SELECT count(*) FROM event WHERE site = ? AND kind = 'twitch'"),
        ("count_rest", "SELECT sum(count_rest) FROM minute WHERE site = ?"),
        (
            "count_alone",
            "SELECT count(*) FROM event WHERE site = ? AND kind = 'twitch' AND part_of IS NULL",
        ),
        ("uncertain", "SELECT sum(1 - confidence) FROM event WHERE site = ? AND kind = 'twitch'"),
    ],
)
def test_counts_are_what_sql_gives(
    told: dict[str, Any], sql: Callable[..., Any], figure: str, question: str
) -> None:
    assert calf(told)[figure] == pytest.approx(sql(question, CALF))


@pytest.mark.parametrize("state", ["rest", "movement", "not_worn", "bad_contact"])
def test_hours_in_each_state_are_what_sql_gives(
    told: dict[str, Any], sql: Callable[..., Any], state: str
) -> None:
    hours = sql(f"SELECT sum({state}_s) / 3600 FROM minute WHERE site = ?", CALF)
    assert calf(told)["coverage"][f"{state}_h"] == pytest.approx(hours)


def test_rates_are_counts_over_hours(told: dict[str, Any], sql: Callable[..., Any]) -> None:
    at_rest = sql("SELECT sum(count_rest) * 3600.0 / sum(rest_s) FROM minute WHERE site = ?", CALF)
    moving = sql("SELECT sum(count - count_rest) * 3600.0 / sum(movement_s) FROM minute WHERE site = ?", CALF)
    assert calf(told)["at_rest"]["per_hour"] == pytest.approx(at_rest)
    assert calf(told)["moving"]["per_hour"] == pytest.approx(moving)


@pytest.mark.parametrize("day", [0, 1, 2])
def test_a_days_rate_is_that_days(told: dict[str, Any], sql: Callable[..., Any], day: int) -> None:
    since = START + day * 1440
    rate = sql(
        "SELECT sum(count_rest) * 3600.0 / sum(rest_s) FROM minute WHERE site = ? AND minute BETWEEN ? AND ?",
        CALF,
        since,
        since + 1439,
    )
    shown = calf(told)["days"][day]
    assert shown["rate"]["per_hour"] == pytest.approx(rate)
    assert (shown["rest_h"], shown["covered"]) == (pytest.approx(10), pytest.approx(11 / 24))


def test_durations_are_the_events(told: dict[str, Any], journal: Path) -> None:
    database = sqlite3.connect(journal)
    durations = [ms for (ms,) in database.execute("SELECT duration_ms FROM event WHERE kind = 'twitch'")]
    database.close()
    assert calf(told)["duration_ms"]["median"] == pytest.approx(float(np.median(durations)))


def test_shares_of_shapes_are_the_events(told: dict[str, Any], sql: Callable[..., Any]) -> None:
    for unit in calf(told)["units"]:
        assert unit["count"] == sql(
            "SELECT count(*) FROM event WHERE kind = 'twitch' AND motor_unit = ?", unit["number"]
        )


def test_a_felt_twitch_meets_what_was_measured_in_the_minute_before(tmp_path: Path) -> None:
    records = Records(
        minutes=[MinutePart(WEARER, CALF, "emg", START + minute, rest_s=60.0) for minute in range(10)],
        events=[event(CALF, START + 2, 30.0), event(CALF, START + 7, 1.0)],
        notes=[note(NoteKind.FELT, START + minute) for minute in (3, 5, 500)],
    )
    with Journal(tmp_path / "journal.sqlite3") as kept:
        kept.write(records)
    found = made(tmp_path / "journal.sqlite3").felt
    assert found is not None
    assert (found.notes, found.judged, found.seen) == (3, 2, 1)  # the last came with no sensor on
    assert (found.twitches, found.twitches_felt) == (2, 1)


def test_a_twitch_seen_by_both_sensors_is_one_twitch_that_was_felt(tmp_path: Path) -> None:
    whole = event(CALF, START + 2, 30.0)
    view = replace(whole, modality="accelerometer", unit="mg", stream=1)
    records = Records(
        minutes=[MinutePart(WEARER, CALF, m, START + 2, rest_s=60.0) for m in ("emg", "accelerometer")],
        events=[whole, view],
        amendments=[Amendment(view.key, "twitch", 0.99, "seen by both", whole.key)],
        notes=[note(NoteKind.FELT, START + 3)],
    )
    with Journal(tmp_path / "journal.sqlite3") as kept:
        kept.write(records)
    report = made(tmp_path / "journal.sqlite3")
    assert report.felt is not None
    assert (report.felt.twitches, report.felt.twitches_felt) == (1, 1)
    said = {answer.question: answer.sentences for answer in report.answers}
    assert said["Which parts of the body?"][0].startswith("1 of 1 site twitched")
    assert said["Always the same place?"][0].startswith("100 % of 1 twitches")
    places = [row[0] for row in view_of(report).table]
    assert places == ["Left calf", "Left calf, movement sensor"]  # which of them counted what


def test_strips_are_the_signal_as_it_was_measured(told: dict[str, Any]) -> None:
    strips = calf(told)["strips"]
    assert len(strips) == 3
    for strip in strips:
        assert strip["onset_sample"] == 60
        assert np.allclose(np.diff(strip["samples"]), 0.1)  # the ramp that was stored, in uV


# what was not measured is never a figure


def test_a_day_without_measurement_has_no_rate(report: Report) -> None:
    arm = next(site for site in report.sites if site.site == ARM)
    assert [day.rate is None for day in arm.days] == [False, True, True]
    assert arm.coverage.missing_h == pytest.approx(48)


def test_a_site_without_a_twitch_has_a_rate_of_zero_and_a_bound(report: Report) -> None:
    arm = next(site for site in report.sites if site.site == ARM)
    assert arm.at_rest is not None
    assert arm.at_rest.per_hour == 0 < arm.at_rest.high


def test_under_ten_minutes_make_no_rate(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal.sqlite3") as kept:
        minutes = [MinutePart(WEARER, CALF, "emg", START + minute, rest_s=60.0) for minute in range(10)]
        kept.write(Records(minutes=[*minutes, MinutePart(WEARER, CALF, "emg", START + 10, movement_s=60.0)]))
    (site,) = made(tmp_path / "journal.sqlite3").sites
    assert site.at_rest is not None
    assert site.moving is None


def test_nothing_measured_is_told_as_no_finding(journal: Path) -> None:
    nobody = made(journal, wearer="somebody else")
    assert nobody.sites == []
    assert nobody.answers[0].sentences == ["Nothing could be judged in this period: that is no finding."]


def test_too_few_occasions_are_not_compared(report: Report) -> None:
    caffeine = next(trigger for trigger in report.triggers if trigger.kind == "caffeine")
    assert caffeine.times is None
    assert any("too few to say" in sentence for answer in report.answers for sentence in answer.sentences)


# days are the wearer's


def test_days_begin_at_the_wearers_midnight(journal: Path) -> None:
    kolkata = made(journal, zone=ZoneInfo("Asia/Kolkata"))  # 5:30 ahead
    site = next(site for site in kolkata.sites if site.site == CALF)
    assert [round(day.rest_h, 2) for day in site.days] == [10.0, 10.0, 10.0]
    assert site.by_hour[4] is None  # rest is from 5:30 on
    assert site.by_hour[5] is not None


def test_a_period_without_days_is_refused(journal: Path) -> None:
    with pytest.raises(ValueError, match="before"):
        made(journal, first=LAST, last=FIRST)


# the files


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type ?/Page\b", pdf))


def full(report: Report, sites: int) -> Report:
    """The worst that a report may have to hold: ninety days, everything noted, every sentence long."""
    site = next(site for site in report.sites if site.site == CALF)
    long = replace(
        site,
        place="Right hand, between thumb and index finger",
        term="first dorsal interosseous",
        days=[replace(site.days[0], day=day.day) for day in site.days for _ in range(30)],
    )
    words = "something that takes the wearer a long time to tell, and the reader a long time to read"
    told = Trigger("caffeine", 99, 99, 99, 99.0, 99.0, 12.0, 10.0, 14.0, 0.005)
    return replace(
        report,
        wearer="w" * 64,
        made=True,
        sites=[long] * sites,
        triggers=[told] * 8,
        symptoms=[Noted(report.since, "symptom", f"{number} {words}") for number in range(40)],
        medicines=[Noted(report.since, "medicine", f"{number} {words}") for number in range(40)],
        sensors=[Sensor(f"00a1b2c3d4e5f60{number:x}", "", "1.0.0", 1, 99) for number in range(16)],
    )


def test_the_pdf_has_two_pages(report: Report) -> None:
    assert pages(document(report, Format.PDF)) == 2


def test_the_pdf_of_nothing_has_two_pages(journal: Path) -> None:
    assert pages(document(made(journal, wearer="somebody else"), Format.PDF)) == 2


@pytest.mark.parametrize("sites", [1, 4, 8, 9, 16])
def test_the_fullest_pdf_has_two_pages(report: Report, sites: int) -> None:
    from dashboards.report.answers import answers

    fullest = full(report, sites)
    assert pages(document(replace(fullest, answers=answers(fullest)), Format.PDF)) == 2


class Page(HTMLParser):
    """What of a page matters to somebody who does not see it."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page(report: Report) -> Page:
    return Page(document(report, Format.HTML))


def test_the_page_stands_alone(page: Page) -> None:
    assert not {"script", "link", "iframe", "img"} & {tag for tag, _ in page.tags}
    assert not [attributes for _, attributes in page.tags if {"src", "href"} & set(attributes)]


def test_every_drawing_says_in_words_what_it_shows(page: Page) -> None:
    spoken = [attributes for _, attributes in page.tags if attributes.get("role") == "img"]
    assert len(spoken) == sum(tag == "svg" for tag, _ in page.tags) == 1 + 2 * 2 + 3
    assert all(attributes["aria-label"] for attributes in spoken)


def test_the_page_has_one_title_and_a_language(page: Page) -> None:
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    assert ("html", {"lang": "en"}) in page.tags


def test_words_of_the_wearer_stay_words(page: Page) -> None:
    assert "cramp <in> the calf" in page.text
    assert "in" not in {tag for tag, _ in page.tags}


@pytest.mark.parametrize(
    "word", ["ALS", "sclerosis", "motor neuron", "diagnosed", "because of", "causes", "triggered"]
)
def test_no_disease_is_named_and_no_cause(page: Page, word: str) -> None:
    assert not re.search(rf"\b{word}\b", page.text)


def test_emergency_signs_are_there_whatever_was_measured(page: Page) -> None:
    assert "slurred speech" in page.text


def test_json_has_no_number_that_json_does_not_know(report: Report) -> None:
    endless = replace(report.sites[0], uncertain=float("inf"))
    json.loads(document(replace(report, sites=[endless]), Format.JSON), parse_constant=pytest.fail)


def test_every_muscle_has_a_place_on_the_body(report: Report) -> None:
    everywhere = [replace(report.sites[0], site=f"{muscle.key}-left", region="any") for muscle in MUSCLES]
    assert body_svg(everywhere).count("<circle") == len(MUSCLES)
