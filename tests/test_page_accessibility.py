"""The page in Chromium under axe-core: no finding of any weight, light and dark, on desk and phone."""

import json
from pathlib import Path

import pytest

from tests.demo_pictures import make_examples
from tests.fake_engine import FakeEngine
from tests.page_server import serve
from tests.visitor import Visitor

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
# Every finding in a part of the page: its rule, and where.
LOOK = """async (part) => {
  const found = await axe.run(part, { resultTypes: ['violations'] });
  return found.violations.flatMap(
    ({ id, nodes }) => nodes.map((node) => `${id} ${node.target.join(' ')}: ${node.html.slice(0, 160)}`
      + ` (${node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? ''})`));
}"""
TOUR = [{"panel": "gate", "line": "What the experts saw."}, {"panel": "composer", "line": "Now you."}]
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    examples = make_examples(folder := tmp_path_factory.mktemp("examples"))
    (folder / "tour.json").write_text(json.dumps(TOUR))
    with serve(FakeEngine(0.002, words=12), examples) as address:
        yield address


def findings(page, part: str = "html") -> list[str]:
    page.evaluate(f"window.axe || (() => {{ {AXE} }})(); undefined")
    return page.evaluate(LOOK, part)


def test_pale_letters_and_a_button_without_a_name_are_found(browser):
    page = browser.new_page()
    page.set_content(
        "<html lang=en><title>x</title><main><h1>x</h1><p style='color:#bbb'>pale</p><button></button></main>"
    )
    assert {found.split()[0] for found in findings(page)} == {"color-contrast", "button-name"}
    page.close()


@pytest.mark.parametrize(("size", "theme"), [(DESK, "light"), (DESK, "dark"), (PHONE, "light")])
def test_nothing_is_found(browser, address, size, theme):
    visitor = Visitor(browser, address, viewport=size, color_scheme=theme, reduced_motion="reduce")
    visitor.page.get_by_role("heading", level=1).wait_for()
    assert findings(visitor.page) == [], "as the page opens"
    visitor.pick_example(4)
    visitor.wait_for_answers()
    visitor.ask("Which one is left?")
    visitor.wait_for_answers(2)
    visitor.compare("A")
    visitor.wait_for_answers(4)
    visitor.panel("gate").get_by_text("The same as a table").click()
    visitor.panel("router").get_by_text("Exact numbers, reply and prompt").click()
    assert findings(visitor.page) == [], "with questions answered, two answers compared and tables open"
    visitor.enlarge("gate")
    assert findings(visitor.page, ".mova-panel.large") == [], "with a panel enlarged"
    visitor.page.keyboard.press("Escape")
    if size == DESK:
        visitor.begin_tour()
        assert findings(visitor.page) == [], "in the tour"
        visitor.page.keyboard.press("Escape")
    visitor.open_settings()
    visitor.page.get_by_label("I choose (up to three)").check()
    assert findings(visitor.page) == [], "with the settings open"
    visitor.leave()
