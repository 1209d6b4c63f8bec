"""What of a chart's questions is answered from the table as it was read, whether that is right or not.

The LLM must say what the table says: where a label was misread it repeats it so, and what the table has no
row for it cannot tell.
"""

from collections.abc import Sequence
from dataclasses import replace

from mova.evaluation.rules.text import levenshtein
from training.makers.chart_questions import label_asked
from training.pictures.records import Question
from training.pictures.tables import Table
from training.pictures.unfamiliar import UNREAD_ANSWER
from training.pieces import Pieces

ALIKE = 0.35  # of a text's letters may be misread, and it is still that text
BEST = ("highest", "lowest")
VALUES = ("value", "estimate")
OTHERS_KEPT = ("chart kind", "what", "describe", "categories", "parts", "absent", "series count", "order")


def rows_in(cells: Sequence[int], pieces: Pieces) -> list[list[str]]:
    """The table's rows, a text for each of their cells, out of what stands on the 144 cells (token ids)."""
    lines: list[list[int]] = [[]]
    for token in cells:
        if token == pieces.newline:
            lines.append([])
        elif token != pieces.blank:
            lines[-1].append(token)
    texts = [pieces.text_of(line) for line in lines if line]
    return [[" ".join(cell.split()) for cell in text.split("|")] for text in texts]


def alike(one: str, other: str) -> bool:
    """Whether two texts may be one, read differently."""
    return levenshtein(one, other) <= ALIKE * max(len(one), len(other))


def row_like(rows: Sequence[Sequence[str]], label: str) -> Sequence[str] | None:
    """The row of a label, or of what it was taken for."""
    found = [row for row in rows if len(row) > 1 and alike(row[0], label)]
    return min(found, key=lambda row: levenshtein(row[0], label), default=None)


def said(question: Question, table: Table, rows: Sequence[Sequence[str]]) -> str:
    """The answer that the table gives."""
    if question.kind == "title":
        return next((row[0] for row in rows if len(row) == 1 and alike(row[0], table.title)), UNREAD_ANSWER)
    if question.kind in BEST and len(table.series) == 1:
        row = next((row for row in rows if len(row) == 2 and row[0] == question.kind), None)
        return row[1] if row and row[1] else UNREAD_ANSWER
    if question.kind in VALUES and (label := label_asked(question, table)):
        row = row_like(rows, label)
        return row[1] if row and row[1] else UNREAD_ANSWER
    if question.kind in OTHERS_KEPT:
        return question.answer
    return question.answer if any(question.answer in cell for row in rows for cell in row) else UNREAD_ANSWER


def as_read(
    questions: Sequence[Question], table: Table, cells: Sequence[int], pieces: Pieces
) -> list[Question]:
    """The questions with the answers of the table that stands on the cells."""
    rows = rows_in(cells, pieces)
    return [replace(question, answer=said(question, table, rows)) for question in questions]
