"""Pictures that need two or three experts: a chart with a note, a document with stamp and picture, a scene
with a sign, a scan with a name plate."""

import random
from dataclasses import replace

from training.pictures import charts, documents, scans, scenes, signs, words
from training.pictures.asking import Phrasings, ask, without_experts
from training.pictures.canvas import Canvas, Crop, Effects, Ink, cells_of, inside_cell, set_line
from training.pictures.fonts import BOLD_FONTS, TRAIN_FONTS
from training.pictures.records import CELL, SIDE, Drawing, Label
from training.pictures.settings import SETTINGS
from training.pictures.tables import Table
from training.pictures.things import ANIMALS, THINGS, emoji
from training.pictures.words import article, pick_pair

STAMP = Phrasings(
    ("What does the stamp say?", "Read the stamp.", "Which word is stamped on it?", "What is on the stamp?",
     "What was stamped here?", "What word was stamped?", "Which stamp is on the paper?",
     "What word is in the stamp?", "Could you read the stamp?", "What is the stamp?",
     "There is a stamp: what does it say?", "What has been stamped on the paper?",
     "Name the stamped word."),
    ("Which stamp does it have?", "Tell me the word on the stamp."),
)  # fmt: skip
NOTE = Phrasings(
    ("What does the note say?", "Read the note.", "What is written on the note?", "What is on the sticker?",
     "Read the note on it.", "What does the sticker say?", "What word stands on the note?",
     "Could you read the note?", "What is the note?"),
    ("Which word is on the note?", "Tell me what the note says."),
)  # fmt: skip
LOGO = Phrasings(
    ("What is the small picture?", "Which picture is on the document?", "What does the logo show?",
     "What is drawn on the paper?", "What does the little picture show?", "Which small picture is on it?",
     "What is the little drawing?", "Could you name the logo?", "What is the logo?",
     "Name the thing drawn on the paper.",
     "Which thing does the small picture show?"),
    ("Which picture decorates it?", "Name the little picture."),
)  # fmt: skip
FIELD_AND_STAMP = Phrasings(
    ("What is the {x} and what does the stamp say?", "Tell me the {x} and the stamp.",
     "Read the {x} and the stamp.",
     "Which {x} and which stamp are on it?", "Give the {x} and the word on the stamp.",
     "Could you read the {x} and the stamp?"),
    ("I need the {x} and the stamp.", "What are the {x} and the stamp?"),
)  # fmt: skip
ALL_OF_PAPER = Phrasings(
    ("What is on this paper: kind, stamp and picture?", "Name the paper, its stamp and its picture.",
     "Which paper is it, what is stamped on it and what is drawn on it?",
     "Tell me what paper it is, the stamp and the picture.",
     "Describe the paper with its stamp and picture."),
    ("I want to know the paper, the stamp and the picture.",
     "What paper is it, which stamp and which picture does it have?"),
)  # fmt: skip
HIGHEST_AND_NOTE = Phrasings(
    ("Which is the highest and what does the note say?", "Tell me the highest and the note.",
     "Read the note and name the highest one.", "What has the highest value and what is on the note?",
     "Name the highest value's name and the note.",
     "Could you name the highest and read the note?"),
    ("I need the highest one and the note.", "What leads, and what is the note?"),
)  # fmt: skip
LONG_TITLE = Phrasings(
    ("What is the full title?", "Read the whole title.", "What does the long title say?",
     "What is the complete title of the chart?", "Read the title of this chart to me.",
     "Could you read the whole title?"),
    ("Tell me the whole title.", "What is the entire heading?"),
)  # fmt: skip
SEEN_AND_SIGN = Phrasings(
    ("What is there and what does the sign say?", "What do you see and what is on the sign?",
     "Name the thing and read the sign.", "What stands by the sign and what does it say?",
     "Tell me what is there and what the sign says.",
     "Could you name the thing and read the sign?"),
    ("What is beside the sign, and what does it say?",
     "I want to know what is there and what the sign says."),
)  # fmt: skip
WHOSE = Phrasings(
    ("Whose scan is it?", "Which name is on the scan?", "Read the name on it.",
     "What is the name on the scan?",
     "Who is the patient?", "Whose name is on the scan?", "What is the patient called?",
     "Who was scanned?", "Which patient is it?", "Could you read the name on the scan?",
     "Of whom is this scan?", "Which person is this a scan of?", "What name is on the plate?"),
    ("To whom does this scan belong?", "Tell me the patient's name."),
)  # fmt: skip


def draw_mixed(rng: random.Random, split: str, scale: int = 1) -> Drawing:
    """One of the four kinds."""
    return rng.choice((chart_with_note, chart_with_note, paper_with_stamp, paper_with_stamp, scene_with_sign,
                       scan_with_name))(rng, split, scale)  # fmt: skip


