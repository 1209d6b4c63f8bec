"""Pictures of kinds that training never shows: fractals, mazes, codes, scores, maps and others.

None can be answered for; whatever is asked, the right answer is that the model cannot tell.
"""

import math
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.makers.noise import any_colour, coloured, generator, noise
from training.makers.records import Picture
from training.makers.unfamiliar import questions_about

SIZES = ((640, 480), (600, 600), (800, 500), (480, 640))


def mandelbrot(rng: random.Random, width: int, height: int) -> Image.Image:
    """A part of the Mandelbrot set."""
    x, y = rng.choice(((-0.75, 0.1), (-1.25, 0.03), (-0.16, 1.03), (0.28, 0.01), (-0.5, 0.0)))
    span = rng.uniform(0.05, 1.6)
    b, a = np.mgrid[0:height, 0:width]
    c = (x + (a / width - 0.5) * span) + 1j * (y + (b / height - 0.5) * span)
    z, steps = np.zeros_like(c), np.zeros(c.shape)
    for _ in range(60):
        inside = np.abs(z) < 2
        z[inside] = z[inside] ** 2 + c[inside]
        steps += inside
    return coloured(
        rng,
        (steps / 60) ** 0.6,
        [any_colour(rng, 0, 80), any_colour(rng), any_colour(rng, 120, 255), (0, 0, 0)],
    )


def plasma(rng: random.Random, width: int, height: int) -> Image.Image:
    """Sines of sines in strong colours."""
    y, x = np.mgrid[0:height, 0:width] / rng.uniform(25, 70)
    value = np.sin(x) + np.sin(y * 1.3) + np.sin((x + y) * 0.7) + np.sin(np.hypot(x - 6, y - 4) * 1.6)
    parts = [
        np.sin(value * math.pi / 2 + shift) * 127 + 128 for shift in (0, rng.uniform(1, 3), rng.uniform(3, 5))
    ]
    return Image.fromarray(np.stack(parts, -1).astype(np.uint8))


def maze(rng: random.Random, width: int, height: int) -> Image.Image:
    """A maze of corridors."""
    cell = rng.randrange(18, 36)
    columns, rows = width // cell, height // cell
    picture = Image.new("RGB", (width, height), (255, 255, 255))
    draw, seen, stack = ImageDraw.Draw(picture), {(0, 0)}, [(0, 0)]
    open_walls = set()
    while stack:
        x, y = stack[-1]
        ways = [(x + a, y + b) for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))
                if 0 <= x + a < columns and 0 <= y + b < rows and (x + a, y + b) not in seen]  # fmt: skip
        if not ways:
            stack.pop()
            continue
        following = rng.choice(ways)
        open_walls |= {((x, y), following), (following, (x, y))}
        seen.add(following)
        stack.append(following)
    for x in range(columns):
        for y in range(rows):
            a, b = x * cell, y * cell
            if ((x, y), (x + 1, y)) not in open_walls:
                draw.line((a + cell, b, a + cell, b + cell), fill=(0, 0, 0), width=3)
            if ((x, y), (x, y + 1)) not in open_walls:
                draw.line((a, b + cell, a + cell, b + cell), fill=(0, 0, 0), width=3)
    return picture


