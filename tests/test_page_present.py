"""Present, the tour, addresses that ask, and panels that are enlarged and saved: in Chromium."""

import json
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlparse
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect

from demo.gallery import read_examples
from demo.startup import Startup
from tests.fake_engine import FakeEngine
from tests.page_server import serve
from tests.visitor import Visitor

pytestmark = pytest.mark.browser
SHIPPED = Path(__file__).parent.parent / "examples"
SCRIPT = [
    {"example": 9, "speed": 8.0, "line": "Two experts look."},
    {"panel": "where", "line": "Where they added most."},
    {"example": 19, "speed": 8.0, "line": "Nobody looks."},
    {"example": "chart", "experts": "D", "line": "Another eye."},
]
SMALLEST = """(roots) => {
  let least = 1e9;
  for (const root of document.querySelectorAll(roots)) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const holder = text.parentElement, box = holder.getBoundingClientRect();
      const unseen = !holder.checkVisibility() || holder.closest('.mova-unseen, sup') || box.width < 2;
      if (text.data.trim() && !unseen) least = Math.min(least, parseFloat(getComputedStyle(holder).fontSize));
    }
  }
  return least;
}"""
CONTROLS = """() => [...document.querySelectorAll('button, input, textarea, select, summary, a')]
  .filter((each) => each.checkVisibility() && !each.matches('.mova-line, .mova-chip-toggle'))
  .map((each) => each.outerHTML.slice(0, 80))"""


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """The shipped examples with their recordings, and a script that is quickly played."""
    folder = tmp_path_factory.mktemp("present") / "examples"
    shutil.copytree(SHIPPED, folder)
    (folder / "script.json").write_text(json.dumps(SCRIPT))
    return read_examples(folder)


@pytest.fixture(scope="module")
def recorded(examples):
    """The address of a page that has no model yet."""
    with serve(Startup(), examples) as address:
        yield address


@pytest.fixture(scope="module")
def live(examples):
    """The address of a page with an engine."""
    with serve(FakeEngine(pace=0.005), examples) as address:
        yield address


@pytest.fixture
def visit(browser):
    """(address, query) -> a visitor, who leaves in the end."""
    visitors = []

    def come(address: str, query: str = "", **options) -> Visitor:
        visitors.append(Visitor(browser, address, query, **options))
        visitors[-1].page.wait_for_function("!!window.mova?.link")  # keys are heard
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.leave()


def press(visitor: Visitor, *keys: str) -> None:
    for key in keys:
        visitor.page.keyboard.press(key)


def wait_for_answer(visitor: Visitor) -> None:
    """Until the only answer is whole, also where nothing can be pressed."""
    expect(visitor.quiet_lines).to_have_count(1)


def presenting(visitor: Visitor):
    return visitor.page.locator("[data-presenting]")


def caption(visitor: Visitor):
    return visitor.page.locator(".mova-caption")


def card(visitor: Visitor):
    return visitor.page.get_by_role("dialog", name="Tour of the page")


def lines(name: str) -> list[str]:
    return [step["line"]["en"] for step in json.loads((SHIPPED / name).read_text())]


# --- present ------------------------------------------------------------------------------------------


def test_a_hall_reads_answer_router_and_gate_and_sees_no_control(visit, recorded):
    visitor = visit(recorded, viewport={"width": 1920, "height": 1080})
    press(visitor, "p", "ArrowRight")
    wait_for_answer(visitor)
    expect(visitor.answers).to_have_text("Water Prices")
    for part in ("#transcript", "#router", "#gate", ".mova-caption"):
        assert visitor.page.evaluate(SMALLEST, part) >= 24, part
        assert visitor.in_view(visitor.page.locator(part)), part
    assert visitor.page.evaluate(CONTROLS) == []
    assert visitor.picture.bounding_box()["height"] > 500
    assert visitor.sideways() <= 1920
    press(visitor, "Escape")
    expect(presenting(visitor)).to_have_count(0)
    assert visitor.composer.is_visible() and not caption(visitor).is_visible()


