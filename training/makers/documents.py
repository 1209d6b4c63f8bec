"""Papers drawn by Pillow: invoices, receipts, letters, tickets, forms, menus, cards, with natural spacing."""

import random
from dataclasses import dataclass, field, replace

from training.makers.document_questions import questions_about
from training.makers.flow import (
    FIELD_STYLES,
    SIDE,
    SMALLEST_CAP,
    Columns,
    Flow,
    entry_tab,
    faint,
    part,
    write_entry,
    write_items,
    write_total,
)
from training.makers.fonts import choose_family
from training.makers.papers import Paper, random_paper
from training.makers.records import Picture
from training.makers.surface import Colour, Hand, Surface, blend, is_dark, shade

SIZES = (
    (800, 600), (640, 480), (768, 768), (600, 800), (700, 900), (900, 700), (1000, 700), (800, 1000),
    (600, 600), (720, 540), (900, 600), (595, 842), (850, 1100), (1024, 768), (500, 700), (700, 500),
)  # fmt: skip
NARROW = ((420, 700), (380, 640), (480, 800), (400, 560), (520, 760), (360, 600))
CARDS = ((700, 440), (640, 400), (856, 540), (600, 380), (760, 480), (1000, 630))
PAPERS: tuple[tuple[Colour, Colour], ...] = (
    *(((255, 255, 255), (0, 0, 0)),) * 5,
    ((255, 255, 255), (40, 40, 45)), ((252, 252, 250), (30, 30, 30)), ((250, 247, 238), (45, 38, 30)),
    ((244, 247, 252), (25, 35, 80)), ((255, 250, 225), (60, 45, 20)), ((240, 248, 240), (20, 60, 35)),
    ((252, 240, 240), (90, 25, 35)), ((232, 234, 238), (30, 32, 38)), ((36, 40, 50), (235, 238, 242)),
    ((20, 40, 66), (245, 240, 225)), ((60, 52, 46), (246, 236, 215)),
)  # fmt: skip
BANDS = (
    (38, 84, 140), (150, 40, 50), (30, 110, 80), (90, 60, 140), (190, 105, 20), (60, 66, 76), (0, 0, 0),
    (0, 120, 140), (200, 60, 90), (70, 90, 30),
)  # fmt: skip
THANKS = ("Thank you!", "Thank you for your visit", "Have a nice day", "Please come again", "Goodbye!",
          "We hope to see you soon", "Page 1", "Page 1 of 2", "All prices include tax")  # fmt: skip


@dataclass
class Written:
    """What of a paper found room."""

    title: str = ""
    issuer: list = field(default_factory=list)
    entries: list = field(default_factory=list)
    items: list = field(default_factory=list)
    facts: list = field(default_factory=list)
    people: list = field(default_factory=list)


def draw_document(rng: random.Random, split: str) -> Picture:
    """One paper on one page."""
    words, paper = random_paper(rng, split)
    family = choose_family(rng, split)
    flow = open_page(rng, paper, family)
    written = Written()
    BODIES[paper.body](rng, flow, paper, written)
    crop_below(rng, flow)
    return Picture(
        flow.surface.image, "documents", "documents", tuple(flow.surface.runs),
        questions_about(rng, split, paper, written),
        held_out=frozenset(words.held_out_with(family)),
    )  # fmt: skip


def open_page(rng: random.Random, paper: Paper, family) -> Flow:
    """An empty page with its hand; capitals from the smallest allowed to about three times that."""
    sizes = SIZES
    if paper.kind in ("receipt", "bill", "menu", "shopping list", "to-do list") and rng.random() < 0.7:
        sizes = NARROW
    if paper.body in ("card", "business card") or paper.kind.endswith(("ticket", "pass")):
        sizes = CARDS if rng.random() < 0.75 else SIZES
    width, height = rng.choice(sizes)
    background, colour = rng.choice(PAPERS)
    background = shade(rng, background, 3)
    surface = Surface((width, height), background)
    view = SMALLEST_CAP * 1.04 * (2.6 ** (rng.random() ** 1.3))
    hand = Hand.of(family, view * max(width, height) / SIDE, colour)
    margin = rng.uniform(0.03, 0.1) * min(width, height)
    pitch = hand.regular.size * rng.uniform(1.25, 1.8)
    return Flow(
        surface, hand, margin, width - margin, margin * rng.uniform(0.4, 1.2), height - margin * 0.5, pitch
    )


