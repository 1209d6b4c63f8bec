"""Papers set by LibreOffice Writer: flat OpenDocument text -> PDF -> picture, in layouts of their own."""

import random
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PIL import Image

from training.makers.document_questions import questions_about
from training.makers.documents import Written
from training.makers.fields import Habits
from training.makers.fonts import choose_family
from training.makers.letters import some_facts
from training.makers.papers import Item, Paper, entry
from training.makers.records import Picture
from training.makers.thing_words import FOODS, GOODS
from training.makers.words import Words

PAGES = ((148, 105), (160, 120), (148, 148), (148, 180), (180, 120), (130, 160), (200, 140))  # mm
POINTS = 0.096  # size of text per mm of the longer side: capitals a little over 12 px at 768
DOTS = (96, 110, 130, 150)
KINDS = {
    "invoice": ("invoice number", "date", "customer", "due", "order number", "account"),
    "certificate": ("name", "subject", "date", "grade", "city", "teacher"),
    "report": ("project", "author", "date", "status", "department", "score"),
    "form": ("name", "birth", "address", "city", "phone", "mail", "country"),
    "booking": ("guest", "arrival", "leaving", "room", "booking", "total", "phone"),
    "contract": ("name", "company", "date", "duration", "price", "deposit"),
    "prescription": ("patient", "birth", "doctor", "date", "reference"),
    "ticket": ("passenger", "from", "to", "date", "departs", "seat", "price"),
    "order": ("order number", "date", "supplier", "delivery", "payment"),
    "membership card": ("member", "card", "expires", "city", "phone"),
    "payslip": ("employee", "department", "date", "salary", "tax", "account"),
    "warranty card": ("product", "model", "serial", "date", "customer", "duration"),
}
INKS = ("#000000", "#000000", "#1f1f1f", "#1b2a49", "#3a1f1f")
SHADES = ("#dddddd", "#cfe2f3", "#d9ead3", "#fff2cc", "#f4cccc", "#eeeeee")


@dataclass(frozen=True)
class Office:
    """One paper before it is set: its content, what is on it, and its flat OpenDocument text."""

    paper: Paper
    written: Written
    text: str
    dots: int
    held_out: frozenset[str]


def compose(rng: random.Random) -> Office:
    """A paper in one of LAYOUTS."""
    words = Words(rng, "test")
    habits, family = Habits.choose(words), choose_family(rng, "test", named=True)
    layout = rng.choice(list(LAYOUTS))
    kind = rng.choice(list(KINDS) if layout != "goods" else ["invoice", "order"])
    keys = KINDS[kind]
    entries = tuple(entry(habits, key) for k, key in enumerate(keys) if k < 3 or rng.random() < 0.6)
    title = f"{kind.title()} {words.word().capitalize()}" if rng.random() < 0.25 else kind.title()
    paper = Paper(
        "letter" if layout == "letter" else kind, title, "fields", issuer=(words.company(),), entries=entries
    )
    written = Written(title=title, issuer=[paper.issuer[0]], entries=list(entries))
    page = rng.choice(PAGES)
    size = POINTS * max(page) * rng.choice((1.0, 1.0, 1.15, 1.3))
    body = LAYOUTS[layout](rng, habits, paper, written)
    held_out = ({"font"} if family.kept else set()) | ({"words"} if words.kept_used else set()) | {"maker"}
    text = document(rng, body, family.name, size, page)
    return Office(paper, written, text, rng.choice(DOTS), frozenset(held_out))


def p(text: str, style: str = "text") -> str:
    """A paragraph; the text may hold elements."""
    return f'<text:p text:style-name="{style}">{text}</text:p>'


def bold(text: str) -> str:
    """A part in bold."""
    return f'<text:span text:style-name="strong">{escape(text)}</text:span>'


def grid(rows: list[list[str]], style: str = "cell", widths: tuple[int, ...] = ()) -> str:
    """A table of rows of paragraphs."""
    columns = "".join(f'<table:table-column table:style-name="width{w}"/>' for w in widths) or (
        f'<table:table-column table:number-columns-repeated="{len(rows[0])}"/>'
    )
    cells = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell table:style-name="{style}">{cell}</table:table-cell>' for cell in row)
        + "</table:table-row>"
        for row in rows
    )
    return f"<table:table>{columns}{cells}</table:table>"


