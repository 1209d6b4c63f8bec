"""Scenes (expert A): one to four things somewhere."""

import random
from dataclasses import dataclass

from training.pictures.asking import DESCRIBE, HOW_MANY, WHAT, Phrasings, ask, without_experts
from training.pictures.canvas import Canvas, Crop, Effects, choose_crop, fact_cells, inside_cell
from training.pictures.records import CELL, SIDE, Box, Drawing, Label, Question
from training.pictures.settings import SETTINGS
from training.pictures.things import ANIMALS, FLYING, OBJECTS, THINGS, emoji, plural
from training.pictures.words import article, pick_pair

PLACE = Phrasings(
    ("Where was it taken?", "What place is this?", "Where is this?", "Which place is it?",
     "Where does this take place?", "What is the setting?", "Where are they?",
     "What place would that be?", "Could you say where this is?"),
    ("What sort of place is shown?", "In which place are we?"),
)  # fmt: skip
ANIMAL = Phrasings(
    ("What animal is there?", "Which animal is this?", "What animal do you see?", "Name the animal.",
     "Which animal can be seen?", "What kind of animal is it?",
     "Could you name the animal?", "What animal would that be?"),
    ("Which creature is it?", "Tell me the animal."),
)  # fmt: skip
OBJECT = Phrasings(
    ("What object is there?", "Which thing is this?", "What thing do you see?", "Name the object.",
     "Which object can be seen?", "What is the object?",
     "Could you name the object?", "What thing would that be?"),
    ("Which item is it?", "Tell me the object."),
)  # fmt: skip
EXISTS = Phrasings(
    ("Is there {x}?", "Can you see {x}?", "Do you see {x}?", "Is {x} in the picture?",
     "Does the picture show {x}?", "Is {x} here?", "Would there be {x}?", "Is {x} to be seen?",
     "Could you find {x} here?",
     "Has it got {x}?", "Is {x} anywhere in it?"),
    ("Is {x} visible?", "Could there be {x} in it?"),
)  # fmt: skip
LEFT = Phrasings(
    ("What is on the left?", "What stands on the left?", "Which is on the left side?", "What is at the left?",
     "What is leftmost?", "Could you name what is on the left?"),
    ("Name what is on the left side.", "What do you see on the left?"),
)  # fmt: skip
RIGHT = Phrasings(
    ("What is on the right?", "What stands on the right?", "Which is on the right side?",
     "What is at the right?", "What is rightmost?", "Could you name what is on the right?"),
    ("Name what is on the right side.", "What do you see on the right?"),
)  # fmt: skip
COUNT = Phrasings(
    ("How many {x} are there?", "How many {x} do you see?", "Count the {x}.", "How many {x} can you count?",
     "How many {x} are in the picture?", "Number of {x}?",
     "Could you count the {x}?", "How many {x} would you say there are?"),
    ("What is the number of {x}?", "Please count the {x}."),
)  # fmt: skip


@dataclass(frozen=True)
class Placed:
    """A thing at its place, px of the square."""

    name: str
    x: float
    y: float
    size: float


def draw_scene(rng: random.Random, split: str, scale: int = 1) -> Drawing:
    """Things in a setting, from left to right."""
    setting, first = pick_pair(rng, list(SETTINGS), THINGS, split)
    canvas = Canvas((255, 255, 255), choose_crop(rng), scale)
    SETTINGS[setting][0](canvas, rng)
    placed = stand(rng, choose_things(rng, first, setting), canvas.crop)
    boxes = paste_things(canvas, rng, placed)
    labels = write_scene(setting, placed, boxes)
    image = canvas.finish(Effects.choose(rng))
    return Drawing(
        image, "scenes",
        {"A": canvas.on_picture(labels), "C": canvas.on_picture(write_counts(placed, boxes))},
        questions_about(rng, split, setting, placed),
        tuple((thing.name, canvas.box_on_picture(box)) for thing, box in zip(placed, boxes, strict=True)),
        scale,
    )  # fmt: skip


def choose_things(rng: random.Random, first: str, setting: str) -> list[str]:
    """One to four names: the first, then what likes the setting; now and then one twice."""
    names = [first]
    while len(names) < rng.choice((1, 1, 2, 2, 3, 4)):
        if rng.random() < 0.3:
            names.append(rng.choice(names))
        else:
            names.append(rng.choice(SETTINGS[setting][2]) if rng.random() < 0.6 else rng.choice(THINGS))
    rng.shuffle(names)
    return names


def stand(rng: random.Random, names: list[str], crop: Crop) -> list[Placed]:
    """Each name in a slot of its own, two columns and more from the next; what flies is up in the air."""
    left, right = crop.x + 44, SIDE - crop.x - 44
    slot = (right - left) / len(names)
    placed = []
    for k, name in enumerate(names):
        room = max(0.0, slot / 2 - 36)
        x = inside_cell(left + slot * (k + 0.5) + rng.uniform(-room, room))
        y = inside_cell(rng.uniform(112, 165) if name in FLYING else rng.uniform(232, 300 - crop.y / 2))
        near = 1.0 if name in FLYING else 0.75 + (y - 232) / 140
        size = min(rng.uniform(84, 116) * near, slot + 10)
        placed.append(Placed(name, x, y, size))
    return placed