def crop_below(rng: random.Random, flow: Flow) -> None:
    """Half of the pages end soon after their last line, as screenshots and cut-out pictures do."""
    surface = flow.surface
    last = max((run.box[3] for run in surface.runs), default=surface.height)
    end = int(last + flow.pitch * rng.uniform(0.4, 2.0))
    if rng.random() < 0.5 and surface.width / 3 < end < surface.height:
        surface.image = surface.image.crop((0, 0, surface.width, end))


def write_head(rng: random.Random, flow: Flow, paper: Paper, written: Written) -> None:
    """The issuer and the title: beside or below each other, on a coloured band, with a mark or without."""
    issuer = list(paper.issuer[: max(1, int(rng.random() * 5))])
    anchor = rng.choice("llmr" if paper.kind != "receipt" else "llmmm")
    first_issuer = bool(issuer) and rng.random() < 0.6
    ornament = rng.random()
    if ornament < 0.2:
        write_band(rng, flow, paper, written)
    elif ornament < 0.35:
        draw_logo(rng, flow)
    if first_issuer:
        write_issuer(rng, flow, issuer, written, anchor)
    if not written.title and paper.title:
        write_title(rng, flow, paper.title, written, rng.choice((anchor, "l")))
    if issuer and not first_issuer:
        write_issuer(rng, flow, issuer, written, anchor)
    if rng.random() < 0.35:
        flow.rule(faint(flow, rng.choice((0.3, 0.9))), rng.choice((1, 1, 2, 3)))
    flow.y += flow.pitch * rng.choice((0, 0.3, 0.6, 1.0))


def write_title(rng: random.Random, flow: Flow, title: str, written: Written, anchor: str) -> None:
    """The title, larger than the text where it fits."""
    factor = rng.choice((1.0, 1.2, 1.4, 1.7, 2.0))
    while factor > 1.0 and not flow.fits(title, flow.hand.bold.scaled(factor)):
        factor -= 0.1
    hand = flow.hand.scaled(max(1.0, factor))
    ink = hand.bold if rng.random() < 0.75 else hand.regular
    if rng.random() < 0.2 and not is_dark(flow.surface.background):
        ink = replace(ink, colour=rng.choice(BANDS))
    pitch, flow.pitch = flow.pitch, flow.pitch * max(1.0, factor)
    if flow.line(title, ink, "title", anchor):
        written.title = title
    flow.pitch = pitch


def write_band(rng: random.Random, flow: Flow, paper: Paper, written: Written) -> None:
    """A coloured band across the page with the title in it."""
    if not paper.title or not flow.fits(paper.title, flow.hand.bold.scaled(1.3)):
        return
    band = rng.choice(BANDS)
    high = flow.pitch * rng.uniform(1.5, 2.2)
    flow.surface.rectangle((0, 0, flow.surface.width, high), fill=band)
    ink = flow.hand.bold.scaled(rng.uniform(1.0, 1.3))
    ink = replace(ink, colour=(255, 255, 255) if is_dark(band) else (0, 0, 0))
    anchor = rng.choice("lm")
    x = flow.left if anchor == "l" else flow.surface.width / 2
    flow.surface.write(paper.title, x, (high + ink.cap) / 2, ink, "title", anchor=anchor)
    written.title = paper.title
    flow.y = high + flow.pitch * 0.4


