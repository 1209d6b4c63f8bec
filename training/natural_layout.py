"""Where each token stands on a natural picture: 24 x 24 cells, a line of text a row, a chart as a table.

A piece of text stands in the column of its ink or, where that is taken, one behind the piece before it; what
would leave the row is pulled left over blank cells; what still does not fit goes to the next blank row.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from training.makers.records import Picture, Run, Table
from training.pieces import Pieces

SIDE = 768  # px of the padded square
CELL = 32
GRID = SIDE // CELL
UPRIGHT = 20.0  # degrees; what is turned further is not read


@dataclass(frozen=True)
class Line:
    """One line of text: what is written, the column of its ink for each token, the row of its middle.

    `left` and `right` are where its ink begins and ends, in cells.
    """

    tokens: tuple[int, ...]
    columns: tuple[int, ...]
    row: int
    left: float
    right: float

    def part(self, start: int, end: int | None = None) -> "Line":
        """The line cut between tokens."""
        columns = self.columns[start:end]
        return Line(self.tokens[start:end], columns, self.row, columns[0], columns[-1] + 1)


class NaturalLayout:
    """Lays text and tables out as token ids on `rows` x `columns` cells."""

    def __init__(self, pieces: Pieces, rows: int = GRID, columns: int = GRID):
        self.pieces, self.rows, self.columns = pieces, rows, columns

    def written(self, picture: Picture) -> list[int]:
        """rows*columns token ids, row by row: what the expert that a picture is made for writes on it."""
        return self.tabled(picture.table) if picture.table else self.lines(picture)

    def lines(self, picture: Picture) -> list[int]:
        """The text of a picture where it stands."""
        side = max(picture.image.size)
        return self.lines_of(picture.runs, picture.padding, CELL * GRID / side)

    def lines_of(self, runs: Iterable[Run], offset: tuple[float, float], scale: float) -> list[int]:
        """Runs of text; a point of the picture lies at (point + offset) * scale px, CELL px a cell."""
        cell = CELL / scale
        lines = [self._line(run, offset, cell) for run in runs if abs(run.rotation) <= UPRIGHT]
        return self._grid(sorted(lines, key=lambda line: (line.row, line.left)))

    def tabled(self, table: Table) -> list[int]:
        """A chart's table, from the first row on."""
        lines = []
        for row, text in enumerate(table_rows(table)):
            tokens = tuple(self.pieces.ids_of(f" {text}"))
            lines.append(Line(tokens, tuple(range(len(tokens))), row, 0, len(tokens)))
        return self._grid(lines)

    def _line(self, run: Run, offset: tuple[float, float], cell: float) -> Line:
        """A run's pieces with the columns of their middles; the blank before a number stands before it."""
        text = f" {run.text}"
        tokens, columns = [], []
        for token, start, end in self.pieces.encode(text):
            places = [run.points[k - 1][0] for k in range(max(start, 1), end) if not text[k].isspace()]
            before = not places
            places = places or [run.points[min(end, len(text) - 1) - 1][0]]
            column = int((sum(places) / len(places) + offset[0]) / cell) - before
            tokens.append(token)
            columns.append(min(max(column, 0), self.columns - 1))
        row = int((run.points[0][1] + run.points[-1][1] + 2 * offset[1]) / 2 / cell)
        left, right = ((x + offset[0]) / cell for x in (run.box[0], run.box[2]))
        return Line(tuple(tokens), tuple(columns), min(max(row, 0), self.rows - 1), left, right)

    def _grid(self, lines: Iterable[Line]) -> list[int]:
        filled: list[list[Line]] = [[] for _ in range(self.rows)]
        for line in lines:
            for part in self._cut(line):
                row = self._row_for(part, filled)
                if row is not None:
                    filled[row].append(part)
        return [token for row in filled for token in self._row(row)]

    def _cut(self, line: Line) -> Iterator[Line]:
        """The line in parts that a row can hold."""
        if len(line.tokens) <= self.columns:
            yield line
            return
        for start in range(0, len(line.tokens), self.columns):
            yield line.part(start, start + self.columns)

    def _row_for(self, line: Line, filled: list[list[Line]]) -> int | None:
        """The line's own row, or the next blank one, or the blank one nearest above; None where none is."""
        others = filled[line.row]
        room = self.columns - sum(len(other.tokens) for other in others)
        apart = all(line.left > other.right or line.right < other.left for other in others)
        if room >= len(line.tokens) and apart:
            return line.row
        below = range(line.row + 1, self.rows)
        above = range(line.row - 1, -1, -1)
        return next((row for row in (*below, *above) if not filled[row]), None)

    def _row(self, lines: list[Line]) -> list[int]:
        lines = sorted(lines, key=lambda line: line.left)
        tokens = [token for line in lines for token in line.tokens]
        wanted = [column for line in lines for column in line.columns]
        cells = [self.pieces.blank] * self.columns
        for column, token in zip(pushed(wanted, self.columns), tokens, strict=True):
            cells[column] = token
        if tokens and cells[-1] == self.pieces.blank:
            cells[-1] = self.pieces.newline
        return cells


def pushed(wanted: list[int], columns: int) -> list[int]:
    """Columns for tokens in order: each its own, or one behind the last; pulled left where a row ends."""
    found, last = [], -1
    for k, column in enumerate(wanted):
        last = min(max(column, last + 1), columns - len(wanted) + k)
        found.append(last)
    return found


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
