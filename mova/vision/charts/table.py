"""A chart as a table in a reader's tokens, a line each row.

The rows are DePlot's: title, kind, what the axes are called, then "label | value" a row, and which is highest
and lowest. Printed values are taken as they are read; others follow from the marks and the axis's numbers.
"""

from collections.abc import Iterator

from mova.vision.charts.axis import rounded
from mova.vision.charts.layout import Layout
from mova.vision.charts.mending import mended
from mova.vision.charts.pie import pie_rows
from mova.vision.charts.rows import Row, rows_of, series_of
from mova.vision.charts.text import Text
from mova.vision.cutting import cut_into_tokens
from mova.vision.lines import Line
from mova.vision.reading import Page
from mova.vision.spelling import Spelling

BAR = " |"
KNOWN = 2 / 3  # of the rows, whose values or marks are: of these one is highest and one lowest


class Written:
    """Writes texts as they were read, and words of its own."""

    def __init__(self, page: Page, spelling: Spelling):
        self.page, self.spelling = page, spelling

    def text(self, text: Text) -> list[int]:
        """What was read."""
        cut = cut_into_tokens(list(text.letters), (text.page or self.page).chances, self.spelling)
        return self.after_blank([token for piece in cut for token in piece.tokens])

    def after_blank(self, tokens: list[int]) -> list[int]:
        """The tokens with a blank before them, which stands in no gap where a text begins."""
        first = self.spelling.texts.get(tokens[0], "") if tokens else " "
        if first.startswith(" "):
            return tokens
        return [*self.spelling.spelled(f" {first}"), *tokens[1:]]

    def word(self, text: str) -> list[int]:
        """What was not."""
        return self.spelling.spelled(f" {text}")

    def row(self, *cells: list[int]) -> Line:
        """Cells with bars between them."""
        bar = self.spelling.spelled(BAR)
        return Line(tuple(token for k, cell in enumerate(cells) for token in ([*bar, *cell] if k else cell)))


def table_lines(layout: Layout, page: Page, spelling: Spelling) -> list[Line]:
    """The rows as DePlot writes them: title, kind, the axes' names, label and values, highest and lowest."""
    write = Written(page, spelling)
    title = [text for text in layout.texts.get("title", []) if len(text.letters) > 1]
    lines = [write.row([token for text in title for token in write.text(text)])]
    lines.append(write.row(write.word(f"a {layout.kind} chart")))
    for axis, text in axes_of(layout):
        lines.append(write.row(write.word(f"{axis} axis"), write.text(text)))
    series = series_of(layout)
    if series:
        lines.append(write.row([], *(write.text(name) for name, _ in series)))
    tables = [rows for _, rows in series] or [pie_rows(layout) if layout.kind == "pie" else rows_of(layout)]
    tables = mended(without_stray(tables))
    known = [row.value for rows in tables for row in rows if row.value is not None]
    most = max(map(abs, known), default=1.0)
    for cells in zip(*tables, strict=True):
        lines.append(
            write.row(write.text(cells[0].label), *(value_tokens(write, row, layout, most) for row in cells))
        )
    if len(tables) == 1:
        lines += best_rows(write, tables[0])
    return [line for line in lines if line.tokens]


def without_stray(tables: list[list[Row]]) -> list[list[Row]]:
    """The series without rows of a single letter that no mark or value belongs to, if others have one."""
    valued = [
        any(row.value is not None or row.reach is not None for row in cells)
        for cells in zip(*tables, strict=True)
    ]
    kept = [k for k, row in enumerate(tables[0]) if valued[k] or len(row.label.letters) > 1]
    return [[rows[k] for k in kept] for rows in tables] if any(valued) else tables


def axes_of(layout: Layout) -> Iterator[tuple[str, Text]]:
    """Which axis a name belongs to: what stands below all marks the x axis, another the y axis."""
    for text in layout.texts.get("axis", []):
        lowest = max((y for _, y in layout.ends), default=0.0)
        yield ("x" if text.y > lowest and not text.page else "y"), text


def value_tokens(write: Written, row: Row, layout: Layout, most: float) -> list[int]:
    """A printed value as it was read, or one that is told by the marks; nothing where there is neither."""
    if row.written is not None:
        return write.word(row.written)
    if row.printed is not None:
        return write.text(row.printed)
    if row.value is None:
        return []
    return write.word(f"{row.value:.0f}%" if layout.kind == "pie" else rounded(row.value, most))


def best_rows(write: Written, rows: list[Row]) -> Iterator[Line]:
    """Which is highest and which lowest: by the marks where each has one, for a number is misread sooner,
    else by the values; neither where few are known. What is not known is mostly no row at all, but print."""
    reaches, values = [row.reach for row in rows], [row.value for row in rows]
    known = values if None in reaches else reaches
    told = {place: value for place, value in enumerate(known) if value is not None}
    if len(told) < max(2, KNOWN * len(rows)):
        return
    for word, best in (("highest", max), ("lowest", min)):
        yield write.row(write.word(word), write.text(rows[best(told, key=told.__getitem__)].label))
