"""Filled and outlined shapes (expert G)."""

import math
import random
from dataclasses import dataclass

from training.pictures.asking import DESCRIBE, HOW_MANY, LARGEST, WHAT, Phrasings, ask, without_experts
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
from training.pictures.settings import shade
from training.pictures.words import article, listed, pick_pair

COLOURS = {
    "red": (215, 45, 45), "blue": (45, 95, 205), "green": (40, 150, 75), "yellow": (245, 210, 50),
    "orange": (240, 135, 35), "purple": (130, 65, 170), "pink": (245, 140, 180), "black": (30, 30, 34),
    "brown": (130, 85, 50), "white": (250, 250, 250),
}  # fmt: skip
SHAPES = listed("circle square triangle star heart rectangle diamond cross oval ring moon arrow")
GROUNDS = (
    (200, 210, 220),
    (225, 220, 205),
    (175, 200, 190),
    (210, 195, 215),
    (150, 165, 185),
    (190, 185, 170),
)

SHAPE = Phrasings(
    ("What shape is this?", "Which shape do you see?", "What shape is there?", "Name the shape.",
     "Which shape is it?", "What shape would that be?"),
    ("What form does it have?", "Tell me the shape."),
)  # fmt: skip
SHAPE_OF_COLOUR = Phrasings(
    ("What shape is the {x} one?", "Which shape is {x}?", "What is {x}?", "Name the {x} shape.",
     "What is the {x} shape?", "What shape would the {x} one be?"),
    ("What form does the {x} one have?", "Which of them is {x}?"),
)  # fmt: skip
COLOUR = Phrasings(
    ("What colour is the {x}?", "Which color has the {x}?", "What is the colour of the {x}?",
     "What color is the {x}?", "The {x} has which colour?",
     "Which colour would the {x} be?", "Could you name the colour of the {x}?",
     "The {x}: what colour is it?"),
    ("How is the {x} coloured?", "In which colour is the {x}?"),
)  # fmt: skip
SMALLEST = Phrasings(
    ("Which one is the smallest?", "Which is the smallest shape?", "What is the smallest?",
     "Name the smallest one.", "Which shape is smallest?", "What is the smallest shape?",
     "Which takes the least room?",
     "Could you name the smallest?"),
    ("Which has the least size?", "Tell me the smallest one."),
)  # fmt: skip
OUTLINE = Phrasings(
    ("Which shape is only an outline?", "Which one is not filled?", "Which shape is empty?",
     "What is drawn as an outline?", "Which one is hollow?", "Which one has only a border?",
     "Could you name the empty one?"),
    ("Which shape has no filling?", "Which of them is just a line?"),
)  # fmt: skip


@dataclass(frozen=True)
class Shape:
    """A shape at its place, px of the square; `hollow` ones are drawn as a line."""

    form: str
    colour: str
    x: float
    y: float
    radius: float
    hollow: bool

    @property
    def name(self) -> str:
        return f"{self.colour} {self.form}"

    @property
    def called(self) -> str:
        """Colour, form, and whether it is only an outline."""
        return f"{self.name} outline" if self.hollow else self.name

    @property
    def circle(self) -> Box:
        """The box of the circle around it."""
        return (self.x - self.radius, self.y - self.radius, self.x + self.radius, self.y + self.radius)

    @property
    def box(self) -> Box:
        """As narrow as it is itself."""
        return around(outline_of(self))


def draw_shapes(rng: random.Random, split: str, scale: int = 1) -> Drawing:
    """One to three shapes, of clearly different sizes."""
    crop = choose_crop(rng, 40, 40)
    canvas = Canvas(shade(rng, rng.choice(GROUNDS)), crop, scale)
    if rng.random() < 0.4:
        top = canvas.image.getpixel((0, 0))
        canvas.gradient(top, tuple(min(255, part + rng.randrange(10, 40)) for part in top))
    shapes = place(rng, split, crop)
    for shape in shapes:
        draw_shape(canvas, shape)
    image = canvas.finish(Effects.choose(rng))
    return Drawing(
        image, "shapes", {"G": canvas.on_picture(write(shapes))}, questions_about(rng, split, shapes),
        tuple((shape.called, canvas.box_on_picture(shape.box)) for shape in shapes), scale,
    )  # fmt: skip


def place(rng: random.Random, split: str, crop: Crop) -> list[Shape]:
    """Shapes apart from one another, below the row kept for facts."""
    form, colour = pick_pair(rng, SHAPES, list(COLOURS), split)
    count = rng.choice((1, 2, 2, 3, 3))
    forms = [form, *rng.sample([other for other in SHAPES if other != form], 2)]
    colours = [colour, *rng.sample([other for other in COLOURS if other != colour], 2)]
    sizes = {1: (85,), 2: (80, 52), 3: (70, 49, 32)}[count]
    hollow = rng.randrange(count) if count > 1 and rng.random() < 0.4 else None
    while True:
        shapes: list[Shape] = []
        for k, size in enumerate(rng.sample(sizes, count)):
            r = size * rng.uniform(0.92, 1.05)
            x = inside_cell(rng.uniform(crop.x + r + 4, SIDE - crop.x - r - 4))
            y = inside_cell(rng.uniform(max(crop.y, 60) + r * 0.9, SIDE - crop.y - r - 4))
            if all(apart(x - s.x, y - s.y, r + s.radius) for s in shapes):
                shapes.append(
                    Shape(forms[k], colours[k], x, y, r, k == hollow and forms[k] not in ("cross", "ring"))
                )
        if len(shapes) == count:
            return shapes


