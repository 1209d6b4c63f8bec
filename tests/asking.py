"""What the engine's tests ask with."""

from dataclasses import replace

import numpy as np
from PIL import Image

from mova.engine import Engine
from mova.images import CheckedImage, check_pixels
from mova.request import Decoding

SHORT = Decoding(max_new_tokens=12)
LONG = Decoding(max_new_tokens=200)


def picture(seed: int = 0) -> CheckedImage:
    """A checked picture of noise."""
    values = np.random.default_rng(seed).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    return check_pixels(Image.fromarray(values))


def kinds(events) -> list[str]:
    """Names of the events, pieces counted once."""
    names = [type(event).__name__ for event in events]
    return [name for i, name in enumerate(names) if name != "Piece" or names[i - 1] != "Piece"]


def prepare(engine: Engine, **changed) -> Engine:
    """The engine with something of what it prepared from its model replaced, e.g. the ids that end a text."""
    engine._prepared = replace(engine._prepared, **changed)
    return engine