def write_issuer(rng: random.Random, flow: Flow, issuer: list[str], written: Written, anchor: str) -> None:
    """Who the paper is from: the firm in bold, its address below."""
    for k, text in enumerate(issuer):
        ink = flow.hand.bold if k == 0 else flow.hand.regular
        if k == 0 and rng.random() < 0.4 and flow.fits(text, ink.scaled(1.3)):
            ink = ink.scaled(1.3)
        if flow.line(text, ink, "heading" if k == 0 else "paragraph", anchor):
            written.issuer.append(text)


def draw_logo(rng: random.Random, flow: Flow) -> None:
    """A mark in a corner, which says nothing."""
    side = flow.pitch * rng.uniform(1.2, 2.2)
    x = rng.choice((flow.left, flow.right - side))
    box = (x, flow.y, x + side, flow.y + side)
    draw = rng.choice((flow.surface.draw.ellipse, flow.surface.draw.rectangle))
    draw(box, fill=rng.choice(BANDS))
    inner = tuple(
        a + b for a, b in zip(box, (side * 0.25, side * 0.25, -side * 0.25, -side * 0.25), strict=True)
    )
    flow.surface.draw.ellipse(inner, fill=flow.surface.background)
    flow.y += side + flow.pitch * 0.3


def write_fields(rng: random.Random, flow: Flow, paper: Paper, written: Written) -> None:
    """Fields one a line, in two columns or in frames."""
    entries = list(paper.entries)
    style = rng.choice(FIELD_STYLES)
    arrangement = rng.random()
    if arrangement < 0.16 and flow.width > flow.hand.regular.size * 26:
        columns = two_columns(flow)
        for k, entry in enumerate(entries):
            column = columns[k % 2]
            if write_entry(column, entry, rng.choice(("above", "colon")) if k == 0 else "above", 0):
                written.entries.append(entry)
                column.y += column.pitch * 0.3
        flow.y = max(column.y for column in columns)
        return
    spread = rng.choice((0, 0, 0.2, 0.6))
    tab = entry_tab(flow, entries)
    ruled = rng.random() < 0.2
    for entry in entries:
        if write_entry(flow, entry, style, tab):
            written.entries.append(entry)
            flow.y += flow.pitch * spread
            if ruled:
                flow.surface.rule(flow.left, flow.right, flow.y - 2, faint(flow, 0.3))


def two_columns(flow: Flow) -> list[Flow]:
    """The left and the right half of what is left of the page."""
    middle, gap = (flow.left + flow.right) / 2, flow.hand.regular.size / 2
    return [part(flow, flow.left, middle - gap), part(flow, middle + gap, flow.right)]


def fields_page(rng: random.Random, flow: Flow, paper: Paper, written: Written) -> None:
    """Head and fields."""
    write_head(rng, flow, paper, written)
    write_fields(rng, flow, paper, written)
    write_foot(rng, flow, 0.15)


def items_page(rng: random.Random, flow: Flow, paper: Paper, written: Written) -> None:
    """Head, some fields, the list, what it comes to."""
    write_head(rng, flow, paper, written)
    most = rng.choice((0, 1, 2, 3, 4))
    write_fields(rng, flow, replace(paper, entries=paper.entries[:most]), written)
    flow.y += flow.pitch * rng.choice((0.2, 0.5, 1.0))
    last = len(paper.totals)
    bottom, flow.bottom = flow.bottom, flow.bottom - (last + 0.6) * flow.pitch
    names = rng.choice((("Item", "Qty", "Price"), ("Description", "Qty", "Amount"), ("Article", "No.",
        "Total"),
                        ("Product", "Pcs", "Price")))  # fmt: skip
    columns = Columns(
        rng.random() < 0.5, 0, rng.random() < 0.5, rng.choice(("none", "none", "rows", "zebra"))
    )
    written.items += write_items(flow, list(paper.items), columns, names)
    flow.bottom = bottom
    if written.items:
        if rng.random() < 0.6:
            flow.rule(faint(flow, 0.7), rng.choice((1, 2)), 0.15)
        style = rng.choice(("across", "across", "colon", "beside"))
        for k, entry in enumerate(paper.totals):
            if write_total(flow, entry, style, k == last - 1 and rng.random() < 0.7):
                written.entries.append(entry)
    write_foot(rng, flow, 0.3)


