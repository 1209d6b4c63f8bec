"""The page in Chromium under axe-core: nothing serious or critical, light and dark, on desk and phone."""

from pathlib import Path

import pytest

from tests.demo_pictures import make_examples
from tests.fake_engine import FakeEngine
from tests.page_server import serve
from tests.visitor import Visitor

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
# Every finding that would keep somebody from using the page: its rule, and where.
LOOK = """async () => {
  const found = await axe.run(document, { resultTypes: ['violations'] });
  return found.violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)).flatMap(
    ({ id, nodes }) => nodes.map((node) => `${id} ${node.target.join(' ')}: ${node.html.slice(0, 160)}`
      + ` (${node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? ''})`));
}"""
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with serve(FakeEngine(0.002, words=12), make_examples(tmp_path_factory.mktemp("examples"))) as address:
        yield address


def findings(page) -> list[str]:
    page.evaluate(f"{AXE}; undefined")
    return page.evaluate(LOOK)


def test_pale_letters_and_a_button_without_a_name_are_found(browser):
    page = browser.new_page()
    page.set_content(
        "<html lang=en><title>x</title><main><p style='color:#bbb'>pale</p><button></button></main>"
    )
    assert {found.split()[0] for found in findings(page)} == {"color-contrast", "button-name"}
    page.close()


@pytest.mark.parametrize(("size", "theme"), [(DESK, "light"), (DESK, "dark"), (PHONE, "light")])
def test_nothing_serious_is_found(browser, address, size, theme):
    visitor = Visitor(browser, address, viewport=size, color_scheme=theme, reduced_motion="reduce")
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
    visitor.open_settings()
    visitor.page.get_by_label("I choose (up to three)").check()
    assert findings(visitor.page) == [], "with the settings open"
    visitor.leave()
