"""Natural text on the small model's 12 x 12 cells: line after line, as near to its ink as there is room for.

What a picture says is a list of lines, and a page holds few tokens: of the makers' documents 99 in a hundred
have at most 144. So a line begins near the cell where its ink begins (WORD px before its first token ends),
or further left where it would leave the row, and goes on in the next row where it is longer; where that needs
more rows than there are, the lines follow each other without a gap. It ends in a new line where a cell is
left.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from training.makers.records import Picture, Run, Table
from training.pieces import Pieces

SIDE = 768  # px of the padded square
CELL = 32  # px: a band of text that is read at once
UPRIGHT = 20.0  # degrees; what is turned further is not read
ROWS = COLUMNS = 12
WORD = 96  # px: what ends there began about so far before


@dataclass(frozen=True)
class Line:
    """Tokens in reading order, and row and column of the cell that the first one is wanted in."""

    tokens: tuple[int, ...]
    row: int = 0
    column: int = 0


class ListLayout:
    """Lays text and tables out as token ids on ROWS x COLUMNS cells."""

    rows, columns = ROWS, COLUMNS

    def __init__(self, pieces: Pieces):
        self.pieces = pieces

    def written(self, picture: Picture) -> list[int]:
        """144 token ids, row by row: what the expert that a picture is made for writes on it."""
        if picture.table:
            texts = table_rows(picture.table)
            return self.listed([Line(tuple(self.pieces.ids_of(f" {text}"))) for text in texts])
        scale = SIDE / max(picture.image.size)
        left, top = picture.padding
        ends = [
            ((x + left) * scale, (y + top) * scale, t) for x, y, t in token_ends(picture.runs, self.pieces)
        ]
        return self.listed(lines_of(ends))

    def listed(self, lines: Sequence[Line]) -> list[int]:
        """Lines in reading order on the cells."""
        parts = [part for line in lines for part in self._parts(line)]
        return self._placed(parts) if len(parts) <= self.rows else self._flowing(lines)

    def _parts(self, line: Line) -> list[tuple[Line, bool]]:
        """A line in rows, with whether the line ends there."""
        starts = range(0, len(line.tokens), self.columns)
        return [
            (Line(line.tokens[k : k + self.columns], line.row, line.column), k == starts[-1]) for k in starts
        ]

    def _placed(self, parts: list[tuple[Line, bool]]) -> list[int]:
        cells = [[self.pieces.blank] * self.columns for _ in range(self.rows)]
        row = -1
        for k, (part, ends) in enumerate(parts):
            row = max(row + 1, min(part.row, self.rows - len(parts) + k))
            column = min(part.column, self.columns - len(part.tokens))
            cells[row][column : column + len(part.tokens)] = part.tokens
            if ends and cells[row][-1] == self.pieces.blank:
                cells[row][-1] = self.pieces.newline
        return [token for line in cells for token in line]

    def _flowing(self, lines: Iterable[Line]) -> list[int]:
        """Without a gap, cut where the cells end."""
        flow = [token for line in lines for token in (*line.tokens, self.pieces.newline)]
        size = self.rows * self.columns
        return [*flow, *[self.pieces.blank] * size][:size]


def token_ends(runs: Iterable[Run], pieces: Pieces) -> list[tuple[float, float, int]]:
    """(x, y, token id) of each token of upright text: the middle of its last character.

    The blank before a number is a token of its own: it ends in the gap.
    """
    found = []
    for run in runs:
        if abs(run.rotation) > UPRIGHT:
            continue
        text = f" {run.text}"
        (first, y), *others = run.points
        pitch = others[0][0] - first if others else run.cap
        points = [(first - pitch, y), *run.points]
        for token, start, end in pieces.encode(text):
            last = max((k for k in range(start, end) if text[k] != " "), default=start)
            found.append((*points[last], token))
    return found


def lines_of(ends: Iterable[tuple[float, float, int]], height: int = CELL) -> list[Line]:
    """Tokens by where they end, in px of the square view, as lines: what stands in one band of so many px."""
    bands: dict[int, list[tuple[float, int]]] = {}
    for x, y, token in ends:
        bands.setdefault(int(y // height), []).append((x, token))
    lines = []
    for band, row in sorted(bands.items()):
        row.sort(key=lambda one: one[0])
        began = max(0.0, row[0][0] - WORD)
        place = int(began * COLUMNS / SIDE), min(max(band * height * ROWS // SIDE, 0), ROWS - 1)
        lines.append(Line(tuple(token for _, token in row), place[1], place[0]))
    return lines


def table_rows(table: Table) -> Iterator[str]:
    """A chart in words, a row each."""
    if table.title:
        yield table.title
    yield table.spoken
    lying = table.kind == "horizontal bar"
    axes = ("y", "x") if lying else ("x", "y")
    for axis, label in zip(axes, (table.category_axis, table.value_axis), strict=True):
        if label:
            yield f"{axis} axis | {label}"
    if len(table.series) > 1:
        yield " | ".join(("", *table.series)).strip()
    for name, *values in zip(table.categories, *table.written, strict=True):
        yield " | ".join((name, *values))
    if len(table.series) == 1:  # which is a glance for an eye and an effort for a small language model
        values = table.values[0]
        for word, best in (("highest", max(values)), ("lowest", min(values))):
            yield f"{word} | {table.categories[values.index(best)]}"