def test_arrows_walk_the_script(visit, recorded):
    visitor = visit(recorded, "?present=1")
    expect(presenting(visitor)).to_have_count(1)
    expect(visitor.page.locator(".mova-title")).to_be_visible()
    press(visitor, "ArrowRight")
    expect(caption(visitor)).to_have_text(SCRIPT[0]["line"])
    wait_for_answer(visitor)
    assert visitor.panel("router").is_visible() and not visitor.panel("where").is_visible()
    press(visitor, "ArrowRight")
    expect(caption(visitor)).to_have_text(SCRIPT[1]["line"])
    assert visitor.panel("where").is_visible() and not visitor.panel("router").is_visible()
    press(visitor, "PageDown")
    expect(visitor.questions).to_have_text("Who are you?")
    press(visitor, "ArrowLeft", "ArrowLeft", "ArrowLeft")
    expect(caption(visitor)).to_have_text(SCRIPT[0]["line"])
    expect(visitor.questions).to_have_text("Read the whole title.")
    press(visitor, "p")
    expect(presenting(visitor)).to_have_count(0)


def test_who_walks_on_while_a_step_plays_sees_the_next_one(visit, recorded):
    visitor = visit(recorded, "?present=1")
    expect(presenting(visitor)).to_have_count(1)
    press(visitor, "ArrowRight", "ArrowRight", "ArrowRight")
    expect(visitor.questions).to_have_text("Who are you?")
    wait_for_answer(visitor)
    expect(visitor.panel("router").locator(".picked .mova-name")).to_have_text("none")


def test_b_makes_the_screen_black_until_any_key(visit, recorded):
    visitor = visit(recorded, "?present=1")
    expect(presenting(visitor)).to_have_count(1)
    press(visitor, "b")
    expect(visitor.page.locator(".mova-black")).to_be_visible()
    press(visitor, "ArrowRight")
    expect(visitor.page.locator(".mova-black")).to_be_hidden()
    assert not caption(visitor).is_visible(), "the key that brings the screen back does nothing else"


def test_a_p_in_a_question_is_a_letter(visit, recorded):
    visitor = visit(recorded)
    visitor.composer.focus()
    press(visitor, "p", "b", "ArrowLeft")
    expect(visitor.composer).to_have_value("pb")
    expect(presenting(visitor)).to_have_count(0)


def test_a_step_with_experts_is_asked_where_there_is_a_model(visit, live):
    visitor = visit(live, "?present=1")
    expect(presenting(visitor)).to_have_count(1)
    press(visitor, *["ArrowRight"] * 4)
    expect(visitor.questions).to_have_text("Which month is the highest?")
    wait_for_answer(visitor)
    expect(visitor.picked).to_have_text("Pix2Struct")
    expect(visitor.origins).to_have_count(0)


# --- tour ---------------------------------------------------------------------------------------------


def test_the_tour_has_six_steps_on_recordings(visit, recorded):
    visitor = visit(recorded, "?tour=1")
    told = []
    for number in range(1, 7):
        expect(card(visitor)).to_contain_text(f"Step {number} of 6")
        told.append(card(visitor).locator("[aria-live]").inner_text())
        assert visitor.in_view(card(visitor).get_by_role("button").last)
        assert visitor.page.locator(".mova-pointed").count() == 1
        card(visitor).get_by_role("button").last.click()
    assert told == lines("tour.json")
    expect(card(visitor)).to_have_count(0)
    visitor.wait_for_answers()
    expect(visitor.answers).to_have_text("Water Prices")


def test_the_tour_is_walked_by_keys_and_gives_the_focus_back(visit, recorded):
    visitor = visit(recorded)
    button = visitor.page.get_by_role("button", name="Tour", exact=True)
    button.focus()
    press(visitor, "Enter")
    expect(card(visitor).get_by_role("button", name="Next")).to_be_focused()
    press(visitor, "Enter", "ArrowRight", "ArrowLeft")
    expect(card(visitor)).to_contain_text("Step 2 of 6")
    press(visitor, "Escape")
    expect(card(visitor)).to_have_count(0)
    expect(button).to_be_focused()


