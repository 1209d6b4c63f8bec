"""Signs, labels, buttons and posters (expert D): a few large words."""

import random
from dataclasses import dataclass, replace

from training.pictures import words
from training.pictures.asking import DESCRIBE, SAYS, WHAT, Phrasings, ask, without_experts
from training.pictures.canvas import Canvas, Effects, Ink, cells_of, choose_crop, set_line
from training.pictures.fonts import BOLD_FONTS, HELD_OUT_FONTS, TRAIN_FONTS
from training.pictures.records import CELL, SIDE, Drawing, Label, Question
from training.pictures.settings import SETTINGS, shade

READ = Phrasings(
    ("What does the {x} say?", "Read the {x}.", "What is written on the {x}?", "What is on the {x}?",
     "Which words are on the {x}?", "Tell me what the {x} says.",
     "Could you read the {x}?", "Would you read me the {x}?", "What words stand on the {x}?",
     "What does it say on the {x}?"),
    ("Please read the {x} to me.", "What can be read on the {x}?"),
)  # fmt: skip
NUMBER = Phrasings(
    ("Which number is on the {x}?", "What number do you see?", "What is the number?", "Read the number.",
     "Which number is it?", "Could you read the number?", "What number stands there?"),
    ("Tell me the number on the {x}.", "What number can be read?"),
)  # fmt: skip
FIRST = Phrasings(
    ("What is the first word?", "Which word comes first?", "What does the first line say?",
     "What is written at the top?", "Read the first line.", "Could you read the first line?",
     "What is the topmost word?", "What does it say first?", "Which word stands first?"),
    ("What do you read first?", "What stands in the top line?"),
)  # fmt: skip
SHOP_OPEN = Phrasings(
    ("Is the shop open?", "Is it open?", "Can I go in?", "Is this place open now?", "May I enter?",
     "Could I go in now?"),
    ("Are they open?", "Would the door be open?"),
)  # fmt: skip
COLOURS = (
    (190, 35, 40), (25, 75, 150), (20, 110, 70), (235, 195, 40), (35, 38, 45), (240, 240, 235),
    (215, 110, 25), (105, 60, 140), (15, 130, 150),
)  # fmt: skip
WALLS = ((150, 170, 190), (205, 190, 170), (120, 130, 120), (225, 225, 220), (170, 120, 95), (90, 100, 115))


@dataclass(frozen=True)
class Sign:
    """What stands on it, line by line, and what one calls it."""

    noun: str
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.lines)


def draw_sign(rng: random.Random, split: str, scale: int = 1) -> Drawing:
    """One sign on a wall, on a pole or filling the picture."""
    sign = compose(rng, split)
    canvas = Canvas(shade(rng, rng.choice(WALLS)), choose_crop(rng), scale)
    place = rng.random()
    if place < 0.2:
        SETTINGS["street"][0](canvas, rng)
    elif place < 0.4:
        wall = canvas.image.getpixel((0, 0))
        canvas.gradient(wall, tuple(max(0, part - 50) for part in wall))
    elif place < 0.55:
        draw_bricks(canvas, rng)
    unseen_font = split == "test" and rng.random() < 0.15
    fonts = HELD_OUT_FONTS if unseen_font else (*TRAIN_FONTS, *BOLD_FONTS)
    labels = put_up(canvas, rng, sign, rng.choice(fonts))
    image = canvas.finish(Effects.choose(rng))
    return Drawing(
        image, "signs", {"D": canvas.on_picture(labels)}, questions_about(rng, split, sign),
        scale=scale, held_out=frozenset({"font"} if unseen_font else ()),
    )  # fmt: skip


def compose(rng: random.Random, split: str) -> Sign:
    """A street sign, shop sign, price label, button, poster, ban, speed limit or door sign."""
    kind = rng.randrange(8)
    if kind == 0:
        return Sign("sign", (" ".join(words.pick_pair(rng, words.ROAD_NAMES, words.ROADS, split)),))
    if kind == 1:
        name, shop = words.pick_pair(rng, words.NAMES, words.SHOPS, split)
        return Sign("sign", rng.choice(((shop,), (shop, name), (f"{shop} {name}",))))
    if kind == 2:
        good, _ = words.pick_pair(rng, words.GOODS, words.GOODS, split)
        price = words.number(rng, rng.choice((1, 2, 3)))
        return Sign("label", (good, price))
    if kind == 3:
        return Sign("button", (rng.choice(words.COMMANDS),))
    if kind == 4:
        event, day = words.pick_pair(rng, words.EVENTS, words.DAYS, split)
        return Sign("poster", rng.choice(((event, day), (event, day, words.number(rng, 2)))))
    if kind == 5:
        return Sign("sign", (f"No {rng.choice(words.BANNED)}",))
    if kind == 6:
        word = rng.choice(("Exit", "Platform", "Room", "Gate", "Bus", "House"))
        return Sign(
            "sign",
            rng.choice(((words.number(rng, 2),), (f"{word} {words.number(rng, rng.choice((1, 2)))}",))),
        )
    day, sale = rng.choice(words.DAYS), f"{words.number(rng, 2)}%"
    lines = rng.choice((("Open",), ("Closed",), ("Open", day), ("Closed", day), ("Sale", sale)))
    return Sign("sign", lines)


