"""The page in Chromium: what a visitor sees and can do. Runs on a fake engine at a human pace; the main
flow also on the embedded checkpoint (marker slow)."""

import os
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from demo.gallery import read_examples
from tests.demo_pictures import draw_picture, make_examples, write_huge_png
from tests.fake_engine import FakeEngine
from tests.page_server import serve

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parent.parent
EMBEDDED = ROOT / "assets" / "mova-tiny"
OPTIONS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()
PATIENCE = 30_000  # ms; generous, for a busy machine


@pytest.fixture(scope="module")
def browser(chromium_path):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A quick fake engine whose answers are short unless asked to be long."""
    with serve(
        FakeEngine(pace=0.02, words=2000), make_examples(tmp_path_factory.mktemp("examples"))
    ) as address:
        yield address


@pytest.fixture(scope="module")
def real_address():
    if not (EMBEDDED / "config.json").is_file():
        pytest.skip("assets/mova-tiny is not there")
    from mova.checkpoint.loading import load
    from mova.engine import Engine

    with serve(Engine(load(EMBEDDED)), read_examples(ROOT / "examples")) as address:
        yield address


def open_page(browser: Browser, address: str, query: str = "", **options) -> Page:
    """A fresh visitor on the page; every request it makes is kept in `page.asked`."""
    page = browser.new_context(**({"viewport": {"width": 1440, "height": 900}} | options)).new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(f"{address}/{query}")
    page.locator(".mova-card").first.wait_for()
    page.locator(".mova-empty").wait_for()
    return page


@pytest.fixture
def page(browser, address):
    page = open_page(browser, address)
    yield page
    page.context.close()


def limit_tokens(page: Page, number: int) -> None:
    """Sets the longest answer in the settings."""
    if not page.get_by_label("number input for Longest answer").is_visible():
        page.get_by_role("button", name="Settings").click()
    field = page.get_by_label("number input for Longest answer")
    field.fill(str(number))
    field.press("Tab")


def type_question(page: Page, text: str, file: Path | None = None) -> None:
    """Writes a question (and adds a picture) as a visitor does, and sends it."""
    if file is not None:
        page.locator("#composer input[type=file]").set_input_files(file)
        page.locator("#composer .thumbnail-item, #composer .thumbnail-wrapper").first.wait_for()
    page.locator("#composer textarea").fill(text)
    page.locator("#composer textarea").press("Enter")


def answers(page: Page):
    return page.locator(".mova-answer .mova-text:not(.doing)")


def finished(page: Page, count: int = 1) -> None:
    """Waits until `count` answers of the open conversation are whole."""
    expect(page.locator(".mova-line")).to_have_count(count)
    expect(page.locator("#stop")).to_be_disabled()


def main_flow(page: Page) -> None:
    """A click on an example: chips light up, then the heat map, then text that grows, then a quiet line."""
    page.locator(".mova-card").nth(4).click()
    expect(page.locator(".mova-chip")).to_have_count(8)
    page.locator(".mova-chip.picked").first.wait_for()
    expect(page.locator('[data-panel="gate"] svg').first).to_be_visible()
    expect(answers(page)).to_have_count(1)
    finished(page)
    assert re.search(r"to the first word · \d+ tok/s", page.locator(".mova-line").inner_text())
    assert page.locator(".mova-time tr[data-stage]").count() >= 6
    assert page.locator(".mova-chip.picked .mova-number").first.inner_text()


def test_an_example_is_asked_with_one_click_and_shows_how_mova_looked(page):
    limit_tokens(page, 40)
    main_flow(page)
    picked = [chip.get_attribute("data-letter") for chip in page.locator(".mova-chip.picked").all()]
    assert picked == ["D", "E"]
    assert page.locator('[data-panel="gate"] svg').count() == 2
    assert page.locator(".mova-line").inner_text().startswith("DePlot 0.6")


@pytest.mark.slow
def test_the_main_flow_runs_on_the_embedded_checkpoint(browser, real_address):
    page = open_page(browser, real_address)
    main_flow(page)
    page.locator(".mova-card").nth(0).click()
    finished(page)


def test_stages_and_text_appear_while_the_answer_is_made(page):
    limit_tokens(page, 60)
    page.locator(".mova-card").nth(4).click()
    page.locator(".mova-chip.picked").first.wait_for()
    assert page.locator(".mova-line").count() == 0, "chips should light up before the answer is done"
    expect(answers(page)).to_have_count(1)
    early = answers(page).inner_text()
    finished(page)
    assert len(answers(page).inner_text()) > len(early) > 0


def test_nothing_is_asked_of_another_host(page, address):
    limit_tokens(page, 5)
    page.locator(".mova-card").first.click()
    finished(page)
    assert [url for url in page.asked if not url.startswith((address, "data:", "blob:"))] == []


def test_stop_ends_a_long_answer_within_two_seconds_and_the_next_question_works(page):
    limit_tokens(page, 1000)
    page.locator(".mova-card").first.click()
    expect(answers(page)).to_have_count(1)
    began = time.monotonic()
    page.locator("#stop").click()
    finished(page)
    assert time.monotonic() - began < 2
    assert "stopped" in page.locator(".mova-line").inner_text()
    limit_tokens(page, 5)
    type_question(page, "And now?")
    finished(page, 2)


def test_two_visitors_at_once_get_their_own_answers(browser, address, tmp_path):
    pages = [open_page(browser, address) for _ in range(2)]
    for number, page in enumerate(pages):
        limit_tokens(page, 20)
        picture = draw_picture(tmp_path / f"{number}.png", (100 + number, 80))
        type_question(page, f"What is picture {number}?", picture)
    for number, page in enumerate(pages):
        finished(page)
        assert f"{100 + number}x80 turn 1: What is picture {number}?" in answers(page).inner_text()
        assert page.locator(".mova-question").count() == 1
        page.context.close()


def test_a_waiting_visitor_can_take_the_question_back(browser, address):
    first, second = (open_page(browser, address) for _ in range(2))
    limit_tokens(first, 300)
    first.locator(".mova-card").first.click()
    expect(answers(first)).to_have_count(1)
    second.locator(".mova-card").first.click()
    second.locator(".mova-text.doing").wait_for()
    second.locator("#stop").click()
    expect(second.locator(".mova-failure")).to_have_text("Stopped before it began.")
    first.locator("#stop").click()
    finished(first)
    limit_tokens(second, 5)
    second.locator("#again").click()
    finished(second)
    for page in (first, second):
        page.context.close()


def test_a_visitor_who_leaves_frees_the_lane(browser, address, page):
    leaver = open_page(browser, address)
    limit_tokens(leaver, 1000)
    leaver.locator(".mova-card").first.click()
    expect(answers(leaver)).to_have_count(1)
    leaver.context.close()
    limit_tokens(page, 3)
    page.locator(".mova-card").first.click()
    finished(page)


def test_an_earlier_answer_brings_its_right_side_back(page):
    limit_tokens(page, 5)
    page.locator(".mova-card").nth(4).click()
    finished(page)
    type_question(page, "Which one is left?")
    finished(page, 2)
    expect(page.locator(".mova-chip.picked .mova-name")).to_have_text(["Co-DETR"])
    assert "1.00 by construction" in page.locator('[data-panel="gate"]').inner_text()
    assert page.locator(".mova-time tr.reused").count() >= 1
    page.locator(".mova-line").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".mova-chip.picked .mova-name")).to_have_text(["Pix2Struct", "DePlot"])
    expect(page.locator(".mova-line").first).to_be_focused()
    page.locator(".mova-answer").nth(1).click()
    expect(page.locator(".mova-chip.picked .mova-name")).to_have_text(["Co-DETR"])


def test_the_text_follows_its_end_but_not_for_one_who_reads_above(page):
    limit_tokens(page, 300)
    page.locator(".mova-card").first.click()
    finished(page)
    box = page.locator(".mova-transcript")
    below = "box => box.scrollHeight - box.scrollTop - box.clientHeight"
    assert box.evaluate(below) < 5
    box.evaluate("box => { box.scrollTop = 10; }")
    page.wait_for_timeout(200)
    page.locator(".mova-answer").click(position={"x": 60, "y": 40})
    page.wait_for_timeout(1000)
    assert box.evaluate("box => box.scrollTop") == 10
    type_question(page, "And now?")
    finished(page, 2)
    assert box.evaluate(below) < 5


def test_a_new_picture_starts_a_new_conversation_and_the_old_one_stays_listed(page, tmp_path):
    limit_tokens(page, 5)
    page.locator(".mova-card").nth(4).click()
    finished(page)
    type_question(page, "How many?", draw_picture(tmp_path / "new.png", (200, 100)))
    expect(page.locator(".mova-notice")).to_contain_text("New picture, new conversation")
    finished(page)
    expect(page.locator(".mova-question")).to_have_text(["How many?"])
    expect(page.locator(".mova-conversations li")).to_have_count(2)
    page.locator(".mova-conversations button").nth(1).click()
    expect(page.locator(".mova-question")).to_have_text(["What is the highest bar?"])
    expect(page.locator(".mova-picture img")).to_have_attribute("alt", re.compile("124 × 90"))


def test_a_box_in_an_answer_is_drawn_on_the_picture_while_that_answer_is_shown(page, tmp_path):
    limit_tokens(page, 5)
    wide = draw_picture(tmp_path / "wide.png", (200, 100))  # its upper edge is at 0.25
    type_question(page, "Which [0.5, 0.25, 0.75, 0.5]?", wide)
    finished(page)
    picture = page.get_by_alt_text("with the box of the answer")
    drawn, whole = page.locator(".mova-boxes .over").bounding_box(), picture.bounding_box()
    parts = [(drawn[side] - whole[side]) / whole["width"] for side in "xy"]
    parts += [drawn["width"] / whole["width"], drawn["height"] / whole["width"]]
    assert parts == pytest.approx([0.5, 0, 0.25, 0.25], abs=0.03)
    type_question(page, "And now?")
    finished(page, 2)
    expect(page.locator(".mova-boxes")).to_have_count(0)
    page.locator(".mova-answer").first.click()
    expect(page.locator(".mova-boxes .over")).to_have_count(1)


def test_small_talk_without_a_picture_is_answered_by_the_page_and_other_talk_by_the_plain_model(page):
    limit_tokens(page, 5)
    type_question(page, "Hello, who are you?")
    expect(page.locator(".mova-from")).to_have_text(["From this page, not from the model"])
    expect(page.locator(".mova-line")).to_have_count(0)
    type_question(page, "Tell me something.")
    expect(page.locator(".mova-from").last).to_contain_text("No picture: plain")
    finished(page)


def test_regenerate_replaces_the_answer_and_clear_empties_the_conversation(page):
    limit_tokens(page, 5)
    page.locator(".mova-card").nth(4).click()
    finished(page)
    limit_tokens(page, 3)
    page.locator("#again").click()
    expect(answers(page)).to_have_text(re.compile("word2$"))
    finished(page)
    page.locator("#clear").click()
    page.locator(".mova-empty").wait_for()
    expect(page.locator(".mova-picture.none")).to_be_visible()


def test_experts_can_be_forced_and_left_out(page):
    limit_tokens(page, 3)
    page.get_by_label("I choose (up to three)").check()
    page.get_by_label("B · Vary").check()
    page.locator(".mova-card").nth(4).click()
    finished(page)
    expect(page.locator(".mova-chip.picked .mova-name")).to_have_text(["Vary"])
    expect(page.locator('[data-panel="router"]')).to_contain_text("the router was not asked")
    page.get_by_label("None: CLIP alone").check()
    page.locator("#again").click()
    expect(page.locator(".mova-chip.picked .mova-name")).to_have_text(["none"])
    finished(page)
    assert "0.00 everywhere" in page.locator('[data-panel="gate"]').inner_text()


def bad_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Files that must be refused, with a part of the sentence that says why."""
    good = draw_picture(folder / "good.png", (300, 300)).read_bytes()
    contents = {"text.png": b"no picture", "cut.png": good[:100], "empty.png": b""}
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return {
        "not an image": (folder / "text.png", "not a picture"),
        "truncated": (folder / "cut.png", "damaged or cut short"),
        "0 bytes": (folder / "empty.png", "empty (0 bytes)"),
        "13000 x 13000": (write_huge_png(folder / "huge.png"), "megapixels are accepted"),
    }