def paste_things(canvas: Canvas, rng: random.Random, placed: list[Placed]) -> list[Box]:
    """Draw the things, far ones first; boxes in the order given."""
    boxes = {}
    for thing in sorted(placed, key=lambda thing: thing.y):
        picture = emoji(thing.name)
        if rng.random() < 0.4:
            picture = picture.transpose(0)
        boxes[thing] = canvas.paste(picture, thing.x, thing.y, thing.size, rng.uniform(-6, 6))
    return [boxes[thing] for thing in placed]


def write_scene(setting: str, placed: list[Placed], boxes: list[Box]) -> list[Label]:
    """What A writes: the setting in the first cell, each thing's name, left and right behind the outer."""
    labels = fact_cells([setting], 0, 0, "setting")
    labels += [Label(thing.name, box, "object") for thing, box in centred(placed, boxes)]
    if len(placed) > 1:
        for word, thing in (("left", placed[0]), ("right", placed[-1])):
            labels += fact_cells([word], int(thing.y // CELL), int(thing.x // CELL) + 1)
    return labels


def centred(placed: list[Placed], boxes: list[Box]) -> list[tuple[Placed, Box]]:
    """Each thing with its box made symmetric about its own centre, so that the box's middle is its cell."""
    pairs = []
    for thing, (x0, y0, x1, y1) in zip(placed, boxes, strict=True):
        dx, dy = max(thing.x - x0, x1 - thing.x), max(thing.y - y0, y1 - thing.y)
        pairs.append((thing, (thing.x - dx, thing.y - dy, thing.x + dx, thing.y + dy)))
    return pairs


def counts(placed: list[Placed]) -> dict[str, int]:
    """How many of each kind, in the order of THINGS."""
    names = [thing.name for thing in placed]
    return {name: names.count(name) for name in THINGS if name in names}


def write_counts(placed: list[Placed], boxes: list[Box]) -> list[Label]:
    """What C writes: each thing's name, and behind it how many of its kind there are."""
    labels, number = [], counts(placed)
    for thing, box in centred(placed, boxes):
        labels.append(Label(thing.name, box, "object"))
        row, column = int(thing.y // CELL), int(thing.x // CELL)
        labels += fact_cells([str(number[thing.name])], row, column + 1, "count")
    return labels


def spoken(kinds: dict[str, int]) -> str:
    """'a dog', 'a dog and 2 cats', 'a dog, a cat and 2 cups'."""
    parts = [article(name) if number == 1 else f"{number} {plural(name)}" for name, number in kinds.items()]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def questions_about(rng, split: str, setting: str, placed: list[Placed]) -> tuple[Question, ...]:
    """Five to eight questions on the place, the things and where they stand."""
    names = [thing.name for thing in placed]
    kinds, place = counts(placed), SETTINGS[setting][1]
    questions = [ask(rng, split, PLACE, place, "A", "place")]
    questions += existence(rng, split, names, "A")
    if len(names) > 1:
        questions.append(ask(rng, split, LEFT, article(names[0]), "A", "left"))
        questions.append(ask(rng, split, RIGHT, article(names[-1]), "A", "right"))
    for group, phrasings in ((ANIMALS, ANIMAL), (OBJECTS, OBJECT)):
        found = [name for name in kinds if name in group]
        if len(found) == 1:
            kind = "animal" if group is ANIMALS else "object"
            questions.append(ask(rng, split, phrasings, article(found[0]), "A", kind))
    if len(names) == 1 and rng.random() < 0.7:
        questions.append(ask(rng, split, WHAT, article(names[0]), "A", "what"))
    if rng.random() < 0.5:
        name = rng.choice(names)
        questions.append(ask(rng, split, COUNT, str(kinds[name]), "C", "count", x=plural(name)))
    if len(kinds) == 1 and rng.random() < 0.3:
        questions.append(ask(rng, split, HOW_MANY, str(len(names)), "C", "count"))
    if rng.random() < 0.25:
        where = f"{'on' if setting in ('beach', 'street', 'farm') else 'in'} {place}"
        questions.append(ask(rng, split, DESCRIBE, f"I see {spoken(kinds)} {where}.", "A", "describe"))
    if rng.random() < 0.3:
        questions.append(without_experts(rng, split, "A"))
    rng.shuffle(questions)
    return tuple(questions[:8])


def existence(rng, split: str, names: list[str], expert: str) -> list[Question]:
    """One question about something that is there and, as often, one about something that is not."""
    there = article(rng.choice(names))
    absent = article(rng.choice([name for name in THINGS if name not in names]))
    questions = [
        ask(rng, split, EXISTS, "yes", expert, "exists", x=there),
        ask(rng, split, EXISTS, "no", expert, "exists", x=absent),
    ]
    return questions if rng.random() < 0.5 else [rng.choice(questions)]
