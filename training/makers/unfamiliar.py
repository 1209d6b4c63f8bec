"""Pictures of nothing that the model knows, in seventeen kinds: it is to say that it cannot tell.

Surfaces, weather, landscapes and lights from noise of many sizes: what a photograph without a subject is.
"""

import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.makers.line_work import branches, contours, half_tone, ribbons, splinters
from training.makers.noise import any_colour, coloured, generator, noise
from training.makers.records import Picture
from training.makers.words import Words
from training.pictures import charts, documents, shapes, signs
from training.pictures.asking import (
    DESCRIBE,
    HOW_MANY,
    LARGEST,
    SAYS,
    WHAT,
    Phrasings,
    ask,
    chat,
)
from training.pictures.scenes import EXISTS, PLACE
from training.pictures.things import THINGS
from training.pictures.unfamiliar import UNKNOWN_ANSWER, draw_photo
from training.pictures.words import article

SIZES = ((640, 480), (800, 600), (600, 800), (512, 512), (768, 512), (480, 640), (1024, 768), (700, 400))
Drawn = Callable[[random.Random, int, int], Image.Image]
TELL = Phrasings(
    ("What animal is this?", "Who is in the picture?", "Which building is that?", "What is on the left?",
     "What is this person doing?", "What colour is the car?", "Which country is it?", "What brand is it?",
     "Is it day or night?", "What is in the background?", "What is the weather like here?",
     "Where was it taken?", "What is in front?", "What kind of place is it?", "What material is it?",
     "Which plant is it?", "What sort of food is it?", "What is in the middle?"),
    ("Which animal do you see?", "What is behind the tree?", "What kind of fabric is it?",
     "What is the name of this place?"),
)  # fmt: skip


def grain(rng: random.Random, picture: Image.Image, strength: float) -> Image.Image:
    """Fine noise, as film has it."""
    pixels = np.asarray(picture, float)
    pixels = pixels + generator(rng).normal(0, strength, pixels.shape[:2])[..., None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def clouds(rng: random.Random, width: int, height: int) -> Image.Image:
    """A sky."""
    sky = (rng.randint(60, 150), rng.randint(120, 190), rng.randint(190, 250))
    return coloured(
        rng, noise(rng, width, height, rng.randint(2, 5), 0.55), [sky, sky, (235, 238, 242), (255, 255, 255)]
    )


def wood(rng: random.Random, width: int, height: int) -> Image.Image:
    """Grain of a board."""
    y, x = np.mgrid[0:height, 0:width]
    rings = (y * rng.uniform(0.05, 0.2) + 9 * noise(rng, width, height, 2)) % 1
    brown = (rng.randint(120, 190), rng.randint(75, 120), rng.randint(35, 70))
    return coloured(
        rng, 0.7 * rings + 0.3 * noise(rng, width, height, 60), [brown, tuple(c + 45 for c in brown)]
    )


def marble(rng: random.Random, width: int, height: int) -> Image.Image:
    """Veined stone."""
    y, x = np.mgrid[0:height, 0:width]
    veins = np.abs(np.sin((x + y) / rng.uniform(30, 90) + 8 * noise(rng, width, height, 3)))
    return coloured(rng, veins ** rng.uniform(0.3, 1), [any_colour(rng, 40, 140), any_colour(rng, 170, 250)])


def lights(rng: random.Random, width: int, height: int) -> Image.Image:
    """Lamps out of focus at night."""
    picture = Image.new("RGB", (width, height), any_colour(rng, 0, 45))
    for _ in range(rng.randint(15, 70)):
        layer = Image.new("L", (width, height))
        r = rng.uniform(0.01, 0.08) * width
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        ImageDraw.Draw(layer).ellipse((x - r, y - r, x + r, y + r), fill=rng.randint(50, 190))
        picture.paste(Image.new("RGB", (width, height), any_colour(rng, 90, 255)), (0, 0), layer)
    return picture.filter(ImageFilter.GaussianBlur(rng.uniform(1, 6)))


def hills(rng: random.Random, width: int, height: int) -> Image.Image:
    """Ranges of hills, each paler than the one before."""
    near, far = any_colour(rng, 10, 90), any_colour(rng, 150, 240)
    picture = coloured(rng, np.mgrid[0:height, 0:width][0] / height, [any_colour(rng, 120, 255), far])
    draw, count = ImageDraw.Draw(picture), rng.randint(3, 7)
    for k in range(count):
        line = noise(rng, width, 2, rng.randint(2, 6))[0] * height * 0.3
        base = height * (0.35 + 0.6 * k / count)
        share = k / (count - 1)
        colour = tuple(round(f + (n - f) * share) for n, f in zip(near, far, strict=True))
        top = [(x, base + line[x] - height * 0.15) for x in range(0, width, 3)]
        draw.polygon([(0, height), *top, (width, height)], fill=colour)
    return picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 2.5)))


