"""The first recipe's drawings with text, as pictures of a maker: what reads for them reads for all."""

import random

from training.makers.records import Picture, Run
from training.pictures.drawing import draw
from training.pictures.records import Drawing, Label

DOMAINS = {"documents": 3, "signs": 3, "mixed": 1}  # how often each
TEXT = ("word", "value")  # roles of labels that stand as letters in the ink
SHARE_OF_LINE = 0.5  # of a line's height that a capital has


def draw_with_text(rng: random.Random, split: str) -> Picture:
    """A drawing of which every word is known; a chart is none, for its axis bears numbers without labels."""
    while True:
        domain = rng.choices(list(DOMAINS), list(DOMAINS.values()))[0]
        drawing = draw(domain, rng.randrange(1 << 40), split)
        if "E" not in drawing.labels and (runs := runs_of(drawing)):
            return Picture(drawing.image, "drawn", domain, runs, held_out=drawing.held_out)


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