def menu_page(rng: random.Random, flow: Flow, paper: Paper, written: Written) -> None:
    """Dishes with prices, at the right or behind them."""
    write_head(rng, flow, paper, written)
    ruling = rng.choice(("none", "none", "rows"))
    if rng.random() < 0.3:
        for item in paper.items:
            behind = f"{item.name} {rng.choice(('', '', '- '))}{item.price}".replace("  ", " ")
            if flow.line(behind, flow.hand.regular, "item", rng.choice("llm")):
                written.items.append(item)
        return
    written.items += write_items(flow, list(paper.items), Columns(False, 0, False, ruling), ("", "", ""))
    write_foot(rng, flow, 0.2)


def list_page(rng: random.Random, flow: Flow, paper: Paper, written: Written) -> None:
    """Things to buy or to do, with marks, numbers or boxes before them."""
    write_head(rng, flow, replace(paper, issuer=()), written)
    mark = rng.choice(("", "- ", "* ", "number", "box"))
    for k, item in enumerate(paper.items):
        text = f"{item.quantity} {item.name}".strip()
        text = f"{k + 1}. {text}" if mark == "number" else text if mark == "box" else mark + text
        side = flow.hand.regular.cap
        indent = side * 2 if mark == "box" else 0
        if not flow.fits(text, flow.hand.regular, flow.width - indent) or not flow.has_room():
            continue
        if indent:
            top = flow.baseline(side) - side
            flow.surface.rectangle((flow.left, top, flow.left + side, top + side),
                                   outline=flow.hand.regular.colour, width=max(1, int(side / 9)))  # fmt: skip
        flow.line(text, flow.hand.regular, "item", x=flow.left + indent)
        written.items.append(item)


def hours_page(rng: random.Random, flow: Flow, paper: Paper, written: Written) -> None:
    """Hours with what happens then."""
    write_head(rng, flow, replace(paper, issuer=paper.issuer[:1]), written)
    behind = rng.random() < 0.3
    tab = flow.hand.regular.size * rng.uniform(3.6, 5)
    mark = rng.choice(("", "", ":", " -"))
    for item in paper.items:
        if not flow.has_room() or not flow.fits(item.name, flow.hand.regular, flow.width - 2 * tab):
            continue
        number, baseline = flow.surface.new_line(), flow.baseline(flow.hand.regular.cap)
        ends = ((item.price, flow.right, "r"), (item.name, flow.left, "l")) if behind else (
            (item.price + mark, flow.left, "l"), (item.name, flow.left + tab, "l"))  # fmt: skip
        for (text, x, anchor), role in zip(ends, ("price", "item"), strict=True):
            flow.surface.write(text, x, baseline, flow.hand.regular, role, line=number, anchor=anchor)
        flow.y += flow.pitch
        written.items.append(item)