@pytest.mark.parametrize("case", ["not an image", "truncated", "0 bytes", "13000 x 13000"])
def test_a_bad_picture_is_refused_in_words_and_the_conversation_kept(page, tmp_path, case):
    file, sentence = bad_files(tmp_path)[case]
    limit_tokens(page, 3)
    page.locator(".mova-card").first.click()
    finished(page)
    type_question(page, "What is this?", file)
    expect(page.locator(".mova-status.refused")).to_contain_text(sentence)
    expect(page.locator("#composer textarea")).to_have_value("What is this?")
    expect(page.locator(".mova-question")).to_have_count(1)
    expect(page.locator(".mova-line")).to_have_count(1)


def test_a_question_of_two_megabytes_is_refused_in_words(page):
    limit_tokens(page, 3)
    page.locator(".mova-card").first.click()
    finished(page)
    type_question(page, "x" * 2_000_000)
    expect(page.locator(".mova-status.refused")).to_contain_text("longer than 4,000 characters")
    expect(page.locator(".mova-line")).to_have_count(1)
    assert page.locator("#composer textarea").get_attribute("maxlength") == "4001"
    page.locator("#composer textarea").fill("")
    type_question(page, "And now?")
    finished(page, 2)


def test_a_file_over_ten_megabytes_is_refused_for_people(page, tmp_path):
    file = tmp_path / "large.png"
    file.write_bytes(os.urandom(11 * 2**20))
    page.locator("#composer input[type=file]").set_input_files(file)
    expect(page.locator(".toast-body, .toast-wrap").first).to_contain_text("maximum allowed size of 10")


