"""Documents (expert B): invoices, letters, tickets and the like, a few large lines each."""

import random
from dataclasses import dataclass

from training.pictures import words
from training.pictures.asking import DESCRIBE, SAYS, WHAT, Phrasings, ask, without_experts
from training.pictures.canvas import Canvas, Effects, Ink, cells_of, choose_crop, set_line
from training.pictures.fonts import BOLD_FONTS, HELD_OUT_FONTS, TRAIN_FONTS
from training.pictures.records import CELL, SIDE, Drawing, Label, Question

TITLE = Phrasings(
    ("What is the title?", "What is written at the top?", "What is the heading?", "Read the title.",
     "Which title does it have?", "What does the headline say?", "What is it called at the top?",
     "Could you read the heading?"),
    ("How is it titled?", "Which heading stands at the top?"),
)  # fmt: skip
KIND = Phrasings(
    ("What kind of document is this?", "What type of document is it?", "Which document is this?",
     "What sort of paper is this?", "Is this a letter or something else?",
     "What would you call this paper?"),
    ("What document am I holding?", "Name the type of paper."),
)  # fmt: skip
FIELD = Phrasings(
    ("What is the {field}?", "Tell me the {field}.", "Which {field} is written here?", "Read the {field}.",
     "What {field} is given?", "Find the {field}.", "{field}?", "What does it say for {field}?",
     "Give me the {field}.", "I am looking for the {field}.", "I want to know the {field}.",
     "Can you see the {field}?", "Could you find the {field}?", "Would you read me the {field}?",
     "I would like the {field}.", "Could you give me the {field}?", "Please find me the {field}.",
     "What have they put for {field}?", "Have a look for the {field}."),
    ("Which {field} do you see?", "I need the {field}, please.", "Could you look up the {field}?"),
)  # fmt: skip
OWN_WAYS = {
    "name": Phrasings(
        ("Whose name is on it?", "Who is it for?", "Which person is named?", "Who is named here?",
         "Whose paper is it?", "Who would get this?"),
        ("To whom does it belong?", "Who is mentioned?")),
    "city": Phrasings(
        ("Which city is named?", "What city is it?", "Which town is given?", "What place is written here?",
         "What town would that be?"),
        ("In which city is it?", "Which city do you read?")),
    "date": Phrasings(
        ("When is it?", "What day is it?", "On which day is it?", "When was it written?",
         "On what date is it?", "Which day would that be?"),
        ("Which day is given?", "For when is it?")),
    "total": Phrasings(
        ("How much is it in total?", "How much must be paid?", "What is the sum?", "How much is it?",
         "How much would it be in all?", "What do I owe?"),
        ("What does it all cost?", "What is to be paid?")),
    "from": Phrasings(
        ("Where does the trip start?", "Where does it leave from?", "Where is it from?",
         "Where would I leave from?"),
        ("What is the starting place?",)),
    "to": Phrasings(
        ("Where does the trip end?", "Where does it go to?", "Where is it going?",
         "Where would I be going?"),
        ("What is the destination?",)),
    "price": Phrasings(
        ("How much does it cost?", "What does it cost?", "How expensive is it?",
         "What will it cost me?", "How much would it be?"),
        ("What would I pay?",)),
}  # fmt: skip
PRICE_OF = Phrasings(
    ("How much is the {good}?", "What does the {good} cost?", "What is the price of the {good}?",
     "Price of {good}?", "How much for {good}?",
     "How much would the {good} be?", "What will the {good} cost me?", "What do they charge for {good}?",
     "Could you find the price of {good}?"),
    ("What would I pay for {good}?", "Tell me the price of {good}."),
)  # fmt: skip
ABSENT_ANSWER = "It is not given here."

