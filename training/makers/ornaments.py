"""Patterns that repeat: tiles, chains, scales, patchwork, knitting, webs, petals, automata.

Nothing is written on them and no expert was made for them. Each is made of few hard-edged marks many times
over, as wrapping paper, woven things and decorations are.
"""

import math
import random

import numpy as np
from PIL import Image

from training.makers.line_work import paper_and_ink, plain
from training.makers.noise import any_colour, generator


def palette(rng: random.Random) -> list[tuple[int, int, int]]:
    """Two to five colours."""
    low, high = rng.choice(((0, 255), (0, 140), (120, 255)))
    return [any_colour(rng, low, high) for _ in range(rng.randint(2, 5))]


def round_at(x: float, y: float, r: float, s: float | None = None) -> tuple[float, float, float, float]:
    """The box of a circle, or of an ellipse."""
    s = r if s is None else s
    return (x - r, y - s, x + r, y + s)


def turned(points: list[tuple[float, float]], angle: float, x: float, y: float) -> list[tuple[float, float]]:
    """Points about the origin turned by an angle and put at a place."""
    a, b = math.cos(angle), math.sin(angle)
    return [(x + a * u - b * v, y + b * u + a * v) for u, v in points]


def arcs(rng: random.Random, width: int, height: int) -> Image.Image:
    """Square tiles with two quarter circles, each laid one way or the other."""
    picture, draw, ink = plain(rng, width, height)
    side, thick = rng.randint(18, 70), rng.randint(2, 9)
    for x in range(0, width, side):
        for y in range(0, height, side):
            r = side / 2
            ends = (((x, y), 0), ((x + side, y + side), 180))
            if rng.random() < 0.5:
                ends = (((x + side, y), 90), ((x, y + side), 270))
            for (a, b), start in ends:
                draw.arc(round_at(a, b, r + thick / 2), start, start + 90, fill=ink, width=thick)
    return picture


