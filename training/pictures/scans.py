"""Drawn pictures in the manner of medical ones (expert F): blood cells, brain, chest, bone.

They are drawings with the look of such pictures and no medical data; nothing can be diagnosed from them.
"""

import math
import random
from dataclasses import dataclass

from PIL import ImageFilter

from training.pictures.asking import DESCRIBE, WHAT, Phrasings, ask, without_experts
from training.pictures.canvas import Canvas, Effects, choose_crop, fact_cells, inside_cell
from training.pictures.records import CELL, SIDE, Drawing, Label, Question
from training.pictures.settings import shade

KIND = Phrasings(
    ("What kind of scan is this?", "Which part of the body is it?", "What does this scan show?",
     "What kind of medical picture is it?", "What is being examined?",
     "What sort of medical picture would that be?"),
    ("Which organ or tissue is shown?", "What sort of scan am I looking at?"),
)  # fmt: skip
HEALTHY = Phrasings(
    ("Does it look healthy?", "Is it normal?", "Is everything fine here?", "Is this a healthy picture?",
     "Does it look normal?", "Would you say it is normal?", "Is all well here?", "Does everything look fine?",
     "Is it all right?"),
    ("Would you call it healthy?", "Does all look well?"),
)  # fmt: skip
FINDING = Phrasings(
    ("What is wrong here?", "What is unusual?", "What do you find?", "What is the finding?",
     "Is anything abnormal?", "What stands out?", "What would a doctor notice?", "What is the problem?",
     "Name the finding.", "What do you notice?", "What would worry a doctor?",
     "What has the doctor found?", "Could you name the finding?",
     "What is the matter here?", "What ought to be looked at?"),
    ("What should a doctor look at?", "Tell me the finding."),
)  # fmt: skip
SIDE_OF = Phrasings(
    ("On which side is the {x}?", "Where is the {x}?", "Is the {x} on the left or the right?",
     "Which side is the {x} on?", "Which side shows the {x}?"),
    ("In which half is the {x}?", "Left or right: where is the {x}?"),
)  # fmt: skip
IS_THERE = Phrasings(
    ("Is there a {x}?", "Do you see a {x}?", "Can you find a {x}?", "Does it show a {x}?",
     "Is a {x} visible?",
     "Could you find a {x}?", "Would that be a {x}?"),
    ("Could that be a {x}?", "Would you say there is a {x}?"),
)  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """What a scan shows: the kind as said and as written, the finding (None: healthy) and its side."""

    spoken: str
    written: tuple[str, ...]
    sought: str
    found: bool
    answer: str
    side: str | None = None


def draw_scan(rng: random.Random, split: str, scale: int = 1) -> Drawing:
    """One picture of the four kinds."""
    canvas = Canvas((12, 12, 14), choose_crop(rng, 32, 32), scale)
    painter = rng.choice((draw_blood, draw_blood, draw_brain, draw_chest, draw_bone))
    finding, places = painter(canvas, rng)
    image = canvas.finish(Effects.choose(rng))
    return Drawing(
        image,
        "scans",
        {"F": canvas.on_picture(write(finding, places))},
        questions_about(rng, split, finding),
        scale=scale,
    )


