"""Signs as a web designer lays them out: HTML rendered by Chromium, on walls and boards of CSS.

The words are those of `signs`; the boards, grounds, lettering and ornaments are others.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from training.makers.browser import studio
from training.makers.flow import SIDE
from training.makers.fonts import Family, browser_family
from training.makers.records import Picture
from training.makers.sign_questions import questions_about
from training.makers.signs import Sign, cased, compose
from training.makers.web_sheets import CAP
from training.makers.words import Words

SIZES = (
    (640, 480), (800, 600), (600, 600), (900, 600), (1000, 560), (480, 640), (600, 800), (720, 405),
    (400, 400), (1024, 576), (540, 960), (800, 320), (1200, 800), (500, 700),
)  # fmt: skip
SCALES = (1.0, 1.0, 1.0, 1.5)
SMALLEST_CAP = 15.0  # px of a capital in the reader's view
# (board, lettering)
PAINTS = (
    ("#c8102e", "#ffffff"), ("#0b5394", "#ffffff"), ("#00693c", "#ffffff"), ("#ffcc00", "#111111"),
    ("#ffffff", "#111111"), ("#ffffff", "#b3001b"), ("#ffffff", "#0b3d91"), ("#111111", "#ffffff"),
    ("#222831", "#ffd369"), ("#f4efe1", "#3a2a1a"), ("#5b3a1e", "#f7e9c8"), ("#ff6f00", "#111111"),
    ("#6a1b9a", "#ffffff"), ("#00838f", "#ffffff"), ("#e8f5e9", "#1b5e20"), ("#eceff1", "#263238"),
    ("#37474f", "#ffffff"), ("#f8bbd0", "#880e4f"), ("#1d3557", "#f1faee"), ("#d7ccc8", "#3e2723"),
    ("#b0bec5", "#101418"), ("#a31621", "#fcf7f8"), ("#2e7d32", "#fff59d"), ("#fafafa", "#444444"),
)  # fmt: skip
WALL_COLOURS = (
    "#9aa5b1", "#d8cfc0", "#7d8471", "#e9e7e2", "#b5785a", "#586272", "#c3d3dd", "#f5f5f5", "#ffffff",
    "#3c4148", "#a9cfe6", "#6f8f6b", "#cbb994", "#8c6f5a", "#dfe6e9", "#2f3640",
)  # fmt: skip


@dataclass(frozen=True)
class Board:
    """What bears the words, in CSS lengths of `em`, the size of the letters: its style, and HTML that comes
    before and after them."""

    style: str
    before: str = ""
    after: str = ""


Builder = Callable[[random.Random, str, str], Board]  # a board of a colour, and the colour of its letters


def plain(rng: random.Random, board: str, ink: str) -> Board:
    """A plate, perhaps with a rim and a shadow."""
    rim = rng.choice(("none", f".08em solid {ink}", f".2em double {ink}", ".1em solid #88888888"))
    shadow = rng.choice(("none", "0 .1em .3em #0008", ".12em .12em 0 #0005", "inset 0 0 .5em #0003"))
    radius = rng.choice((0, 0, 0.1, 0.25, 0.6, 2))
    return Board(f"background:{board};border:{rim};box-shadow:{shadow};border-radius:{radius}em")


def screwed(rng: random.Random, board: str, ink: str) -> Board:
    """A metal plate with a screw in each corner."""
    screw = "radial-gradient(circle,#666 0 .05em,#ccc .06em .1em,transparent .11em)"
    places = ("0 0", "100% 0", "0 100%", "100% 100%")
    screws = ",".join(f"{screw} {at}/.4em .4em no-repeat" for at in places)
    return Board(f"background:{screws},linear-gradient({rng.randrange(360)}deg,{board},{board}cc)")


def striped(rng: random.Random, board: str, ink: str) -> Board:
    """A plate between two stripes: of another colour, or aslant in two."""
    slanted = f"repeating-linear-gradient(45deg,{ink} 0 .3em,{board} .3em .6em)"
    stripe = rng.choice((ink, slanted, slanted, "#c8102e", "#0b5394"))
    bar = f"<div style='height:{rng.uniform(0.15, 0.45):.2f}em;margin:.15em 0;background:{stripe}'></div>"
    return Board(f"background:{board}", bar, rng.choice((bar, "")))


def arrowed(rng: random.Random, board: str, ink: str) -> Board:
    """A board that ends in a point, as signposts do."""
    left, tip = rng.random() < 0.5, rng.uniform(0.4, 0.9)
    shape = (
        f"polygon({tip}em 0,100% 0,100% 100%,{tip}em 100%,0 50%)" if left
        else f"polygon(0 0,calc(100% - {tip}em) 0,100% 50%,calc(100% - {tip}em) 100%,0 100%)"
    )  # fmt: skip
    return Board(f"background:{board};clip-path:{shape};padding-left:1.3em;padding-right:1.3em")


def pictured(rng: random.Random, board: str, ink: str) -> Board:
    """A plate with a figure beside or above the words: an arrow, a triangle, a ring, a star, a house."""
    figure = rng.choice((
        "<path d='M10 50H80M55 22L84 50L55 78' fill='none' stroke='{ink}' stroke-width='14'/>",
        "<path d='M50 90V18M22 46L50 16L78 46' fill='none' stroke='{ink}' stroke-width='14'/>",
        "<path d='M50 8L95 90H5Z' fill='none' stroke='{ink}' stroke-width='10'/>",
        "<circle cx='50' cy='50' r='40' fill='none' stroke='{ink}' stroke-width='12'/>"
        "<path d='M22 22L78 78' stroke='{ink}' stroke-width='12'/>",
        "<circle cx='50' cy='50' r='42' fill='{ink}'/><rect x='20' y='42' width='60' height='16'"
        " fill='{board}'/>",
        "<path d='M50 5L61 38H96L68 59L79 93L50 72L21 93L32 59L4 38H39Z' fill='{ink}'/>",
        "<path d='M15 50L50 15L85 50V90H15Z' fill='{ink}'/>",
        "<path d='M42 10H58V42H90V58H58V90H42V58H10V42H42Z' fill='{ink}'/>",
    )).format(ink=ink, board=board)  # fmt: skip
    side = rng.uniform(0.9, 1.6)
    above = rng.random() < 0.4
    place = "display:block;margin:0 auto .2em" if above else "flex:none;margin-right:.4em"
    svg = f"<svg viewBox='0 0 100 100' style='width:{side:.2f}em;height:{side:.2f}em;{place}'>{figure}</svg>"
    row = "" if above else "display:flex;align-items:center;"
    return Board(f"background:{board};border-radius:{rng.choice((0, 0.15))}em;{row}", svg)


def hanging(rng: random.Random, board: str, ink: str) -> Board:
    """A board of planks that hangs on two ropes."""
    planks = f"repeating-linear-gradient({board} 0 .8em,{board}dd .8em .86em)"
    rope = "position:absolute;bottom:100%;width:.08em;height:40em;background:#333"
    ropes = f"<i style='{rope};left:12%'></i><i style='{rope};right:12%'></i>"
    return Board(f"background:{planks};border:.06em solid #0006;border-radius:.15em", ropes)


def lit(rng: random.Random, board: str, ink: str) -> Board:
    """Letters that shine on a dark board: neon tubes or lamps."""
    light = rng.choice(("#ff5c8a", "#7df9ff", "#ffe066", "#ff8c1a", "#7cff6b", "#ffffff"))
    dark = rng.choice(("#0d0d12", "#141821", "#1a1020", "#000000"))
    glow = rng.uniform(0.05, 0.18)
    return Board(f"background:{dark};color:{light};text-shadow:0 0 {glow:.2f}em {light};border-radius:.1em")


def framed(rng: random.Random, board: str, ink: str) -> Board:
    """A slate or a sheet in a wooden frame."""
    slate = rng.random() < 0.6
    ground, letters = rng.choice((("#26332d", "#f2f2ea"), ("#2b2b2e", "#ffffff"))) if slate else (board, ink)
    wood = rng.choice(("#8b5a2b", "#b98b5e", "#4a2f1b", "#c9a66b"))
    return Board(f"background:{ground};color:{letters};border:.28em solid {wood};box-shadow:0 .1em .2em #000")


def tagged(rng: random.Random, board: str, ink: str) -> Board:
    """A badge with a bar of colour above, or a tag with a hole."""
    colour = rng.choice(("#c8102e", "#0b5394", "#00693c", "#ff6f00", "#6a1b9a", "#111111"))
    bar = f"<div style='background:{colour};height:.5em;margin:-.45em -.7em .3em'></div>"
    hole = "<div style='width:.35em;height:.35em;border-radius:50%;background:#999;margin:auto'></div>"
    return Board("background:#fdfdfb;color:#1a1a1a;border-radius:.2em;overflow:hidden;box-shadow:0 0 4px",
                 rng.choice((bar, hole)))  # fmt: skip


def lettered(rng: random.Random, board: str, ink: str) -> Board:
    """Letters on the wall itself, on a strip of colour that can just be seen through."""
    return Board(f"background:{board}dd;padding-left:40em;padding-right:40em;margin:0 -40em")


BOARDS: dict[str, tuple[Builder, ...]] = {
    "train": (plain, plain, plain, screwed, striped, pictured, pictured, hanging, lit, tagged, lettered),
    "test": (plain, arrowed, framed, pictured, striped),
}


def draw_web_sign(rng: random.Random, split: str) -> Picture:
    """One sign. Until all of its words lie on the picture, another is drawn."""
    while True:
        words = Words(rng, split)
        sign = cased(rng, compose(words))
        family = browser_family(rng, split)
        size, build = rng.choice(SIZES), rng.choice(BOARDS[split])
        html = page(rng, sign, family, size, build)
        shot = studio().shoot(html, size, rng.choice(SCALES))
        if [run.text for run in shot.runs] == [" ".join(line.split()) for line in sign.lines]:
            break
    held_out = words.held_out_with(family)
    held_out |= {"style"} if build not in BOARDS["train"] else set()
    return Picture(shot.image, "web-signs", "signs", shot.runs, questions_about(rng, split, sign),
                   held_out=frozenset(held_out))  # fmt: skip


def page(rng: random.Random, sign: Sign, family: Family, size: tuple[int, int], build: Builder) -> str:
    """The board with its words, somewhere on its ground."""
    board_colour, ink = rng.choice(PAINTS)
    board = build(rng, board_colour, ink)
    em = letters_high(rng, sign, size)
    align, weight = rng.choice(("center", "center", "left")), rng.choice((400, 700, 700))
    spacing = rng.choice((0, 0, 0, 0.03, 0.08))
    lines = "".join(f"<div data-role='{role_of(sign)}'>{escape(line)}</div>" for line in sign.lines)
    across, down = (rng.choice(("center", "center", "flex-start", "flex-end")) for _ in "xy")
    return f"""<!doctype html><style>*{{box-sizing:border-box}}
