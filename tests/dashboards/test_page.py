"""What a wearer sees and can do, in a real browser."""

import re
import signal
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from detector.persistence import Level
from ingest.alerts.alarm import Alarm, Kind, Rule, Verdict
from ingest.alerts.ledger import read_ledger, recording
from ingest.journal import Journal
from ingest.reader import JournalReader
from ingest.schema import ARCHIVE_PROBLEM, NoteRow
from ingest.summary import observations

pytestmark = pytest.mark.server

AFTERNOON = min(15 - datetime.now(UTC).hour, 14)  # hours from UTC to where it is about 15:00 now
ZONE = ZoneInfo(f"Etc/GMT{-AFTERNOON:+d}")  # there: at no time of day may these tests meet an empty today
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
DISEASES = re.compile(r"\b(als|mnd|amyotroph|motor neuron|sclerosis|parkinson|disease)", re.IGNORECASE)
ALERTS_MS = 10_000  # they are read every 5 s
PATIENCE_MS = 5000  # twitch to journal to page takes about 1 s; a loaded machine takes longer

COUNT_PIXELS = """
window.pixelsOf = (name, opacity = 1) => {
  const canvas = document.querySelector(".lane canvas");
  const of = (pen, width, height) => pen.getImageData(0, 0, width, height).data;
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = getComputedStyle(canvas).getPropertyValue(name);
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = of(probe, 1, 1), wanted = [red, green, blue, of(probe, 1, 1)[3] * opacity];
  const seen = of(canvas.getContext("2d"), canvas.width, canvas.height);
  let count = 0;
  for (let i = 0; i < seen.length; i += 4)
    if ([0, 1, 2, 3].every((part) => Math.abs(seen[i + part] - wanted[part]) < 8)) count++;
  return count;
};
"""