def apart(dx: float, dy: float, reach: float) -> bool:
    """Whether two shapes do not touch and what is written of one keeps clear of the other's."""
    return max(abs(dx), abs(dy)) > reach + 4 and (abs(dx) > 4 * CELL + EDGE or abs(dy) > 2 * CELL + 2 * EDGE)


def around(points: list[tuple[float, float]]) -> Box:
    """The box that points lie in."""
    xs, ys = zip(*points, strict=True)
    return (min(xs), min(ys), max(xs), max(ys))


def outline_of(shape: Shape) -> list[tuple[float, float]]:
    """The shape's corners (many, where it is round)."""
    x, y, r = shape.x, shape.y, shape.radius
    turns = [k / 40 * 2 * math.pi for k in range(40)]
    corners = {
        "square": ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)),
        "rectangle": ((-1, -0.5), (1, -0.5), (1, 0.5), (-1, 0.5)),
        "triangle": ((0, -0.95), (1, 0.85), (-1, 0.85)),
        "diamond": ((0, -1), (0.7, 0), (0, 1), (-0.7, 0)),
        "cross": ((-0.3, -1), (0.3, -1), (0.3, -0.3), (1, -0.3), (1, 0.3), (0.3, 0.3), (0.3, 1), (-0.3, 1),
                  (-0.3, 0.3), (-1, 0.3), (-1, -0.3), (-0.3, -0.3)),
        "arrow": ((-1, -0.3), (0.15, -0.3), (0.15, -0.75), (1, 0), (0.15, 0.75), (0.15, 0.3), (-1, 0.3)),
        "star": tuple((d * math.sin(k * math.pi / 5), -d * math.cos(k * math.pi / 5))
                      for k, d in enumerate((1, 0.42) * 5)),
        "heart": tuple((math.sin(t) ** 3, -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t)
                                            - math.cos(4 * t)) / 16) for t in turns),
        "oval": tuple((math.cos(t), 0.6 * math.sin(t)) for t in turns),
        "moon": (*((math.cos(t * 0.75 + 0.785), math.sin(t * 0.75 + 0.785)) for t in turns),
                 *((0.3 + 0.72 * math.cos(5.5 - t * 0.75), 0.72 * math.sin(5.5 - t * 0.75)) for t in turns)),
    }.get(shape.form, tuple((math.cos(t), math.sin(t)) for t in turns))  # fmt: skip
    return [(x + dx * r, y + dy * r) for dx, dy in corners]


def draw_shape(canvas: Canvas, shape: Shape) -> None:
    """Fill the shape or draw its line."""
    colour = COLOURS[shape.colour]
    points = outline_of(shape)
    if shape.form == "ring":
        canvas.ellipse(shape.circle, outline=colour, width=max(6, int(shape.radius * 0.32)))
    elif shape.hollow:
        canvas.line([*points, points[0], points[1]], colour, 5)
    else:
        canvas.polygon(points, fill=colour)


def write(shapes: list[Shape]) -> list[Label]:
    """What G writes: colour and form at each centre, what stands out behind or below; in row 0 the number."""
    labels = fact_cells([str(len(shapes)), "shapes" if len(shapes) > 1 else "shape"], 0, 0)
    ordered = sorted(shapes, key=lambda shape: shape.radius)
    for shape in shapes:
        words = [shape.colour, shape.form]
        if len(shapes) > 1 and shape in (ordered[0], ordered[-1]):
            words.append("smallest" if shape is ordered[0] else "largest")
        row, column = int(shape.y // CELL), int(shape.x // CELL)
        labels += fact_cells(words, row, column - 1, "object")
        if shape.hollow:
            labels += fact_cells(["outline"], row + 1, column - 1, "object")
    return labels


def questions_about(rng, split: str, shapes: list[Shape]) -> tuple[Question, ...]:
    """Forms, colours, sizes and which is hollow."""
    questions = []
    ordered = sorted(shapes, key=lambda shape: shape.radius)
    for shape in shapes:
        questions.append(ask(rng, split, COLOUR, shape.colour, "G", "colour", x=shape.form))
        if len(shapes) > 1:
            questions.append(
                ask(rng, split, SHAPE_OF_COLOUR, article(shape.form), "G", "shape", x=shape.colour)
            )
    if len(shapes) == 1:
        questions.append(ask(rng, split, SHAPE, article(shapes[0].form), "G", "shape"))
        questions.append(ask(rng, split, WHAT, article(shapes[0].name), "G", "what"))
    else:
        questions.append(ask(rng, split, LARGEST, f"the {ordered[-1].name}", "G", "largest"))
        questions.append(ask(rng, split, SMALLEST, f"the {ordered[0].name}", "G", "smallest"))
        if rng.random() < 0.4:
            questions.append(ask(rng, split, HOW_MANY, str(len(shapes)), "G", "shape count"))
    questions += [
        ask(rng, split, OUTLINE, f"the {shape.name}", "G", "outline") for shape in shapes if shape.hollow
    ]
    if rng.random() < 0.25:
        names = [article(shape.name) for shape in shapes]
        text = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        questions.append(ask(rng, split, DESCRIBE, f"I see {text}.", "G", "describe"))
    if rng.random() < 0.25:
        questions.append(without_experts(rng, split, "G"))
    rng.shuffle(questions)
    return tuple(questions[:8])
