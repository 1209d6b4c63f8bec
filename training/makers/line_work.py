"""Hard-edged pictures of nothing that the model knows: branches, contours, half-tones, ribbons, broken glass.

Beside the soft surfaces of `training.makers.unfamiliar`, which are known by having no edges.
"""

import math
import random

import numpy as np
from PIL import Image, ImageDraw

from training.makers.noise import any_colour, noise

Ground = tuple[Image.Image, ImageDraw.ImageDraw, tuple[int, ...]]


def paper_and_ink(rng: random.Random) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """A pale ground with a dark colour, or the other way round."""
    pale, dark = any_colour(rng, 190, 255), any_colour(rng, 0, 110)
    return (pale, dark) if rng.random() < 0.7 else (dark, pale)


def plain(rng: random.Random, width: int, height: int) -> Ground:
    """A plain ground, what draws on it, and a colour that stands out."""
    ground, ink = paper_and_ink(rng)
    picture = Image.new("RGB", (width, height), ground)
    return picture, ImageDraw.Draw(picture), ink


def branches(rng: random.Random, width: int, height: int) -> Image.Image:
    """Bare trees, or roots."""
    picture, draw, ink = plain(rng, width, height)
    spread = rng.uniform(0.25, 0.6)
    for _ in range(rng.randint(1, 4)):
        waiting = [(rng.uniform(0.1, 0.9) * width, float(height), -math.pi / 2, height * 0.25, 9.0)]
        while waiting:
            x, y, angle, length, thick = waiting.pop()
            end = x + math.cos(angle) * length, y + math.sin(angle) * length
            draw.line((x, y, *end), fill=ink, width=max(1, round(thick)))
            if length > height * 0.02:
                for side in rng.choice(((-1, 1), (-1, 1), (-1, 0, 1))):
                    turned = angle + side * spread + rng.uniform(-0.2, 0.2)
                    waiting.append((*end, turned, length * rng.uniform(0.6, 0.8), thick * 0.65))
    return picture


def contours(rng: random.Random, width: int, height: int) -> Image.Image:
    """Lines of equal height."""
    ground, ink = paper_and_ink(rng)
    levels = noise(rng, width, height, rng.randint(2, 5), 0.35) * rng.randint(6, 22)
    thin = np.abs(levels - levels.round()) < rng.uniform(0.03, 0.09)
    pixels = np.where(thin[..., None], np.array(ink), np.array(ground))
    return Image.fromarray(pixels.astype(np.uint8))


def half_tone(rng: random.Random, width: int, height: int) -> Image.Image:
    """Dots in rows, large where it is dark, as print has them."""
    picture, draw, ink = plain(rng, width, height)
    step = rng.randint(7, 22)
    dark = noise(rng, width, height, rng.randint(2, 4), 0.4)
    for y in range(0, height, step):
        for x in range((y // step % 2) * step // 2, width, step):
            r = dark[y, x] * step * 0.6
            draw.ellipse((x - r, y - r, x + r, y + r), fill=ink)
    return picture


def ribbons(rng: random.Random, width: int, height: int) -> Image.Image:
    """Bands that swing across each other."""
    picture = Image.new("RGB", (width, height), any_colour(rng))
    draw, along = ImageDraw.Draw(picture), np.linspace(0, 1, 80)
    for _ in range(rng.randint(4, 12)):
        a, b, c = (rng.uniform(-0.2, 1.2) * height for _ in range(3))
        y = (1 - along) ** 2 * a + 2 * along * (1 - along) * b * 1.5 + along**2 * c
        y += np.sin(along * rng.uniform(2, 14)) * rng.uniform(0, 0.12) * height
        points = list(zip((along * width).tolist(), y.tolist(), strict=True))
        draw.line(points, fill=any_colour(rng), width=rng.randint(4, 40), joint="curve")
    return picture


def splinters(rng: random.Random, width: int, height: int) -> Image.Image:
    """Broken glass: corners of all shapes over each other."""
    picture = Image.new("RGB", (width, height), any_colour(rng))
    draw, base = ImageDraw.Draw(picture), any_colour(rng, 40, 210)
    outline = any_colour(rng, 0, 90) if rng.random() < 0.5 else None
    for _ in range(rng.randint(40, 160)):
        x, y, size = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(20, 0.3 * width)
        corners = [(x + rng.uniform(-size, size), y + rng.uniform(-size, size)) for _ in range(3)]
        fill = tuple(min(255, max(0, part + rng.randint(-60, 60))) for part in base)
        draw.polygon(corners, fill=fill, outline=outline)
    return picture