def ruled_table(rng: random.Random, habits: Habits, paper: Paper, written: Written) -> str:
    """Firm at the right, the title below a line, the fields in a table with all its lines."""
    rows = [[p(bold(line.label)), p(escape(line.value))] for line in paper.entries]
    return p(escape(paper.issuer[0]), "right") + p(escape(paper.title), "title") + grid(rows)


def tabbed(rng: random.Random, habits: Habits, paper: Paper, written: Written) -> str:
    """Names, then values at a tab stop; a rule below the title."""
    mark = rng.choice(("", ":"))
    lines = [
        p(f"{escape(line.label)}{mark}<text:tab/>{escape(line.value)}", "tabbed") for line in paper.entries
    ]
    return p(escape(paper.title), "ruled") + "".join(lines) + p(escape(paper.issuer[0]), "right")


def sentences(rng: random.Random, habits: Habits, paper: Paper, written: Written) -> str:
    """A letter in justified text, the firm centred at the top."""
    to, sender = (f"{habits.words.first()} {habits.words.last()}" for _ in range(2))
    written.entries, written.facts = [], some_facts(habits, rng.choice((2, 3)))
    written.people = [to, sender]
    written.title = ""
    said = [fact.text for fact in written.facts] + [habits.words.sentence(rng.randrange(5, 10))]
    head = p(escape(paper.issuer[0]), "centred") + p(f"To {escape(to)}") + p("")
    return head + p(escape(" ".join(said)), "justified") + p("") + p("Kind regards") + p(escape(sender))


def boxes(rng: random.Random, habits: Habits, paper: Paper, written: Written) -> str:
    """A form of framed cells, each with a small name above its value, two beside each other."""
    cells = [p(escape(line.label), "small") + p(escape(line.value)) for line in paper.entries]
    cells += [""] * (len(cells) % 2)
    return p(escape(paper.title), "title") + grid([cells[k : k + 2] for k in range(0, len(cells), 2)])


def goods(rng: random.Random, habits: Habits, paper: Paper, written: Written) -> str:
    """Some fields in running text, then a list with lines, amounts at the right, the sum in bold."""
    ware = rng.choice((GOODS, FOODS))
    names = list(dict.fromkeys(habits.words.thing(ware) for _ in range(rng.randrange(2, 6))))
    items, total = [], 0.0
    for name in names:
        cost = round(rng.uniform(1, 400), habits.money.decimals)
        total += cost
        items.append(Item(name, "", habits.money.write(cost)))
    total_entry = entry(habits, "total", habits.money.write(total))
    entries = list(paper.entries[:3])
    written.items, written.entries = items, [line for line in entries if line.key != "total"] + [total_entry]
    head = "".join(p(f"{bold(line.label)} {escape(line.value)}") for line in written.entries[:-1])
    rows = [[p(escape(item.name)), p(escape(item.price), "right")] for item in items]
    rows.append([p(bold(total_entry.label)), p(bold(total_entry.value), "right")])
    return p(escape(paper.title), "title") + head + grid(rows, rng.choice(("cell", "under")))


def inline(rng: random.Random, habits: Habits, paper: Paper, written: Written) -> str:
    """Centred: each name in bold before its value, the firm below."""
    style = rng.choice(("centred", "text"))
    lines = [p(f"{bold(line.label + ':')} {escape(line.value)}", style) for line in paper.entries]
    return p(escape(paper.title), "banner") + "".join(lines) + p(escape(paper.issuer[0]), style)


LAYOUTS: dict[str, Callable[[random.Random, Habits, Paper, Written], str]] = {
    "ruled table": ruled_table, "tabbed": tabbed, "letter": sentences, "boxes": boxes, "goods": goods,
    "inline": inline,
}  # fmt: skip