@pytest.fixture
def visit(browser: Browser, play: Callable) -> Iterator[Callable[..., Page]]:
    """Opens a scene's page; afterwards the browser must have had nothing to complain of."""
    complaints: list[str] = []
    contexts = []

    def open_page(scene: str = "usual", *, size: dict[str, int] = PHONE, **options: object) -> Page:
        context = browser.new_context(viewport=size, timezone_id=ZONE.key, **options)
        context.add_init_script(COUNT_PIXELS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
        page.goto(play(scene).url)
        expect(page.locator(".headline")).not_to_have_text("Reading the journal…")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def stand(journal: Path, rule: Rule, level: Level, why: str) -> None:
    with Journal(journal) as kept, JournalReader(journal) as reader:
        ledger = read_ledger(reader, "me")
        kept.change(recording(ledger, "me", [Verdict(rule, level, why)], time.time_ns()))


def silenced(journal: Path) -> set[str]:
    with JournalReader(journal) as reader:
        return set(read_ledger(reader, "me").silences)


def card(page: Page, site: str, modality: str = "emg") -> Locator:
    return page.locator(f'.site[data-site="{site}"] .place[data-modality="{modality}"]')


def notes(journal: Path) -> list[NoteRow]:
    with JournalReader(journal) as reader:
        return reader.notes()


def test_a_card_says_what_the_journal_says_of_the_wearers_own_day(visit: Callable, play: Callable) -> None:
    shown = card(visit("calm"), "tibialis-anterior-right")
    now = datetime.now(ZONE)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with JournalReader(play("calm").journal) as reader:
        [today] = [
            found
            for found in observations(
                reader, wearer="me", since_minute=round(midnight.timestamp()) // 60, until_minute=2**40
            )
            if (found.site, found.modality) == ("tibialis-anterior-right", "emg")
        ]
    expect(shown.locator("xpath=ancestor::article").locator("h3")).to_have_text("Right shin")
    expect(shown.locator(".count strong")).to_have_text(str(today.count))
    rate = float(shown.locator(".rate b").inner_text())
    assert rate == pytest.approx(today.count / today.observed_s * 3600, rel=0.1)  # shown with two digits
    coverage = today.observed_s / (now - midnight).total_seconds()
    assert float(shown.locator(".coverage").inner_text().split()[0]) == pytest.approx(coverage * 100, abs=2)


def test_a_rate_from_too_little_time_is_not_shown(visit: Callable) -> None:
    shown = card(visit(), "biceps-left", "accelerometer")
    expect(shown.locator(".rate")).to_have_text("not enough observed yet for a rate")


def test_nothing_measured_does_not_look_like_no_twitches(visit: Callable) -> None:
    page = visit("empty")
    expect(page.locator(".headline")).to_have_text("Waiting for the first data")
    expect(page.locator(".today")).to_contain_text("Nothing has been measured yet")
    expect(page.locator(".live")).to_contain_text("No sensor has sent anything yet")
    expect(page.locator("main")).not_to_contain_text(re.compile(r"\b0\b"))


def test_the_waves_of_all_channels_are_drawn(visit: Callable) -> None:
    page = visit()
    expect(page.locator(".lane canvas")).to_have_count(5)
    page.wait_for_function("pixelsOf('--wave') > 100", timeout=PATIENCE_MS)


def test_the_waves_go_on_when_the_screen_is_turned(visit: Callable) -> None:
    page = visit()
    page.wait_for_function("pixelsOf('--wave') > 100", timeout=PATIENCE_MS)
    page.set_viewport_size({"width": PHONE["height"], "height": PHONE["width"]})
    page.wait_for_function(
        "document.querySelector('.lane canvas').width > 500 && pixelsOf('--wave') > 100", timeout=PATIENCE_MS
    )


def test_a_twitch_is_marked_on_its_wave_and_counted(visit: Callable, play: Callable) -> None:
    page = visit("quiet")
    expect(page.locator(".lane canvas").first).to_be_visible()
    count = card(page, "biceps-left").locator(".count strong")
    before = int(count.inner_text())
    assert page.evaluate("pixelsOf('--twitch')") == 0
    play("quiet").tell("twitch")
    page.wait_for_function("pixelsOf('--twitch') > 10", timeout=PATIENCE_MS)
    expect(count).to_have_text(str(before + 1), timeout=PATIENCE_MS)


def test_what_was_only_glimpsed_is_marked_faintly_and_goes(visit: Callable, play: Callable) -> None:
    page = visit("quiet")
    expect(page.locator(".lane canvas").first).to_be_visible()
    count = card(page, "biceps-left").locator(".count strong")
    before = count.inner_text()
    play("quiet").tell("glimpse")
    page.wait_for_function("pixelsOf('--twitch', 0.35) > 10", timeout=PATIENCE_MS)
    page.wait_for_function("pixelsOf('--twitch', 0.35) == 0", timeout=PATIENCE_MS)
    expect(count).to_have_text(before)


def test_the_waves_stand_still_when_asked_to(visit: Callable) -> None:
    page = visit()
    page.wait_for_function("pixelsOf('--wave') > 100", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Pause").click()
    picture = page.evaluate("document.querySelector('.lane canvas').toDataURL()")
    page.wait_for_timeout(300)  # nine pictures, were it not still
    assert page.evaluate("document.querySelector('.lane canvas').toDataURL()") == picture
    page.get_by_role("button", name="Resume").click()
    page.wait_for_function(
        "(picture) => document.querySelector('.lane canvas').toDataURL() !== picture", arg=picture
    )


def test_one_press_notes_a_felt_twitch(visit: Callable, play: Callable) -> None:
    page = visit("quiet")
    before = len(notes(play("quiet").journal))
    page.get_by_role("button", name="I felt a twitch").click()
    expect(page.get_by_text("Noted: felt a twitch")).to_be_visible()
    [note] = notes(play("quiet").journal)[before:]
    assert (note.kind, note.text) == ("felt", "")
    expect(page.locator(".recent")).to_contain_text("Felt a twitch")


def test_the_keyboard_is_enough_to_note_a_felt_twitch(visit: Callable, play: Callable) -> None:
    page = visit("quiet", size=DESK)
    before = len(notes(play("quiet").journal))
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "I felt a twitch":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("Noted: felt a twitch")).to_be_visible()
    assert len(notes(play("quiet").journal)) == before + 1


def write_note(page: Page, *, kind: str, text: str, when: datetime | None = None) -> None:
    page.get_by_role("button", name="Add a note").click()
    page.locator(".q-select").click()
    page.get_by_role("option", name=kind).click()
    page.get_by_label("In your words (optional)").fill(text)
    if when is not None:
        page.get_by_label("When").fill(when.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name="Save").click()


def test_a_note_may_be_about_an_earlier_time_on_the_wearers_clock(visit: Callable, play: Callable) -> None:
    page = visit("quiet")
    earlier = datetime.now(ZONE).replace(second=0, microsecond=0) - timedelta(hours=3)
    write_note(page, kind="Caffeine", text="two cups", when=earlier)
    expect(page.get_by_text("Noted: caffeine")).to_be_visible()
    [note] = [note for note in notes(play("quiet").journal) if note.kind == "caffeine"]
    assert (note.text, note.time_ns) == ("two cups", round(earlier.timestamp()) * 10**9)


def test_a_note_about_the_future_is_not_taken(visit: Callable, play: Callable) -> None:
    page = visit("quiet")
    write_note(page, kind="Exercise", text="", when=datetime.now(ZONE) + timedelta(days=1))
    expect(page.get_by_text("This time has not come yet")).to_be_visible()
    assert "exercise" not in {note.kind for note in notes(play("quiet").journal)}


def test_a_note_that_cannot_be_saved_is_not_lost_in_silence(visit: Callable) -> None:
    page = visit("quiet")
    write_note(page, kind="Something else", text="disk full")
    expect(page.get_by_text("This note was not saved")).to_be_visible()
    expect(page.get_by_label("In your words (optional)")).to_have_value("disk full")


def test_a_symptom_shows_at_once_what_has_to_be_read(visit: Callable, play: Callable) -> None:
    page = visit("quiet")
    write_note(page, kind="Symptom: speech or swallowing", text="slurred")
    advice = page.get_by_role("dialog", name="Please read this")
    expect(advice).to_contain_text("Call an ambulance")
    advice.get_by_role("button", name="Understood").click()
    [note] = [note for note in notes(play("quiet").journal) if note.kind == "symptom"]
    assert note.text == "speech or swallowing: slurred"


def test_a_symptom_that_cannot_be_saved_shows_its_advice_all_the_same(visit: Callable) -> None:
    page = visit("quiet")
    write_note(page, kind="Another symptom", text="disk full")
    expect(page.get_by_role("dialog", name="Please read this")).to_contain_text("Call an ambulance")


def test_a_note_can_be_mended_and_deleted(visit: Callable, play: Callable) -> None:
    page = visit("quiet")
    write_note(page, kind="Food", text="liquorise")
    expect(page.get_by_text("Noted: food")).to_be_visible()
    page.get_by_role("button", name="Mend a note").click()
    mine = page.get_by_role("dialog", name="Your notes").get_by_role("listitem").filter(has_text="liquorise")
    mine.get_by_role("button", name="Mend").click()
    page.get_by_label("In your words (optional)").fill("liquorice")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".recent")).to_contain_text("liquorice")
    assert [note.text for note in notes(play("quiet").journal) if note.kind == "food"] == ["liquorice"]
    page.get_by_role("button", name="Mend a note").click()
    mine = page.get_by_role("dialog", name="Your notes").get_by_role("listitem").filter(has_text="liquorice")
    mine.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted")).to_be_visible()
    assert "food" not in {note.kind for note in notes(play("quiet").journal)}


