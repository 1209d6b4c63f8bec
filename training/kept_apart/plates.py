"""Signs and shapes as SVG in Chromium: plates, lettering and figures of another hand than Pillow's makers."""

import math
import random
from html import escape

from training.makers.browser import Studio
from training.makers.fonts import Family, choose_family
from training.makers.records import Picture
from training.makers.sign_questions import questions_about
from training.makers.signs import cased, compose
from training.makers.words import Words
from training.pictures.asking import HOW_MANY, LARGEST, WHAT, ask
from training.pictures.shapes import COLOUR, SHAPE, SHAPE_OF_COLOUR, SMALLEST
from training.pictures.words import article

SIZES = ((600, 450), (700, 500), (500, 500), (800, 450), (450, 600), (640, 640))
STREET = "linear-gradient(#9cc3e6,#dfeaf3 55%,#8a8f86 56%,#6c716b)"
GROUNDS = ("#e9e4da", "#cfd8dc", STREET, "#b7c9a8", "linear-gradient(135deg,#f3f3f3,#cfcfcf)", "#8d9aa5",
           "repeating-linear-gradient(0deg,#c9a27e 0 22px,#b98d66 22px 44px)", "#ffffff",
           "#37474f")  # fmt: skip
PLATES = (
    ("#006b3c", "#ffffff"), ("#0a4f9e", "#ffffff"), ("#b3001b", "#ffffff"), ("#ffcd00", "#111111"),
    ("#ffffff", "#111111"), ("#ffffff", "#b3001b"), ("#222222", "#f5f5f5"), ("#6b3e1e", "#fff3d6"),
    ("#f57c00", "#111111"), ("#4a148c", "#ffffff"), ("#e0f2f1", "#004d40"), ("#2f3e2f", "#fdf6e3"),
)  # fmt: skip


def page(size: tuple[int, int], ground: str, inner: str) -> str:
    """A picture's HTML."""
    return (f"<!doctype html><body style='margin:0;width:{size[0]}px;height:{size[1]}px;background:{ground};"
            f"overflow:hidden'><svg width='{size[0]}' height='{size[1]}' viewBox='0 0 {size[0]} {size[1]}'>"
            f"{inner}</svg>")  # fmt: skip


def outline(form: str, box: tuple[float, float, float, float]) -> str:
    """SVG path of a plate around a box of text."""
    x0, y0, x1, y1 = box
    w, h = x1 - x0, y1 - y0
    points = {
        "arrow": ((x0, y0), (x1, y0), (x1 + h / 2, (y0 + y1) / 2), (x1, y1), (x0, y1)),
        "octagon": ((x0 + h * 0.3, y0), (x1 - h * 0.3, y0), (x1, y0 + h * 0.3), (x1, y1 - h * 0.3),
                    (x1 - h * 0.3, y1), (x0 + h * 0.3, y1), (x0, y1 - h * 0.3), (x0, y0 + h * 0.3)),
        "ribbon": ((x0 - h / 3, y0), (x1 + h / 3, y0), (x1, (y0 + y1) / 2), (x1 + h / 3, y1),
                   (x0 - h / 3, y1), (x0, (y0 + y1) / 2)),
        "trapezium": ((x0 + h * 0.2, y0), (x1 - h * 0.2, y0), (x1 + h * 0.1, y1), (x0 - h * 0.1, y1)),
    }.get(form)  # fmt: skip
    if points:
        return "M" + "L".join(f"{x:.1f},{y:.1f} " for x, y in points) + "Z"
    if form == "oval":
        rx, ry = w * 0.62, h * 0.78
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        half = f"a{rx:.1f},{ry:.1f} 0 1,0"
        return f"M{x - rx:.1f},{y:.1f} {half} {2 * rx:.1f},0 {half} {-2 * rx:.1f},0Z"
    return f"M{x0:.1f},{y0:.1f} H{x1:.1f} V{y1:.1f} H{x0:.1f}Z"


def draw_sign(rng: random.Random, studio: Studio) -> Picture:
    """A sign: an arrow, octagon, ribbon, oval or board, bolted, rimmed, a little turned, or letters alone."""
    words = Words(rng, "test")
    sign = cased(rng, compose(words))
    family = choose_family(rng, "test", named=True)
    size, (plate, ink) = rng.choice(SIZES), rng.choice(PLATES)
    form = rng.choice(("arrow", "octagon", "ribbon", "trapezium", "oval", "board", "board", "letters"))
    inner = sign_svg(rng, sign.lines, size, (form, plate, ink), family)
    ground = plate if form == "letters" else rng.choice(GROUNDS)
    shot = studio.shoot(page(size, ground, inner), size, rng.choice((1.0, 1.25)))
    held_out = ({"font"} if family.kept else set()) | ({"words"} if words.kept_used else set()) | {"maker"}
    questions = questions_about(rng, "test", sign)
    return Picture(shot.image, "plates", "signs", shot.runs, questions, held_out=frozenset(held_out))


