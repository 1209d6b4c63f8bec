"""Pictures the small model was not made for, so that it can say so: what looks like a photograph, and pages
whose letters are too small to be read."""

import random

from PIL import Image, ImageFilter

from training.pictures import documents
from training.pictures.asking import (
    DESCRIBE,
    HOW_MANY,
    LARGEST,
    SAYS,
    WHAT,
    Phrasings,
    ask,
    chat,
    without_experts,
)
from training.pictures.canvas import Canvas, Effects, Ink, choose_crop, fact_cells
from training.pictures.fonts import TRAIN_FONTS
from training.pictures.records import CELL, SIDE, Drawing, Question
from training.pictures.scenes import EXISTS, PLACE
from training.pictures.settings import shade
from training.pictures.things import THINGS, emoji
from training.pictures.words import CITIES, GOODS, MONTHS, NAMES, TOPICS, article

UNKNOWN_ANSWER = "I cannot tell. I only know simple drawn pictures, and this one looks different."
SMALL_ANSWER = "I cannot read it. The letters are too small for me."
UNREAD_ANSWER = "I cannot read this. I only read a few kinds of large, plain writing."
LANDS = (
    ((120, 160, 205), (110, 120, 80)), ((205, 190, 175), (95, 80, 70)), ((60, 70, 90), (30, 35, 30)),
    ((225, 200, 170), (140, 95, 70)), ((150, 175, 150), (50, 70, 45)), ((215, 215, 220), (90, 95, 105)),
    ((185, 140, 120), (60, 45, 45)), ((245, 190, 130), (70, 60, 90)),
)  # fmt: skip
ABOUT = Phrasings(
    ("What is it about?", "What is this text about?", "Summarise the text.", "What is on this page?"),
    ("Give me the gist of it.", "What is the page about?"),
)


def draw_unfamiliar(rng: random.Random, split: str, scale: int = 1) -> Drawing:
    """What looks like a photograph, or a page in small print."""
    return (draw_photo if rng.random() < 0.75 else draw_small_print)(rng, split, scale)


def draw_photo(rng: random.Random, split: str, scale: int) -> Drawing:
    """Soft masses under uneven light, grain at every size: nothing that the drawn pictures have."""
    canvas = Canvas((128, 128, 128), choose_crop(rng, 84, 84), scale)
    canvas.gradient(*(shade(rng, colour, 25) for colour in rng.choice(LANDS)))
    for painter in rng.sample((masses, close_up, walls), rng.choice((1, 1, 2))):
        painter(canvas, rng)
    picture = light(rng, canvas.image.filter(ImageFilter.BoxBlur(rng.uniform(0.2, 2.5) * scale)))
    canvas.image.paste(picture)
    image = canvas.finish(Effects.choose(rng, strength=1.6))
    questions = [
        ask(rng, split, rng.choice((WHAT, DESCRIBE)), UNKNOWN_ANSWER, "", "unknown"),
        ask(rng, split, rng.choice((PLACE, HOW_MANY, LARGEST)), UNKNOWN_ANSWER, "", "unknown"),
        ask(rng, split, EXISTS, UNKNOWN_ANSWER, "", "unknown", x=article(rng.choice(THINGS))),
    ]
    if rng.random() < 0.4:
        questions.append(chat(rng, split))
    return Drawing(image, "unfamiliar", {}, _shuffled(rng, questions), scale=scale)


def masses(canvas: Canvas, rng: random.Random) -> None:
    """Heaps of rounded and broken shapes of nearly one colour: leaves, stones, faces, clothes."""
    base = tuple(rng.randrange(30, 226) for _ in range(3))
    for _ in range(rng.randrange(6, 70)):
        x, y, r = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(8, 110)
        fill = shade(rng, base, 45)
        if rng.random() < 0.6:
            canvas.ellipse((x - r, y - r * rng.uniform(0.4, 1.4), x + r, y + r), fill=fill)
        else:
            canvas.polygon([(x + rng.uniform(-r, r), y + rng.uniform(-r, r)) for _ in range(5)], fill=fill)