def test_an_alert_that_stands_is_told_with_what_it_may_mean_and_what_to_do(
    visit: Callable, play: Callable
) -> None:
    page = visit("calm")
    expect(page.locator(".alerts")).to_contain_text("that none stands says nothing")
    stand(play("calm").journal, Rule(Kind.PERSISTENCE), Level.DISCUSS, "Left calf: 40 an hour, usual 12.")
    told = page.locator('.alert[data-rule="persistence"]')
    expect(told).to_contain_text("Worth discussing with your doctor", timeout=ALERTS_MS)
    expect(told).to_contain_text("40 an hour")
    expect(told).to_contain_text("It is not urgent")
    assert not DISEASES.search(told.inner_text())


def test_an_alert_can_be_acknowledged_and_told_again(visit: Callable, play: Callable) -> None:
    page = visit("calm")
    stand(play("calm").journal, Rule(Kind.BATTERY, "00b2"), Alarm.ACT, "Battery of arm: 17 %.")
    page.get_by_role("button", name="Silence an alert").click()
    mine = page.get_by_role("dialog").get_by_role("listitem").filter(has_text="battery")
    mine.get_by_role("button", name="I know").click()
    expect(mine.get_by_role("button", name="Tell me again")).to_be_visible()
    assert silenced(play("calm").journal) == {"battery 00b2"}
    mine.get_by_role("button", name="Tell me again").click()
    mine.get_by_role("button", name="Snooze 8 h").click()
    expect(mine.get_by_role("button", name="Tell me again")).to_be_visible()
    assert silenced(play("calm").journal) == {"battery 00b2"}