def sign_svg(rng: random.Random, lines: tuple[str, ...], size, look, family: Family) -> str:
    """Plate and words."""
    form, plate, ink = look
    width, height = size
    longest = max(len(line) for line in lines)
    letter = min(width * rng.uniform(0.55, 0.8) / (0.62 * longest), height * 0.5 / (1.25 * len(lines)))
    letter = max(letter, 0.026 * max(size))
    wide = 0.62 * longest * letter
    pitch = letter * 1.25
    x, y = width / 2 + rng.uniform(-0.04, 0.04) * width, height * rng.uniform(0.4, 0.6)
    box = (x - wide / 2 - letter * 0.5, y - pitch * len(lines) / 2 - letter * 0.3,
           x + wide / 2 + letter * 0.5, y + pitch * len(lines) / 2 + letter * 0.3)  # fmt: skip
    parts = []
    if form != "letters":
        rim = rng.choice(("none", ink, "#00000055"))
        shape = outline(form, box)
        parts.append(f"<path d='{shape}' transform='translate(4 6)' fill='#00000040'/>")
        parts.append(f"<path d='{shape}' fill='{plate}' stroke='{rim}' stroke-width='{letter * 0.08:.1f}'/>")
        if rng.random() < 0.4:
            for a in (box[0] + letter * 0.25, box[2] - letter * 0.25):
                parts.append(f"<circle cx='{a:.0f}' cy='{y:.0f}' r='{letter * 0.07:.1f}' fill='#999'/>")
    spacing = rng.choice((0, 0, 0.03)) * letter
    for k, line in enumerate(lines):
        base = y + (k - (len(lines) - 1) / 2) * pitch + letter * 0.35
        parts.append(
            f"<text data-role='sign' x='{x:.1f}' y='{base:.1f}' text-anchor='middle' fill='{ink}' "
            f"font-family='{family.name}' font-size='{letter:.1f}' font-weight='{rng.choice((400, 700))}' "
            f"letter-spacing='{spacing:.1f}' textLength='{min(wide, 0.62 * len(line) * letter):.0f}' "
            f"lengthAdjust='spacingAndGlyphs'>{escape(line)}</text>"
            if len(line) > 3 else
            f"<text data-role='sign' x='{x:.1f}' y='{base:.1f}' text-anchor='middle' fill='{ink}' "
            f"font-family='{family.name}' font-size='{letter:.1f}'>{escape(line)}</text>"
        )  # fmt: skip
    turn = rng.choice((0, 0, rng.uniform(-2, 2)))
    return f"<g transform='rotate({turn:.1f} {x:.0f} {y:.0f})'>{''.join(parts)}</g>"


COLOURS = {
    "red": "#e02020", "blue": "#1e66d0", "green": "#1f9d4d", "yellow": "#ffd82e", "orange": "#ff8a1f",
    "purple": "#7b2fb5", "pink": "#ff8fc4", "black": "#111111", "brown": "#7a4a25",
}  # fmt: skip
FORMS = (
    "circle",
    "square",
    "triangle",
    "star",
    "heart",
    "rectangle",
    "diamond",
    "cross",
    "oval",
    "ring",
    "arrow",
)
PAPERS = ("#ffffff", "#ffffff", "#fafafa", "#e8eef5", "#f5f0e6", "#dfe7df",
          "linear-gradient(#ffffff,#e6e6e6)",
          "repeating-linear-gradient(90deg,#ffffff 0 38px,#eef2f6 38px 40px)")  # fmt: skip


def draw_shapes(rng: random.Random, studio: Studio) -> Picture:
    """One to four figures of different sizes, some turned, with a rim or a shadow."""
    size = rng.choice(SIZES)
    count = rng.choice((1, 2, 3, 3, 4))
    forms, colours = rng.sample(FORMS, count), rng.sample(list(COLOURS), count)
    reach = min(size)
    radii = [
        reach * r for r in ((0.3,), (0.22, 0.12), (0.2, 0.13, 0.08), (0.17, 0.12, 0.085, 0.055))[count - 1]
    ]
    rng.shuffle(radii)
    places: list[tuple[float, float]] = []
    while len(places) < count:
        r = radii[len(places)]
        x, y = rng.uniform(r, size[0] - r), rng.uniform(r, size[1] - r)
        if all(math.hypot(x - a, y - b) > 1.15 * (r + s) for (a, b), s in zip(places, radii, strict=False)):
            places.append((x, y))
        elif rng.random() < 0.01:
            places.clear()
    figures = list(zip(forms, colours, places, radii, strict=True))
    inner = "".join(figure(rng, *part) for part in figures)
    shot = studio.shoot(page(size, rng.choice(PAPERS), inner), size, rng.choice((1.0, 1.25)))
    boxes = tuple((f"{c} {f}", (x - r, y - r, x + r, y + r)) for f, c, (x, y), r in figures)
    return Picture(shot.image, "figures", "shapes", (), shape_questions(rng, figures), boxes=boxes,
                   held_out=frozenset({"maker"}))  # fmt: skip


