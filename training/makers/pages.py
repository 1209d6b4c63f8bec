"""Pages rendered from HTML by Chromium: papers, articles, tables, products, forms, dashboards, messages."""

import random
from dataclasses import dataclass
from html import escape

from training.makers.browser import Shot, studio
from training.makers.document_questions import about_entry, about_items, absent
from training.makers.fields import Habits
from training.makers.flow import MOST_LINES, SIDE, SMALLEST_CAP
from training.makers.fonts import Family, browser_family
from training.makers.page_blocks import BLOCKS, BUTTON, Stated, field_row, tag
from training.makers.papers import Entry, compose
from training.makers.records import Picture
from training.makers.words import Words
from training.pictures.asking import WHAT, ask, without_experts
from training.pictures.documents import KIND, TITLE
from training.pictures.records import Question
from training.pictures.words import article as with_article

WIDTHS = (420, 520, 640, 720, 800, 900, 1000, 1200)
SCALES = (1.0, 1.0, 1.0, 1.25, 1.5)
MOST = 9
TRIES = 6
BESIDE = 30  # characters that fit beside each other
WHOLE = "white-space: nowrap"
THEMES = (
    ("#ffffff", "#111111", "#1a5fb4", "#f2f4f7"), ("#ffffff", "#222222", "#c01c28", "#f6f6f6"),
    ("#fafafa", "#333333", "#26a269", "#eeeeee"), ("#f4f6fb", "#1b2440", "#3d5afe", "#ffffff"),
    ("#ffffff", "#000000", "#000000", "#eeeeee"), ("#fffdf6", "#3b2f1e", "#a3651c", "#f5eedd"),
    ("#16181d", "#e8eaee", "#8ab4f8", "#24272e"), ("#1f2937", "#f9fafb", "#34d399", "#111827"),
    ("#eef7f1", "#15321f", "#0b7a43", "#ffffff"), ("#ffffff", "#202124", "#6200ee", "#f1e8fd"),
    ("#fdf2f4", "#3f1d25", "#b3294e", "#ffffff"), ("#ffffff", "#2d2d2d", "#e66100", "#fff3e8"),
)  # fmt: skip


@dataclass(frozen=True)
class Theme:
    """Colours (ground, text, accent, box), family, size in CSS px, corners, spacing of one page."""

    colours: tuple[str, str, str, str]
    family: Family
    size: float
    radius: int
    line: float
    gap: float
    boxed: bool
    centred: bool
    ruled: str

    @classmethod
    def choose(cls, rng: random.Random, split: str, width: int) -> "Theme":
        """A theme whose text can be read on a page about as high as wide."""
        size = 1.42 * SMALLEST_CAP * width / SIDE * rng.choice((1.0, 1.05, 1.15, 1.3, 1.6, 2.0)) * 1.04
        family = browser_family(rng, split)
        return cls(rng.choice(THEMES), family, size, rng.choice((0, 0, 4, 8, 14)), rng.uniform(1.25, 1.7),
                   rng.uniform(0.4, 1.2), rng.random() < 0.35, rng.random() < 0.2,
                   rng.choice(("none", "rows", "grid", "zebra", "head")))  # fmt: skip

    def css(self, rng: random.Random) -> str:
        """The page's style sheet."""
        ground, text, accent, box = self.colours
        large = rng.choice((1.2, 1.4, 1.6, 2.0))
        button = f"background:{accent};color:{ground};border:0" if rng.random() < 0.7 else (
            f"background:transparent;color:{accent};border:2px solid {accent}")  # fmt: skip
        rules = {
            "rows": f"td{{border-bottom:1px solid {text}40}}th{{border-bottom:2px solid {text}80}}",
            "grid": f"td,th{{border:1px solid {text}70}}",
            "zebra": f"tr:nth-child(even) td{{background:{box}}}",
            "head": f"th{{background:{accent};color:{ground}}}",
        }.get(self.ruled, "")
        align = "center" if self.centred else "left"
        return f"""
*{{box-sizing:border-box}} body{{margin:0;background:{ground};color:{text};
font:{self.size:.1f}px/{self.line:.2f} '{self.family.name}';text-align:{align}}}
main{{padding:{self.gap:.2f}em {rng.uniform(0.8, 2.5):.2f}em}} h1{{font-size:{
            large
        }em;margin:.2em 0 .4em;line-height:1.2;
color:{rng.choice((text, text, accent))};font-weight:{rng.choice((400, 700, 700))}}}
h2{{font-size:1.15em;margin:.5em 0 .2em}} p{{margin:.3em 0 {self.gap:.2f}em}} .note,.field-name{{opacity:.85}}
.box{{background:{box};border-radius:{self.radius}px;padding:.8em 1em;margin:{self.gap:.2f}em 0}}
table.grid{{border-collapse:collapse;{rng.choice(("", "width:100%"))}}}
td,th{{padding:{rng.uniform(0.1, 0.4):.2f}em .7em;text-align:{align}}}
{rules} .right td:last-child,.right th:last-child{{text-align:right}}
button,.button{{font:inherit;{button};border-radius:{self.radius}px;padding:.35em 1em;margin:.5em .4em 0 0}}
.field.line{{display:{rng.choice(("block", "block", "flex"))};justify-content:space-between;gap:1.5em}}
.field.above span{{display:block}} .field.above .field-value{{border:1px solid {text}60;
border-radius:{self.radius}px;padding:.15em .5em;margin-bottom:.4em}}
.tiles{{display:flex;flex-wrap:wrap;gap:.8em}} .tile{{background:{box};border-radius:{self.radius}px;
padding:.6em 1.2em}} .tile .value{{font-size:{rng.choice((1.2, 1.5, 1.8))}em;font-weight:700}}
.product{{display:flex;gap:1.2em}} .photo{{width:32%;min-height:6em;border-radius:{self.radius}px}}
.price{{font-size:1.2em}} .head{{border-bottom:1px solid {text}50;padding-bottom:.4em}}
nav{{background:{accent};color:{ground};padding:.4em 1em;display:flex;gap:1.4em}} nav b{{margin-right:auto}}
"""