def test_the_tour_fits_on_a_phone(visit, recorded):
    visitor = visit(recorded, "?tour=1", viewport={"width": 360, "height": 740})
    expect(card(visitor)).to_be_visible()
    press(visitor, "Enter", "Enter")
    expect(card(visitor)).to_contain_text("Step 3 of 6")
    visitor.page.wait_for_timeout(200)  # it finds its place
    assert visitor.in_view(card(visitor).get_by_role("button").last) and visitor.sideways() <= 360


# --- addresses ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("experts", "names"), [("E,D", ["Pix2Struct", "DePlot"]), ("none", ["none"])])
def test_an_address_asks_an_example_of_its_experts(visit, live, experts, names):
    visitor = visit(live, f"?example=chart&experts={experts}")
    expect(visitor.questions).to_have_text("Which month is the highest?")
    visitor.wait_for_answers()
    expect(visitor.picked).to_have_text(names)


def test_an_address_plays_the_recording_where_there_is_no_model(visit, recorded):
    visitor = visit(recorded, "?example=9")
    expect(visitor.questions).to_have_text("Read the whole title.")
    expect(visitor.origins).to_have_count(1)


@pytest.mark.parametrize("query", ["?example=nowhere", "?example=chart&experts=X"])
def test_an_address_that_asks_for_what_is_not_there_is_told(visit, recorded, query):
    visitor = visit(recorded, query)
    expect(visitor.refusal).to_contain_text("The address asks for what is not here")


def test_the_address_follows_the_example_that_is_picked(visit, live):
    visitor = visit(live, "?lang=en&example=chart&experts=D")
    visitor.wait_for_answers()
    visitor.pick_example(9)
    expect(visitor.questions).to_have_text("Read the whole title.")
    query = parse_qs(urlparse(visitor.page.url).query)
    assert query == {"lang": ["en"], "example": ["9"]}


# --- panels -------------------------------------------------------------------------------------------


def test_a_panel_is_enlarged_and_goes_back_by_escape(visit, recorded):
    visitor = visit(recorded, "?example=9")
    visitor.page.get_by_label("Enlarge this panel").nth(1).click()
    visitor.wait_for_answers()  # it stays large while it is drawn anew
    gate = visitor.panel("gate")
    assert gate.bounding_box()["width"] > 1400 and gate.bounding_box()["height"] > 850
    press(visitor, "Escape")
    expect(gate).to_have_js_property("className", "mova-panel")
    expect(visitor.page.locator('[data-act="enlarge"][data-id="gate"]')).to_be_focused()


@pytest.mark.parametrize("panel", ["router", "gate", "time", "where"])
def test_a_panel_is_saved_as_a_picture(visit, live, panel):
    visitor = visit(live, "?example=9")
    visitor.wait_for_answers()
    visitor.page.locator(f'[data-act="enlarge"][data-id="{panel}"]').click()
    for form in ("SVG", "PNG"):
        with visitor.page.expect_download() as waiting:
            visitor.panel(panel).get_by_role("button", name=f"Save as {form}").click()
        file, name = Path(waiting.value.path()), waiting.value.suggested_filename
        assert name == f"mova-Read-the-whole-title-{panel}.{form.lower()}"
        if form == "SVG":
            assert ElementTree.parse(file).getroot().tag.endswith("svg")
        else:
            assert file.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_nothing_leaves_the_machine(visit, live):
    visitor = visit(live, "?example=chart&tour=1")
    visitor.wait_for_answers()
    press(visitor, "Escape", "p", "ArrowRight", "Escape")
    allowed = (live, "data:", "blob:")
    assert [address for address in visitor.requests if not address.startswith(allowed)] == []