def document(rng: random.Random, body: str, font: str, size: float, page: tuple[int, int]) -> str:
    """The flat OpenDocument file."""
    ink, shade = rng.choice(INKS), rng.choice(SHADES)
    gap = rng.uniform(0.5, 2.2)

    def style(name: str, paragraph: str = "", letters: str = "", points: float = size) -> str:
        return (f'<style:style style:name="{name}" style:family="paragraph">'
                f'<style:paragraph-properties fo:margin-bottom="{gap:.1f}mm" {paragraph}/>'
                f'<style:text-properties style:font-name="face" fo:font-size="{points:.1f}pt" '
                f'fo:color="{ink}" {letters}/></style:style>')  # fmt: skip

    heavy = 'fo:font-weight="bold"'
    tab = f'<style:tab-stops><style:tab-stop style:position="{page[0] * 0.36:.0f}mm"/></style:tab-stops>'
    tabbed_style = style("tabbed").replace(
        "/><style:text", f">{tab}</style:paragraph-properties><style:text", 1
    )
    styles = "".join((
        style("text"), style("right", 'fo:text-align="end"'), style("centred", 'fo:text-align="center"'),
        style("justified", 'fo:text-align="justify"'), tabbed_style,
        style("small", "", 'fo:font-style="italic"'),
        style("title", "", heavy, size * rng.choice((1.3, 1.6))),
        style("ruled", 'fo:border-bottom="1pt solid #000000"', heavy, size * 1.3),
        style("banner", f'fo:background-color="{shade}" fo:text-align="center" fo:padding="1mm"', "",
              size * 1.4),
    ))  # fmt: skip
    cells = (f'<style:style style:name="cell" style:family="table-cell"><style:table-cell-properties '
             f'fo:border="0.6pt solid {ink}" fo:padding="1mm"/></style:style>'
             '<style:style style:name="under" style:family="table-cell"><style:table-cell-properties '
             f'fo:border-bottom="0.6pt solid {ink}" fo:padding="0.8mm"/></style:style>')  # fmt: skip
    spaces = " ".join(f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"' for short, long in (
        ("office", "office"), ("style", "style"), ("text", "text"), ("table", "table"),
        ("fo", "xsl-fo-compatible"), ("svg", "svg-compatible")))  # fmt: skip
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {spaces} office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:font-face-decls><style:font-face style:name="face" svg:font-family="'{font}'"/>
</office:font-face-decls>
<office:automatic-styles><style:page-layout style:name="page"><style:page-layout-properties
 fo:page-width="{page[0]}mm" fo:page-height="{page[1]}mm" fo:margin="{rng.randrange(6, 14)}mm"/>
</style:page-layout>{styles}
<style:style style:name="strong" style:family="text"><style:text-properties {heavy}/></style:style>{cells}
</office:automatic-styles><office:master-styles><style:master-page style:name="Standard"
 style:page-layout-name="page"/></office:master-styles>
<office:body><office:text>{body}</office:text></office:body></office:document>"""


def set_papers(papers: list[Office], folder: Path) -> list[tuple[Image.Image, str]]:
    """The papers' first pages as pictures, and their text, through LibreOffice and poppler in `folder`.

    Raises FileNotFoundError where one of the two is not installed (Debian: libreoffice-writer-nogui and
    poppler-utils), CalledProcessError where it fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"paper-{k:04d}.fodt" for k in range(len(papers))]
    for file, paper in zip(files, papers, strict=True):
        file.write_text(paper.text, encoding="utf-8")
    profile = f"-env:UserInstallation=file://{(folder / 'profile').resolve()}"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
        *map(str, files),
    ]
    subprocess.run(command, check=True, capture_output=True)
    pages = []
    for file, paper in zip(files, papers, strict=True):
        target = file.with_suffix("")
        options = ["-png", "-r", str(paper.dots), "-f", "1", "-l", "1", "-singlefile"]
        subprocess.run(["pdftoppm", *options, str(file.with_suffix(".pdf")), str(target)], check=True)
        command = ["pdftotext", "-f", "1", "-l", "1", str(file.with_suffix(".pdf")), "-"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        with Image.open(target.with_suffix(".png")) as picture:
            pages.append((picture.convert("RGB"), " ".join(said.split())))
    return pages


def draw_papers(seed: str, numbers: range, folder: Path) -> list[Picture]:
    """The papers of these numbers, each with questions that its first page answers."""
    rngs = [random.Random(f"{seed} {k}") for k in numbers]
    papers = [compose(rng) for rng in rngs]
    pictures = []
    for rng, office, (image, said) in zip(rngs, papers, set_papers(papers, folder), strict=True):
        questions = tuple(
            question
            for question in questions_about(rng, "test", office.paper, office.written)
            if question.kind in ("absent", "document kind", "item count") or question.answer in said
        )
        pictures.append(Picture(image, "office", "documents", (), questions, held_out=office.held_out))
    return pictures