def draw_page(rng: random.Random, split: str) -> Picture:
    """One page; what is too long for the picture is cut off below and not asked for."""
    for _ in range(TRIES):
        habits = Habits.choose(Words(rng, split))
        stated = Stated()
        width = rng.choice(WIDTHS)
        theme = Theme.choose(rng, split, width)
        html = build(rng, habits, theme, stated)
        shot = studio().shoot(html, (width, int(width * rng.uniform(0.55, 1.15))), rng.choice(SCALES),
                              whole=rng.random() < 0.7)  # fmt: skip
        if keeps_promise(shot):
            break
    held_out = habits.words.held_out_with(theme.family)
    return Picture(shot.image, "pages", "documents", shot.runs, questions_about(rng, split, stated, shot),
                   held_out=frozenset(held_out))  # fmt: skip


def keeps_promise(shot: Shot) -> bool:
    """Whether all print is large enough, and there is some and not too much of it."""
    side = max(shot.image.size)
    enough = all(run.cap * SIDE / side >= SMALLEST_CAP for run in shot.runs)
    return enough and 0 < len({run.line for run in shot.runs}) <= MOST_LINES


def build(rng: random.Random, habits: Habits, theme: Theme, stated: Stated) -> str:
    """The whole page."""
    kind = rng.choice(("paper", "paper", "paper", "article", "article", "table", "table", "product", "tiles",
                       "message", "form", "form"))  # fmt: skip
    body = {"paper": paper, "form": form}.get(kind)
    inner = body(rng, habits, stated) if body else BLOCKS[kind](habits, stated)
    if theme.boxed:
        inner = f"<div class=box>{inner}</div>"
    bar = ""
    if kind not in ("paper", "message") and rng.random() < 0.25:
        links = rng.sample(
            ("Home", "Shop", "News", "About", "Contact", "Help", "Blog", "Login"), rng.randrange(2, 4)
        )
        spans = "".join(tag("span", link, "menu") for link in links)
        bar = f"<nav>{tag('b', habits.words.last(), 'heading')}{spans}</nav>"
    return f"<!doctype html><style>{theme.css(rng)}</style>{bar}<main>{inner}</main>"