def test_a_quiet_check_says_until_when_to_keep_still_and_is_in_the_diary(
    visit: Callable, play: Callable
) -> None:
    page = visit("calm")
    page.get_by_role("button", name="Check how often it is wrong").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It was never measured for this set-up")
    dialog.get_by_role("button", name="Begin").click()
    expect(dialog.get_by_role("status")).to_contain_text("Keep still until")
    expect(dialog.get_by_role("button", name="Begin")).to_be_disabled()
    dialog.get_by_role("button", name="Close").click()
    expect(page.locator(".recent")).to_contain_text("quiet check, 10 min")


@pytest.mark.parametrize(("kind", "begins"), [("pdf", b"%PDF"), ("html", b"<!doctype html>"), ("json", b"{")])
def test_the_report_of_the_last_days_is_a_link_away(visit: Callable, kind: str, begins: bytes) -> None:
    page = visit("calm")
    [address] = {link.get_attribute("href") for link in page.locator('.report a[href^="/report.pdf"]').all()}
    report = page.request.get(page.url + address.lstrip("/").replace("report.pdf", f"report.{kind}"))
    assert report.ok
    assert report.body().startswith(begins)


def test_names_that_a_board_sends_stay_text(visit: Callable) -> None:
    page = visit("quiet")
    expect(page.locator(".device h3").first).to_contain_text("<img")
    assert page.title() == "fasciwatch"


def test_a_sensor_tells_how_it_is(visit: Callable) -> None:
    ill = visit().locator('.device[data-device="00b2"]')
    expect(ill).to_contain_text("connected, data arriving")
    expect(ill).to_contain_text("17 % · charge soon")
    expect(ill).to_contain_text("930")
    expect(ill).to_contain_text("± 1.3 ms")


def test_signal_that_is_not_being_archived_is_told(visit: Callable, play: Callable) -> None:
    page = visit("calm")
    expect(page.locator(".devices .archive")).to_have_count(0)
    with Journal(play("calm").journal) as journal:
        journal.set_meta(ARCHIVE_PROBLEM, "raw signal is not being archived: the disk is full")
    shown = page.locator(".devices .archive")
    expect(shown).to_contain_text("raw signal is not being archived", timeout=ALERTS_MS)
    expect(shown).to_contain_text("Twitches are being kept")


