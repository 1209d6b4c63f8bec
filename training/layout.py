"""Where each token of the language model stands on a picture: the dense supervision of every encoder.

A picture padded to a square is looked at as GRID x GRID cells, one LLM token a cell: a piece of a
word at the column of its characters, a digit, an object's name, a fact, or BLANK. Lines end in NEWLINE.
"""

from collections.abc import Iterable

from torch import Tensor

from mova.language.boxes import padding
from mova.vision.grid import pool_map, to_map, to_tokens
from training.pictures.drawing import Drawing, Label

GRID = 12
BLANK = " "
NEWLINE = "\n"
# What the base encoder alone says of a picture: the kind of thing each expert is made for.
KINDS = {
    "A": " scene", "B": " document", "C": " objects", "D": " sign",
    "E": " chart", "F": " medical", "G": " shapes",
    "": " photo",  # a picture that no expert writes anything on
}  # fmt: skip


class TokenLayout:
    """Lays labels out as token ids on the grid, with the LLM's own tokenizer."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.blank = self._single(BLANK)
        self.newline = self._single(NEWLINE)
        self.kinds = {letter: self._single(word) for letter, word in KINDS.items()}

    def _single(self, text: str) -> int:
        ids = self.tokenizer(text, add_special_tokens=False).input_ids
        assert len(ids) == 1, f"{text!r} is {len(ids)} tokens, one was expected"
        return ids[0]

    def written(self, drawing: Drawing, letters: Iterable[str]) -> list[int]:
        """GRID*GRID token ids, row by row: what the experts `letters` together write on the picture."""
        grid: dict[tuple[int, int], int] = {}
        lines: set[int] = set()
        for letter in letters:
            for label in drawing.labels.get(letter, ()):
                if label.role != "tick":
                    lines |= self._write(grid, label, drawing.image.size)
        for row in lines:
            grid.setdefault((row, GRID - 1), self.newline)
        return [grid.get((row, col), self.blank) for row in range(GRID) for col in range(GRID)]

    def kind(self, drawing: Drawing) -> list[int]:
        """GRID*GRID token ids: the kind of picture, over the whole picture, and over each label's own box."""
        side, *offset = padding(*drawing.image.size)
        kinds = [self.kinds[letter] for letter in drawing.labels or ("",)]
        grid = [self.blank] * (GRID * GRID)
        boxes = [(kinds[0], (0, 0, *drawing.image.size))]
        if len(kinds) > 1:
            for kind, labels in zip(kinds, drawing.labels.values(), strict=True):
                boxes += [(kind, label.box) for label in labels]
        for kind, (x0, y0, x1, y1) in boxes:
            for row in range(_cell(y0 + offset[1] + 1, side), _cell(y1 + offset[1] - 1, side) + 1):
                for col in range(_cell(x0 + offset[0] + 1, side), _cell(x1 + offset[0] - 1, side) + 1):
                    grid[row * GRID + col] = kind
        return grid

    def _write(self, grid: dict, label: Label, size: tuple[int, int]) -> set[int]:
        """Puts one label's tokens on the grid; returns the row if it is a line of text."""
        side, *offset = padding(*size)
        row = _cell((label.box[1] + label.box[3]) / 2 + offset[1], side)
        text = " " + label.text
        encoded = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        column = -1
        for token, (start, end) in zip(encoded.input_ids, encoded.offset_mapping, strict=True):
            if not text[start:end].strip():
                continue
            column = max(self._column(label, text, start, end, offset[0], side), column + 1)
            # Two experts may write the same thing in the same place; another thing moves on.
            while column < GRID and grid.get((row, column), token) != token:
                column += 1
            if column < GRID:
                grid[row, column] = token
        return {row} if label.xs else set()

    def _column(self, label: Label, text: str, start: int, end: int, offset: int, side: int) -> int:
        if not label.xs:
            return _cell((label.box[0] + label.box[2]) / 2 + offset, side)
        places = [label.xs[i - 1] for i in range(max(start, 1), end) if not text[i].isspace()]
        return _cell(places[0] + offset if len(places) <= 2 else sum(places) / len(places) + offset, side)


def characters(drawing: Drawing, letters: Iterable[str], alphabet: str, grid: int = 2 * GRID) -> list[int]:
    """grid*grid indices into `alphabet` (0 = nothing): the character whose centre lies in each patch."""
    side, *offset = padding(*drawing.image.size)
    found = [0] * (grid * grid)
    for letter in letters:
        for label in drawing.labels.get(letter, ()):
            for character, x in zip(label.text, label.xs or (), strict=False):
                y = (label.box[1] + label.box[3]) / 2 + offset[1]
                place = _cell(y, side, grid) * grid + _cell(x + offset[0], side, grid)
                found[place] = alphabet.find(character) + 1
    return found


def pool_tokens(tokens: Tensor) -> Tensor:
    """[144, H] -> [36, H], the routing pass's pooling."""
    return to_tokens(pool_map(to_map(tokens[None]), GRID // 2))[0]


def _cell(position: float, side: int, grid: int = GRID) -> int:
    return min(max(int(position / side * grid), 0), grid - 1)
