"""What a scanner, a camera or a messenger does to a picture: little, and to few; labels follow.

Off in the first part of training: clean pictures are what people have, and must not be lost over it.
"""

import io
import math
import random
from dataclasses import replace

import numpy as np
from PIL import Image, ImageFilter

from training.makers.records import Picture, Point, Run
from training.pictures.records import Box

MOST_TURN = 2.0  # degrees


def worn(picture: Picture, rng: random.Random, strength: float = 1.0) -> Picture:
    """The picture after one or two mild effects, its texts and boxes where they have come to lie."""
    chosen = rng.sample(EFFECTS, rng.choice((1, 1, 2)))
    image = picture.image
    for effect in chosen:
        image = effect(rng, image, strength)
    picture = replace(picture, image=image)
    return turned(picture, rng.uniform(-MOST_TURN, MOST_TURN) * strength) if rng.random() < 0.35 else picture


def blurred(rng: random.Random, image: Image.Image, strength: float) -> Image.Image:
    """Slightly out of focus."""
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 0.8) * strength * max(image.size) / 768))


def grainy(rng: random.Random, image: Image.Image, strength: float) -> Image.Image:
    """Noise of a sensor."""
    pixels = np.asarray(image, float)
    source = np.random.default_rng(rng.getrandbits(64))
    pixels = pixels + source.normal(0, rng.uniform(2, 9) * strength, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def lit(rng: random.Random, image: Image.Image, strength: float) -> Image.Image:
    """Brighter or darker, more at one side."""
    width, height = image.size
    y, x = np.mgrid[0:height, 0:width]
    turn = rng.uniform(0, 2 * math.pi)
    slope = (np.cos(turn) * x / width + np.sin(turn) * y / height) * rng.uniform(0, 0.25) * strength
    light = 1 + rng.uniform(-0.18, 0.08) * strength + slope - slope.mean()
    return Image.fromarray((np.asarray(image, float) * light[..., None]).clip(0, 255).astype(np.uint8))


def packed(rng: random.Random, image: Image.Image, strength: float) -> Image.Image:
    """Through JPEG."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=round(95 - rng.uniform(5, 50) * strength))
    return Image.open(buffer).convert("RGB")


EFFECTS = (blurred, grainy, lit, packed, packed)


def turned(picture: Picture, degrees: float) -> Picture:
    """The picture turned anticlockwise about its middle, unless text would leave it."""
    width, height = picture.image.size
    angle, middle = math.radians(degrees), (width / 2, height / 2)

    def move(point: Point) -> Point:
        x, y = point[0] - middle[0], point[1] - middle[1]
        cos, sin = math.cos(angle), math.sin(angle)
        return middle[0] + cos * x + sin * y, middle[1] - sin * x + cos * y

    def around(box: Box) -> Box:
        corners = [move((x, y)) for x in box[::2] for y in box[1::2]]
        xs, ys = zip(*corners, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    def follow(run: Run) -> Run:
        return replace(run, box=around(run.box), points=tuple(map(move, run.points)))

    runs = tuple(map(follow, picture.runs))
    boxes = tuple((name, around(box)) for name, box in picture.boxes)
    edges = [run.box for run in runs] + [box for _, box in boxes]
    if any(x0 < 0 or y0 < 0 or x1 > width or y1 > height for x0, y0, x1, y1 in edges):
        return picture
    paper = picture.image.getpixel((2, 2))
    image = picture.image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=paper)
    return replace(picture, image=image, runs=runs, boxes=boxes)