def ripples(rng: random.Random, width: int, height: int) -> Image.Image:
    """Water."""
    y, x = np.mgrid[0:height, 0:width]
    total = np.zeros((height, width))
    for _ in range(rng.randint(3, 7)):
        a, b = rng.uniform(-width, 2 * width), rng.uniform(-height, 2 * height)
        total += np.sin(np.hypot(x - a, (y - b) * rng.uniform(1, 3)) / rng.uniform(6, 30))
    values = (total - total.min()) / (total.max() - total.min())
    return coloured(rng, values, [(10, 40, rng.randint(60, 120)), (60, 140, 190), (220, 240, 250)])


def strokes(rng: random.Random, width: int, height: int) -> Image.Image:
    """Grass or fur."""
    base = any_colour(rng, 30, 190)
    picture = Image.new("RGB", (width, height), base)
    draw, lean = ImageDraw.Draw(picture), rng.uniform(-0.8, 0.8)
    for _ in range(rng.randint(2500, 6000)):
        x, y, length = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(10, 60)
        tone = rng.uniform(0.5, 1.5)
        colour = tuple(min(255, round(part * tone)) for part in base)
        draw.line(
            (x, y, x + length * (lean + rng.uniform(-0.3, 0.3)), y - length),
            fill=colour,
            width=rng.randint(1, 3),
        )
    return picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 1.2)))


def bubbles(rng: random.Random, width: int, height: int) -> Image.Image:
    """Pebbles or foam."""
    base = any_colour(rng, 60, 200)
    picture = Image.new("RGB", (width, height), tuple(part // 3 for part in base))
    draw = ImageDraw.Draw(picture)
    for _ in range(rng.randint(150, 500)):
        x, y, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(8, 60)
        tone = rng.uniform(0.5, 1.3)
        shape = (x - r, y - r * 0.7, x + r, y + r * 0.7)
        draw.ellipse(shape, fill=tuple(min(255, round(p * tone)) for p in base))
        draw.ellipse(
            (x - r * 0.6, y - r * 0.5, x, y - r * 0.1),
            fill=tuple(min(255, round(p * tone * 1.2)) for p in base),
        )
    return picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 3)))


def sunset(rng: random.Random, width: int, height: int) -> Image.Image:
    """A blend of warm colours with a sun."""
    stops = [
        any_colour(rng, 10, 110),
        (rng.randint(180, 255), rng.randint(60, 140), 60),
        (255, rng.randint(170, 230), 120),
    ]
    picture = coloured(
        rng, np.mgrid[0:height, 0:width][0] / height, stops + [any_colour(rng, 0, 60)] * rng.randint(0, 2)
    )
    x, y, r = rng.uniform(0.2, 0.8) * width, rng.uniform(0.3, 0.7) * height, rng.uniform(0.04, 0.1) * width
    ImageDraw.Draw(picture).ellipse((x - r, y - r, x + r, y + r), fill=(255, 245, 200))
    return picture.filter(ImageFilter.GaussianBlur(rng.uniform(3, 14)))


