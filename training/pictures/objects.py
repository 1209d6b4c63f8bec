"""Scattered things to find and count (expert C)."""

import random

from training.pictures.asking import DESCRIBE, HOW_MANY, WHAT, Phrasings, ask, without_experts
from training.pictures.canvas import (
    EDGE,
    Canvas,
    Crop,
    Effects,
    choose_crop,
    fact_cells,
    inside_cell,
)
from training.pictures.records import CELL, SIDE, Box, Drawing, Label, Question
from training.pictures.scenes import (
    COUNT,
    PLACE,
    Placed,
    counts,
    existence,
    paste_things,
    spoken,
    write_counts,
)
from training.pictures.settings import SETTINGS, shade
from training.pictures.things import THINGS, plural
from training.pictures.words import pick_pair

WHERE = Phrasings(
    ("Where is the {x}?", "Find the {x}.", "Locate the {x}.", "Show me the {x}.", "Give the box of the {x}.",
     "At which place is the {x}?", "Where do you see the {x}?", "Where can I find the {x}?",
     "What is the position of the {x}?", "Could you find the {x}?", "Where would the {x} be?"),
    ("Point to the {x}.", "In which box is the {x}?"),
)  # fmt: skip
GROUNDS = (
    (245, 245, 240), (225, 235, 245), (235, 245, 225), (250, 235, 220), (240, 225, 240), (60, 65, 80),
    (200, 215, 210), (255, 250, 205), (95, 130, 110), (175, 190, 215),
)  # fmt: skip
# Places are written in twentieths of the picture's side, one word each: a digit more would not fit beside a
# thing, and an edge half a step off costs a box little.
STEPS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
).split()
TRIES = 20  # to place one thing, and to place all, before they shrink
REACH = 2  # cells that a written place takes up on each side of its thing's own


def draw_objects(rng: random.Random, split: str, scale: int = 1) -> Drawing:
    """One to six things of up to three kinds, on a plain ground or in a setting."""
    number, first = pick_pair(rng, [1, 2, 3, 4, 5, 6], THINGS, split)
    canvas = Canvas(shade(rng, rng.choice(GROUNDS), 8), choose_crop(rng, 40, 40), scale)
    setting = rng.choice(list(SETTINGS)) if rng.random() < 0.3 else None
    if setting:
        SETTINGS[setting][0](canvas, rng)
    elif rng.random() < 0.5:
        top = canvas.image.getpixel((0, 0))
        canvas.gradient(top, tuple(max(0, part - rng.randrange(20, 60)) for part in top))
    placed = scatter(rng, choose_kinds(rng, first, number), canvas.crop)
    boxes = paste_things(canvas, rng, placed)
    labels = {"C": canvas.on_picture(write_counts(placed, boxes) + write_boxes(placed, boxes))}
    if setting:
        labels["A"] = canvas.on_picture(fact_cells([setting], 0, 0, "setting"))
    image = canvas.finish(Effects.choose(rng))
    return Drawing(
        image, "objects", labels, questions_about(rng, split, setting, placed, boxes),
        tuple((thing.name, canvas.box_on_picture(box)) for thing, box in zip(placed, boxes, strict=True)),
        scale,
    )  # fmt: skip


def choose_kinds(rng: random.Random, first: str, number: int) -> list[str]:
    """`number` of the first kind and, where there is room, some of one or two others; six at most."""
    names = [first] * number
    others = rng.sample([name for name in THINGS if name != first], 2)[: rng.choice((0, 1, 1, 2))]
    for other in others:
        names += [other] * min(6 - len(names), rng.choice((1, 1, 1, 2, 3)))
    return names


def scatter(rng: random.Random, names: list[str], crop: Crop) -> list[Placed]:
    """Places that do not touch: the things shrink until they fit."""
    size = rng.uniform(62, 96) if len(names) > 3 else rng.uniform(70, 120)
    while True:
        for _ in range(TRIES):
            placed: list[Placed] = []
            for name in names:
                own = size * rng.uniform(0.85, 1.1)
                place = (Placed(name, *somewhere(rng, crop, own / 2), own) for _ in range(TRIES))
                found = next((new for new in place if all(apart(new, other) for other in placed)), None)
                placed += [found] if found else []
            if len(placed) == len(names):
                return placed
        size *= 0.92