# Field: the words it may be labelled with, and what to call it in a question.
FIELDS = {
    "name": (("Name", "Client", "Guest", "Customer"), "name"),
    "city": (("City", "Place", "Town"), "city"),
    "date": (("Date", "Day"), "date"),
    "total": (("Total", "Amount", "Bill"), "total"),
    "number": (("Number", "No", "Order"), "number"),
    "phone": (("Phone", "Call"), "phone number"),
    "code": (("Code", "Key"), "code"),
    "item": (("Item",), "item"),
    "price": (("Price", "Cost"), "price"),
    "room": (("Room",), "room"),
    "gate": (("Gate",), "gate"),
    "age": (("Age",), "age"),
    "from": (("From",), "starting city"),
    "to": (("To",), "destination"),
}
FORMS = {
    "Invoice": ("name", "city", "item", "number", "date", "total"),
    "Receipt": ("item", "date", "total", "number", "city"),
    "Letter": ("name", "city", "date", "phone"),
    "Ticket": ("from", "to", "date", "gate", "price", "code"),
    "Form": ("name", "city", "age", "phone", "number", "date"),
    "Pass": ("name", "room", "code", "date", "number"),
    "Card": ("name", "phone", "city", "number", "code"),
    "Order": ("item", "number", "name", "price", "date", "city"),
    "Report": ("name", "date", "city", "number", "total"),
    "Menu": ("good", "good", "good", "good"),
    "Bill": ("good", "good", "good", "total"),
}
PAPERS = (
    ((255, 255, 255), (20, 20, 25)), ((250, 247, 238), (35, 30, 25)), ((240, 245, 252), (20, 30, 70)),
    ((252, 240, 240), (80, 20, 30)), ((238, 250, 240), (15, 60, 35)), ((255, 250, 215), (60, 45, 10)),
    ((225, 228, 232), (25, 28, 34)), ((38, 42, 52), (235, 238, 242)), ((20, 45, 70), (240, 240, 230)),
)  # fmt: skip
BANDS = ((38, 84, 140), (150, 40, 50), (30, 110, 80), (90, 60, 140), (190, 105, 20), (60, 66, 76))


@dataclass(frozen=True)
class Line:
    """One field on the paper: which field, the word before it, and its value."""

    field: str
    name: str
    value: str
    colon: bool

    @property
    def text(self) -> str:
        return f"{self.name}{':' if self.colon else ''} {self.value}"


def draw_document(rng: random.Random, split: str, scale: int = 1) -> Drawing:
    """One document of three to seven lines."""
    title, lines = compose(rng, split)
    crop = choose_crop(rng, widest=48, tallest=32)
    paper, ink_colour = rng.choice(PAPERS)
    canvas = Canvas(paper, crop, scale)
    unseen_font = split == "test" and rng.random() < 0.15
    rows = place_rows(rng, len(lines) + 1, crop.rows)
    font = rng.choice(HELD_OUT_FONTS if unseen_font else TRAIN_FONTS)
    labels = write_title(canvas, rng, title, rows[0], rng.choice((font, rng.choice(BOLD_FONTS))), ink_colour)
    decorate(canvas, rng, rows, ink_colour)
    size, indent = rng.randrange(22, 28), rng.choice((0, 0, 0, 1, 1, 2, 3))
    for line, row in zip(lines, rows[1:], strict=True):
        labels += write_line(canvas, rng, line, row, Ink(font, size, ink_colour), indent)
    image = canvas.finish(Effects.choose(rng))
    return Drawing(
        image, "documents", {"B": canvas.on_picture(labels)},
        questions_about(rng, split, title, lines), scale=scale,
        held_out=frozenset({"font"} if unseen_font else ()),
    )  # fmt: skip


def compose(rng: random.Random, split: str) -> tuple[str, list[Line]]:
    """A title and two to six fields that belong to it."""
    title = rng.choice(list(FORMS))
    fields = list(FORMS[title])
    kept = rng.randrange(2, min(6, len(fields)) + 1)
    kept_fields = [fields[k] for k in sorted(rng.sample(range(len(fields)), kept))]
    colon = rng.random() < 0.6
    person = " ".join(words.pick_pair(rng, words.NAMES, words.SURNAMES, split))
    name, city = words.pick_pair(rng, words.NAMES, words.CITIES, split)
    if rng.random() < 0.4:
        person = name
    start = rng.choice([other for other in words.CITIES if other != city])
    goods = rng.sample(words.GOODS, 4)
    lines = []
    for field in kept_fields:
        if field == "good":
            lines.append(Line(field, goods.pop(), words.number(rng, rng.choice((1, 2))), colon))
            continue
        if field == "from":
            value = start
        elif field == "name":
            value = person
        elif field in ("city", "to"):
            value = city
        else:
            value = value_of(rng, field)
        lines.append(Line(field, rng.choice(FIELDS[field][0]), value, colon))
    return title, lines


def value_of(rng: random.Random, field: str) -> str:
    """A value for a field of numbers, dates or goods."""
    if field == "date":
        return f"{rng.randrange(1, 29)} {rng.choice(words.MONTHS)}"
    if field == "item":
        return rng.choice(words.GOODS)
    digits = {"total": (2, 3, 4), "number": (3, 4, 5), "phone": (5, 6), "code": (3, 4), "price": (2, 3),
              "room": (2, 3), "gate": (1, 2), "age": (2,)}[field]  # fmt: skip
    return words.number(rng, rng.choice(digits))


