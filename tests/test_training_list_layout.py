"""The layout of natural text: any text in two thousand pieces, line after line, charts as tables."""

import string
from collections import Counter

import pytest
from PIL import Image

from mova.vision.lines import CELL, COLUMNS, ROWS, SIDE, Line
from training.list_layout import ListLayout, lines_of, table_rows, token_ends
from training.makers.catalogue import draw
from training.makers.records import Picture, Run
from training.pictures.tables import Table
from training.pieces import PRINTABLE, SIZE, Pieces, choose, count


@pytest.fixture(scope="module")
def layout(pieces):
    return ListLayout(pieces)


def run_of(text, x, y, step=16.0, line=1, rotation=0.0):
    """Text of `step` px a character from `x` on, its middle at `y`."""
    points = tuple((x + step * (k + 0.5), y) for k in range(len(text)))
    box = (x, y - step / 2, x + step * len(text), y + step / 2)
    return Run(text, box, points, step / 2, "paragraph", line, rotation)


def page_of(*runs, size=(SIDE, SIDE)):
    return Picture(Image.new("RGB", size), "test", "documents", runs)


def rows_of(layout, grid):
    """The text of each row, blanks and ends of lines left out."""
    rows = [grid[k : k + COLUMNS] for k in range(0, len(grid), COLUMNS)]
    return [layout.pieces.text_of(row).rstrip("\n") for row in rows]


@pytest.mark.parametrize("text", [f" {PRINTABLE}", " " + " ".join(PRINTABLE), " Wxq-7#zz  ~ 12 May 2024"])
def test_any_printable_text_is_written_and_read_back(pieces, text):
    ids = pieces.ids_of(text)
    assert pieces.tokenizer.decode(ids, clean_up_tokenization_spaces=False) == text
    assert set(ids) <= set(pieces.ids)


def test_the_places_of_pieces_in_a_text_follow_each_other(pieces):
    text = " Invoice number: INV-2024-0031"
    spans = [(start, end) for _, start, end in pieces.encode(text)]
    assert spans[0][0] == 0 and spans[-1][1] == len(text)
    assert all(end == start for (_, end), (start, _) in zip(spans, spans[1:], strict=False))


def test_a_common_word_is_the_llms_own_token_and_a_digit_stands_alone(pieces):
    for word in (" Total", " Name", " chart", " document"):
        assert pieces.ids_of(word) == pieces.tokenizer(word, add_special_tokens=False).input_ids
    assert len(pieces.ids_of("2024")) == 4


def test_the_list_has_the_promised_size_each_once_blank_first(pieces):
    assert 1500 <= len(set(pieces.ids)) == len(pieces.ids) <= 2500
    assert pieces.ids[:2] == [pieces.blank, pieces.newline] and pieces.space in pieces.index
    assert pieces.blank not in pieces.ids_of(" a  b   1")[1:2]


def test_tokens_are_chosen_with_all_they_are_merged_from(pieces):
    chosen = choose(pieces.tokenizer, count(pieces.tokenizer, ["Invoice Invoice"]), size=400)
    narrow = Pieces(pieces.tokenizer, chosen)
    assert len(chosen) < SIZE
    assert narrow.ids_of(" Invoice") == pieces.tokenizer(" Invoice", add_special_tokens=False).input_ids
    assert all(letter in narrow.tokenizer.decode(narrow.ids) for letter in string.printable[:94])


@pytest.mark.parametrize("text", ["Total", "Name: Anna", "12.50 EUR"])
def test_a_line_stands_near_its_ink_ends_with_its_row_and_is_read_back(layout, text):
    grid = layout.written(page_of(run_of(text, 384, 7.5 * CELL)))
    assert len(grid) == ROWS * COLUMNS == 144
    assert rows_of(layout, grid) == ["", "", "", f" {text}", *[""] * 8]
    assert grid[4 * COLUMNS - 1] == layout.pieces.newline
    first = next(k for k, token in enumerate(grid) if token != layout.pieces.blank)
    assert first - 3 * COLUMNS in (4, 5, 6), "it begins near its ink, which is in the seventh column"


def test_a_token_ends_where_its_last_character_stands_and_the_blank_before_a_number_in_the_gap(pieces):
    ends = token_ends([run_of("Total 12", 100, 40, step=10)], pieces)
    assert [(x, y, pieces.tokenizer.decode([token])) for x, y, token in ends] == [
        (145.0, 40, " Total"), (155.0, 40, " "), (165.0, 40, "1"), (175.0, 40, "2"),
    ]  # fmt: skip
    (before, _, blank), (digit, *_) = token_ends([run_of("7", 100, 40, step=10)], pieces)
    assert before < digit and blank == pieces.space, "before a number that begins its text, too"


