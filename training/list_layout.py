"""Pictures' text and charts' tables as lines of tokens, and these on the cells (`mova/vision/lines.py`)."""

from collections.abc import Iterable, Iterator

from mova.vision.lines import CELL, SIDE, Line, line_at, on_cells
from training.makers.records import Picture, Run
from training.pictures.tables import Table
from training.pieces import Pieces

UPRIGHT = 20.0  # degrees; what is turned further is not read


class ListLayout:
    """Lays text and tables out as token ids on the 144 cells."""

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

    def listed(self, lines: list[Line]) -> list[int]:
        """Lines in reading order on the cells."""
        return on_cells(lines, self.pieces.blank, self.pieces.newline)


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


def lines_of(ends: Iterable[tuple[float, float, int]]) -> list[Line]:
    """Tokens by where they end, in px of the square view, as lines: what stands in one band of CELL px."""
    bands: dict[int, list[tuple[float, int]]] = {}
    for x, y, token in ends:
        bands.setdefault(int(y // CELL), []).append((x, token))
    lines = []
    for band, row in sorted(bands.items()):
        row.sort(key=lambda one: one[0])
        lines.append(line_at((token for _, token in row), row[0][0], band * CELL))
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
