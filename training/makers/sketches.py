"""Drawings in few lines of things that nobody asks an expert for: towns, faces, boxes, leaves, tracks.

Nothing is written on them. Hard lines and flat colours on a plain ground, as signs, papers and charts have
them, and yet none of these.
"""

import math
import random

import numpy as np
from PIL import Image, ImageDraw

from training.makers.line_work import plain
from training.makers.noise import any_colour
from training.makers.ornaments import ORNAMENTS, palette, round_at, turned
from training.makers.records import Picture
from training.makers.unfamiliar import SIZES, nobodys


def skyline(rng: random.Random, width: int, height: int) -> Image.Image:
    """Houses of a town in front of each other, some with windows."""
    picture, draw, _ = plain(rng, width, height)
    base, lit = any_colour(rng, 20, 170), any_colour(rng, 150, 255)
    for row in range(rng.randint(1, 3)):
        tone, x = 1 - row * 0.25, -20.0
        while x < width:
            broad, high = rng.uniform(0.04, 0.14) * width, rng.uniform(0.15, 0.7) * height * (1 - 0.2 * row)
            fill = tuple(round(part * tone) for part in base)
            draw.rectangle((x, height - high, x + broad, height), fill=fill)
            if rng.random() < 0.3:
                top = (x + broad / 2, height - high - broad * rng.uniform(0.3, 1.4))
                draw.polygon([(x, height - high), (x + broad, height - high), top], fill=fill)
            for a in np.arange(x + 6, x + broad - 8, 14) if rng.random() < 0.6 else ():
                for b in np.arange(height - high + 8, height, 20):
                    if rng.random() < 0.6:
                        draw.rectangle((a, b, a + 6, b + 9), fill=lit)
            x += broad + rng.choice((0, 0, 4, 12))
    return picture


def rooms(rng: random.Random, width: int, height: int) -> Image.Image:
    """The plan of a flat."""
    picture, draw, ink = plain(rng, width, height)
    thick, waiting = rng.randint(2, 8), [(30, 30, width - 30, height - 30)]
    while waiting:
        x, y, a, b = waiting.pop()
        wide, high = a - x, b - y
        if max(wide, high) < 150 or (max(wide, high) < 300 and rng.random() < 0.25):
            draw.rectangle((x, y, a, b), outline=ink, width=thick)
            door = rng.randint(20, 40)
            corner = rng.choice(((x, y), (a, y), (x, b), (a, b)))
            draw.arc(round_at(*corner, door), rng.choice((0, 90, 180, 270)), 360, fill=ink, width=2)
            continue
        cut = rng.uniform(0.35, 0.65)
        if wide > high:
            waiting += [(x, y, round(x + cut * wide), b), (round(x + cut * wide), y, a, b)]
        else:
            waiting += [(x, y, a, round(y + cut * high)), (x, round(y + cut * high), a, b)]
    return picture


def pitch(rng: random.Random, width: int, height: int) -> Image.Image:
    """The lines of a field for a game with a ball."""
    ground = rng.choice(((60, 140, 60), (190, 100, 60), (70, 110, 170), any_colour(rng, 40, 200)))
    picture = Image.new("RGB", (width, height), ground)
    draw, chalk, thick = ImageDraw.Draw(picture), any_colour(rng, 220, 255), rng.randint(2, 6)
    x, y, a, b = 0.06 * width, 0.08 * height, 0.94 * width, 0.92 * height
    middle, deep = (x + a) / 2, rng.uniform(0.08, 0.2) * width
    draw.rectangle((x, y, a, b), outline=chalk, width=thick)
    draw.line((middle, y, middle, b), fill=chalk, width=thick)
    if rng.random() < 0.7:
        draw.ellipse(
            round_at(middle, height / 2, rng.uniform(0.08, 0.2) * height), outline=chalk, width=thick
        )
    for side in (x, a - deep):
        top = rng.uniform(0.15, 0.35)
        draw.rectangle((side, top * height, side + deep, (1 - top) * height), outline=chalk, width=thick)
    return picture


