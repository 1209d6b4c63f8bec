"""Shapes as an office program draws them: flat or with a line around, turned, of any size, on plain paper."""

import math
import random

from PIL import Image, ImageDraw

from training.makers.records import Picture
from training.pictures.settings import shade
from training.pictures.shapes import COLOURS, SHAPES, Shape, outline_of, questions_about
from training.pictures.words import pick_pair

SIZES = ((640, 480), (800, 600), (600, 600), (500, 700), (1024, 768), (900, 500))
FINE = 2  # drawn so many times as large, for smooth edges
TRIES = 200
SMALLER = 0.75  # times the radius of the next larger one
CORNER = 1.35  # radii that a corner reaches at most
SEEN = [colour for colour in COLOURS if colour != "white"]


def paper(rng: random.Random, width: int, height: int) -> Image.Image:
    """White, nearly white, any pale colour, or a faint blend from above to below."""
    pale = tuple(rng.randint(215, 255) for _ in range(3))
    top = rng.choice(((255, 255, 255), (255, 255, 255), (250, 250, 250), pale, pale))
    below = tuple(part - rng.randint(5, 40) for part in top) if rng.random() < 0.25 else top
    column = Image.new("RGB", (1, 2))
    column.putpixel((0, 0), top)
    column.putpixel((0, 1), below)
    return column.resize((width, height), Image.Resampling.BILINEAR)


def placed(rng: random.Random, split: str, width: int, height: int) -> list[Shape]:
    """One to five shapes apart from one another; forms, colours and sizes differ clearly."""
    count = rng.choice((1, 1, 2, 2, 3, 4, 5))
    first = pick_pair(rng, SHAPES, SEEN, split)
    forms, colours = ([one for one in every if one not in first] for every in (SHAPES, SEEN))
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


def draw_form(rng: random.Random, draw: ImageDraw.ImageDraw, shape: Shape) -> None:
    """One shape, a little turned and of its own shade."""
    turn = rng.uniform(-0.2, 0.2) if rng.random() < 0.5 else 0.0
    cos, sin = math.cos(turn), math.sin(turn)
    points = [
        (FINE * (shape.x + dx * cos - dy * sin), FINE * (shape.y + dx * sin + dy * cos))
        for dx, dy in ((x - shape.x, y - shape.y) for x, y in outline_of(shape))
    ]
    colour = shade(rng, COLOURS[shape.colour])
    if shape.form == "ring":
        draw.line([*points, points[0], points[1]], colour, round(FINE * shape.radius * 0.3), "curve")
    elif shape.hollow:
        draw.line([*points, points[0], points[1]], colour, FINE * rng.randint(3, 7), "curve")
    else:
        draw.polygon(points, colour)
        if rng.random() < 0.25:
            dark = tuple(part * 2 // 3 for part in colour)
            draw.line([*points, points[0], points[1]], dark, FINE * rng.randint(1, 4), "curve")


def draw_forms(rng: random.Random, split: str) -> Picture:
    """One picture with questions about its shapes."""
    width, height = rng.choice(SIZES)
    image = paper(rng, FINE * width, FINE * height)
    shapes = placed(rng, split, width, height)
    draw = ImageDraw.Draw(image)
    for shape in shapes:
        draw_form(rng, draw, shape)
    image = image.resize((width, height), Image.Resampling.BOX)
    boxes = tuple((shape.name, shape.box) for shape in shapes)
    return Picture(image, "forms", "shapes", (), questions_about(rng, split, shapes), boxes=boxes)
