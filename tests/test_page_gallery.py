"""The gallery's strip, the way past it, and the choice of light or dark: small scripts, in a browser."""

from pathlib import Path

import pytest

from demo.gallery import gallery_html
from demo.header import header_html
from tests.demo_pictures import make_examples

pytestmark = pytest.mark.browser
PAGE = Path(__file__).parent.parent / "assets" / "page"
ADDRESS = "http://mova.test/"


@pytest.fixture(scope="module")
def document(tmp_path_factory) -> str:
    """The header, a gallery and a composer, with the page's own styles and scripts."""
    examples = make_examples(tmp_path_factory.mktemp("examples")) * 2
    styles = "".join(f"<style>{file.read_text()}</style>" for file in sorted(PAGE.glob("*.css")))
    scripts = "".join(f"<script>{(PAGE / name).read_text()}</script>" for name in ("theme.js", "gallery.js"))
    return (
        f"<!doctype html><html><head><meta charset='utf-8'>{styles}{scripts}</head><body>"
        f"{header_html(None)}{gallery_html(examples)}"
        "<div id='composer'><textarea aria-label='question'></textarea></div></body></html>"
    )


@pytest.fixture
def page(browser, document):
    """A page that has been opened; every request is answered from here."""
    context = browser.new_context(viewport={"width": 1000, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body=document, content_type="text/html"))
    page.goto(ADDRESS)
    yield page
    context.close()


def more(page) -> str:
    """Where the strip says that there is more."""
    page.wait_for_timeout(150)
    return page.locator(".mova-strip").get_attribute("data-more")


def focused(page) -> tuple[str, str]:
    """What a key would go to: its act and its position."""
    data = page.evaluate("({...document.activeElement.dataset})")
    return data.get("act", ""), data.get("index", "")


def test_the_strip_says_where_there_is_more_and_arrows_lead_there(page):
    assert more(page) == "after"
    before, after = (page.locator(f'[data-act="gallery-{way}"]') for way in ("prev", "next"))
    assert after.is_visible() and not before.is_visible()
    after.click()
    assert more(page) == "both" and before.is_visible()
    while more(page) == "both":
        after.click()
    assert more(page) == "before" and not after.is_visible()
    before.click()
    assert more(page) == "both"


def test_a_strip_that_fits_says_nothing(page):
    page.set_viewport_size({"width": 6000, "height": 900})
    assert more(page) == ""
    assert not page.locator(".mova-step:visible").count()


def test_tab_passes_the_gallery_in_one_step(page):
    acts = []
    for _ in range(4):
        page.keyboard.press("Tab")
        acts.append(focused(page)[0])
    assert acts == ["skip", "theme", "example", ""]
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"


def test_arrow_keys_walk_the_cards_and_their_second_buttons(page):
    page.locator('[data-act="example"]').first.focus()
    walked = []
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft", "End", "ArrowUp", "ArrowRight", "Home"):
        page.keyboard.press(key)
        walked.append(focused(page))
    assert walked == [
        ("example", "1"), ("example", "2"), ("use", "2"), ("use", "1"), ("use", "13"), ("example", "13"),
        ("example", "13"), ("example", "0"),
    ]  # fmt: skip
    assert page.locator('.mova-gallery [tabindex="0"]').count() == 1


def test_a_card_reached_by_keys_is_in_view_and_stays_the_stop(page):
    page.locator('[data-act="example"]').first.focus()
    page.keyboard.press("End")
    card = page.locator(".mova-card").last.bounding_box()
    assert card["x"] >= 0 and card["x"] + card["width"] <= 1000
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    assert focused(page) == ("example", "13")


def test_the_skip_link_leads_to_the_question_field(page):
    page.keyboard.press("Tab")
    assert page.locator(".mova-skip").bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.tagName") == "TEXTAREA"
    assert page.url == ADDRESS


def is_dark(page) -> bool:
    """Whether the page is dark now; its root and its body agree."""
    root, body = page.evaluate("[document.documentElement, document.body].map((x) => x.matches('.dark'))")
    assert root == body
    return root


def test_the_page_follows_the_machine_until_one_chooses(page):
    assert not is_dark(page)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("document.body.matches('.dark')")
    page.locator('[data-act="theme"]').click()
    assert not is_dark(page)
    page.emulate_media(color_scheme="light")
    page.emulate_media(color_scheme="dark")
    assert not is_dark(page)


def test_the_choice_of_light_or_dark_is_remembered(page):
    page.locator('[data-act="theme"]').click()
    assert is_dark(page)
    page.reload()
    assert is_dark(page)
    page.evaluate("document.body.classList.remove('dark')")  # as the library does while it starts
    page.wait_for_function("document.body.matches('.dark')")
    page.goto(f"{ADDRESS}?__theme=light")
    assert not is_dark(page), "an address that says how it is to be shown is right"
