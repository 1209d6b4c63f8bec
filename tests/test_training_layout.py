"""Where the LLM's tokens stand on a picture: lines in reading order, shared cells, padding."""

import pytest
import torch
from PIL import Image

from training.layout import GRID, KINDS, TokenLayout, characters, pool_tokens
from training.pictures.drawing import CELL, SIDE, Drawing, Label, draw


@pytest.fixture(scope="module")
def layout(lesson_tokenizer):
    return TokenLayout(lesson_tokenizer)


def drawing_of(labels, size=(SIDE, SIDE)):
    return Drawing(Image.new("RGB", size), "documents", labels, ())


def line(text, row, left=0, step=CELL):
    """A line of text in a row of cells, `step` px from character to character."""
    xs = tuple(left + step * (k + 0.5) for k in range(len(text)))
    return Label(text, (left, row * CELL, left + step * len(text), (row + 1) * CELL), "word", xs)


def thing(text, row, column):
    """Something that is not drawn as letters, as large as one cell."""
    box = (column * CELL, row * CELL, (column + 1) * CELL, (row + 1) * CELL)
    return Label(text, box, "object")


def written_tokens(layout, text):
    """The tokens that `text` is written with: those of its letters, not of the blanks between."""
    ids = layout.tokenizer(" " + text, add_special_tokens=False).input_ids
    return [token for token in ids if layout.tokenizer.decode([token]).strip()]


def row_tokens(layout, grid, row):
    cells = grid[row * GRID : (row + 1) * GRID]
    return [token for token in cells if token not in (layout.blank, layout.newline)]


@pytest.mark.parametrize("text", ["total value", "how many 12", "A"])
def test_a_lines_tokens_are_read_back_in_order_from_its_row(layout, text):
    grid = layout.written(drawing_of({"B": (line(text, row=3),)}), "B")
    assert row_tokens(layout, grid, 3) == written_tokens(layout, text)
    assert all(row_tokens(layout, grid, row) == [] for row in range(GRID) if row != 3)


def test_every_line_of_drawn_documents_is_read_back(layout):
    if len(layout.tokenizer) < 1000:
        pytest.skip("the toy tokenizer has more pieces in a line than the grid has cells")
    for seed in range(8):
        drawing = draw("documents", seed, "train")
        grid = layout.written(drawing, "B")
        rows = {}
        for label in sorted(drawing.labels["B"], key=lambda label: label.box[0]):
            row, _ = drawing.cell(0, (label.box[1] + label.box[3]) / 2)
            rows.setdefault(row, []).extend(written_tokens(layout, label.text) if label.xs else [])
        assert all(row_tokens(layout, grid, row) == tokens for row, tokens in rows.items())


def test_only_lines_of_text_end_in_a_newline(layout):
    drawing = drawing_of({"B": (line("how", row=2),), "C": (thing("A", row=5, column=4),)})
    grid = layout.written(drawing, "BC")
    assert [row for row in range(GRID) if grid[row * GRID + GRID - 1] == layout.newline] == [2]


def test_a_thing_stands_on_the_cell_of_its_middle(layout):
    grid = layout.written(drawing_of({"C": (thing("A", row=5, column=4),)}), "C")
    assert [place for place, token in enumerate(grid) if token != layout.blank] == [5 * GRID + 4]


def test_two_experts_writing_the_same_share_a_cell(layout):
    same = drawing_of({"B": (line("how", row=2),), "D": (line("how", row=2),)})
    assert layout.written(same, "BD") == layout.written(same, "B") == layout.written(same, "D")


def test_another_things_token_moves_on_to_the_next_cell(layout):
    both = drawing_of({"A": (thing("A", row=2, column=4),), "C": (thing("B", row=2, column=4),)})
    grid = layout.written(both, "AC")
    (first,), (second,) = written_tokens(layout, "A"), written_tokens(layout, "B")
    assert grid[2 * GRID + 4 : 2 * GRID + 6] == [first, second]


def test_an_expert_that_is_not_asked_writes_nothing(layout):
    drawing = drawing_of({"B": (line("how", row=2),)})
    assert set(layout.written(drawing, "C")) == set(layout.written(drawing, "")) == {layout.blank}


def test_kind_covers_the_whole_picture_when_one_expert_is_enough(layout):
    grid = layout.kind(drawing_of({"B": (line("how", row=2),)}))
    assert set(grid) == {layout.kinds["B"]}


def test_kind_covers_the_box_of_each_label_where_two_experts_are_needed(layout):
    labels = {"E": (thing("A", row=0, column=0),), "D": (thing("B", row=5, column=4),)}
    grid = layout.kind(drawing_of(labels))
    assert grid[5 * GRID + 4] == layout.kinds["D"]
    assert grid.count(layout.kinds["E"]) == GRID * GRID - 1


def test_a_picture_on_which_no_expert_writes_is_a_photo(layout):
    assert set(layout.kind(drawing_of({}))) == {layout.kinds[""]}


def test_every_expert_has_its_own_kind(layout):
    assert len(set(layout.kinds.values())) == len(KINDS)


@pytest.mark.parametrize(
    ("size", "down", "right"), [((SIDE, SIDE // 2), 3, 0), ((SIDE // 2, SIDE), 0, 3)], ids=["wide", "tall"]
)
def test_padding_shifts_what_is_written_to_where_it_stands_on_the_square(layout, size, down, right):
    drawing = drawing_of({"C": (thing("A", row=1, column=2),)}, size)
    written = [place for place, token in enumerate(layout.written(drawing, "C")) if token != layout.blank]
    assert written == [(1 + down) * GRID + 2 + right]
    assert divmod(written[0], GRID) == drawing.cell(2.5 * CELL, 1.5 * CELL)


@pytest.mark.parametrize("size", [(SIDE, SIDE // 2), (SIDE // 2, SIDE)], ids=["wide", "tall"])
def test_the_padding_itself_is_of_no_kind(layout, size):
    drawing = drawing_of({"B": (line("A", row=1),)}, size)
    grid = layout.kind(drawing)
    assert grid.count(layout.kinds["B"]) == grid.count(layout.blank) == GRID * GRID // 2
    inside = [drawing.cell(x, y) for x, y in ((1, 1), (size[0] - 1, size[1] - 1))]
    assert all(grid[row * GRID + column] == layout.kinds["B"] for row, column in inside)


def test_characters_stand_on_the_fine_cell_of_their_centre():
    found = characters(drawing_of({"B": (line("ab", row=1, step=CELL // 2),)}), "B", alphabet="xab")
    fine = 2 * GRID
    assert {place: index for place, index in enumerate(found) if index} == {3 * fine: 2, 3 * fine + 1: 3}


def test_characters_outside_the_alphabet_count_as_nothing():
    found = characters(drawing_of({"B": (line("a?", row=1),)}), "B", alphabet="a")
    assert sum(found) == 1


def test_pooling_averages_squares_of_four_cells():
    tokens = torch.arange(GRID * GRID, dtype=torch.float32)[:, None].expand(-1, 3)
    pooled = pool_tokens(tokens)
    assert pooled.shape == (GRID * GRID // 4, 3)
    assert pooled[0, 0] == sum((0, 1, GRID, GRID + 1)) / 4