body{{margin:0;height:100vh;overflow:hidden;display:flex;justify-content:{across};align-items:{down};
padding:{rng.uniform(0.02, 0.06) * min(size):.0f}px;{ground(rng)}}}
.board{{position:relative;flex:none;color:{ink};padding:{rng.uniform(0.3, 0.7):.2f}em .7em;
font:{weight} {em:.1f}px/{rng.uniform(1.15, 1.5):.2f} '{family.name}';letter-spacing:{spacing}em;
text-align:{align};white-space:nowrap;{board.style}}}
</style>{post(rng, size)}<div class=board>{board.before}<div>{lines}</div>{board.after}</div>"""


def role_of(sign: Sign) -> str:
    """What its text is called among a picture's runs."""
    return "button" if sign.noun == "button" else "sign"


def letters_high(rng: random.Random, sign: Sign, size: tuple[int, int]) -> float:
    """The letters' size, CSS px: so that the words take some share of the width, and can be read."""
    longest = max(len(line) for line in sign.lines)
    by_width = size[0] * rng.uniform(0.35, 0.75) / (0.62 * longest + 1.4)
    by_height = size[1] * rng.uniform(0.25, 0.6) / (1.4 * len(sign.lines) + 1.0)
    return max(min(by_width, by_height), SMALLEST_CAP / CAP * max(size) / SIDE)