def paper(rng: random.Random, habits: Habits, stated: Stated) -> str:
    """A paper as `papers.compose` has it."""
    content = compose(habits.words)
    stated.title, stated.kind, stated.body = content.title, content.kind, content.body
    stated.issuer = list(content.issuer)
    parts = [f"<div>{escape(text)}</div>" for text in content.issuer]
    title = tag("h1", content.title, "title") if content.title else ""
    parts.insert(rng.choice((0, len(parts))), title)
    most = 9 if not content.items else rng.choice((0, 1, 2, 3))
    style = rng.choice(("line", "above", "table", "headed", "headed"))
    stated.entries = list(content.entries[:most])
    parts.append(fields(habits, stated.entries, style))
    if content.items:
        stated.items = list(content.items)
        rows = "".join("<tr>" + "".join(
            tag("td", text, role) for text, role in
            ((item.name, "item"), (item.quantity, "quantity"), (item.price, "price")) if text) + "</tr>"
            for item in content.items)  # fmt: skip
        parts.append(f"<table class='grid right'>{rows}</table>")
    for line in content.totals:
        parts.append(field_row(habits, line))
        stated.entries.append(line)
    stated.facts = list(content.facts)
    sentences = [fact.text for fact in content.facts] + list(content.sentences)
    if sentences:
        parts.append(tag("p", " ".join(sentences), "paragraph"))
    return "".join(parts)


def fields(habits: Habits, entries: list[Entry], style: str) -> str:
    """Fields below each other, in a table without a head, or side by side with their names above them."""
    if style == "headed":
        return headed(habits, entries)
    if style != "table":
        return "".join(field_row(habits, line, style) for line in entries)
    rows = "".join(
        f"<tr>{tag('td', line.label, 'field name')}{tag('td', line.value, 'field value')}</tr>"
        for line in entries
    )
    return f"<table class=grid>{rows}</table>"


def headed(habits: Habits, entries: list[Entry]) -> str:
    """Two or three names in a row, their values in the row below, and so on."""
    found, rest = [], list(entries)
    while rest:
        count = habits.rng.choice((2, 2, 3))
        while sum(max(len(line.label), len(line.value)) for line in rest[:count]) > BESIDE and count > 1:
            count -= 1
        row, rest = rest[:count], rest[count:]
        names = "".join(tag("td", line.label, "field name", WHOLE) for line in row)
        values = "".join(tag("td", line.value, "field value", WHOLE) for line in row)
        found.append(f"<table class=grid><tr>{names}</tr><tr>{values}</tr></table>")
    return "".join(found)


def form(rng: random.Random, habits: Habits, stated: Stated) -> str:
    """A form that someone has filled in, with a button."""
    content = compose(habits.words)
    while content.body != "fields":
        content = compose(habits.words)
    stated.kind, stated.entries = "form", list(content.entries[: rng.randrange(2, 7)])
    stated.title = content.title or habits.words.title(2)
    button = rng.choice(("Send", "Submit", "Save", "Next", "Sign Up", "Confirm", "Continue", "Apply"))
    stated.others.append((BUTTON, button, "button", {}))
    rows = fields(habits, stated.entries, rng.choice(("above", "headed", "line")))
    return f"{tag('h1', stated.title, 'title')}{rows}{tag('button', button, 'button')}"


def questions_about(rng: random.Random, split: str, stated: Stated, shot: Shot) -> tuple[Question, ...]:
    """Questions whose answers can be read on the picture."""
    said = " ".join(run.text for run in shot.runs)
    questions: list[Question] = []

    def add(phrasings, answer: str, kind: str, **filled: str) -> None:
        if kind in ("item count", "document kind", "absent") or answer in said:
            questions.append(ask(rng, split, phrasings, answer, "B", kind, **filled))

    stated.entries = [line for line in stated.entries if line.value in said]
    stated.items = [item for item in stated.items if item.name in said]
    for line in stated.entries:
        about_entry(rng, add, line, stated.entries)
    about_items(rng, add, stated, stated.items)
    for fact in stated.facts:
        for phrasings, filled, answer, sort in fact.asked:
            add(phrasings, answer, sort, x=filled)
    for phrasings, answer, kind, filled in stated.others:
        add(phrasings, answer, kind, **filled)
    rng.shuffle(questions)
    del questions[MOST - 3 :]
    if stated.title:
        add(TITLE, stated.title, "title")
    if stated.kind != "notes" and rng.random() < 0.4:
        add(rng.choice((KIND, WHAT)), with_article(stated.kind), "document kind")
    if rng.random() < 0.2 and stated.kind not in ("article", "e-mail", "table"):
        absent(rng, split, add, stated)
    if rng.random() < 0.15 or not questions:
        questions.append(without_experts(rng, split, "B"))
    return tuple(questions)
