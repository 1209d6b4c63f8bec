"""A chart as a table: by rule, out of letters, what they are and where marks end."""

import math
import random
from dataclasses import replace

import pytest
import torch

from mova.vision.chances import Chances
from mova.vision.charts.axis import axis_scale, rounded
from mova.vision.charts.layout import Layout, columns_between, layout_of
from mova.vision.charts.pie import completed, pie_rows
from mova.vision.charts.rows import Row, rows_of, series_of
from mova.vision.charts.seen import KINDS, MARKS, PLACES, ROLES, Area, Seen, areas_of, kind_of, marks_in
from mova.vision.charts.table import Written, best_rows, table_lines
from mova.vision.charts.text import Text, number_in, parted
from mova.vision.letters import BAND, COLUMN, Letter
from mova.vision.letters import PLACES as COLUMNS
from mova.vision.lines import CELL, SIDE
from mova.vision.reading import Page
from mova.vision.spelling import Spelling

PITCH = 12.0  # px from letter to letter


def text(said, x, y):
    """Letters with their middle at (x, y)."""
    first = x - PITCH * (len(said) - 1) / 2
    points = tuple((first + PITCH * k, float(y)) for k in range(len(said)))
    letters = tuple(
        Letter(int(y // BAND), int(px // COLUMN), c, 1.0) for c, (px, _) in zip(said, points, strict=True)
    )
    return Text(letters, points)


def bars(kind="bar", **texts):
    """Three standing bars, 10 px a unit above 600: 10, 40 and 25."""
    names = [text("Mon", 200, 640), text("Tue", 400, 640), text("Wed", 600, 640)]
    ends = [(600.0, 350.0), (200.0, 500.0), (400.0, 200.0)]
    return Layout(kind, {"category": names, **texts}, ends)


def said(rows):
    return [(row.label.said, row.printed.said if row.printed else None, row.value) for row in rows]


TICKS = [text("0", 80, 600), text("20", 80, 400), text("40", 80, 200)]


def test_a_mark_says_what_the_axis_says_beside_it():
    values = {label: value for label, _, value in said(rows_of(bars(tick=TICKS)))}
    assert values == pytest.approx({"Mon": 10, "Tue": 40, "Wed": 25})


def test_a_misread_number_at_the_axis_does_not_bend_it():
    ticks = [*TICKS, text("3", 80, 300), text("10", 80, 500)]
    assert axis_scale(ticks, lying=False)(-350) == pytest.approx(25)


def test_without_an_axis_the_marks_say_which_is_higher_and_no_number():
    layout = bars()
    rows = rows_of(layout)
    assert {row.value for row in rows} == {None}
    assert max(rows, key=lambda row: row.reach).label.said == "Tue"
    assert min(rows, key=lambda row: row.reach).label.said == "Mon"


def test_what_is_printed_at_a_mark_counts_before_the_axis():
    printed = [text("12", 200, 485), text("38", 400, 185), text("$1,250", 600, 335)]
    assert said(rows_of(bars(tick=TICKS, value=printed))) == [
        ("Mon", "12", 12), ("Tue", "38", 38), ("Wed", "$1,250", 1250),
    ]  # fmt: skip


def test_lying_bars_are_read_from_above():
    names = [text("Mon", 100, 400), text("Tue", 100, 200)]
    ticks = [text("0", 200, 600), text("50", 700, 600)]
    layout = Layout("horizontal bar", {"category": names, "tick": ticks}, [(300.0, 402.0), (600.0, 198.0)])
    assert [(label, round(value)) for label, _, value in said(rows_of(layout))] == [("Tue", 40), ("Mon", 10)]


def test_digits_that_stand_far_apart_behind_a_name_are_one_value():
    names = [text("Mon", 100, 600), text("Tue", 400, 600)]
    digits = [text("4", 180, 600), text("1", 240, 600), text("9", 480, 600)]
    layout = Layout("bar", {"category": names, "value": digits}, [])
    assert said(rows_of(layout)) == [("Mon", "41", 41), ("Tue", "9", 9)]


@pytest.mark.parametrize(
    ("written", "number"),
    [("12", 12), ("1,250", 1250), ("-3.5", -3.5), ("$45.10", 45.1), ("12%", 12), ("5k", 5000), (".5", 0.5),
     ("Mon", None), ("12 of", None), ("", None)],
)  # fmt: skip
def test_numbers_as_charts_write_them(written, number):
    assert number_in(written) == number


@pytest.mark.parametrize(
    ("value", "most", "written"), [(41.7, 98, "42"), (4170, 9800, "4200"), (0.417, 0.98, "0.42"), (0, 0, "0")]
)
def test_a_value_is_no_finer_than_an_eye_can_tell(value, most, written):
    assert rounded(value, most) == written


RED, BLUE, WHITE = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, 0.0)


def test_series_are_told_by_the_colour_before_their_names():
    names = [text("2023", 600, 100), text("2024", 600, 140)]
    ends = [(200.0, 300.0), (200.0, 500.0), (400.0, 450.0), (400.0, 250.0)]
    colours = {ends[0]: RED, ends[1]: BLUE, ends[2]: RED, ends[3]: BLUE}

    def colour(point):
        if point[0] > 500 and abs(point[0] - 560) < 14:  # before the names
            return BLUE if abs(point[1] - 100) < 12 else RED if abs(point[1] - 140) < 12 else WHITE
        return colours.get(point, WHITE)

    labels = [text("Mon", 200, 640), text("Tue", 400, 640)]
    layout = Layout("line", {"category": labels, "legend": names, "tick": TICKS}, ends, colour=colour)
    found = {name.said: [round(row.value) for row in rows] for name, rows in series_of(layout)}
    assert found == {"2023": [10, 35], "2024": [30, 15]}


def test_grouped_bars_stand_in_the_order_of_their_legend():
    names = [text("A", 600, 100), text("B", 660, 100)]
    ends = [(180.0, 500.0), (220.0, 300.0), (380.0, 400.0), (420.0, 200.0)]
    labels = [text("Mon", 200, 640), text("Tue", 400, 640)]
    layout = Layout("grouped bar", {"category": labels, "legend": names, "tick": TICKS}, ends)
    found = {name.said: [round(row.value) for row in rows] for name, rows in series_of(layout)}
    assert found == {"A": [10, 20], "B": [30, 40]}


def rim(*shares, start=0.0):
    """Where the parts of a pie around (400, 400) begin."""
    angles, at = [], start
    for share in shares:
        angles.append(at)
        at += math.tau * share / 100
    return tuple((400 + 200 * math.cos(a), 400 + 200 * math.sin(a)) for a in angles)


def test_a_part_of_a_pie_is_as_large_as_its_angle():
    names = [text("Low", 640, 450), text("Mid", 400, 650), text("Top'", 400, 150)]
    layout = Layout("pie", {"category": names}, [], (400.0, 400.0), rim(20, 30, 50))
    assert {label: round(value) for label, _, value in said(pie_rows(layout))} == {
        "Low": 20,
        "Mid": 30,
        "Top": 50,
    }


def test_a_pies_printed_share_belongs_to_the_part_that_it_stands_in():
    names, shares = (
        [text("Low", 640, 450), text("Top", 150, 400)],
        [text("22%", 500, 440), text("78%", 300, 380)],
    )
    layout = Layout("pie", {"category": names, "value": shares}, [], (400.0, 400.0), rim(20, 80))
    assert {label: printed for label, printed, _ in said(pie_rows(layout))} == {"Low": "22%", "Top": "78%"}


def test_the_names_of_a_legend_have_the_parts_of_their_colours():
    names = [text("Low", 680, 300), text("Top", 680, 340)]

    def colour(point):
        if 635 < point[0] < 660:
            return RED if abs(point[1] - 300) < 12 else BLUE if abs(point[1] - 340) < 12 else WHITE
        inside = math.dist(point, (400, 400)) < 200
        return (
            (RED if math.atan2(point[1] - 400, point[0] - 400) % math.tau < 0.2 * math.tau else BLUE)
            if inside
            else WHITE
        )

    layout = Layout("pie", {"category": names}, [], (400.0, 400.0), rim(20, 80), colour)
    assert {label: round(value) for label, _, value in said(pie_rows(layout))} == {"Low": 20, "Top": 80}


def test_names_of_one_line_part_at_gaps_or_half_way_between_marks():
    row = text("NewYorkOslo", 400, 640)
    assert [one.said for one in parted(row.letters, row.points, PITCH)] == ["NewYorkOslo"]
    border = [(row.points[6][0] + row.points[7][0]) / 2]
    assert [one.said for one in parted(row.letters, row.points, PITCH, border)] == ["NewYork", "Oslo"]
    wide = text("ab", 100, 0), text("cd", 180, 0)
    letters = tuple(letter for one in wide for letter in one.letters)
    points = tuple(point for one in wide for point in one.points)
    assert [one.said for one in parted(letters, points, PITCH)] == ["ab", "cd"]


def test_marks_above_each_other_part_no_names():
    assert columns_between("line", [(100, 1), (104, 9), (300, 1), (302, 9)], 2) == [pytest.approx(201, abs=2)]
    assert columns_between("grouped bar", [(100, 1), (140, 1), (300, 1), (340, 1)], 2) == [220]
    assert columns_between("horizontal bar", [(100, 1), (300, 1)], 1) == []


def seen(kind, roles=(), marks=()):
    """What is said of a picture without a doubt: areas of places by their role, marks by kind at (x, y)."""
    role_logits, mark_logits = (
        torch.zeros(1, len(ROLES), PLACES, PLACES),
        torch.full((1, len(MARKS), PLACES, PLACES), -9.0),
    )
    role_logits[:, 0] = 5.0
    for role, (top, left, bottom, right) in roles:
        role_logits[0, ROLES.index(role), top : bottom + 1, left : right + 1] = 20.0
    offsets = torch.full((1, 2, PLACES, PLACES), 0.5)
    for mark, x, y in marks:
        mark_logits[0, MARKS.index(mark), int(y // 8), int(x // 8)] = 9.0
        offsets[0, :, int(y // 8), int(x // 8)] = torch.tensor([x / 8 % 1, y / 8 % 1])
    kinds = torch.zeros(1, len(KINDS))
    kinds[0, KINDS.index(kind)] = 9.0
    return Seen(role_logits, mark_logits, offsets, kinds)


def test_marks_are_found_where_they_are_likeliest():
    found = seen("pie", marks=[("centre", 400, 300), ("rim", 203, 99), ("rim", 500, 500)])
    found.marks[0, 1, 300 // 8, 400 // 8 + 1] = 3.0  # beside it, and less likely
    assert kind_of(found) == "pie"
    places = {kind: [(round(x), round(y)) for x, y in places] for kind, places in marks_in(found).items()}
    assert places == {"end": [], "centre": [(400, 300)], "rim": [(203, 99), (500, 500)]}


def test_areas_of_one_role_are_what_touches():
    places = [[0] * PLACES for _ in range(PLACES)]
    places[3][4] = places[4][5] = places[10][10] = 2
    assert areas_of(places, 2) == [Area(3, 4, 4, 5)], "a single place is no print"
    assert (
        Area(10, 5, 20, 6).is_turned and not Area(10, 5, 11, 20).is_turned and not Area(0, 0, 1, 0).is_turned
    )


WORDS = ["", "\n", " ", " Sales", "Mon", " Mon", "Tue", " Tue", "1", "2", "4", "0", " |", " a", " bar",
         " chart", " highest", " lowest", " y", " axis", " Days"]  # fmt: skip
SPELLING = Spelling({word: token for token, word in enumerate(WORDS) if token > 1})


def page_with(*texts):
    """A page on which texts stand that are likely as the words they are."""
    letters, chances = [], torch.full((SIDE // CELL, COLUMNS, len(WORDS)), -4.0)
    for said, x, y in texts:
        for letter in text(said, x, y).letters:
            letters.append(letter)
            chances[letter.band // 2, letter.column] = torch.log_softmax(torch.ones(len(WORDS)), 0)
    return Page(SIDE, 0, letters, Chances(chances, torch.zeros(2 * SIDE // CELL, COLUMNS, 1), ""))


def test_a_chart_is_written_as_title_kind_axes_rows_and_what_is_highest_and_lowest():
    page = page_with(
        ("Sales", 400, 40), ("Mon", 200, 648), ("Tue", 600, 648), ("0", 60, 600), ("20", 60, 200)
    )
    roles = [("title", (3, 40, 6, 60)), ("category", (79, 20, 82, 80)), ("tick", (20, 4, 78, 12)),
             ("axis", (30, 0, 50, 2))]  # fmt: skip
    shown = seen("bar", roles, [("end", 200, 400), ("end", 600, 360)])
    turned = page_with(("Days", SIDE - 1 - 320, 8))
    asked = []

    def read(view, rows):
        asked.append(rows)
        return turned

    layout = layout_of(page, shown, torch.zeros(3, SIDE, SIDE), read)
    texts = ["".join(WORDS[token] for token in line.tokens) for line in table_lines(layout, page, SPELLING)]
    assert texts == [
        " Sales", " a bar chart", " y axis | Days", " Mon | 10", " Tue | 12",
        " highest | Tue", " lowest | Mon",
    ]  # fmt: skip
    assert asked == [(0, 1)], "only the rows that print stands in are read again"


def test_what_has_no_value_is_named_and_nothing_is_said_to_be_highest():
    page = page_with(("Mon", 200, 648), ("Tue", 600, 648))
    shown = seen("bar", [("category", (79, 20, 82, 80))], [("end", 200, 400)])
    layout = layout_of(page, shown, torch.zeros(3, SIDE, SIDE), lambda view, rows: page)
    texts = ["".join(WORDS[token] for token in line.tokens) for line in table_lines(layout, page, SPELLING)]
    assert texts == [" a bar chart", " Mon |", " Tue |"]


def test_where_most_rows_are_known_the_highest_and_the_lowest_are_among_them():
    stand = [("Mon", 100, 648), ("Tue", 300, 648), ("Wed", 500, 648), ("Thu", 700, 648)]
    names, write = [text(*one) for one in stand], Written(page_with(*stand), SPELLING)
    rows = [Row(name, value=value) for name, value in zip(names, (3.0, 9.0, None, 4.0), strict=True)]
    said = ["".join(WORDS[token] for token in line.tokens) for line in best_rows(write, rows)]
    assert said == [" highest | Tue", " lowest | Mon"]
    assert not list(best_rows(write, rows[1:3])), "of two rows the unknown one may be either"


def test_the_one_part_that_nothing_is_known_of_is_what_the_others_leave():
    names, shares = ([text(one, 100, 40) for one in said] for said in ("ABC", ("30%", "45%")))
    rows = [Row(names[0], shares[0], 30.0), Row(names[1]), Row(names[2], shares[1], 45.0)]
    assert [row.value for row in completed(rows)] == [30.0, 25.0, 45.0]
    assert completed(rows[1:2] * 2) == rows[1:2] * 2
    counted = [replace(rows[0], printed=text("30", 100, 0)), rows[1]]
    assert completed(counted) == counted, "what is no share does not add up to a hundred"


def test_names_far_apart_are_two_though_the_mark_between_them_was_missed():
    line = [*text("Wholesale", 100, 0).letters, *text("Online", 400, 0).letters]
    points = [*text("Wholesale", 100, 0).points, *text("Online", 400, 0).points]
    said = [one.said for one in parted(line, points, PITCH, borders=[600.0])]
    assert said == ["Wholesale", "Online"]
    near = [*text("Ice", 100, 0).points, *text("Cream", 100 + 6 * PITCH, 0).points]
    letters = [*text("Ice", 0, 0).letters, *text("Cream", 0, 0).letters]
    assert len(parted(letters, near, PITCH, borders=[600.0])) == 1, "a blank parts nothing"


def test_two_names_never_share_a_part_of_a_pie():
    names = [text("Low", 640, 400), text("Mid", 640, 420)]  # both in the direction of the larger part
    layout = Layout("pie", {"category": names}, [], (400.0, 400.0), rim(80, 20, start=-math.tau * 0.4))
    assert sorted(round(value) for _, _, value in said(pie_rows(layout))) == [20, 80]


def test_the_rings_of_a_per_cent_sign_are_no_digits():
    ghost = Text(
        tuple(Letter(0, k, character, 1.0) for k, character in enumerate("749%6")),
        ((0.0, 0.0), (10.0, 0.0), (16.0, 0.0), (20.0, 0.0), (26.0, 0.0)),
    )
    assert ghost.without_ghosts().said == "74%"
    small = Text(
        tuple(Letter(0, k, character, 1.0) for k, character in enumerate("42.2%")),
        tuple((8.0 * k, 0.0) for k in range(5)),
    )
    assert small.without_ghosts().said == "42.2%", "in small print a digit stands as near as that"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "none"])
def test_whatever_is_seen_a_table_comes_of_it(kind):
    rng = random.Random(kind)
    for _ in range(60):
        roles, marks = [], []
        for _ in range(rng.randrange(9)):
            top, left = rng.randrange(PLACES), rng.randrange(PLACES)
            box = (
                top,
                left,
                min(PLACES - 1, top + rng.randrange(20)),
                min(PLACES - 1, left + rng.randrange(20)),
            )
            roles.append((rng.choice(ROLES[1:]), box))
        for _ in range(rng.randrange(9)):
            marks.append((rng.choice(MARKS), rng.uniform(0, SIDE - 1), rng.uniform(0, SIDE - 1)))
        words = [(rng.choice(("Mon", "12", "%", "4", "-", "20%")), rng.randrange(40, 720), rng.randrange(760))
                 for _ in range(rng.randrange(20))]  # fmt: skip
        page = page_with(*words)
        layout = layout_of(
            page, seen(kind, roles, marks), torch.rand(3, SIDE, SIDE), lambda view, rows, page=page: page
        )
        lines = table_lines(layout, page, SPELLING)
        assert all(line.tokens for line in lines) and lines


def test_a_misread_number_changes_nothing_about_which_is_highest():
    page = page_with(("Mon", 200, 648), ("Tue", 600, 648), ("40", 200, 376), ("2", 600, 136))
    shown = seen(
        "bar",
        [("category", (79, 20, 82, 80)), ("value", (10, 20, 50, 80))],
        [("end", 200, 400), ("end", 600, 160)],
    )
    layout = layout_of(page, shown, torch.zeros(3, SIDE, SIDE), lambda view, rows: page)
    texts = ["".join(WORDS[token] for token in line.tokens) for line in table_lines(layout, page, SPELLING)]
    assert texts == [" a bar chart", " Mon | 40", " Tue | 2", " highest | Tue", " lowest | Mon"]
