"""The first recipe's drawings with text, as pictures of a maker: what reads for them reads for all."""

import random
from dataclasses import replace

from training.makers.records import Picture, Run
from training.pictures.drawing import draw
from training.pictures.records import Drawing, Label

DOMAINS = {"documents": 3, "signs": 3, "mixed": 1}  # how often each
TEXT = ("word", "value", "tick")  # roles of labels that stand as letters in the ink
SHARE_OF_LINE = 0.5  # of a line's height that a capital has


def draw_with_text(rng: random.Random, split: str) -> Picture:
    """A drawing of which every word is known; a chart is none, for its axis bears numbers without labels."""
    while True:
        domain = rng.choices(list(DOMAINS), list(DOMAINS.values()))[0]
        drawing = draw(domain, rng.randrange(1 << 40), split)
        if "E" not in drawing.labels and (runs := runs_of(drawing)):
            return Picture(drawing.image, "drawn", domain, runs, held_out=drawing.held_out)


def draw_chart_with_text(rng: random.Random, split: str) -> Picture:
    """A chart of the first recipe."""
    return chart_of(draw("charts", rng.randrange(1 << 40), split))


def chart_of(drawing: Drawing) -> Picture:
    """A drawn chart as another tool's: its words are told by what the chart shows."""
    table = drawing.table
    assert table, f"{drawing.domain}, a chart was expected"
    known = {label.box: label.role for labels in drawing.labels.values() for label in labels}
    runs = []
    for run in runs_of(drawing):
        role = known[run.box]
        if role == "word":
            role = "category" if run.text in table.categories else "title"
        runs.append(replace(run, role=role))
    return Picture(
        drawing.image,
        "drawn",
        "charts",
        tuple(runs),
        table=table,
        held_out=drawing.held_out,
        marks=drawing.marks,
    )


def runs_of(drawing: Drawing) -> tuple[Run, ...]:
    """The words on a drawing, whichever expert reads them, each once."""
    found: dict[tuple, Label] = {}
    for labels in drawing.labels.values():
        found |= {(label.text, label.box): label for label in labels if label.xs and label.role in TEXT}
    return tuple(_run(label, line) for line, label in enumerate(found.values()))


def _run(label: Label, line: int) -> Run:
    top, bottom = label.box[1], label.box[3]
    middle = (top + bottom) / 2
    return Run(
        label.text, label.box, tuple((x, middle) for x in label.xs), SHARE_OF_LINE * (bottom - top),
        "paragraph", line,
    )  # fmt: skip
