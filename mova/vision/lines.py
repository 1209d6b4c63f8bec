"""What is read on the small model's 12 x 12 cells: line after line, as near to its ink as there is room for.

What a picture says is a list of lines, and a page holds few tokens: of the makers' documents 99 in a hundred
have at most 144. So a line begins near the cell where its ink begins (WORD px before its first token ends),
or further left where it would leave the row, and goes on in the next row where it is longer; where that needs
more rows than there are, the lines follow each other without a gap. It ends in a new line where a cell is
left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SIDE = 768  # px of the padded square
CELL = 32  # px: a band of text that is read at once
ROWS = COLUMNS = 12
WORD = 96  # px: what ends there began about so far before
BLANK, NEWLINE = 0, 1  # the first two of a reader's tokens


@dataclass(frozen=True)
class Line:
    """Tokens in reading order, and row and column of the cell that the first one is wanted in."""

    tokens: tuple[int, ...]
    row: int = 0
    column: int = 0


def line_at(tokens: Iterable[int], x: float, y: float) -> Line:
    """A line whose first token ends at (x, y), in px of the square view."""
    row, column = (
        min(max(int(place * cells / SIDE), 0), cells - 1) for place, cells in ((y, ROWS), (x - WORD, COLUMNS))
    )
    return Line(tuple(tokens), row, column)


def on_cells(lines: Sequence[Line], blank: int = BLANK, newline: int = NEWLINE) -> list[int]:
    """Lines in reading order on the 144 cells, row by row."""
    parts = [part for line in lines for part in _parts(line)]
    return _placed(parts, blank, newline) if len(parts) <= ROWS else _flowing(lines, blank, newline)


def _parts(line: Line) -> list[tuple[Line, bool]]:
    """A line in rows, with whether the line ends there; one that fills its last row ends in an empty one."""
    starts = range(0, len(line.tokens) + 1, COLUMNS)
    return [(Line(line.tokens[k : k + COLUMNS], line.row, line.column), k == starts[-1]) for k in starts]


def _placed(parts: list[tuple[Line, bool]], blank: int, newline: int) -> list[int]:
    cells = [[blank] * COLUMNS for _ in range(ROWS)]
    row = -1
    for k, (part, ends) in enumerate(parts):
        row = max(row + 1, min(part.row, ROWS - len(parts) + k))
        column = min(part.column, COLUMNS - len(part.tokens))
        cells[row][column : column + len(part.tokens)] = part.tokens
        if ends and cells[row][-1] == blank:
            cells[row][-1] = newline
    return [token for line in cells for token in line]


def _flowing(lines: Iterable[Line], blank: int, newline: int) -> list[int]:
    """Without a gap, cut where the cells end."""
    flow = [token for line in lines for token in (*line.tokens, newline)]
    size = ROWS * COLUMNS
    return [*flow, *[blank] * size][:size]