def test_what_stands_in_one_band_is_one_line_from_left_to_right(pieces):
    price, name = run_of("1.50", 600, 20, step=12), run_of("Tea", 32, 16, step=12)
    lines = lines_of(token_ends([price, name, run_of("Sum", 32, 100)], pieces))
    assert [pieces.text_of(line.tokens) for line in lines] == [" Tea 1.50", " Sum"]
    assert [(line.row, line.column) for line in lines] == [(0, 0), (1, 0)]


def test_two_lines_in_one_row_of_cells_are_two_rows(layout):
    runs = (run_of("Name", 32, 4), run_of("Total", 32, 40), run_of("Date", 32, 70))
    assert rows_of(layout, layout.written(page_of(*runs)))[:4] == [" Name", " Total", " Date", ""]


def test_a_line_longer_than_a_row_goes_on_in_the_next_and_ends_there(layout):
    text = "0123456789" * 2
    grid = layout.written(page_of(run_of(text, 8, 16, step=10)))
    first, second = rows_of(layout, grid)[:2]
    assert first + second == f" {text}"
    assert layout.pieces.newline not in grid[:COLUMNS] and grid[2 * COLUMNS - 1] == layout.pieces.newline


def test_what_would_leave_the_row_begins_further_left(layout):
    grid = layout.written(page_of(run_of("1234.50", SIDE - 7 * 12, 16, step=12)))
    assert rows_of(layout, grid)[0] == " 1234.50"


def test_lines_at_the_bottom_move_up_so_that_all_have_a_row(layout):
    runs = [run_of(f"Line {chr(65 + k)}", 32, SIDE - 16 - 32 * k) for k in range(5)]
    assert rows_of(layout, layout.written(page_of(*runs)))[-5:] == [f" Line {mark}" for mark in "EDCBA"]


def test_more_rows_than_there_are_flow_and_more_than_fits_is_cut(layout):
    word = layout.pieces.ids_of(" Total")[0]
    flowing = layout.listed([Line((word,))] * 20)
    assert layout.pieces.text_of(flowing) == " Total\n" * 20 and len(flowing) == 144
    assert layout.pieces.text_of(layout.listed([Line((word,))] * 90)) == " Total\n" * 72


def test_padding_shifts_what_is_written(layout):
    grid = layout.written(page_of(run_of("Total", 0, 16), size=(SIDE, SIDE // 2)))
    assert rows_of(layout, grid)[3] == " Total"


def test_text_from_below_upwards_is_not_read(layout):
    turned = run_of("Total", 32, 100, rotation=90)
    assert set(layout.written(page_of(turned))) == {layout.pieces.blank}


@pytest.mark.parametrize("maker", ["documents", "windows", "signs"])
def test_nearly_nothing_of_drawn_pictures_is_lost(layout, maker):
    lost = written = 0
    for seed in range(12):
        picture = draw(maker, seed, "train")
        wanted: Counter[int] = Counter()
        for run in picture.runs:
            wanted.update(layout.pieces.ids_of(f" {run.text}"))
        lost += (wanted - Counter(layout.written(picture))).total()
        written += wanted.total()
    assert lost <= 0.03 * written


TABLE = Table(
    "bar", "Rain", "Month", "mm", ("May", "June"), ("rain",), ((12.0, 7.5),), (("12", ""),), (("12", "7.5"),)
)


def test_a_chart_is_written_as_a_table(layout):
    chart = Picture(Image.new("RGB", (640, 480)), "test", "charts", (), (), TABLE)
    rows = [row.strip() for row in rows_of(layout, layout.written(chart))][:9]
    values = ["May | 12", "June | 7.5", "highest | May", "lowest | June"]
    assert rows == ["Rain", "a bar chart", "x axis | Month", "y axis | mm", *values, ""]


def test_a_table_of_several_series_names_them_and_lying_bars_have_their_axes_changed():
    several = Table("horizontal bar", "", "Month", "", ("May",), ("a", "b"), ((1.0,), (2.0,)),
                    (("1",), ("2",)), (("1",), ("2",)))  # fmt: skip
    assert list(table_rows(several)) == ["a horizontal bar chart", "y axis | Month", "| a | b", "May | 1 | 2"]


def test_a_line_that_fills_its_row_ends_in_the_next_one(layout):
    token = layout.pieces.ids_of(" A")[-1]
    lines = [Line((token,) * COLUMNS), Line((token,))]
    rows = rows_of(layout, layout.listed(lines))
    assert [row.split() for row in rows[:3]] == [["A"] * COLUMNS, [], ["A"]]
    cells = layout.listed(lines)
    assert cells[2 * COLUMNS - 1] == layout.pieces.newline
    many = layout.listed([Line((token,) * COLUMNS)] * 7)
    assert many.count(layout.pieces.newline) == 7, "where there is no room for that they follow each other"
