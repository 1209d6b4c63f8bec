"""Pictures of random formulas: a tree of functions of the place says what is drawn, and nobody planned it.

Bands, tiles, cells, rays, folds and clouds in any mixture, smooth or in steps. They look like nothing that
the model knows, and no two are alike, so that what is unfamiliar is not learnt as a list of kinds.
"""

import random
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from training.makers.noise import any_colour, coloured, noise
from training.makers.records import Picture
from training.makers.unfamiliar import SIZES, nobodys

Field = NDArray[np.float64]  # a value for every pixel [height, width], about -1 to 1
DEEPEST = 4
FLAT = 0.12  # spread below which there is next to nothing to see
BORDERS = 0.012  # share of the pixels with a border in a picture in steps; fewer are a few plain shapes
STEPS = (2, 2, 3, 4, 5, 7)
TRIES = 20


def waves(rng: random.Random, x: Field, y: Field) -> Field:
    """A row of waves in any direction."""
    turn, often = rng.uniform(0, np.pi), rng.uniform(1, 24)
    return np.sin(often * (x * np.cos(turn) + y * np.sin(turn)) + rng.uniform(0, 6))


def rings(rng: random.Random, x: Field, y: Field) -> Field:
    """Rings about any place."""
    far = np.hypot(x - rng.uniform(-1, 1), y - rng.uniform(-1, 1))
    return np.sin(rng.uniform(2, 30) * far ** rng.uniform(0.5, 1.5))


def rays(rng: random.Random, x: Field, y: Field) -> Field:
    """Rays, which may turn as they go out."""
    x, y = x - rng.uniform(-1, 1), y - rng.uniform(-1, 1)
    twist = rng.choice((0, rng.uniform(-8, 8)))
    return np.sin(rng.randint(1, 12) * np.arctan2(y, x) + twist * np.hypot(x, y))


def tiles(rng: random.Random, x: Field, y: Field) -> Field:
    """Tiles of any shape, each of its own value."""
    wide, high, shift = rng.uniform(0.08, 0.6), rng.uniform(0.08, 0.6), rng.choice((0, 0, 0.5))
    row = np.floor(y / high)
    column = np.floor(x / wide + shift * (row % 2))
    return np.sin(row * rng.uniform(20, 90) + column * rng.uniform(20, 90))


def cells(rng: random.Random, x: Field, y: Field) -> Field:
    """How far the next of some places is, or which it is."""
    seeds = [(rng.uniform(-1.3, 1.3), rng.uniform(-1.3, 1.3)) for _ in range(rng.randint(4, 40))]
    far = np.stack([np.hypot(x - a, y - b) for a, b in seeds])
    if rng.random() < 0.5:
        return np.sin(far.argmin(0) * rng.uniform(20, 90))
    two = np.partition(far, 1, axis=0)
    return np.tanh(rng.uniform(3, 20) * (two[1] - two[0])) * 2 - 1


def clouds(rng: random.Random, x: Field, y: Field) -> Field:
    """Noise of any size."""
    return 2 * noise(rng, x.shape[1], x.shape[0], rng.randint(2, 20), rng.uniform(0.3, 0.7)) - 1


LEAVES: tuple[Callable[[random.Random, Field, Field], Field], ...] = (
    waves, rings, rays, tiles, cells, clouds, lambda rng, x, y: x, lambda rng, x, y: y,
)  # fmt: skip


def tree(rng: random.Random, x: Field, y: Field, deep: int = DEEPEST) -> Field:
    """A field out of other fields, or out of the place alone."""
    if not deep or rng.random() < 0.25:
        return rng.choice(LEAVES)(rng, x, y)
    kind = rng.randrange(6)
    if kind == 0:  # the place itself is moved by a field
        strength = rng.uniform(0.05, 0.6)
        return tree(rng, x + strength * tree(rng, x, y, deep - 2 if deep > 2 else 0), y, deep - 1)
    if kind == 1:  # repeated, or mirrored
        period = rng.uniform(0.2, 1)
        fold = (lambda v: np.abs(v) % period) if rng.random() < 0.4 else (lambda v: v % period - period / 2)
        return tree(rng, fold(x), fold(y), deep - 1)
    one, other = tree(rng, x, y, deep - 1), tree(rng, x, y, deep - 1)
    if kind == 2:
        return one * other
    if kind == 3:
        return np.where(one > rng.uniform(-0.5, 0.5), other, tree(rng, x, y, 0))
    if kind == 4:
        return np.maximum(one, other)
    return np.sin(rng.uniform(1, 6) * (one + other))


def formula_image(rng: random.Random, width: int, height: int) -> Image.Image:
    """A picture of one formula."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    longest = max(width, height) / 2
    x, y = (x - width / 2) / longest, (y - height / 2) / longest
    for _ in range(TRIES):
        field = tree(rng, x, y)
        field = (field - field.min()) / max(float(np.ptp(field)), 1e-9)
        stepped = rng.random() < 0.5
        if stepped:
            steps = rng.choice(STEPS)
            field = np.floor(field * steps * 0.999) / (steps - 1)
        busy = not stepped or sum((np.diff(field, axis=k) != 0).mean() for k in (0, 1)) > BORDERS
        if field.std() > FLAT and busy:
            break
    colours = [
        any_colour(rng, *rng.choice(((0, 255), (0, 110), (140, 255)))) for _ in range(rng.randint(2, 5))
    ]
    image = coloured(rng, field, colours)
    if rng.random() < 0.2:
        image = image.convert("L").convert("RGB")
    return image.filter(ImageFilter.GaussianBlur(rng.choice((0, 0.6, 1, rng.uniform(1, 6)))))


def draw_formula(rng: random.Random, split: str) -> Picture:
    """One picture; its questions are those about anything unfamiliar."""
    width, height = rng.choice(SIZES)
    image = formula_image(rng, width, height)
    return nobodys(rng, split, image, "formulas", grained=0.4, most=14)