def finish(
    rng,
    split: str,
    canvas: Canvas,
    labels: dict[str, list[Label]],
    questions: list,
    boxes=(),
    table: Table | None = None,
) -> Drawing:
    """Effects, one turn without experts now and then, and the record."""
    image = canvas.finish(Effects.choose(rng))
    if rng.random() < 0.15:
        questions.append(without_experts(rng, split, labels))
    rng.shuffle(questions)
    on_picture = {letter: canvas.on_picture(found) for letter, found in labels.items()}
    return Drawing(
        image,
        "mixed",
        on_picture,
        tuple(questions[:8]),
        boxes,
        canvas.scale,
        table=table,
        marks=tuple(canvas.marks),
    )


def chart_with_note(rng: random.Random, split: str, scale: int) -> Drawing:
    """A chart below a long title, with a note stuck under it."""
    chart = charts.compose(rng, split)
    paper = rng.choice(charts.PAPERS)
    canvas = Canvas(paper, Crop(), scale)
    style = charts.choose_style(rng, canvas, paper, rng.choice(TRAIN_FONTS))
    style = replace(style, title_row=0, last_row=9)
    ink = Ink(rng.choice(BOLD_FONTS), 20, style.ink.colour)
    title = set_line(canvas, chart.title, 0, 0, ink, (rng.uniform(0, 4), 0))
    labels = title + charts.draw_plot(canvas, rng, chart, style)
    note = write_note(canvas, rng, 7, 10)
    said = " ".join(label.text for label in note)
    questions = list(charts.questions_about(rng, split, chart))[:4]
    questions = [question for question in questions if question.experts]
    questions += [
        ask(rng, split, NOTE, said, "D", "note"),
        ask(rng, split, HIGHEST_AND_NOTE, f"{chart.highest}, {said}", "ED", "highest and note"),
    ]
    if len(title) > 1:
        questions.append(ask(rng, split, LONG_TITLE, chart.title, "ED", "long title"))
    return finish(rng, split, canvas, {"E": labels, "D": title + note}, questions, table=chart.table)


def write_note(canvas: Canvas, rng: random.Random, column: int, row: int) -> list[Label]:
    """A coloured note with a word on it, five columns wide."""
    colour = rng.choice(((255, 235, 120), (255, 200, 210), (190, 235, 200), (190, 220, 255)))
    x, y = column * CELL, row * CELL
    canvas.rectangle((x - 4, y - 1, SIDE - 6, y + CELL + 4), fill=colour, outline=(120, 115, 90))
    ink = Ink(rng.choice(TRAIN_FONTS), rng.randrange(19, 24), (40, 35, 30))
    return set_line(
        canvas, rng.choice(words.NOTES), column + rng.randrange(2), row, ink, (rng.uniform(0, 3), 0)
    )


def paper_with_stamp(rng: random.Random, split: str, scale: int) -> Drawing:
    """A document with a stamped word and a small picture at the bottom."""
    title, lines = documents.compose(rng, split)
    lines = lines[:4]
    paper, colour = rng.choice(documents.PAPERS[:7])
    canvas = Canvas(paper, Crop(), scale)
    font, size = rng.choice(TRAIN_FONTS), rng.randrange(22, 26)
    rows = documents.place_rows(rng, len(lines) + 1, range(8))
    labels = documents.write_title(canvas, rng, title, rows[0], font, colour)
    for line, row in zip(lines, rows[1:], strict=True):
        labels += documents.write_line(canvas, rng, line, row, Ink(font, size, colour), 0)
    stamp = write_stamp(canvas, rng)
    thing = scenes.Placed(
        rng.choice(THINGS),
        inside_cell(rng.uniform(300, 335)),
        inside_cell(rng.uniform(300, 330)),
        rng.uniform(66, 84),
    )
    box = canvas.paste(emoji(thing.name), thing.x, thing.y, thing.size)
    picture = [Label(thing.name, scenes.centred([thing], [box])[0][1], "object")]
    word = stamp[0].text
    questions = [question for question in documents.questions_about(rng, split, title, lines)
                 if question.kind not in ("absent", "describe") and question.experts][:4]  # fmt: skip
    questions.append(ask(rng, split, STAMP, word, "D", "stamp"))
    questions.append(ask(rng, split, LOGO, article(thing.name), "A", "logo"))
    field = lines[0]
    if field.field != "good":
        both = f"{field.value}, {word}"
        name = documents.FIELDS[field.field][1]
        questions.append(ask(rng, split, FIELD_AND_STAMP, both, "BD", "field and stamp", x=name))
    everything = f"{article(title.lower())}, {word}, {article(thing.name)}"
    questions.append(ask(rng, split, ALL_OF_PAPER, everything, "BDA", "all of the paper"))
    labels = {"B": labels, "D": stamp, "A": picture}
    return finish(rng, split, canvas, labels, questions, ((thing.name, canvas.box_on_picture(box)),))