def write(finding: Finding, places: list[tuple[str, float, float]]) -> list[Label]:
    """What F writes: kind and finding in row 0, and the finding where it is."""
    labels = fact_cells(list(finding.written), 0, 0)
    for word, x, y in places:
        labels += fact_cells([word], int(y // CELL), int(x // CELL), "object")
    return labels


def draw_blood(canvas: Canvas, rng: random.Random) -> tuple[Finding, list]:
    """Round cells; some stained purple or some bent to crescents."""
    canvas.rectangle((0, 0, SIDE, SIDE), fill=shade(rng, (245, 225, 215), 10))
    state = rng.choice(("healthy", "stained", "crescent"))
    cells: list[tuple[float, float, float]] = []
    for _ in range(160):
        r = rng.uniform(17, 24)
        x, y = rng.uniform(0, SIDE), rng.uniform(40, SIDE)
        if all(math.hypot(x - a, y - b) > (r + c) * 0.95 for a, b, c in cells):
            cells.append((x, y, r))
    odd = set(rng.sample(range(len(cells)), rng.randrange(3, 7))) if state != "healthy" else set()
    red = shade(rng, (215, 105, 105), 14)
    for k, (x, y, r) in enumerate(cells):
        if k in odd and state == "crescent":
            draw_crescent(canvas, rng, (x, y, r * 1.2), red)
        else:
            canvas.ellipse((x - r, y - r, x + r, y + r), fill=red)
            pale = tuple(min(255, part + 35) for part in red)
            canvas.ellipse((x - r * 0.45, y - r * 0.45, x + r * 0.45, y + r * 0.45), fill=pale)
        if k in odd and state == "stained":
            for _ in range(3):
                dx, dy, s = rng.uniform(-8, 8), rng.uniform(-8, 8), rng.uniform(4, 8)
                canvas.ellipse((x + dx - s, y + dy - s, x + dx + s, y + dy + s), fill=(95, 40, 130))
    spoken = {"healthy": "nothing unusual", "stained": "purple cells", "crescent": "crescent cells"}[state]
    word = {"healthy": "healthy", "stained": "purple", "crescent": "crescent"}[state]
    sought = "crescent cell" if state == "crescent" or rng.random() < 0.4 else "purple cell"
    found = state != "healthy" and sought.startswith(word)
    return Finding("blood cells", ("blood", "cells", word), sought, found, spoken), []


def draw_crescent(canvas: Canvas, rng: random.Random, circle, colour) -> None:
    """A bent, pointed cell."""
    x, y, r = circle
    turn = rng.uniform(0, 2 * math.pi)
    outer = [(-1 + 2 * k / 12, -math.sin(math.pi * k / 12) * 0.75) for k in range(13)]
    inner = [(1 - 2 * k / 12, -math.sin(math.pi * k / 12) * 0.3) for k in range(13)]
    points = []
    for dx, dy in outer + inner:
        points.append((x + r * (dx * math.cos(turn) - dy * math.sin(turn)),
                       y + r * (dx * math.sin(turn) + dy * math.cos(turn))))  # fmt: skip
    canvas.polygon(points, fill=tuple(part - 25 for part in colour))


def _soften(canvas: Canvas, radius: float) -> None:
    canvas.image.paste(canvas.image.filter(ImageFilter.BoxBlur(radius * canvas.scale)))


def draw_brain(canvas: Canvas, rng: random.Random) -> tuple[Finding, list]:
    """A slice of a head: skull, two halves with folds; a bright lesion in one of them or none."""
    x, y, w, h = (
        192 + rng.uniform(-8, 8),
        205 + rng.uniform(-6, 6),
        rng.uniform(112, 128),
        rng.uniform(130, 142),
    )
    skull, grey = rng.randrange(170, 215), rng.randrange(85, 120)
    canvas.ellipse((x - w, y - h, x + w, y + h), fill=(skull,) * 3)
    canvas.ellipse((x - w + 9, y - h + 9, x + w - 9, y + h - 9), fill=(25,) * 3)
    canvas.ellipse((x - w + 15, y - h + 15, x + w - 15, y + h - 15), fill=(grey,) * 3)
    for side in (-1, 1):
        for k in range(14):
            turn = math.pi * (k + 0.5) / 14
            a, b = x + side * math.sin(turn) * (w - 30), y - math.cos(turn) * (h - 30)
            r = rng.uniform(9, 15)
            canvas.arc((a - r, b - r, a + r, b + r), rng.uniform(0, 360), rng.uniform(400, 600),
                       (grey - 35,) * 3, 3)  # fmt: skip
        canvas.ellipse((x + side * 24 - 13, y - 42, x + side * 24 + 13, y + 34), fill=(35,) * 3)
    canvas.line([(x, y - h + 16), (x, y + h - 16)], (30,) * 3, 3)
    side = rng.choice((None, "left", "right"))
    places = []
    if side:
        a = inside_cell(x + (-1 if side == "left" else 1) * rng.uniform(58, 78))
        b, r = inside_cell(y + rng.uniform(-60, 60)), rng.uniform(14, 23)
        canvas.ellipse((a - r, b - r * 0.9, a + r, b + r * 0.9), fill=(248,) * 3)
        places.append(("lesion", a, b))
    _soften(canvas, 1)
    written = ("brain", "scan", "lesion", side) if side else ("brain", "scan", "normal")
    answer = f"a lesion on the {side}" if side else "nothing unusual"
    return Finding("a brain scan", written, "lesion", bool(side), answer, side), places


def draw_chest(canvas: Canvas, rng: random.Random) -> tuple[Finding, list]:
    """Two dark lungs between ribs; a white spot in one of them or none."""
    tone = rng.randrange(120, 150)
    canvas.gradient((tone - 50,) * 3, (tone,) * 3)
    x = 192 + rng.uniform(-8, 8)
    canvas.ellipse((x - 190, 30, x + 190, 470), fill=(tone,) * 3)
    for side in (-1, 1):
        a = x + side * 82
        canvas.ellipse((a - 58, 78, a + 58, 330), fill=(38,) * 3)
        canvas.rectangle((a - 60, 270, a + 60, 340), fill=(tone,) * 3)
        canvas.ellipse((a - 58, 225, a + 58, 292), fill=(38,) * 3)
    for k in range(6):
        top = 96 + k * 32
        for side in (-1, 1):
            a = x + side * 78
            canvas.arc((a - 78, top, a + 78, top + 60), 200, 340, (88,) * 3, 7)
    canvas.rectangle((x - 13, 20, x + 13, SIDE), fill=(tone + 55,) * 3)
    canvas.ellipse((x - 22, 190, x + 62, 290), fill=(tone + 30,) * 3)
    side = rng.choice((None, "left", "right"))
    places = []
    if side:
        a = inside_cell(x + (-1 if side == "left" else 1) * rng.uniform(78, 104))
        b, r = inside_cell(rng.uniform(130, 235)), rng.uniform(11, 19)
        canvas.ellipse((a - r, b - r, a + r, b + r), fill=(225,) * 3)
        places.append(("spot", a, b))
    _soften(canvas, 2)
    written = ("chest", "scan", "spot", side) if side else ("chest", "scan", "clear")
    answer = f"a spot on the {side}" if side else "nothing unusual"
    return Finding("a chest scan", written, "spot", bool(side), answer, side), places


def draw_bone(canvas: Canvas, rng: random.Random) -> tuple[Finding, list]:
    """A long bone across the picture, broken or whole."""
    canvas.gradient((22,) * 3, (46,) * 3)
    tone = rng.randrange(190, 230)
    tilt, y = rng.uniform(-0.5, 0.5), 205 + rng.uniform(-20, 20)
    thick = rng.uniform(20, 28)
    broken = rng.random() < 0.5
    gap = rng.uniform(-60, 60)

    def at(along: float, across: float, shift: float = 0.0) -> tuple[float, float]:
        return (192 + along * math.cos(tilt) - (across + shift) * math.sin(tilt),
                y + along * math.sin(tilt) + (across + shift) * math.cos(tilt))  # fmt: skip

    flesh = [at(-230, -70), at(230, -70), at(230, 70), at(-230, 70)]
    canvas.polygon(flesh, fill=(66,) * 3)
    shift = rng.choice((-1, 1)) * rng.uniform(8, 16) if broken else 0.0
    parts = ((-130, gap - 6, 0.0), (gap + 6, 130, shift)) if broken else ((-130, 130, 0.0),)
    for start, end, off in parts:
        jag = rng.uniform(-9, 9) if broken else 0
        corners = [
            at(start, -thick, off),
            at(end + jag, -thick, off),
            at(end - jag, thick, off),
            at(start, thick, off),
        ]
        canvas.polygon(corners, fill=(tone,) * 3)
        inner = [
            at(start, -thick * 0.4, off),
            at(end, -thick * 0.4, off),
            at(end, thick * 0.4, off),
            at(start, thick * 0.4, off),
        ]
        canvas.polygon(inner, fill=(tone - 45,) * 3)
    for along, off in ((-135, 0.0), (135, shift)):
        for across in (-18, 18):
            a, b = at(along, across, off)
            canvas.ellipse((a - 28, b - 28, a + 28, b + 28), fill=(tone,) * 3)
    _soften(canvas, 1)
    places = [("fracture", *at(gap, shift / 2))] if broken else []
    written = ("bone", "scan", "fracture") if broken else ("bone", "scan", "intact")
    return Finding(
        "a bone scan", written, "fracture", broken, "a fracture" if broken else "nothing unusual"
    ), places


def questions_about(rng, split: str, finding: Finding) -> tuple[Question, ...]:
    """The kind, whether it looks healthy, what is found and where."""
    healthy = finding.answer == "nothing unusual"
    questions = [
        ask(rng, split, rng.choice((KIND, KIND, WHAT)), finding.spoken, "F", "scan kind"),
        ask(rng, split, HEALTHY, "yes" if healthy else "no", "F", "healthy"),
        ask(rng, split, FINDING, finding.answer, "F", "finding"),
        ask(rng, split, IS_THERE, "yes" if finding.found else "no", "F", "finding exists", x=finding.sought),
    ]
    if finding.side:
        questions.append(ask(rng, split, SIDE_OF, finding.side, "F", "side", x=finding.sought))
    if rng.random() < 0.25:
        text = f"This looks like {finding.spoken}. I see {finding.answer}."
        questions.append(ask(rng, split, DESCRIBE, text, "F", "describe"))
    if rng.random() < 0.25:
        questions.append(without_experts(rng, split, "F"))
    rng.shuffle(questions)
    return tuple(questions)