def molecules(rng: random.Random, width: int, height: int) -> Image.Image:
    """Rings of six with arms, as chemists draw them, without letters."""
    picture, draw, ink = plain(rng, width, height)
    r, thick = rng.randint(20, 60), rng.randint(2, 5)
    x, y = rng.uniform(0.2, 0.5) * width, rng.uniform(0.3, 0.7) * height
    for _ in range(rng.randint(2, 9)):
        rim = [corner for k in range(6) for corner in turned([(r, 0)], k * math.pi / 3, x, y)]
        draw.polygon(rim, outline=ink, width=thick)
        if rng.random() < 0.5:
            draw.ellipse(round_at(x, y, r * 0.6), outline=ink, width=thick)
        k = rng.randrange(6)
        draw.line((*rim[k], *turned([(2 * r, 0)], k * math.pi / 3, x, y)[0]), fill=ink, width=thick)
        side = rng.randrange(6) * math.pi / 3 + math.pi / 6
        x = min(max(x + 1.732 * r * math.cos(side), r), width - r)
        y = min(max(y + 1.732 * r * math.sin(side), r), height - r)
    return picture


def forest(rng: random.Random, width: int, height: int) -> Image.Image:
    """Trees as children draw them."""
    picture, draw, _ = plain(rng, width, height)
    draw.rectangle((0, height * 0.7, width, height), fill=any_colour(rng, 60, 190))
    greens, trunk = palette(rng), any_colour(rng, 40, 120)
    for _ in range(rng.randint(6, 30)):
        x, y, size = rng.uniform(0, width), rng.uniform(0.6, 1) * height, rng.uniform(0.1, 0.35) * height
        draw.rectangle((x - size * 0.05, y - size * 0.3, x + size * 0.05, y), fill=trunk)
        if rng.random() < 0.5:
            draw.ellipse(round_at(x, y - size * 0.6, size * 0.3, size * 0.4), fill=rng.choice(greens))
            continue
        fill = rng.choice(greens)
        for k in range(3):
            low, broad = y - size * (0.25 + 0.22 * k), size * (0.35 - 0.08 * k)
            draw.polygon([(x - broad, low), (x + broad, low), (x, low - size * 0.35)], fill=fill)
    return picture


def faces(rng: random.Random, width: int, height: int) -> Image.Image:
    """Faces of two eyes and a mouth."""
    picture, draw, ink = plain(rng, width, height)
    for _ in range(rng.randint(1, 5)):
        x, y = rng.uniform(0.15, 0.85) * width, rng.uniform(0.2, 0.8) * height
        r, s = rng.uniform(0.08, 0.3) * height, rng.uniform(0.1, 0.35) * height
        draw.ellipse(round_at(x, y, r, s), fill=any_colour(rng, 120, 255), outline=ink, width=3)
        for side in (-1, 1):
            eye = x + side * r * 0.4, y - s * 0.2
            draw.ellipse(round_at(*eye, r * 0.16, s * 0.1), fill=(255, 255, 255), outline=ink)
            draw.ellipse(round_at(*eye, r * 0.06), fill=ink)
        draw.arc(
            round_at(x, y + s * 0.25, r * 0.45, s * 0.3),
            *rng.choice(((0, 180), (180, 360), (20, 160))),
            fill=ink,
            width=3,
        )
        draw.line((x, y - s * 0.1, x - r * 0.1, y + s * 0.15, x + r * 0.05, y + s * 0.15), fill=ink, width=2)
        for k in range(rng.choice((0, 12, 30))):
            a = math.pi * (1 + k / 30)
            draw.line(
                (
                    x + r * math.cos(a),
                    y + s * math.sin(a),
                    x + r * 1.2 * math.cos(a),
                    y + s * 1.3 * math.sin(a),
                ),
                fill=ink,
                width=2,
            )
    return picture


