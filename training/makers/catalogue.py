"""draw(maker, seed, split): one natural picture; MAKERS is the table of what draws them."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from training.makers.charts import draw_chart
from training.makers.documents import draw_document
from training.makers.records import Picture
from training.makers.signs import draw_sign

SPLITS = ("train", "test")


@dataclass(frozen=True)
class Maker:
    """What draws a picture from a random source; `exact` where a seed always draws the same pixels."""

    draw: Callable[[random.Random, str], Picture]
    exact: bool = True


MAKERS = {
    "charts": Maker(draw_chart, exact=False),
    "documents": Maker(draw_document),
    "signs": Maker(draw_sign),
}


def draw(maker: str, seed: int, split: str) -> Picture:
    """Draw one picture.

    Raises KeyError for an unknown maker and ValueError for an unknown split.
    """
    if split not in SPLITS:
        raise ValueError(f"split is {split!r}; it must be one of {', '.join(SPLITS)}.")
    return MAKERS[maker].draw(random.Random(f"{maker} {split} {seed}"), split)
