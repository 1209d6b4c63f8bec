"""draw(domain, seed, split): one picture with labels and questions, the same from the same seed."""

import random

from training.pictures.charts import draw_chart
from training.pictures.documents import draw_document
from training.pictures.mixed import draw_mixed
from training.pictures.objects import draw_objects
from training.pictures.records import CELL, GRID, SIDE, Drawing, Label, Question
from training.pictures.scans import draw_scan
from training.pictures.scenes import draw_scene
from training.pictures.shapes import draw_shapes
from training.pictures.signs import draw_sign
from training.pictures.unfamiliar import draw_unfamiliar

__all__ = [
    "CELL",
    "DOMAINS",
    "GRID",
    "SIDE",
    "SPLITS",
    "Drawing",
    "Label",
    "Question",
    "draw",
    "pick_experts",
]

PAINTERS = {
    "scenes": draw_scene,
    "documents": draw_document,
    "objects": draw_objects,
    "signs": draw_sign,
    "charts": draw_chart,
    "scans": draw_scan,
    "shapes": draw_shapes,
    "mixed": draw_mixed,
    "unfamiliar": draw_unfamiliar,
}
DOMAINS = tuple(PAINTERS)
SPLITS = ("train", "test")


def draw(domain: str, seed: int, split: str, scale: int = 1) -> Drawing:
    """Draw one picture of a domain; `scale` times larger where asked.

    Raises KeyError for an unknown domain and ValueError for an unknown split.
    """
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}; it must be one of {', '.join(SPLITS)}.")
    return PAINTERS[domain](random.Random(f"{domain} {split} {seed}"), split, scale)


def pick_experts(rng: random.Random, drawing: Drawing) -> tuple[str, ...]:
    """The experts of one of a picture's questions: each choice of some is as likely as another, however few
    questions need it, and none at all as likely as it is among the questions."""
    experts = rng.choice(drawing.questions).experts
    return experts and rng.choice(sorted({q.experts for q in drawing.questions if q.experts}))