def flags(rng: random.Random, width: int, height: int) -> Image.Image:
    """A flag, or several on a wall: bands, crosses, wedges."""
    picture, draw, _ = plain(rng, width, height)
    count = rng.choice((1, 1, 2, 3))
    for n in range(count * count):
        wide, high = width / count, height / count
        edge = rng.choice((0, 0.06, 0.12)) if count == 1 else 0.1
        x, y = (n % count + edge) * wide, (n // count + edge) * high
        a, b = (n % count + 1 - edge) * wide, (n // count + 1 - edge) * high
        colours, shape, parts = palette(rng), rng.randrange(4), rng.randint(2, 5)
        draw.rectangle((x, y, a, b), fill=colours[0])
        for k in range(0 if shape == 2 else parts):
            one = (x + (a - x) * k / parts, y, x + (a - x) * (k + 1) / parts, b)
            other = (x, y + (b - y) * k / parts, a, y + (b - y) * (k + 1) / parts)
            draw.rectangle(one if shape == 1 else other, fill=colours[k % len(colours)])
        if shape == 2:
            bar, at = (b - y) * rng.uniform(0.06, 0.14), x + (a - x) * rng.choice((0.35, 0.5))
            draw.rectangle((x, (y + b) / 2 - bar, a, (y + b) / 2 + bar), fill=colours[1])
            draw.rectangle((at - bar, y, at + bar, b), fill=colours[1])
        elif shape == 3 or rng.random() < 0.3:
            tip = x + (a - x) * rng.uniform(0.3, 0.6)
            draw.polygon([(x, y), (tip, (y + b) / 2), (x, b)], fill=colours[-1])
    return picture


def boxes(rng: random.Random, width: int, height: int) -> Image.Image:
    """Empty boxes with arrows from one to the next."""
    picture, draw, ink = plain(rng, width, height)
    across, down = rng.randint(2, 5), rng.randint(2, 5)
    wide, high, thick = width / across, height / down, rng.randint(2, 4)
    places = [
        ((i + 0.5) * wide, (j + 0.5) * high)
        for i in range(across)
        for j in range(down)
        if rng.random() < 0.75
    ]
    for (x, y), (a, b) in zip(places, places[1:], strict=False):
        draw.line((x, y, a, b), fill=ink, width=thick)
        angle, half = math.atan2(b - y, a - x), ((x + a) / 2, (y + b) / 2)
        draw.polygon(turned([(10, 0), (-6, 7), (-6, -7)], angle, *half), fill=ink)
    fills = palette(rng)
    for x, y in places:
        frame = round_at(x, y, wide * 0.3, high * 0.25)
        shape = rng.choice((draw.rectangle, draw.ellipse, draw.rectangle))
        shape(frame, fill=rng.choice(fills), outline=ink, width=thick)
    return picture


def abacus(rng: random.Random, width: int, height: int) -> Image.Image:
    """Balls on rods in a frame."""
    picture, draw, ink = plain(rng, width, height)
    rods, colours, edge = rng.randint(4, 11), palette(rng), 0.08
    x, a = edge * width, (1 - edge) * width
    draw.rectangle((x, edge * height, a, (1 - edge) * height), outline=ink, width=rng.randint(6, 16))
    for k in range(rods):
        y = (edge + (1 - 2 * edge) * (k + 0.5) / rods) * height
        draw.line((x, y, a, y), fill=ink, width=3)
        r, count, left = 0.3 * height / rods, rng.randint(5, 10), rng.randint(0, 10)
        for n in range(count):
            at = x + 14 + (2 * n + 1) * r if n < left else a - 14 - (2 * (count - n) - 1) * r
            draw.ellipse(round_at(at, y, r * 0.95, r * 1.2), fill=colours[k % len(colours)], outline=ink)
    return picture


def targets(rng: random.Random, width: int, height: int) -> Image.Image:
    """Rings to shoot at, or ripples of a garden."""
    picture, draw, ink = plain(rng, width, height)
    for _ in range(rng.randint(1, 6)):
        x, y, r = (
            rng.uniform(0.1, 0.9) * width,
            rng.uniform(0.1, 0.9) * height,
            rng.uniform(0.15, 0.5) * height,
        )
        colours, rings = [ink, *palette(rng)], rng.randint(4, 12)
        for k in range(rings):
            draw.ellipse(round_at(x, y, r * (1 - k / rings)), fill=colours[k % len(colours)])
    return picture


def fishes(rng: random.Random, width: int, height: int) -> Image.Image:
    """Fishes of two curves and a tail."""
    picture, draw, ink = plain(rng, width, height)
    for _ in range(rng.randint(2, 14)):
        long, x, y = rng.uniform(40, 0.35 * width), rng.uniform(0, width), rng.uniform(0, height)
        high, turn, fill = (
            long * rng.uniform(0.2, 0.4),
            rng.choice((0, math.pi)) + rng.uniform(-0.5, 0.5),
            any_colour(rng),
        )
        body = [(long / 2 * math.cos(t), high / 2 * math.sin(t)) for t in np.linspace(0, 6.28, 30)]
        tail = [(-long * 0.45, 0), (-long * 0.75, high * 0.5), (-long * 0.65, 0), (-long * 0.75, -high * 0.5)]
        for part in (tail, body):
            draw.polygon(turned(part, turn, x, y), fill=fill, outline=ink)
        draw.ellipse(round_at(*turned([(long * 0.3, -high * 0.1)], turn, x, y)[0], long * 0.04), fill=ink)
    return picture


def walks(rng: random.Random, width: int, height: int) -> Image.Image:
    """A path that turns at right angles, or anyhow, without an end."""
    picture, draw, ink = plain(rng, width, height)
    step, straight, thick = rng.randint(6, 40), rng.random() < 0.6, rng.randint(1, 6)
    for colour in (ink, *palette(rng))[: rng.randint(1, 4)]:
        x, y, path = width / 2.0, height / 2.0, []
        for _ in range(rng.randint(100, 900)):
            angle = rng.randrange(4) * math.pi / 2 if straight else rng.uniform(0, 6.28)
            x = min(max(x + step * math.cos(angle), 0), width)
            y = min(max(y + step * math.sin(angle), 0), height)
            path.append((x, y))
        draw.line(path, fill=colour, width=thick)
    return picture


def prints(rng: random.Random, width: int, height: int) -> Image.Image:
    """Tracks of paws across snow."""
    picture, draw, ink = plain(rng, width, height)
    for _ in range(rng.randint(1, 4)):
        x, y = rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * height
        turn, r, toes = rng.uniform(0, 6.28), rng.uniform(8, 30), rng.randint(3, 5)
        for k in range(rng.randint(6, 24)):
            side = (r * 1.6) * (1 if k % 2 else -1)
            a, b = turned([(0, side)], turn, x, y)[0]
            draw.ellipse(round_at(a, b, r, r * 0.8), fill=ink)
            for n in range(toes):
                spread = (n - (toes - 1) / 2) * 0.5
                toe = turned([(1.7 * r * math.cos(spread), 1.7 * r * math.sin(spread))], turn, a, b)[0]
                draw.ellipse(round_at(*toe, r * 0.35), fill=ink)
            turn += rng.uniform(-0.3, 0.3)
            x, y = x + 5 * r * math.cos(turn), y + 5 * r * math.sin(turn)
    return picture


def leaves(rng: random.Random, width: int, height: int) -> Image.Image:
    """Leaves with their veins."""
    picture, draw, ink = plain(rng, width, height)
    for _ in range(rng.randint(2, 12)):
        long, broad = rng.uniform(0.2, 0.8) * height, rng.uniform(0.15, 0.45)
        x, y = rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * height
        turn, along = rng.uniform(0, 6.28), np.linspace(0, 1, 20).tolist()
        rim = [(long * t, long * broad * math.sin(math.pi * t**0.8)) for t in along]
        rim += [(u, -v) for u, v in reversed(rim)]
        draw.polygon(turned(rim, turn, x, y), fill=any_colour(rng, 30, 220), outline=ink)
        draw.line(turned([(0, 0), (long, 0)], turn, x, y), fill=ink, width=3)
        for k in range(rng.randint(3, 9)):
            t = 0.1 + 0.08 * k
            for side in (-1, 1):
                tip = (long * (t + 0.15), side * long * broad * 0.75 * math.sin(math.pi * (t + 0.1)))
                draw.line(turned([(long * t, 0), tip], turn, x, y), fill=ink, width=2)
    return picture


PAINTERS = {
    "train": (
        *ORNAMENTS["train"],
        skyline,
        rooms,
        molecules,
        forest,
        faces,
        flags,
        abacus,
        targets,
        fishes,
        walks,
    ),
    "test": (*ORNAMENTS["test"], pitch, boxes, prints, leaves),
}


def draw_sketch(rng: random.Random, split: str) -> Picture:
    """One drawing; its questions are those about anything unfamiliar."""
    image = rng.choice(PAINTERS[split])(rng, *rng.choice(SIZES))
    return nobodys(rng, split, image, "sketches", grained=0.2)