def test_what_people_and_the_model_write_is_only_text(page):
    limit_tokens(page, 2)
    text = "<img src=x onerror=alert(1)> ${1+1} {{value}} <b>bold</b>"
    type_question(page, text)
    finished(page)
    assert page.locator(".mova-question").inner_text() == text
    assert "<img src=x" in answers(page).inner_text()
    assert page.locator(".mova-transcript img, .mova-transcript b").count() == 0


def test_the_keyboard_reaches_the_gallery_and_figures_have_words(page):
    limit_tokens(page, 3)
    page.locator(".mova-card").nth(4).focus()
    page.keyboard.press("Enter")
    finished(page)
    words = page.locator('[data-panel="gate"] [role="img"]').first.get_attribute("aria-label")
    assert "Strongest, layer 1: DePlot" in words
    page.locator('[data-panel="gate"] summary').click()
    expect(page.locator('[data-panel="gate"] table td').first).to_be_visible()
    page.locator('[data-panel="router"] summary').click()
    expect(page.locator('[data-panel="router"] pre')).to_contain_text("What is the highest bar?")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1440, 900), (1920, 1080)])
def test_nothing_overflows_sideways_and_a_phone_gets_one_column(browser, address, width, height):
    page = open_page(browser, address, viewport={"width": width, "height": height})
    limit_tokens(page, 5)
    page.locator(".mova-card").first.click()
    finished(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    left, right = (page.locator(name).bounding_box() for name in ("#left", "#right"))
    below = right["y"] >= left["y"] + left["height"]
    assert below == (width < 820)
    page.context.close()


def test_a_fault_inside_is_told_in_words_and_the_next_question_works(page):
    limit_tokens(page, 3)
    type_question(page, "Hello fault")
    expect(page.locator(".mova-failure")).to_contain_text("MoVA failed while it worked")
    type_question(page, "Hello refuse")
    expect(page.locator(".mova-failure").nth(1)).to_contain_text("refused for a test")
    type_question(page, "Hello again")
    finished(page)
