"""draw(maker, seed, split): one natural picture; MAKERS is the table of what draws them."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from training.makers.artwork import draw_artwork
from training.makers.charts import draw_chart
from training.makers.diagrams import draw_diagram
from training.makers.documents import draw_document
from training.makers.forms import draw_forms
from training.makers.formulas import draw_formula
from training.makers.lines import draw_lines
from training.makers.pages import draw_page
from training.makers.photographs import draw_photograph
from training.makers.records import Picture
from training.makers.signs import draw_sign
from training.makers.sketches import draw_sketch
from training.makers.small_print import draw_small_print
from training.makers.strips import draw_strip
from training.makers.unfamiliar import draw_unfamiliar
from training.makers.web_charts import draw_web_chart
from training.makers.web_signs import draw_web_sign
from training.makers.windows import draw_window

SPLITS = ("train", "test")


@dataclass(frozen=True)
class Maker:
    """What draws a picture from a random source; `exact` where a seed always draws the same pixels,
    `browser` where Chromium is needed, `installed` where Debian's pictures are."""

    draw: Callable[[random.Random, str], Picture]
    exact: bool = True
    browser: bool = False
    installed: bool = False


MAKERS = {
    "charts": Maker(draw_chart, exact=False),
    "lines": Maker(draw_lines),
    "strips": Maker(draw_strip),
    "documents": Maker(draw_document),
    "signs": Maker(draw_sign),
    "windows": Maker(draw_window),
    "unfamiliar": Maker(draw_unfamiliar),
    "small-print": Maker(draw_small_print),
    "forms": Maker(draw_forms),
    "sketches": Maker(draw_sketch),
    "formulas": Maker(draw_formula, exact=False),
    "diagrams": Maker(draw_diagram, exact=False),
    "photographs": Maker(draw_photograph, exact=False, installed=True),
    "artwork": Maker(draw_artwork, exact=False, installed=True),
    "pages": Maker(draw_page, exact=False, browser=True),
    "web-charts": Maker(draw_web_chart, exact=False, browser=True),
    "web-signs": Maker(draw_web_sign, exact=False, browser=True),
}


def draw(maker: str, seed: int, split: str) -> Picture:
    """Draw one picture.

    Raises KeyError for an unknown maker and ValueError for an unknown split.
    """
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}; it must be one of {', '.join(SPLITS)}.")
    return MAKERS[maker].draw(random.Random(f"{maker} {split} {seed}"), split)
