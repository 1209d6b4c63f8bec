"""The panel of places in Chromium: a marked patch lies under its place, and what is chosen stays chosen."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from demo.panels.where import where_html
from demo.theme import EXPERT_COLOURS
from demo.words import ENGLISH
from mova.config import MovaConfig
from mova.thumbnail import thumbnail
from mova.trace import Picture
from tests.test_demo_panels import shown, trace_of
from tests.test_demo_where import hot, trace_with

pytestmark = pytest.mark.browser
PAGE = Path(__file__).parent.parent / "assets" / "page"
SIDE, PATCH = 8, 16
CONFIG = MovaConfig(
    image_feat_size=SIDE,
    clip={"patch_size": PATCH},
    views={"high_side": 48, "patch_rows": 5, "patch_size": 4},
)


@pytest.fixture
def open_panel(browser):
    """(trace) -> a page that shows its panel of places."""
    pages = []

    def open_one(trace):
        page = browser.new_page(viewport={"width": 700, "height": 700})
        style = "".join((PAGE / name).read_text() for name in ("style.css", "where.css"))
        panel = where_html(shown(trace), ENGLISH)
        page.set_content(f"<style>{style}</style><body><div id=right>{panel}</div></body>")
        page.evaluate((PAGE / "where.js").read_text())
        pages.append(page)
        return page

    yield open_one
    for page in pages:
        page.close()


def choose(page, kind: str, value: str) -> None:
    page.check(f'[data-where="{kind}"][value="{value}"]', force=True)


def set_opacity(page, value: int) -> None:
    page.eval_on_selector(
        '[data-where="opacity"]',
        "(range, value) => { range.value = value;"
        " range.dispatchEvent(new Event('input', { bubbles: true })); }",
        value,
    )


def square(page) -> np.ndarray:
    """The pixels of the first square as the browser shows it."""
    return np.asarray(Image.open(io.BytesIO(page.locator(".mova-square").first.screenshot())).convert("RGB"))


def extent(found: np.ndarray) -> tuple[int, int, int, int]:
    """First and last row and column of what is True."""
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


def near(pixels: np.ndarray, colour: tuple[int, ...], within: int) -> np.ndarray:
    return np.abs(pixels.astype(int) - np.array(colour)).max(axis=-1) <= within


def place_of(marked: Image.Image, plain: Image.Image) -> tuple[int, int]:
    """The place of the base grid in which the encoder's own view of two pictures differs most."""
    from mova.vision.views import build_views

    change = (build_views(marked, CONFIG).base - build_views(plain, CONFIG).base).abs().sum(dim=1)[0]
    places = change.unflatten(1, (SIDE, PATCH)).unflatten(0, (SIDE, PATCH)).sum(dim=(1, 3))
    return divmod(int(places.argmax()), SIDE)


@pytest.mark.parametrize(
    ("size", "place"),
    [
        ((400, 200), (3, 1)), ((400, 200), (5, 6)), ((200, 400), (1, 3)), ((200, 400), (6, 4)),
        ((300, 300), (2, 5)), ((401, 200), (2, 0)), ((200, 333), (7, 5)),
    ],
)  # fmt: skip
def test_a_marked_patch_lies_under_the_place_that_the_encoder_has_it_in(open_panel, size, place):
    side = max(size)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    # A mark of half a place's side around the middle of the place, in the picture's own pixels.
    corners = [(index + share) * side / SIDE for share in (0.25, 0.75) for index in place]
    rows, columns = (round(corners[0]) - top, round(corners[2]) - top), (
        round(corners[1]) - left, round(corners[3]) - left,
    )  # fmt: skip
    plain = Image.new("RGB", size, "white")
    marked = plain.copy()
    marked.paste((255, 0, 0), (columns[0], rows[0], columns[1], rows[1]))
    row, column = place_of(marked, plain)
    picture = Picture(*size, "", thumbnail(marked))
    page = open_panel(trace_with({"G": hot(row, column, SIDE)}, picture))

    set_opacity(page, 0)
    mark = extent(near(square(page), (255, 0, 0), 90))
    set_opacity(page, 100)
    colour = tuple(bytes.fromhex(EXPERT_COLOURS["G"][1:]))
    cell = extent(near(square(page), colour, 8))
    assert cell[0] <= mark[0] and mark[1] <= cell[1], (cell, mark)
    assert cell[2] <= mark[2] and mark[3] <= cell[3], (cell, mark)
    width = page.locator(".mova-square").first.bounding_box()["width"]
    assert cell[1] - cell[0] + 1 == pytest.approx(width / SIDE, abs=2)


def visible(page, what: str) -> list[str]:
    return page.eval_on_selector_all(
        f".mova-where [{what}]",
        f"all => [...new Set(all.filter(e => e.offsetParent).map(e => e.getAttribute('{what}')))]",
    )


def test_layer_map_and_scale_are_chosen_without_a_server(open_panel):
    page = open_panel(trace_of())
    assert visible(page, "data-layer") == ["all"] and visible(page, "data-map") == ["E", "D", "most"]
    assert visible(page, "data-scale") == ["own"]
    choose(page, "layer", "2")
    choose(page, "view", "D")
    choose(page, "scale", "one")
    assert visible(page, "data-layer") == ["2"] and visible(page, "data-map") == ["D"]
    assert visible(page, "data-scale") == ["one"]
    ground = page.locator('[data-map="D"] [data-layer="2"] i')
    assert float(ground.evaluate("e => getComputedStyle(e).opacity")) > 0


def test_the_keyboard_chooses_a_layer(open_panel):
    page = open_panel(trace_of())
    page.focus('[data-where="layer"][value="all"]')
    page.keyboard.press("ArrowRight")
    assert visible(page, "data-layer") == ["1"]


def test_what_was_chosen_stays_when_the_panel_is_drawn_anew(open_panel):
    page = open_panel(trace_of())
    choose(page, "layer", "3")
    choose(page, "scale", "one")
    set_opacity(page, 40)
    other = where_html(shown(trace_of("How many?")), ENGLISH)
    page.eval_on_selector("#right", "(e, html) => { e.innerHTML = html; }", other)
    page.wait_for_function('document.querySelector(\'[data-where="layer"][value="3"]\').checked')
    assert visible(page, "data-layer") == ["3"] and visible(page, "data-scale") == ["one"]
    assert page.input_value('[data-where="opacity"]') == "40"
    over = page.locator(".mova-over").first
    assert float(over.evaluate("e => getComputedStyle(e).opacity")) == pytest.approx(0.4)
    # A choice that the new panel does not have leaves it at its own.
    single = trace_with({"E": hot(1, 1, layers=2)})
    page.eval_on_selector(
        "#right", "(e, html) => { e.innerHTML = html; }", where_html(shown(single), ENGLISH)
    )
    assert visible(page, "data-layer") == ["all"]


def test_two_panels_on_one_page_agree(open_panel):
    page = open_panel(trace_of())
    other = replace(trace_of("How many?"), question="other")
    page.eval_on_selector(
        "#right", "(e, html) => e.insertAdjacentHTML('beforeend', html)", where_html(shown(other), ENGLISH)
    )
    choose(page, "layer", "2")
    assert visible(page, "data-layer") == ["2"]
    assert page.locator('[data-where="layer"][value="2"]:checked').count() == 2