def write_stamp(canvas: Canvas, rng: random.Random) -> list[Label]:
    """A word in a coloured frame, low on the paper."""
    colour = rng.choice(((190, 30, 40), (30, 80, 170), (20, 120, 70), (120, 40, 140)))
    ink = Ink(rng.choice(BOLD_FONTS), rng.randrange(24, 30), colour)
    word, row = rng.choice(words.STAMPS), rng.randrange(9, 11)
    x, y, wide = CELL, row * CELL, cells_of(canvas, word, ink)
    canvas.rectangle((x - 8, y - 5, x + wide * CELL + 6, y + CELL + 5), outline=colour, width=3, radius=5)
    return set_line(canvas, word, 1, row, ink, (rng.uniform(0, 3), 0))


def scene_with_sign(rng: random.Random, split: str, scale: int) -> Drawing:
    """A thing in a setting beside a sign."""
    setting, name = pick_pair(rng, list(SETTINGS), THINGS, split)
    canvas = Canvas((255, 255, 255), Crop(), scale)
    SETTINGS[setting][0](canvas, rng)
    sign = signs.compose(rng, split)
    while len(sign.text) > 9 or len(sign.lines) > 1:
        sign = signs.compose(rng, split)
    plate = rng.choice(signs.COLOURS)
    ink = Ink(
        rng.choice(BOLD_FONTS), rng.randrange(22, 28), (255, 255, 255) if sum(plate) < 400 else (25, 25, 30)
    )
    need, row = cells_of(canvas, sign.text, ink), rng.randrange(4, 7)
    on_left = rng.random() < 0.5
    column = 1 if on_left else 11 - need
    x0, x1, y = column * CELL - 6, (column + need) * CELL + 6, row * CELL
    canvas.rectangle(((x0 + x1) / 2 - 5, y, (x0 + x1) / 2 + 5, 300), fill=(110, 112, 116))
    canvas.rectangle((x0, y - 10, x1, y + CELL + 10), fill=plate, outline=ink.colour, width=2, radius=6)
    words_seen = set_line(canvas, sign.text, column, row, ink)
    x = rng.uniform(270, 325) if on_left else rng.uniform(60, 115)
    y = rng.uniform(270, 310)
    thing = scenes.Placed(name, inside_cell(x), inside_cell(y), rng.uniform(90, 120))
    box = canvas.paste(emoji(name), thing.x, thing.y, thing.size)
    seen = scenes.write_scene(setting, [thing], [box])
    kind = (scenes.ANIMAL, "animal") if name in ANIMALS else (scenes.OBJECT, "object")
    questions = [
        ask(rng, split, signs.READ, sign.text, "D", "read", x="sign"),
        ask(rng, split, signs.SAYS, sign.text, "D", "read"),
        ask(rng, split, scenes.PLACE, SETTINGS[setting][1], "A", "place"),
        ask(rng, split, kind[0], article(name), "A", kind[1]),
        ask(rng, split, SEEN_AND_SIGN, f"{article(name)}, {sign.text}", "AD", "thing and sign"),
        *scenes.existence(rng, split, [name], "A"),
    ]
    boxes = ((name, canvas.box_on_picture(box)),)
    return finish(rng, split, canvas, {"A": seen, "D": words_seen}, questions, boxes)


def scan_with_name(rng: random.Random, split: str, scale: int) -> Drawing:
    """A scan with the patient's name on a plate below."""
    canvas = Canvas((12, 12, 14), Crop(), scale)
    painter = rng.choice((scans.draw_blood, scans.draw_brain, scans.draw_chest, scans.draw_bone))
    finding, places = painter(canvas, rng)
    labels = scans.write(finding, places)
    name = " ".join(pick_pair(rng, words.NAMES, words.SURNAMES, split))
    ink = Ink(rng.choice(TRAIN_FONTS), rng.randrange(21, 26), (240, 240, 240))
    canvas.rectangle((0, 11 * CELL - 3, SIDE, SIDE), fill=(20, 22, 30))
    plate = set_line(canvas, name, rng.randrange(3), 11, ink, (rng.uniform(0, 3), -1))
    questions = list(scans.questions_about(rng, split, finding))[:4]
    questions = [question for question in questions if question.experts and question.kind != "describe"]
    questions.append(ask(rng, split, WHOSE, name, "D", "patient"))
    return finish(rng, split, canvas, {"F": labels, "D": plate}, questions)