def test_made_data_are_called_made(visit: Callable) -> None:
    expect(visit("usual").locator(".banner.made")).to_contain_text("made, not measured")
    expect(visit("quiet").locator(".banner.made")).to_have_count(0)


def test_states_differ_by_pattern_and_not_by_colour_alone(visit: Callable) -> None:
    swatches = visit().locator(".legend .swatch")
    patterns = swatches.evaluate_all("all => all.map((swatch) => getComputedStyle(swatch).backgroundImage)")
    shapes = {re.sub(r"(rgb|color)a?\([^)]*\)", "", pattern) for pattern in patterns}
    assert len(shapes) == 5


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scene", ["empty", "usual"])
def test_nothing_is_wider_than_the_screen(visit: Callable, size: dict[str, int], scene: str) -> None:
    page = visit(scene, size=size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    expect(page.get_by_role("button", name="I felt a twitch")).to_be_in_viewport()


def test_the_colours_follow_the_system(visit: Callable) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    assert visit("empty", color_scheme="light").evaluate(ground) != visit(
        "empty", color_scheme="dark"
    ).evaluate(ground)


def test_everything_has_a_name_for_those_who_listen(visit: Callable) -> None:
    page = visit()
    expect(page.locator(".lane canvas").first).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en-US"
    assert page.locator("h1").count() == 1
    for element in page.locator("button, [role=img], input, textarea, section").all():
        assert element.evaluate(
            "e => e.ariaLabel || e.textContent.trim() || e.labels?.length || e.ariaLabelledByElements.length"
        )


def test_no_disease_is_named(visit: Callable) -> None:
    page = visit()
    page.locator("summary").click()
    assert not DISEASES.search(page.locator("body").inner_text())


def test_nothing_is_fetched_from_elsewhere(browser: Browser, play: Callable) -> None:
    url = play("usual").url
    with browser.new_context() as context:
        page, fetched = context.new_page(), []
        page.on("request", lambda request: fetched.append(request.url))
        page.goto(url)
        expect(page.locator(".lane").first).to_be_visible()
    assert fetched
    assert [address for address in fetched if not address.startswith((url, "data:"))] == []


def test_silence_is_said_at_once_and_everywhere(visit: Callable, play: Callable) -> None:
    page = visit("quiet")
    play("quiet").tell("silence")
    expect(page.locator(".headline")).to_contain_text("No data since", timeout=3 * PATIENCE_MS)
    expect(page.locator(".lane .silent").first).to_contain_text("No data since")
    expect(page.locator(".device .link").first).to_contain_text("no data since")


def test_a_journal_that_cannot_be_read_is_said_so(visit: Callable, play: Callable) -> None:
    page, journal = visit("calm"), play("calm").journal
    away = journal.rename(journal.with_suffix(".away"))
    expect(page.locator(".headline")).to_contain_text("The journal cannot be read", timeout=PATIENCE_MS)
    away.rename(journal)
    expect(page.locator(".headline")).to_contain_text("Data are arriving", timeout=PATIENCE_MS)


def test_a_service_that_hangs_is_noticed_and_so_is_its_return(visit: Callable, play: Callable) -> None:
    page, service = visit("calm"), play("calm").process
    expect(page.locator(".banner.offline")).to_be_hidden()
    service.send_signal(signal.SIGSTOP)
    expect(page.locator(".banner.offline")).to_be_visible(timeout=2 * PATIENCE_MS)
    service.send_signal(signal.SIGCONT)
    expect(page.locator(".banner.offline")).to_be_hidden(timeout=2 * PATIENCE_MS)


def test_the_service_ends_quickly_with_a_page_open_and_the_page_says_so(
    browser: Browser, play: Callable
) -> None:
    scene = play("empty")
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(scene.url)
        expect(page.locator(".headline")).to_have_text("Waiting for the first data")
        assert scene.stop() == 0
        expect(page.locator(".banner.offline")).to_be_visible()
        expect(page.locator(".notes[inert]")).to_have_count(1)