def square_code(rng: random.Random, width: int, height: int) -> Image.Image:
    """Something like a QR code, which says nothing."""
    side = rng.choice((21, 25, 29))
    bits = generator(rng).integers(0, 2, (side, side)).astype(np.uint8) * 255
    for a, b in ((0, 0), (0, side - 7), (side - 7, 0)):
        bits[a : a + 7, b : b + 7] = 0
        bits[a + 1 : a + 6, b + 1 : b + 6] = 255
        bits[a + 2 : a + 5, b + 2 : b + 5] = 0
    reach = int(min(width, height) * rng.uniform(0.5, 0.9))
    picture = Image.new("RGB", (width, height), (255, 255, 255))
    code = Image.fromarray(bits).resize((reach, reach), Image.Resampling.NEAREST)
    picture.paste(code, ((width - reach) // 2, (height - reach) // 2))
    return picture


def bar_code(rng: random.Random, width: int, height: int) -> Image.Image:
    """Bars of a code without its number."""
    picture = Image.new("RGB", (width, height), any_colour(rng, 225, 255))
    draw, x = ImageDraw.Draw(picture), width * 0.12
    while x < width * 0.88:
        thick = rng.choice((2, 3, 5, 7))
        draw.rectangle((x, height * 0.2, x + thick, height * 0.8), fill=(0, 0, 0))
        x += thick + rng.choice((2, 4, 6, 9))
    return picture


def score(rng: random.Random, width: int, height: int) -> Image.Image:
    """Notes on staves."""
    picture = Image.new("RGB", (width, height), (255, 253, 246))
    draw, gap = ImageDraw.Draw(picture), rng.randrange(9, 14)
    for top in range(40, height - 6 * gap, 9 * gap):
        for k in range(5):
            draw.line((30, top + k * gap, width - 30, top + k * gap), fill=(0, 0, 0))
        x = 60
        while x < width - 60:
            y = top + rng.randrange(-1, 10) * gap / 2
            draw.ellipse((x - gap * 0.6, y - gap * 0.42, x + gap * 0.6, y + gap * 0.42), fill=(0, 0, 0))
            draw.line((x + gap * 0.55, y, x + gap * 0.55, y - gap * 3), fill=(0, 0, 0), width=2)
            x += rng.randrange(28, 60)
    return picture


def town_map(rng: random.Random, width: int, height: int) -> Image.Image:
    """Streets, parks and a river without names."""
    picture = Image.new("RGB", (width, height), (240, 237, 229))
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.randrange(2, 6)):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(30, 110)
        draw.polygon([(x + r * rng.uniform(0.5, 1) * math.cos(t), y + r * rng.uniform(0.5, 1) * math.sin(t))
                      for t in np.linspace(0, 6.2, 9)], fill=(200, 223, 178))  # fmt: skip
    river = noise(rng, width, 2, 2)[0]
    draw.line(
        [(x, height * (0.2 + 0.6 * river[x])) for x in range(0, width, 4)], fill=(160, 200, 230), width=22
    )
    for _ in range(rng.randrange(18, 40)):
        a = (rng.uniform(0, width), rng.uniform(0, height))
        turn, length = rng.choice((0.2, 1.77)) + rng.gauss(0, 0.08), rng.uniform(100, 700)
        b = (a[0] + length * math.cos(turn), a[1] + length * math.sin(turn))
        thick = rng.choice((4, 4, 6, 11))
        draw.line((*a, *b), fill=(200, 195, 188), width=thick + 2)
        draw.line((*a, *b), fill=(255, 255, 255) if thick < 11 else (253, 226, 147), width=thick)
    return picture


def stars(rng: random.Random, width: int, height: int) -> Image.Image:
    """A night sky."""
    haze = coloured(rng, noise(rng, width, height, 3, 0.6) ** 3, [(3, 4, 12), any_colour(rng, 20, 90)])
    draw = ImageDraw.Draw(haze)
    for _ in range(rng.randrange(200, 700)):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.choice((0.5, 0.5, 0.8, 1.2, 2.2))
        tone = rng.randrange(120, 256)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=(tone, tone, min(255, tone + 20)))
    return haze