def close_up(canvas: Canvas, rng: random.Random) -> None:
    """A thing far too near, turned and faded, so that only its colours are left."""
    picture = emoji(rng.choice(THINGS)).filter(ImageFilter.BoxBlur(rng.uniform(1, 3)))
    faded = picture.getchannel("A").point(lambda alpha: int(alpha * 0.8))
    picture.putalpha(faded)
    place = rng.uniform(0, SIDE), rng.uniform(0, SIDE)
    canvas.paste(picture, *place, rng.uniform(380, 640), rng.uniform(0, 360))


def walls(canvas: Canvas, rng: random.Random) -> None:
    """Blocks with rows of openings, as houses and rooms have them."""
    for _ in range(rng.randrange(2, 6)):
        x, y = rng.uniform(-40, SIDE - 60), rng.uniform(20, SIDE - 60)
        w, h = rng.uniform(60, 240), SIDE - y
        fill = tuple(rng.randrange(40, 215) for _ in range(3))
        canvas.rectangle((x, y, x + w, y + h), fill=fill)
        step = rng.uniform(16, 50)
        opening = shade(rng, tuple(part // 2 for part in fill), 20)
        for k in range(int(w // step) * int(h // step)):
            row, column = divmod(k, max(1, int(w // step)))
            if rng.random() < 0.8:
                a, b = x + column * step + 4, y + row * step + 5
                canvas.rectangle((a, b, a + step * 0.55, b + step * 0.6), fill=opening)


def light(rng: random.Random, picture: Image.Image) -> Image.Image:
    """Grain and uneven light of every size, from hardly any to a lot."""
    strength = rng.uniform(0.15, 1.0)
    for cells in rng.sample((2, 5, 13, 34, 90, picture.width // 2), 3):
        grain = Image.frombytes("RGB", (cells, cells), rng.randbytes(3 * cells * cells))
        grain = grain.resize(picture.size, Image.Resampling.BICUBIC)
        if rng.random() < 0.7:
            grain = grain.convert("L").convert("RGB")
        picture = Image.blend(picture, grain, strength * rng.uniform(0.02, 0.35 if cells < 20 else 0.16))
    return picture


def draw_small_print(rng: random.Random, split: str, scale: int) -> Drawing:
    """A page of many lines, set in 6 to 10 px."""
    paper, colour = rng.choice(documents.PAPERS)
    canvas = Canvas(paper, choose_crop(rng, 84, 84), scale)
    ink = Ink(rng.choice(TRAIN_FONTS), rng.randrange(6, 11), colour)
    left, top = canvas.crop.x + rng.uniform(6, 40), canvas.crop.y + rng.uniform(4, 60)
    right, bottom = SIDE - canvas.crop.x - rng.uniform(4, 60), SIDE - canvas.crop.y - rng.uniform(4, 60)
    pitch, filled = ink.size * rng.uniform(1.3, 1.9), set()
    while top + pitch < bottom:
        if rng.random() < 0.88:
            canvas.letters(print_line(canvas, rng, right - left, ink), left, top + pitch, ink)
            filled.add(int((top + pitch - ink.size / 2) // CELL))
        top += pitch
    labels = [label for row in sorted(filled) for label in fact_cells(["small"], row, int(left // CELL))]
    image = canvas.finish(Effects.choose(rng))
    questions = [
        ask(rng, split, phrasings, SMALL_ANSWER, "B", "too small")
        for phrasings in (SAYS, documents.TITLE, ABOUT)
    ]
    questions.append(without_experts(rng, split, "B"))
    return Drawing(
        image, "unfamiliar", {"B": canvas.on_picture(labels)}, _shuffled(rng, questions), scale=scale
    )


def print_line(canvas: Canvas, rng: random.Random, width: float, ink: Ink) -> str:
    """Words up to the width, the last line of a paragraph shorter."""
    width *= 1 if rng.random() < 0.8 else rng.uniform(0.3, 0.9)
    line: list[str] = []
    while True:
        word = rng.choice(rng.choice((CITIES, GOODS, MONTHS, NAMES, TOPICS, ("the", "of", "and", "in"))))
        width -= canvas.measure(f"{word} ", ink)
        if width < 0:
            return " ".join(line)
        line.append(word)


def _shuffled(rng: random.Random, questions: list[Question]) -> tuple[Question, ...]:
    rng.shuffle(questions)
    return tuple(questions)