def somewhere(rng: random.Random, crop: Crop, half: float) -> tuple[float, float]:
    """A centre for a thing of `half` its size: it is not cut off, and its place can be written."""
    side, top = max(crop.x + half, REACH * CELL + EDGE), max(crop.y + half, CELL + EDGE)
    return inside_cell(rng.uniform(side, SIDE - side)), inside_cell(rng.uniform(top, SIDE - top))


def apart(one: Placed, other: Placed) -> bool:
    """Whether two things neither touch nor stand so that what is written beside one falls on the other's."""
    dx, dy = abs(one.x - other.x), abs(one.y - other.y)
    rows = abs(one.y // CELL - other.y // CELL)
    columns = abs(one.x // CELL - other.x // CELL)
    free = rows > 1 or columns > 2 * REACH - rows
    return free and max(dx, dy) > 0.46 * (one.size + other.size)


def write_boxes(placed: list[Placed], boxes: list[Box]) -> list[Label]:
    """What C writes about places, in the row below each thing's middle: its name and box.

    The box is its left, top, right and bottom edge in twentieths of the side: 'dog two six eight twelve'.
    """
    labels = []
    for thing, box in zip(placed, boxes, strict=True):
        edges = [STEPS[part // 5] for part in normalised(box)]
        row, column = int(thing.y // CELL), int(thing.x // CELL)
        labels += fact_cells([thing.name, *edges], row + 1, column - REACH, "place")
    return labels


def single_boxes(placed: list[Placed], boxes: list[Box]) -> dict[str, Box]:
    """Boxes of the things there is only one of, in the order of THINGS."""
    number = counts(placed)
    found = {thing.name: box for thing, box in zip(placed, boxes, strict=True) if number[thing.name] == 1}
    return {name: found[name] for name in number if name in found}


def normalised(box: Box) -> list[int]:
    """A box on the padded square in hundredths of its side, 0..99."""
    return [min(99, max(0, round(part / SIDE * 100))) for part in box]


def questions_about(rng, split: str, setting, placed, boxes) -> tuple[Question, ...]:
    """Counts of what is there, places of what is there once, yes and no."""
    kinds = counts(placed)
    questions = []
    for name, number in kinds.items():
        if number > 1 or rng.random() < 0.5:
            questions.append(ask(rng, split, COUNT, str(number), "C", "count", x=plural(name)))
    if rng.random() < 0.1:
        absent = rng.choice([name for name in THINGS if name not in kinds])
        questions.append(ask(rng, split, COUNT, "0", "C", "count", x=plural(absent)))
    if len(kinds) == 1:
        questions.append(ask(rng, split, HOW_MANY, str(len(placed)), "C", "count"))
    for name, box in single_boxes(placed, boxes).items():
        answer = "[" + ", ".join(f"{part / 100:.2f}" for part in normalised(box)) + "]"
        questions.append(ask(rng, split, WHERE, answer, "C", "box", x=name))
    if rng.random() < 0.15:
        absent = rng.choice([name for name in THINGS if name not in kinds])
        questions.append(ask(rng, split, WHERE, f"There is no {absent} here.", "C", "absent", x=absent))
    if setting:
        questions.append(ask(rng, split, PLACE, SETTINGS[setting][1], "A", "place"))
    else:
        questions += existence(rng, split, list(kinds), "C")
    if not setting and rng.random() < 0.5:
        text = spoken(kinds)
        one = rng.random() < 0.5
        questions.append(ask(rng, split, WHAT if one else DESCRIBE, text if one else f"I see {text}.", "C",
                             "what" if one else "describe"))  # fmt: skip
    if rng.random() < 0.25:
        questions.append(without_experts(rng, split, "C"))
    rng.shuffle(questions)
    return tuple(questions[:8])
