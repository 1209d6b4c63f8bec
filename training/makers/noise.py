"""Values and colours by chance, of which pictures without a subject are made."""

import random

import numpy as np
from PIL import Image


def generator(rng: random.Random) -> np.random.Generator:
    """Numpy's source of chance, seeded from the picture's own."""
    return np.random.default_rng(rng.getrandbits(64))


def noise(rng: random.Random, width: int, height: int, cells: int, rough: float = 0.5) -> np.ndarray:
    """[height, width] from 0 to 1: random values on ever finer grids, each `rough` times as strong."""
    source, total, weight = generator(rng), np.zeros((height, width)), 1.0
    while cells < max(width, height) / 2:
        rows = max(2, round(cells * height / width))
        grid = Image.fromarray((source.random((rows, cells)) * 255).astype(np.uint8))
        total += weight * np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC), float)
        weight, cells = weight * rough, cells * 2
    low, high = total.min(), total.max()
    return (total - low) / max(1e-9, high - low)


def coloured(rng: random.Random, values: np.ndarray, stops: list[tuple[int, int, int]]) -> Image.Image:
    """Values from 0 to 1 as a blend through some colours."""
    places = np.linspace(0, 1, len(stops))
    parts = [np.interp(values, places, [stop[k] for stop in stops]) for k in range(3)]
    return Image.fromarray(np.stack(parts, -1).clip(0, 255).astype(np.uint8))


def any_colour(rng: random.Random, low: int = 0, high: int = 255) -> tuple[int, int, int]:
    """A colour with parts in a range."""
    return tuple(rng.randint(low, high) for _ in range(3))
