"""The second recipe's layout: any text in two thousand pieces, lines where they stand, charts as tables."""

import string
from collections import Counter

import pytest
from PIL import Image

from training.makers.catalogue import draw
from training.makers.records import Picture, Run, Table
from training.natural_layout import CELL, GRID, SIDE, NaturalLayout, pushed, table_rows
from training.pieces import PRINTABLE, SIZE, Pieces, choose, count


@pytest.fixture(scope="module")
def pieces():
    from transformers import AutoTokenizer

    from mova.checkpoint.loading import embedded_checkpoint

    if not (embedded_checkpoint() / "tokenizer.json").exists():
        pytest.skip("the embedded checkpoint is not here")
    return Pieces(AutoTokenizer.from_pretrained(embedded_checkpoint()))


@pytest.fixture(scope="module")
def natural(pieces):
    return NaturalLayout(pieces)


def run_of(text, x, y, step=16.0, line=1, rotation=0.0):
    """Text of `step` px a character from `x` on, its middle at `y`."""
    points = tuple((x + step * (k + 0.5), y) for k in range(len(text)))
    box = (x, y - step / 2, x + step * len(text), y + step / 2)
    return Run(text, box, points, step / 2, "paragraph", line, rotation)


def page_of(*runs, size=(SIDE, SIDE)):
    return Picture(Image.new("RGB", size), "test", "documents", runs)


def read_row(natural, grid, row):
    """The text of a row, blanks left out."""
    pieces = natural.pieces
    cells = grid[row * natural.columns : (row + 1) * natural.columns]
    return pieces.tokenizer.decode([t for t in cells if t not in (pieces.blank, pieces.newline)])


def column_of(natural, grid, row, text):
    """The column of a piece."""
    wanted = natural.pieces.ids_of(text)[0]
    return grid[row * natural.columns : (row + 1) * natural.columns].index(wanted)


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
def test_a_line_stands_in_the_row_of_its_middle_and_is_read_back(natural, text):
    grid = natural.written(page_of(run_of(text, 64, 5.5 * CELL)))
    assert read_row(natural, grid, 5) == f" {text}"
    assert natural.columns * natural.rows == len(grid) == 576
    assert set(grid[: 5 * GRID] + grid[6 * GRID :]) == {natural.pieces.blank}
    assert grid[6 * GRID - 1] == natural.pieces.newline


def test_a_wide_word_stands_where_its_ink_does(natural):
    grid = natural.written(page_of(run_of("Name Total", 0, 16, step=64)))
    assert column_of(natural, grid, 0, " Name") == 4 and column_of(natural, grid, 0, " Total") == 15


def test_the_blank_before_a_number_stands_in_the_cell_before_it(natural):
    grid = natural.written(page_of(run_of("7", 10 * CELL, 16)))
    assert grid[9] == natural.pieces.space and natural.pieces.tokenizer.decode([grid[10]]) == "7"


def test_digits_that_share_a_cell_follow_each_other(natural):
    grid = natural.written(page_of(run_of("A123456", 2 * CELL, 16, step=8)))
    assert [natural.pieces.tokenizer.decode([t]) for t in grid[2:9]] == [" A", *"123456"]


def test_what_would_leave_the_row_is_pulled_left_over_blank_cells():
    assert pushed([0, 5, 22, 23, 23, 23], 24) == [0, 5, 20, 21, 22, 23]
    assert pushed([3, 3, 3, 9], 24) == [3, 4, 5, 9]
    assert pushed([5, 5, 5], 3) == [0, 1, 2]


def test_a_price_at_the_right_edge_is_read_whole(natural):
    runs = (run_of("Coffee", 32, 16, step=12), run_of("1234.50", SIDE - 7 * 12, 16, step=12))
    assert read_row(natural, natural.written(page_of(*runs)), 0) == " Coffee 1234.50"


def test_a_second_line_in_the_same_row_goes_to_the_next_blank_one(natural):
    runs = (run_of("Name", 32, 4, line=1), run_of("Total", 32, 28, line=2), run_of("Date", 32, 48, line=3))
    grid = natural.written(page_of(*runs))
    assert [read_row(natural, grid, row) for row in range(4)] == [" Name", " Total", " Date", ""]


def test_columns_of_text_share_a_row(natural):
    runs = (run_of("Name", 32, 16, line=1), run_of("Total", 400, 20, line=2))
    assert read_row(natural, natural.written(page_of(*runs)), 0) == " Name Total"


def test_below_the_last_row_a_blank_one_above_is_taken(natural):
    runs = (run_of("Name", 32, SIDE - 20, line=1), run_of("Total", 32, SIDE - 4, line=2))
    grid = natural.written(page_of(*runs))
    assert (read_row(natural, grid, GRID - 1), read_row(natural, grid, GRID - 2)) == (" Name", " Total")


def test_a_line_longer_than_a_row_goes_on_in_the_next(natural):
    text = "0123456789" * 4
    grid = natural.written(page_of(run_of(text, 8, 16, step=10)))
    assert read_row(natural, grid, 0) + read_row(natural, grid, 1) == f" {text}"


def test_padding_shifts_what_is_written(natural):
    grid = natural.written(page_of(run_of("Total", 0, 16), size=(SIDE, SIDE // 2)))
    assert read_row(natural, grid, 6) == " Total"


def test_text_from_below_upwards_is_not_read(natural):
    turned = run_of("Total", 32, 100, rotation=90)
    assert set(natural.written(page_of(turned))) == {natural.pieces.blank}


@pytest.mark.parametrize("maker", ["documents", "windows", "signs", "strips"])
def test_nearly_nothing_of_drawn_pictures_is_lost(natural, maker):
    lost = written = 0
    for seed in range(12):
        picture = draw(maker, seed, "train")
        wanted: Counter[int] = Counter()
        for run in picture.runs:
            wanted.update(natural.pieces.ids_of(f" {run.text}"))
        lost += (wanted - Counter(natural.written(picture))).total()
        written += wanted.total()
    assert lost <= 0.03 * written


TABLE = Table(
    "bar", "Rain", "Month", "mm", ("May", "June"), ("rain",), ((12.0, 7.5),), (("12", ""),), (("12", "7.5"),)
)


def test_a_chart_is_written_as_a_table(natural):
    chart = Picture(Image.new("RGB", (640, 480)), "test", "charts", (), (), TABLE)
    grid = natural.written(chart)
    rows = [read_row(natural, grid, row).strip() for row in range(9)]
    values = ["May | 12", "June | 7.5", "highest | May", "lowest | June"]
    assert rows == ["Rain", "a bar chart", "x axis | Month", "y axis | mm", *values, ""]


def test_a_table_of_several_series_names_them_and_lying_bars_have_their_axes_changed():
    several = Table("horizontal bar", "", "Month", "", ("May",), ("a", "b"), ((1.0,), (2.0,)),
                    (("1",), ("2",)), (("1",), ("2",)))  # fmt: skip
    assert list(table_rows(several)) == ["a horizontal bar chart", "y axis | Month", "| a | b", "May | 1 | 2"]