def cloth(rng: random.Random, width: int, height: int) -> Image.Image:
    """Woven threads in a check."""
    y, x = np.mgrid[0:height, 0:width]
    thread = rng.randrange(3, 7)
    over = ((x // thread + y // thread) % 2).astype(float)
    bands = [any_colour(rng) for _ in range(4)]
    wide = rng.randrange(20, 60)
    warp = np.array(bands)[(x // wide) % 4]
    weft = np.array(bands)[(y // wide) % 4]
    pixels = np.where(over[..., None] > 0, warp, weft) * (
        0.8 + 0.2 * np.sin(x / thread * math.pi)[..., None] ** 2
    )
    return Image.fromarray(pixels.astype(np.uint8))


def circuit(rng: random.Random, width: int, height: int) -> Image.Image:
    """Tracks and joints on a green board."""
    picture = Image.new("RGB", (width, height), (10, rng.randrange(70, 110), 50))
    draw, step = ImageDraw.Draw(picture), 16
    for _ in range(rng.randrange(40, 80)):
        x, y = (rng.randrange(0, side // step) * step for side in (width, height))
        points = [(x, y)]
        for _ in range(rng.randrange(2, 6)):
            a, b = rng.choice(((1, 0), (0, 1), (1, 1), (-1, 1), (-1, 0)))
            length = rng.randrange(1, 6) * step
            points.append((points[-1][0] + a * length, points[-1][1] + b * length))
        draw.line(points, fill=(205, 170, 80), width=3)
        for a, b in (points[0], points[-1]):
            draw.ellipse((a - 5, b - 5, a + 5, b + 5), fill=(220, 220, 220))
    for _ in range(rng.randrange(2, 6)):
        x, y = rng.uniform(0, width * 0.8), rng.uniform(0, height * 0.8)
        draw.rectangle((x, y, x + rng.uniform(40, 130), y + rng.uniform(30, 90)), fill=(25, 25, 28))
    return picture


def mosaic(rng: random.Random, width: int, height: int) -> Image.Image:
    """Cells around scattered points."""
    y, x = np.mgrid[0:height, 0:width]
    count = rng.randrange(20, 90)
    source = generator(rng)
    places, tones = source.random((count, 2)) * (width, height), source.integers(0, 256, (count, 3))
    nearest, best = np.zeros((height, width), int), np.full((height, width), np.inf)
    for k, (a, b) in enumerate(places):
        distance = (x - a) ** 2 + (y - b) ** 2
        nearest[distance < best] = k
        best = np.minimum(best, distance)
    return Image.fromarray(tones[nearest].astype(np.uint8))


def stripes(rng: random.Random, width: int, height: int) -> Image.Image:
    """A zebra's coat, or a fingerprint's ridges."""
    field = noise(rng, width, height, rng.randrange(2, 6), 0.4)
    wave = np.sin(field * rng.uniform(40, 110)) > rng.uniform(-0.3, 0.3)
    return coloured(rng, wave.astype(float), [any_colour(rng, 0, 70), any_colour(rng, 190, 255)]).filter(
        ImageFilter.GaussianBlur(1)
    )


def spirals(rng: random.Random, width: int, height: int) -> Image.Image:
    """Curves of a toy with wheels."""
    picture = Image.new("RGB", (width, height), any_colour(rng, 230, 255))
    draw, reach = ImageDraw.Draw(picture), min(width, height) * 0.46
    for _ in range(rng.randrange(1, 4)):
        big, small, arm = rng.randrange(40, 100), rng.randrange(7, 39), rng.uniform(0.5, 1.0)
        points = []
        for t in np.linspace(0, 2 * math.pi * small, 3000):
            turn = (big - small) / small * t
            x = (big - small) * math.cos(t) + arm * small * math.cos(turn)
            y = (big - small) * math.sin(t) - arm * small * math.sin(turn)
            points.append((width / 2 + reach * x / big, height / 2 + reach * y / big))
        draw.line(points, fill=any_colour(rng, 0, 180), width=2)
    return picture


def scribble(rng: random.Random, width: int, height: int) -> Image.Image:
    """Lines of a pen that look like writing and are none."""
    picture = Image.new("RGB", (width, height), (253, 252, 246))
    draw, ink = ImageDraw.Draw(picture), rng.choice(((20, 30, 90), (30, 30, 30), (120, 20, 30)))
    for y in range(50, height - 30, rng.randrange(34, 54)):
        x, points = 40.0, []
        while x < width - 50:
            if rng.random() < 0.06:
                if len(points) > 1:
                    draw.line(points, fill=ink, width=2, joint="curve")
                points, x = [], x + rng.uniform(10, 26)
            points.append((x, y + rng.gauss(0, 5) - (12 if rng.random() < 0.12 else 0)))
            x += rng.uniform(1, 7)
        if len(points) > 1:
            draw.line(points, fill=ink, width=2, joint="curve")
    return picture


def board(rng: random.Random, width: int, height: int) -> Image.Image:
    """A chessboard with counters."""
    side = min(width, height) // 8
    picture = Image.new("RGB", (width, height), any_colour(rng, 40, 120))
    draw, left, top = ImageDraw.Draw(picture), (width - 8 * side) // 2, (height - 8 * side) // 2
    light, dark = any_colour(rng, 190, 245), any_colour(rng, 60, 140)
    for k in range(64):
        x, y = left + k % 8 * side, top + k // 8 * side
        draw.rectangle((x, y, x + side, y + side), fill=(light, dark)[(k // 8 + k) % 2])
        if rng.random() < 0.3:
            draw.ellipse(
                (x + 8, y + 8, x + side - 8, y + side - 8), fill=rng.choice(((20, 20, 20), (250, 250, 245)))
            )
    return picture


def bricks(rng: random.Random, width: int, height: int) -> Image.Image:
    """A wall, every second row half a brick on."""
    picture = Image.new("RGB", (width, height), any_colour(rng, 140, 230))
    draw, base, tall = ImageDraw.Draw(picture), any_colour(rng, 60, 190), rng.randint(18, 40)
    for row in range(height // tall + 1):
        for x in range(-(row % 2) * tall, width, 2 * tall):
            fill = tuple(part + rng.randint(-25, 25) for part in base)
            draw.rectangle((x + 2, row * tall + 2, x + 2 * tall - 2, (row + 1) * tall - 2), fill=fill)
    return picture


def gears(rng: random.Random, width: int, height: int) -> Image.Image:
    """Wheels with teeth."""
    picture = Image.new("RGB", (width, height), any_colour(rng, 150, 255))
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.randint(3, 8)):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.08, 0.25) * width
        teeth, turn, fill = rng.randint(9, 20), rng.uniform(0, 1), any_colour(rng, 0, 150)
        reach = [r * (1.0 if k % 4 < 2 else 0.82) for k in range(4 * teeth)]
        angles = [turn + k * math.pi / (2 * teeth) for k in range(4 * teeth)]
        draw.polygon([(x + math.cos(a) * d, y + math.sin(a) * d)
                      for a, d in zip(angles, reach, strict=True)], fill=fill)  # fmt: skip
        draw.ellipse((x - r / 4, y - r / 4, x + r / 4, y + r / 4), fill=any_colour(rng, 150, 255))
    return picture


KINDS = {
    "mandelbrot": mandelbrot, "plasma": plasma, "maze": maze, "square code": square_code,
    "bar code": bar_code,
    "score": score, "map": town_map, "stars": stars, "cloth": cloth, "circuit": circuit, "mosaic": mosaic,
    "stripes": stripes, "spirals": spirals, "scribble": scribble, "board": board,
    "bricks": bricks, "gears": gears,
}  # fmt: skip


def draw_oddity(rng: random.Random, kind: str) -> Picture:
    """One picture of a kind of KINDS."""
    image = KINDS[kind](rng, *rng.choice(SIZES))
    return Picture(image, kind, "unfamiliar", (), questions_about(rng, "test"), held_out=frozenset({"maker"}))
