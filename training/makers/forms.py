"""Shapes as an office program draws them: flat or with a line around, turned, of any size, on plain paper."""

import colorsys
import math
import random

from PIL import Image, ImageDraw

from training.makers.records import Picture
from training.pictures.records import Box
from training.pictures.shapes import COLOURS, SHAPES, Shape, around, outline_of, questions_about
from training.pictures.words import pick_pair

SIZES = ((640, 480), (800, 600), (600, 600), (500, 700), (1024, 768), (900, 500))
FINE = 2  # drawn so many times as large, for smooth edges
TRIES = 200
SMALLER = 0.75  # times the radius of the next larger one
CORNER = 1.35  # radii that a corner reaches at most
SEEN = [colour for colour in COLOURS if colour != "white"]
# What people call so: hue in degrees, saturation and brightness in hundredths, from and to.
CALLED = {
    "red": (-12, 8, 70, 100, 65, 100), "orange": (22, 36, 75, 100, 88, 100),
    "yellow": (47, 59, 55, 100, 88, 100), "green": (88, 158, 40, 100, 35, 85),
    "blue": (202, 238, 50, 100, 45, 100), "purple": (266, 292, 40, 90, 38, 80),
    "pink": (318, 350, 22, 60, 90, 100), "brown": (16, 32, 50, 85, 30, 58), "black": (0, 360, 0, 30, 0, 16),
}  # fmt: skip
EITHER_WAY = ("arrow", "moon", "oval", "rectangle", "triangle")  # which stand or lie, or point anywhere
LIKE_THEMSELVES = ("circle", "square", "ring")  # which are nothing else when stretched
STRETCHED = {"rectangle": (0.7, 1.3), "oval": (0.75, 1.25)}  # so much, across
DARK = 0.12  # share of dark papers, on which not all colours are seen
SEEN_ON_DARK = ("red", "orange", "yellow", "pink", "green")


def paper(rng: random.Random, width: int, height: int, dark: bool) -> Image.Image:
    """White, nearly white, any pale colour, or a faint blend from above to below; or dark."""
    pale = tuple(rng.randint(215, 255) for _ in range(3))
    top = rng.choice(((255, 255, 255), (255, 255, 255), (250, 250, 250), pale, pale))
    if dark:
        top = tuple(rng.randint(15, 60) for _ in range(3))
    below = tuple(max(0, part - rng.randint(5, 40)) for part in top) if rng.random() < 0.25 else top
    column = Image.new("RGB", (1, 2))
    column.putpixel((0, 0), top)
    column.putpixel((0, 1), below)
    return column.resize((width, height), Image.Resampling.BILINEAR)


def placed(rng: random.Random, split: str, width: int, height: int, dark: bool) -> list[Shape]:
    """One to five shapes apart from one another; forms, colours and sizes differ clearly."""
    seen = list(SEEN_ON_DARK if dark else SEEN)
    count = rng.choice((1, 1, 2, 2, 3, 4, 5))
    first = pick_pair(rng, SHAPES, seen, split)
    forms, colours = ([one for one in every if one not in first] for every in (SHAPES, seen))
    count = min(count, len(colours) + 1)
    others = zip(rng.sample(forms, count - 1), rng.sample(colours, count - 1), strict=True)
    largest = min(width, height) * (rng.uniform(0.15, 0.35) if count == 1 else rng.uniform(0.13, 0.2))
    sizes = [largest * SMALLER**k for k in range(count)]
    rng.shuffle(sizes)
    shapes: list[Shape] = []
    for (form, colour), r in zip((first, *others), sizes, strict=True):
        reach = CORNER * r
        for _ in range(TRIES):
            x, y = rng.uniform(reach, width - reach), rng.uniform(reach, height - reach)
            if all(math.hypot(x - s.x, y - s.y) > reach + CORNER * s.radius for s in shapes):
                hollow = rng.random() < 0.1 and form not in ("cross", "ring")
                shapes.append(Shape(form, colour, x, y, r, hollow))
                break
    return shapes


def called(rng: random.Random, name: str) -> tuple[int, ...]:
    """A colour that people call so."""
    hue, other_hue, *others = CALLED[name]
    saturation, brightness = (rng.uniform(*span) / 100 for span in (others[:2], others[2:]))
    found = colorsys.hsv_to_rgb(rng.uniform(hue, other_hue) / 360 % 1, saturation, brightness)
    return tuple(round(255 * part) for part in found)


def own_outline(rng: random.Random, shape: Shape) -> list[tuple[float, float]]:
    """A shape's corners, px: a little turned, a little wider or narrower, pointing where it likes."""
    turn = rng.uniform(-0.2, 0.2) if rng.random() < 0.5 else 0.0
    if shape.form in EITHER_WAY:
        turn += math.pi / 2 * rng.choice((0, 0, 1, 2, 3))
    cos, sin = math.cos(turn), math.sin(turn)
    across = 1.0 if shape.form in LIKE_THEMSELVES else rng.uniform(*STRETCHED.get(shape.form, (0.8, 1.0)))
    offsets = ((x - shape.x, (y - shape.y) * across) for x, y in outline_of(shape))
    return [(shape.x + dx * cos - dy * sin, shape.y + dx * sin + dy * cos) for dx, dy in offsets]


def draw_form(rng: random.Random, draw: ImageDraw.ImageDraw, shape: Shape) -> Box:
    """One shape of its own shade; returns its box."""
    outline = own_outline(rng, shape)
    points = [(FINE * x, FINE * y) for x, y in outline]
    colour = called(rng, shape.colour)
    if shape.form == "ring":
        draw.line([*points, points[0], points[1]], colour, round(FINE * shape.radius * 0.3), "curve")
    elif shape.hollow:
        draw.line([*points, points[0], points[1]], colour, FINE * rng.randint(3, 7), "curve")
    else:
        draw.polygon(points, colour)
        if rng.random() < 0.25:
            dark = tuple(part * 2 // 3 for part in colour)
            draw.line([*points, points[0], points[1]], dark, FINE * rng.randint(1, 4), "curve")
    return around(outline)


def draw_forms(rng: random.Random, split: str) -> Picture:
    """One picture with questions about its shapes."""
    width, height = rng.choice(SIZES)
    dark = rng.random() < DARK
    image = paper(rng, FINE * width, FINE * height, dark)
    shapes = placed(rng, split, width, height, dark)
    draw = ImageDraw.Draw(image)
    boxes = tuple((shape.called, draw_form(rng, draw, shape)) for shape in shapes)
    image = image.resize((width, height), Image.Resampling.BOX)
    return Picture(image, "forms", "shapes", (), questions_about(rng, split, shapes), boxes=boxes)