def ground(rng: random.Random) -> str:
    """The wall as CSS: plain, in uneven light, planks, tiles, bricks, a street's sky and ground."""
    wall, other = rng.choice(WALL_COLOURS), rng.choice(WALL_COLOURS)
    pitch = rng.randrange(24, 110)
    lines = f"{rng.choice(('#0002', '#0004', '#fff4'))} 0 2px,transparent 2px {pitch}px"
    return "background:" + rng.choice((
        wall, wall, "#ffffff",
        f"linear-gradient({rng.randrange(360)}deg,{wall},{other})",
        f"radial-gradient(circle at {rng.randrange(100)}% {rng.randrange(100)}%,{wall},{other})",
        f"repeating-linear-gradient(90deg,{lines}),{wall}",
        f"repeating-linear-gradient({lines}),{wall}",
        f"repeating-linear-gradient({lines}),repeating-linear-gradient(90deg,{lines}),{wall}",
        f"linear-gradient({wall} 0 {rng.randrange(40, 80)}%,{other} 0)",
        "linear-gradient(#bfe0f5,#e8f4fb 60%,#8aa37b 0,#6d8560)",
        "linear-gradient(#1b2735,#0c1016)",
    ))  # fmt: skip


def post(rng: random.Random, size: tuple[int, int]) -> str:
    """What else stands on the ground: a pole, a window, a lamp, or nothing."""
    x, wide = rng.randrange(100), rng.uniform(0.01, 0.05) * size[0]
    place = "position:absolute;"
    return rng.choice((
        "", "", "",
        f"<i style='{place}left:50%;top:50%;width:{wide:.0f}px;bottom:0;background:#70757a'></i>",
        f"<i style='{place}left:{x}%;top:0;width:{8 * wide:.0f}px;height:30%;background:#24303c88;"
        f"border:6px solid #fff8'></i>",
        f"<i style='{place}left:{x}%;top:{rng.randrange(60)}%;width:{6 * wide:.0f}px;"
        f"height:{6 * wide:.0f}px;border-radius:50%;background:#fff6;filter:blur(12px)'></i>",
    ))  # fmt: skip