def put_up(canvas: Canvas, rng: random.Random, sign: Sign, font: str) -> list[Label]:
    """Draw plate and words, centred in a place that is free; each line keeps a row to itself."""
    plate = rng.choice(COLOURS)
    ink = Ink(font, rng.randrange(26, 44), (255, 255, 255) if sum(plate) < 400 else (25, 25, 30))
    columns, rows = canvas.crop.columns, canvas.crop.rows
    while (need := max(cells_of(canvas, line, ink) for line in sign.lines)) > len(columns) - 1:
        ink = replace(ink, size=ink.size - 1)
    pitch = -(-int(ink.size * 1.25) // CELL)
    high = pitch * len(sign.lines)
    top = rng.randrange(rows.start + 1, max(rows.start + 2, rows.stop - high))
    left = rng.randrange(columns.start, columns.stop - need)
    margin = rng.randrange(8, 20)
    above = margin + (pitch - 1) * CELL / 2  # each line stands in the middle of a row of cells
    box = (
        left * CELL - margin + 4,
        top * CELL - above,
        (left + need) * CELL + margin,
        top * CELL - above + high * CELL + 2 * margin,
    )
    draw_plate(canvas, rng, sign, box, plate, ink)
    labels = []
    for k, line in enumerate(sign.lines):
        space = need - cells_of(canvas, line, ink)
        row = top + k * pitch
        labels += set_line(canvas, line, left + space // 2, row, ink, (rng.uniform(0, 4), rng.uniform(-2, 2)))
    return labels


def draw_plate(canvas: Canvas, rng: random.Random, sign: Sign, box, plate, ink: Ink) -> None:
    """What the words stand on: a plate with a rim, a pole below it now and then."""
    x0, y0, x1, y1 = box
    if sign.noun == "sign" and rng.random() < 0.4:
        middle = (x0 + x1) / 2
        canvas.rectangle((middle - 6, y1, middle + 6, SIDE), fill=(120, 122, 126))
    radius = {"button": 22, "label": 4, "poster": 0}.get(sign.noun, rng.choice((0, 8, 14)))
    if sign.noun == "button":
        canvas.rectangle((x0 + 3, y0 + 5, x1 + 3, y1 + 5), fill=(70, 72, 78), radius=radius)
    canvas.rectangle(box, fill=plate, radius=radius)
    if rng.random() < 0.5:
        canvas.rectangle(
            (x0 + 4, y0 + 4, x1 - 4, y1 - 4), outline=ink.colour, width=2, radius=max(0, radius - 4)
        )


def draw_bricks(canvas: Canvas, rng: random.Random) -> None:
    """A brick wall."""
    joint = shade(rng, (190, 175, 165))
    canvas.rectangle((0, 0, SIDE, SIDE), fill=joint)
    brick = shade(rng, (155, 85, 65))
    for k, y in enumerate(range(0, SIDE, 24)):
        for x in range(-30 * (k % 2), SIDE, 60):
            canvas.rectangle((x + 2, y + 2, x + 58, y + 22), fill=shade(rng, brick, 10))


def questions_about(rng, split: str, sign: Sign) -> tuple[Question, ...]:
    """What it says in several ways; its number; whether one may go in."""
    questions = [ask(rng, split, READ, sign.text, "D", "read", x=sign.noun)]
    if rng.random() < 0.7:
        questions.append(ask(rng, split, SAYS, sign.text, "D", "read"))
    if rng.random() < 0.5:
        questions.append(ask(rng, split, READ, sign.text, "D", "read", x=rng.choice(("sign", sign.noun))))
    number = "".join(part for part in sign.text if part.isdigit())
    if number and "%" not in sign.text:
        questions.append(ask(rng, split, NUMBER, number, "D", "sign number", x=sign.noun))
    if len(sign.lines) > 1:
        questions.append(ask(rng, split, FIRST, sign.lines[0], "D", "first line"))
    if sign.lines[0] in ("Open", "Closed") and sign.noun == "sign":
        questions.append(ask(rng, split, SHOP_OPEN, "yes" if sign.lines[0] == "Open" else "no", "D", "open"))
    if rng.random() < 0.3:
        questions.append(ask(rng, split, WHAT, f"a {sign.noun}", "D", "what"))
    if rng.random() < 0.2:
        questions.append(ask(rng, split, DESCRIBE, f"A {sign.noun} that says {sign.text}.", "D", "describe"))
    if rng.random() < 0.25:
        questions.append(without_experts(rng, split, "D"))
    rng.shuffle(questions)
    return tuple(questions)