def automaton(rng: random.Random, width: int, height: int) -> Image.Image:
    """The generations of a line of cells, one below the other."""
    cell, source = rng.randint(3, 12), generator(rng)
    columns, rows = width // cell + 1, height // cell + 1
    rule = np.array(
        [int(bit) for bit in f"{rng.choice((18, 22, 30, 45, 60, 73, 90, 105, 110, 126, 150)):08b}"]
    )
    line = np.zeros(columns, int)
    line[columns // 2] = 1
    if rng.random() < 0.5:
        line = source.integers(0, 2, columns)
    lines = [line]
    for _ in range(rows):
        line = rule[7 - (4 * np.roll(line, 1) + 2 * line + np.roll(line, -1))]
        lines.append(line)
    ground, ink = paper_and_ink(rng)
    pixels = np.where(np.array(lines)[..., None], ink, ground).astype(np.uint8)
    picture = Image.fromarray(pixels).resize((columns * cell, len(lines) * cell), Image.Resampling.NEAREST)
    return picture.crop((0, 0, width, height))


def chains(rng: random.Random, width: int, height: int) -> Image.Image:
    """Links that hold each other, in rows."""
    picture, draw, ink = plain(rng, width, height)
    long, gap = rng.randint(24, 80), rng.randint(30, 110)
    thick, broad = rng.randint(3, 9), rng.uniform(0.3, 0.6)
    for y in range(rng.randint(0, gap), height, gap):
        for k, x in enumerate(range(-long, width + long, round(long * 0.7))):
            s = long * broad / 2 if k % 2 else thick
            draw.ellipse(round_at(x, y, long / 2, s), outline=ink, width=thick)
    return picture


def beads(rng: random.Random, width: int, height: int) -> Image.Image:
    """Strings of balls that hang in bows."""
    picture, draw, ink = plain(rng, width, height)
    colours = palette(rng)
    for _ in range(rng.randint(3, 12)):
        top, deep, r = rng.uniform(-0.2, 0.9) * height, rng.uniform(0.05, 0.6) * height, rng.randint(4, 18)
        along = np.arange(0, 1, 2.1 * r / width)
        for t in along.tolist():
            y = top + 4 * deep * t * (1 - t)
            draw.ellipse(round_at(t * width, y, r), fill=rng.choice(colours), outline=ink)
    return picture


def seeds(rng: random.Random, width: int, height: int) -> Image.Image:
    """Seeds as a sunflower has them."""
    picture, draw, _ = plain(rng, width, height)
    colours, step, size = palette(rng), rng.uniform(5, 16), rng.uniform(0.25, 0.6)
    turn = math.pi * (3 - math.sqrt(5)) + rng.choice((0, 0, rng.uniform(-0.02, 0.02)))
    x, y = rng.uniform(0.3, 0.7) * width, rng.uniform(0.3, 0.7) * height
    for k in range(int((0.8 * max(width, height) / step) ** 2)):
        r = step * math.sqrt(k)
        place = x + r * math.cos(k * turn), y + r * math.sin(k * turn)
        draw.ellipse(round_at(*place, step * size), fill=colours[k % len(colours)])
    return picture


def scales(rng: random.Random, width: int, height: int) -> Image.Image:
    """Scales of a fish, or slates."""
    picture, draw, ink = plain(rng, width, height)
    colours, r = palette(rng), rng.randint(12, 50)
    for k, y in enumerate(range(height + r, -2 * r, -r // 2)):
        for x in range(-r + k % 2 * r, width + 2 * r, 2 * r):
            for inner in range(rng.choice((1, 1, 3))):
                draw.ellipse(round_at(x, y, r * (1 - inner / 4)), fill=rng.choice(colours), outline=ink)
    return picture


def patchwork(rng: random.Random, width: int, height: int) -> Image.Image:
    """A quilt of triangles."""
    picture, draw, _ = plain(rng, width, height)
    colours, side = palette(rng), rng.randint(24, 90)
    for x in range(0, width, side):
        for y in range(0, height, side):
            a, b, c, d = (x, y), (x + side, y), (x + side, y + side), (x, y + side)
            draw.rectangle((*a, *c), fill=rng.choice(colours))
            draw.polygon(rng.choice(((a, b, c), (a, b, d), (b, c, d), (a, c, d))), fill=rng.choice(colours))
    return picture


def knitting(rng: random.Random, width: int, height: int) -> Image.Image:
    """Stitches side by side, some of other colours in rows."""
    picture, draw, _ = plain(rng, width, height)
    colours, w, h = palette(rng), rng.randint(8, 26), rng.randint(6, 18)
    rows = [rng.choice(colours) for _ in range(rng.randint(2, 9))]
    for n, y in enumerate(range(-h, height + h, h)):
        for k, x in enumerate(range(0, width + w, w)):
            ink = rows[n % len(rows)] if (k * n) % 5 else rows[0]
            for side in (-1, 1):
                ends = (x + side * w / 2, y - h * 0.5, x, y + h * 0.5)
                draw.line(ends, fill=ink, width=max(2, round(w * 0.35)))
    return picture


def webs(rng: random.Random, width: int, height: int) -> Image.Image:
    """A spider's web."""
    picture, draw, ink = plain(rng, width, height)
    x, y = rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * height
    spokes, step, thick = rng.randint(7, 18), rng.uniform(14, 45), rng.randint(1, 3)
    angles = sorted(rng.uniform(0, 0.5) + 2 * math.pi * k / spokes for k in range(spokes))
    rings = int(1.2 * max(width, height) / step)
    reach = [[step * (n + 1) * rng.uniform(0.9, 1.1) for _ in angles] for n in range(rings)]
    for k, angle in enumerate(angles):
        a = (math.cos(angle), math.sin(angle))
        b = (math.cos(angles[k - 1]), math.sin(angles[k - 1]))
        draw.line((x, y, x + a[0] * 2 * width, y + a[1] * 2 * width), fill=ink, width=thick)
        for ring in reach:
            r, s = ring[k], ring[k - 1]
            draw.line((x + a[0] * r, y + a[1] * r, x + b[0] * s, y + b[1] * s), fill=ink, width=thick)
    return picture


def strings(rng: random.Random, width: int, height: int) -> Image.Image:
    """Threads between nails along two lines, which make a curve."""
    picture, draw, _ = plain(rng, width, height)
    for colour in palette(rng):
        (a, b), (c, d) = (
            [(rng.uniform(0, width), rng.uniform(0, height)) for _ in range(2)] for _ in range(2)
        )
        count = rng.randint(15, 60)
        for k in range(count + 1):
            t = k / count
            one = (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)
            other = (c[0] + (d[0] - c[0]) * t, c[1] + (d[1] - c[1]) * t)
            draw.line((*one, *other), fill=colour, width=rng.choice((1, 1, 2)))
    return picture


def kaleidoscope(rng: random.Random, width: int, height: int) -> Image.Image:
    """Shards in mirrors around a middle."""
    picture, draw, _ = plain(rng, width, height)
    colours, turns, reach = palette(rng), rng.choice((4, 5, 6, 8, 12)), max(width, height) * 0.6
    for _ in range(rng.randint(8, 30)):
        r, a = rng.uniform(0.05, 1) * reach, rng.uniform(0, math.pi / turns)
        corners = [
            (r + rng.uniform(-90, 90), r * math.tan(a) + rng.uniform(-90, 90))
            for _ in range(rng.randint(3, 5))
        ]
        fill = rng.choice(colours)
        for k in range(turns):
            for side in (-1, 1):
                shard = [(u, side * v) for u, v in corners]
                draw.polygon(turned(shard, 2 * math.pi * k / turns, width / 2, height / 2), fill=fill)
    return picture


def petals(rng: random.Random, width: int, height: int) -> Image.Image:
    """Flowers of a wallpaper."""
    picture, draw, ink = plain(rng, width, height)
    colours, step, count = palette(rng), rng.randint(50, 190), rng.randint(4, 12)
    for n, y in enumerate(range(0, height + step, step)):
        for x in range(n % 2 * step // 2, width + step, step):
            r, start = step * rng.uniform(0.25, 0.45), rng.uniform(0, 6.3)
            for k in range(count):
                leaf = [
                    (r * (0.5 - 0.5 * math.cos(t)), r * 0.3 * math.sin(t)) for t in np.linspace(0, 6.28, 18)
                ]
                draw.polygon(
                    turned(leaf, start + 2 * math.pi * k / count, x, y), fill=rng.choice(colours), outline=ink
                )
            draw.ellipse(round_at(x, y, r * 0.2), fill=ink)
    return picture


def cubes(rng: random.Random, width: int, height: int) -> Image.Image:
    """Cubes seen from a corner, side by side."""
    picture, draw, ink = plain(rng, width, height)
    r, tones = rng.randint(16, 60), (1.0, 0.75, 0.5)
    colours, outline = palette(rng), ink if rng.random() < 0.5 else None
    for n, y in enumerate(range(0, height + 2 * r, round(1.5 * r))):
        for x in range(0, width + 2 * r, round(1.732 * r)):
            middle, base = x + (n % 2) * 0.866 * r, rng.choice(colours)
            rim = [
                (middle + r * math.sin(k * math.pi / 3), y - r * math.cos(k * math.pi / 3)) for k in range(6)
            ]
            for k, tone in enumerate(tones):
                face = [(middle, y), rim[2 * k - 1], rim[2 * k], rim[2 * k + 1]]
                draw.polygon(face, fill=tuple(round(part * tone) for part in base), outline=outline)
    return picture


ORNAMENTS = {
    "train": (arcs, automaton, chains, beads, scales, patchwork, webs, strings, petals, cubes),
    "test": (seeds, knitting, kaleidoscope),
}