def letter_page(rng: random.Random, flow: Flow, paper: Paper, written: Written) -> None:
    """Sender, a date or a title, the sentences, a name at the end."""
    if paper.title:
        write_head(rng, flow, replace(paper, issuer=paper.issuer[:1]), written)
        write_fields(rng, flow, paper, written)
    elif paper.issuer:
        write_issuer(rng, flow, list(paper.issuer), written, rng.choice("lr"))
        flow.y += flow.pitch * 0.6
    to, sender = paper.people
    greeted = rng.random() < 0.8 and flow.line(
        f"{rng.choice(('Dear', 'Dear', 'Hello', 'Hi'))} {to},", flow.hand.regular, "paragraph")  # fmt: skip
    sentences = [(fact.text, fact) for fact in paper.facts] + [(text, None) for text in paper.sentences]
    rng.shuffle(sentences)
    bottom, flow.bottom = flow.bottom, flow.bottom - 2.4 * flow.pitch
    own_lines = rng.random() < 0.5
    block: list = []
    for sentence in sentences:
        together = " ".join(text for text, _ in (*block, sentence))
        lines = len(flow.wrapped(together, flow.hand.regular))
        if flow.has_room(lines) and not own_lines:
            block.append(sentence)
        elif own_lines and flow.paragraph(sentence[0]):
            written.facts += [sentence[1]] if sentence[1] else []
            flow.y += flow.pitch * 0.3
    if block and flow.paragraph(" ".join(text for text, _ in block)):
        written.facts += [fact for _, fact in block if fact]
    flow.bottom = bottom
    flow.y += flow.pitch * 0.4
    closing = rng.choice(("Best regards,", "Yours sincerely,", "Kind regards", "Yours,", "See you soon,"))
    signed = flow.line(closing, flow.hand.regular, "paragraph")
    signed = signed and flow.line(sender, flow.hand.regular, "paragraph")
    written.people = [to if greeted else "", sender if signed else ""]


def card_page(rng: random.Random, flow: Flow, paper: Paper, written: Written) -> None:
    """A card with a picture of someone, who is only a shape."""
    write_head(rng, flow, replace(paper, issuer=paper.issuer[:1]), written)
    high = flow.bottom - flow.y
    side = min(high * 0.8, flow.width * 0.28)
    if side > 40 and rng.random() < 0.7:
        x = flow.left if rng.random() < 0.6 else flow.right - side
        box = (x, flow.y, x + side, flow.y + side * 1.2)
        flow.surface.rectangle(box, fill=blend(flow.surface.background, rng.choice(BANDS), 0.3))
        middle, skin = x + side / 2, rng.choice(((224, 180, 150), (160, 110, 80), (240, 205, 180)))
        flow.surface.draw.ellipse((middle - side * 0.2, flow.y + side * 0.2, middle + side * 0.2,
                                   flow.y + side * 0.65), fill=skin)  # fmt: skip
        flow.surface.draw.pieslice((middle - side * 0.4, flow.y + side * 0.7, middle + side * 0.4,
                                    flow.y + side * 1.7), 180, 360, fill=rng.choice(BANDS))  # fmt: skip
        gap = side * 1.12
        flow.left, flow.right = (
            (flow.left + gap, flow.right) if x == flow.left else (flow.left, flow.right - gap)
        )
    write_fields(rng, flow, paper, written)


def business_card_page(rng: random.Random, flow: Flow, paper: Paper, written: Written) -> None:
    """A name, what its owner does, and where to reach them, without words before them."""
    anchor = rng.choice("llmr")
    flow.y += flow.pitch * rng.uniform(0, 1.5)
    lines = [(text, "heading", None) for text in paper.issuer[:1]]
    lines.insert(rng.choice((0, len(lines))), (paper.people[0], "title", None))
    lines += [(entry.value, "field value", entry) for entry in paper.entries]
    for text, role, entry in lines:
        hand = flow.hand.scaled(rng.uniform(1.1, 1.4)) if role == "title" else flow.hand
        ink = hand.bold if role != "field value" else hand.regular
        if flow.line(text, ink, role, anchor):
            if role == "title":
                written.people = [text, ""]
            elif entry:
                written.entries.append(entry)
            else:
                written.issuer.append(text)
        if role != "field value":
            flow.y += flow.pitch * rng.choice((0, 0.4))


def write_foot(rng: random.Random, flow: Flow, share: float) -> None:
    """A last line now and then."""
    if rng.random() < share:
        flow.y += flow.pitch * 0.4
        flow.line(rng.choice(THANKS), flow.hand.regular, "note", rng.choice("lm"))


BODIES = {
    "fields": fields_page, "items": items_page, "amounts": items_page, "menu": menu_page, "list": list_page,
    "hours": hours_page, "letter": letter_page, "card": card_page, "business card": business_card_page,
}  # fmt: skip
