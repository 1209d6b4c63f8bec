"""Names of categories that are written aslant: how they are found, read and hung below their marks."""

import math
from pathlib import Path

import matplotlib
import pytest
import torch
from PIL import Image, ImageDraw, ImageFont

from mova.vision.chances import Chances
from mova.vision.charts.layout import layout_of
from mova.vision.charts.rows import rows_of
from mova.vision.charts.seen import PLACES, SIZE, Area
from mova.vision.charts.slanted import Turn, hung, slant, turn_of
from mova.vision.letters import BAND, COLUMN, Letter
from mova.vision.lines import CELL, SIDE
from mova.vision.reading import Page
from tests.test_charts import page_with, seen, text

FONT = Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"
NAMES = ("Ecuador", "Panama", "Albania", "Serbia", "Tunisia")
PITCH = 120.0  # px from name to name


def names_below(degrees, top=600, height=18):
    """A view [3, 768, 768] with names that rise by so many degrees, hung by their upper ends at `top`."""
    view = Image.new("L", (SIDE, SIDE), 255)
    for k, name in enumerate(NAMES):
        font = ImageFont.truetype(str(FONT), height)
        strip = Image.new("L", (400, 400), 0)
        ImageDraw.Draw(strip).text((200, 200), name, fill=255, font=font, anchor="rm")
        turned = strip.rotate(degrees, resample=Image.Resampling.BICUBIC)
        view.paste(0, (round(100 + PITCH * k) - 200, top - 200), turned)
    return torch.tensor(list(view.tobytes()), dtype=torch.float32).view(1, SIDE, SIDE).expand(3, -1, -1) / 255


def area(x0, y0, x1, y1):
    return Area(round(y0 / SIZE), round(x0 / SIZE), round(y1 / SIZE), round(x1 / SIZE))


BELOW = [area(20, 600, 700, 690)]


@pytest.mark.parametrize("degrees", [25, 30, 45, 60, 70, -30, -45])
def test_the_slant_of_print_is_found(degrees):
    view = names_below(degrees)
    rows = view[0].lt(0.5).any(1).nonzero().flatten()
    assert slant(view[:, rows[0] : rows[-1] + 1]) == pytest.approx(degrees, abs=5)


def test_an_axis_above_the_names_is_no_print():
    view = names_below(45).clone()
    view[:, 604:607] = 0
    assert slant(view[:, 600:690]) == pytest.approx(45, abs=5)


def test_where_there_is_no_print_nothing_is_aslant():
    assert slant(torch.ones(3, 40, 40)) == 0
    assert turn_of(torch.ones(3, SIDE, SIDE), BELOW) is None
    assert turn_of(torch.ones(3, SIDE, SIDE), []) is None


def test_low_areas_hold_a_level_line_and_upright_print_is_not_turned_aslant():
    assert turn_of(names_below(45), [area(20, 600, 700, 620)]) is None
    assert turn_of(names_below(90), BELOW) is None


def test_the_turned_view_shows_what_was_aslant_level_and_knows_where_it_was():
    turn = Turn(30.0, 400.0, 640.0)
    view = torch.zeros(3, SIDE, SIDE)
    x, y = 400 + 100 * math.cos(math.radians(30)), 640 - 100 * math.sin(math.radians(30))
    view[:, round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2] = 1
    turned = turn.view(view)
    row, column = divmod(int(turned[0].argmax()), SIDE)
    assert (column, row) == (pytest.approx(SIDE / 2 + 100, abs=2), pytest.approx(SIDE / 2, abs=2))
    assert turn.back((column, row)) == (pytest.approx(x, abs=2), pytest.approx(y, abs=2))
    assert turned.dtype == view.dtype and turned.shape == view.shape


def test_only_the_rows_with_the_turned_names_are_read():
    first, end = Turn(30.0, 384.0, 640.0).rows([area(284, 620, 484, 660)])
    assert 0 < first < SIDE // CELL / 2 < end < SIDE // CELL
    assert Turn(45.0, 384.0, 384.0).rows([Area(0, 0, PLACES - 1, PLACES - 1)]) == (0, SIDE // CELL)


def level_page(sure=1.0):
    """The names as they stand on the view that `turn_of` turns, and that turn."""
    turn = turn_of(names_below(45), BELOW)
    letters = []
    for k, name in enumerate(NAMES):
        x, y = 100 + PITCH * k - turn.x, 600 - turn.y  # where it hangs from the middle of the turn
        along = (x - y) * math.sqrt(0.5) + SIDE / 2
        across = (x + y) * math.sqrt(0.5) + SIDE / 2
        letters += [
            Letter(int(across // BAND), int((along - 12 * (len(name) - n)) // COLUMN), character, sure)
            for n, character in enumerate(name)
        ]
    nothing = torch.zeros(SIDE // BAND, SIDE // COLUMN, 1)
    return Page(SIDE, 0, letters, Chances(nothing[::2], nothing, ""))


def layout_with(below, level=(), kind="bar"):
    roles = [("category", (75, 2, 86, 88))]
    marks = [("end", 100 + PITCH * k, 500 - 40 * k) for k in range(len(NAMES))]
    return layout_of(page_with(*level), seen(kind, roles, marks), names_below(45), lambda view, rows: below)


def test_names_aslant_are_read_from_the_turned_view_and_belong_to_the_marks_above_their_ends():
    layout = layout_with(level_page(), level=[("1", 300, 640)])
    assert [label.said for label in layout.labels] == list(NAMES)
    rows = rows_of(layout)
    assert [row.label.said for row in rows] == list(NAMES)
    assert [round(-row.reach) // 10 for row in rows] == [50, 46, 42, 38, 34]


def test_level_names_stay_as_they_were_read_where_the_turned_view_is_less_sure():
    level = [(name, 100 + PITCH * k, 640) for k, name in enumerate(NAMES)]
    layout = layout_with(level_page(sure=0.3), level=level)
    assert [label.said for label in layout.labels] == list(NAMES)
    assert all(label.page is None for label in layout.labels)


def test_the_names_of_lying_bars_are_not_turned():
    def none(view, rows):
        raise AssertionError("nothing is read again")

    shown = seen("horizontal bar", [("category", (75, 2, 86, 88))])
    assert layout_of(page_with(("Mon", 100, 640)), shown, names_below(45), none).labels[0].said == "Mon"


def test_names_hang_by_their_middles_or_by_their_upper_ends():
    def aslant(x, y, long):
        return [(x - long + 10.0 * k, y + long - 10.0 * k) for k in range(long // 10 + 1)]

    ends = [(200.0, 100.0), (300.0, 100.0)]
    middle = text("1234567", 0, 0)
    by_end = [type(middle)(middle.letters, tuple(aslant(x, 600, 60))) for x, _ in ends]
    assert [round(one.x) for one in hung(by_end, ends)] == [200, 300]
    by_middle = [type(middle)(middle.letters, tuple(aslant(x + 30, 600, 60))) for x, _ in ends]
    assert [round(one.x) for one in hung(by_middle, ends)] == [200, 300]
    assert hung(by_middle, []) == by_middle