def figure(rng: random.Random, form: str, colour: str, place: tuple[float, float], r: float) -> str:
    """One figure."""
    x, y = place
    s = r * 0.85
    fill = COLOURS[colour]
    rim = rng.choice(("", "", f"stroke='#00000080' stroke-width='{max(1.5, r * 0.04):.1f}'"))
    turn = rng.uniform(-12, 12) if form in ("star", "rectangle", "triangle", "arrow") else 0
    simple = {
        "circle": f"<circle r='{r:.1f}'",
        "ring": f"<circle r='{r * 0.8:.1f}' style='fill:none;stroke:{fill};stroke-width:{r * 0.34:.1f}'",
        "oval": f"<ellipse rx='{r:.1f}' ry='{r * 0.6:.1f}'",
        "square": f"<rect x='{-s:.1f}' y='{-s:.1f}' width='{2 * s:.1f}' height='{2 * s:.1f}'",
        "rectangle": f"<rect x='{-r:.1f}' y='{-r * 0.5:.1f}' width='{2 * r:.1f}' height='{r:.1f}'",
    }.get(form)  # fmt: skip
    if simple is None:
        simple = f"<path d='{figure_path(form, r)}'"
    rim = "" if form == "ring" else rim
    return f"<g transform='translate({x:.1f} {y:.1f}) rotate({turn:.0f})' fill='{fill}' {rim}>{simple}/></g>"


def figure_path(form: str, r: float) -> str:
    """SVG path of a figure with corners, around (0, 0)."""
    if form == "heart":
        left = f"C{-1.6 * r:.1f},{-0.1 * r:.1f} {-0.75 * r:.1f},{-1.15 * r:.1f} 0,{-0.4 * r:.1f}"
        right = f"C{0.75 * r:.1f},{-1.15 * r:.1f} {1.6 * r:.1f},{-0.1 * r:.1f} 0,{0.9 * r:.1f}"
        return f"M0,{0.9 * r:.1f} {left} {right}Z"
    corners = {
        "triangle": ((0, -1), (0.95, 0.8), (-0.95, 0.8)),
        "diamond": ((0, -1), (0.65, 0), (0, 1), (-0.65, 0)),
        "cross": ((-0.28, -1), (0.28, -1), (0.28, -0.28), (1, -0.28), (1, 0.28), (0.28, 0.28), (0.28, 1),
                  (-0.28, 1), (-0.28, 0.28), (-1, 0.28), (-1, -0.28), (-0.28, -0.28)),
        "arrow": ((-1, -0.25), (0.2, -0.25), (0.2, -0.7), (1, 0), (0.2, 0.7), (0.2, 0.25), (-1, 0.25)),
        "star": tuple((d * math.sin(k * math.pi / 5), -d * math.cos(k * math.pi / 5))
                      for k, d in enumerate((1, 0.4) * 5)),
    }[form]  # fmt: skip
    return "M" + "L".join(f"{x * r:.1f},{y * r:.1f} " for x, y in corners) + "Z"


def shape_questions(rng: random.Random, figures: list) -> tuple:
    """Colour and shape of each, the largest, the smallest, how many."""
    questions = []
    for form, colour, _, _ in figures:
        questions.append(ask(rng, "test", COLOUR, colour, "G", "colour", x=form))
    if len(figures) == 1:
        form, colour, _, _ = figures[0]
        questions.append(ask(rng, "test", SHAPE, article(form), "G", "shape"))
        questions.append(ask(rng, "test", WHAT, article(f"{colour} {form}"), "G", "what"))
        return tuple(questions)
    form, colour, _, _ = rng.choice(figures)
    questions.append(ask(rng, "test", SHAPE_OF_COLOUR, article(form), "G", "shape", x=colour))
    ordered = sorted(figures, key=lambda part: part[3])
    for phrasings, (form, colour, _, _), kind in (
        (LARGEST, ordered[-1], "largest"),
        (SMALLEST, ordered[0], "smallest"),
    ):
        questions.append(ask(rng, "test", phrasings, f"the {colour} {form}", "G", kind))
    questions.append(ask(rng, "test", HOW_MANY, str(len(figures)), "G", "shape count"))
    return tuple(questions)