def place_rows(rng: random.Random, count: int, rows: range) -> list[int]:
    """Row bands from top to bottom, with a free band here and there."""
    chosen, row = [], rows.start + min(len(rows) - count, rng.choice((0, 0, 1, 2)))
    free = rows.stop - row - count
    for _ in range(count):
        chosen.append(row)
        skip = min(free, rng.choice((0, 0, 1, 1, 2) if count < 5 else (0, 0, 1)))
        free -= skip
        row += 1 + skip
    return chosen


def write_title(canvas: Canvas, rng: random.Random, title: str, row: int, font: str, colour) -> list[Label]:
    """The title, on a coloured band on a third of the papers, at the left or near the middle."""
    ink = Ink(font, rng.randrange(24, 29), colour)
    if rng.random() < 0.35:
        canvas.rectangle((0, row * CELL - 3, SIDE, (row + 1) * CELL + 3), fill=rng.choice(BANDS))
        ink = Ink(ink.font, ink.size, (255, 255, 255))
    elif rng.random() < 0.3:
        ink = Ink(ink.font, ink.size, rng.choice(BANDS) if sum(colour) < 380 else colour)
    columns = canvas.crop.columns
    last = columns.stop - cells_of(canvas, title, ink)
    column = columns.start if rng.random() < 0.5 else rng.randrange(columns.start, last + 1)
    return set_line(canvas, title, column, row, ink, (rng.uniform(0, 4), rng.uniform(-2, 2)))


def write_line(
    canvas: Canvas, rng: random.Random, line: Line, row: int, ink: Ink, indent: int
) -> list[Label]:
    """A field's line, smaller where it would not fit, indented by a few columns where there is room."""
    columns = canvas.crop.columns
    while (need := cells_of(canvas, line.text, ink)) > len(columns) and ink.size > 12:
        ink = Ink(ink.font, ink.size - 1, ink.colour)
    column = columns.start + min(indent, len(columns) - need)
    return set_line(canvas, line.text, column, row, ink, (rng.uniform(-2, 4), rng.uniform(-3, 3)))


def decorate(canvas: Canvas, rng: random.Random, rows: list[int], colour) -> None:
    """Rules, a frame or a bar at the edge: what stands on papers beside text."""
    faint = tuple((2 * a + b) // 3 for a, b in zip(canvas.image.getpixel((5, 5)), colour, strict=True))
    kind = rng.random()
    if kind < 0.2:
        for row in rows[1:]:
            canvas.line([(8, (row + 1) * CELL), (SIDE - 8, (row + 1) * CELL)], faint)
    elif kind < 0.4:
        x, y = canvas.crop.x, canvas.crop.y
        canvas.rectangle((x + 2, y + 1, SIDE - 3 - x, SIDE - 2 - y), outline=faint, width=2)
    elif kind < 0.55:
        y = (rows[-1] + 1) * CELL + 8
        canvas.rectangle((0, y, SIDE, y + rng.randrange(3, 9)), fill=rng.choice(BANDS))
    elif kind < 0.7:
        y = (rows[0] + 1) * CELL
        canvas.line([(10, y), (SIDE - 10, y)], faint, 2)


def questions_about(rng, split: str, title: str, lines: list[Line]) -> tuple[Question, ...]:
    """Three to six questions about the fields, and one or two about the whole."""
    questions = []
    for line in lines:
        if line.field == "good":
            questions.append(ask(rng, split, PRICE_OF, line.value, "B", "price", good=line.name))
        elif line.field in OWN_WAYS and rng.random() < 0.4:
            questions.append(ask(rng, split, OWN_WAYS[line.field], line.value, "B", line.field))
        else:
            name = rng.choice((FIELDS[line.field][1], FIELDS[line.field][1], line.name.lower()))
            questions.append(ask(rng, split, FIELD, line.value, "B", line.field, field=name))
    rng.shuffle(questions)
    del questions[5:]
    questions.append(ask(rng, split, rng.choice((TITLE, SAYS)), title, "B", "title"))
    if rng.random() < 0.4:
        kind = words.article(title.lower())
        questions.append(ask(rng, split, rng.choice((KIND, WHAT)), kind, "B", "document kind"))
    if rng.random() < 0.2:
        absent = rng.choice([f for f in FIELDS if f not in {line.field for line in lines}])
        if absent not in ("from", "to", "city", "price", "total", "number"):
            name = FIELDS[absent][1]
            questions.append(ask(rng, split, FIELD, ABSENT_ANSWER, "B", "absent", field=name))
    if rng.random() < 0.2:
        text = f"This is {words.article(title.lower())}. It says {lines[0].name} {lines[0].value}."
        questions.append(ask(rng, split, DESCRIBE, text, "B", "describe"))
    if rng.random() < 0.2:
        questions.append(without_experts(rng, split, "B"))
    return tuple(questions)