def static(rng: random.Random, width: int, height: int) -> Image.Image:
    """Nothing but noise."""
    coarse = rng.choice((1, 1, 2, 4, 8))
    shape = (height // coarse, width // coarse, rng.choice((1, 3)))
    pixels = generator(rng).integers(0, 256, shape, dtype=np.uint8)
    return Image.fromarray(np.broadcast_to(pixels, (*shape[:2], 3)).copy()).resize((width, height), 0)


def blend(rng: random.Random, width: int, height: int) -> Image.Image:
    """Two or three colours that run into each other."""
    turn = rng.uniform(0, 6.28)
    y, x = np.mgrid[0:height, 0:width]
    values = np.cos(turn) * x / width + np.sin(turn) * y / height
    values = (values - values.min()) / (values.max() - values.min())
    return coloured(rng, values, [any_colour(rng) for _ in range(rng.randint(2, 3))])


def rust(rng: random.Random, width: int, height: int) -> Image.Image:
    """A stained wall."""
    spots = noise(rng, width, height, rng.randint(3, 12), 0.7) ** 2
    return coloured(
        rng, spots, [any_colour(rng, 120, 220), any_colour(rng, 60, 160), any_colour(rng, 20, 120)]
    )


KINDS: dict[str, Drawn] = {
    "clouds": clouds, "wood": wood, "marble": marble, "lights": lights, "hills": hills, "ripples": ripples,
    "strokes": strokes, "bubbles": bubbles, "sunset": sunset, "static": static, "blend": blend, "rust": rust,
    "branches": branches, "contours": contours, "half-tone": half_tone, "ribbons": ribbons,
    "splinters": splinters,
}  # fmt: skip


def draw_unfamiliar(rng: random.Random, split: str) -> Picture:
    """One picture of KINDS, or of those the drawing code had before."""
    if rng.random() < 0.25:
        image, boxes = draw_photo(rng, split, rng.choice((1, 2))).image, ()
    else:
        width, height = rng.choice(SIZES)
        image, boxes = KINDS[rng.choice(list(KINDS))](rng, width, height), ()
        if rng.random() < 0.6:
            image = grain(rng, image, rng.uniform(2, 14))
    return Picture(image, "unfamiliar", "unfamiliar", (), questions_about(rng, split), boxes=boxes)


def nobodys(
    rng: random.Random, split: str, image: Image.Image, maker: str, grained: float, most: float = 10
) -> Picture:
    """A maker's picture that no expert was made for, a share `grained` with grain of strength 2 to `most`;
    its questions are those about anything unfamiliar."""
    if rng.random() < grained:
        image = grain(rng, image, rng.uniform(2, most))
    return Picture(image, maker, "unfamiliar", (), questions_about(rng, split))


def questions_about(rng: random.Random, split: str) -> tuple:
    """Anything may be asked: what it is, what it says, what is highest. The answer is always the same."""
    words = Words(rng, split)
    open_ways = (
        (WHAT, {}), (DESCRIBE, {}), (PLACE, {}), (HOW_MANY, {}), (LARGEST, {}), (TELL, {}), (TELL, {}),
        (EXISTS, {"x": article(rng.choice(THINGS))}), (SAYS, {}), (signs.READ, {"x": "sign"}),
        (charts.HIGHEST, {}),
        (charts.TITLE, {}), (charts.VALUE, {"x": words.word().capitalize()}), (documents.KIND, {}),
        (documents.FIELD, {"field": rng.choice(("total", "date", "name", "price"))}),
        (shapes.COLOUR, {"x": rng.choice(shapes.SHAPES)}), (charts.KIND, {}),
    )  # fmt: skip
    questions = [
        ask(rng, split, phrasings, UNKNOWN_ANSWER, "", "unknown", **filled)
        for phrasings, filled in (open_ways[0], *rng.sample(open_ways[1:], 4))
    ]
    if rng.random() < 0.3:
        questions.append(chat(rng, split))
    rng.shuffle(questions)
    return tuple(questions)
