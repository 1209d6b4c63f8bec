"""The example gallery: reads and checks examples.json, and draws the cards."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

from PIL import Image

from demo.panels.panel import badge
from demo.words import ENGLISH, Words
from mova.errors import MovaError
from mova.imaging.data_uri import data_uri_of
from mova.vision.experts.pool import BY_LETTER

THUMBNAIL_SIDE = 128  # pixels; drawn at half of that, so it stays sharp on dense screens
FIELDS = {
    "image": str, "question": str, "experts": list, "answer": str, "source": str, "licence": str,
    "look_at": str,
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    """One example: a picture with a question, the experts it is about and what to look at."""

    path: Path
    question: str
    experts: tuple[str, ...]
    answer: str
    source: str
    licence: str
    look_at: str
    trace: Path | None = None  # a recorded answer


def read_examples(folder: Path) -> list[Example]:
    """The examples of `folder`/examples.json in file order. Raises MovaError naming the row that is wrong."""
    listing = folder / "examples.json"
    if not listing.is_file():
        raise MovaError(f"{listing} is missing: the page needs its examples. Restore it from the repository.")
    return [_parse_example(folder, number, row) for number, row in enumerate(json.loads(listing.read_text()))]


def _parse_example(folder: Path, number: int, row: dict) -> Example:
    where = f"{folder / 'examples.json'}, example {number}"
    for name, kind in FIELDS.items():
        if not isinstance(row.get(name), kind):
            raise MovaError(
                f"{where}: '{name}' should be a {kind.__name__}, found {row.get(name)!r}. Correct it."
            )
    if unknown := [letter for letter in row["experts"] if letter not in BY_LETTER]:
        raise MovaError(f"{where}: unknown expert {unknown[0]!r}; letters are A to G. Correct it.")
    path = folder / Path(row["image"]).name
    if not path.is_file():
        raise MovaError(f"{where}: there is no picture {path}. Add it or remove the example.")
    texts = (
        row["question"],
        tuple(row["experts"]),
        row["answer"],
        row["source"],
        row["licence"],
        row["look_at"],
    )
    recorded = folder / trace_name(number, path)
    return Example(path, *texts, recorded if recorded.is_file() else None)


def trace_name(number: int, picture: Path) -> str:
    """The file of an example's recorded answer, beside its picture."""
    return f"{number:02d}-{picture.stem}.trace.json"


def skill_of(example: Example, say: Words) -> str:
    """The kind of expertise it shows, in words for people."""
    if len(example.experts) > 1:
        return say("gallery.two_experts" if len(example.experts) == 2 else "gallery.three_experts")
    return say(f"skill.{example.experts[0]}") if example.experts else say("gallery.no_expert")


def _texts(example: Example, say: Words) -> str:
    """The question as it is asked; over it what it means where the page speaks another language, else the
    kind of expertise."""
    meant, asked = say.told(example.question), escape(example.question)
    if meant == example.question:
        head, language = skill_of(example, say), ""
    else:
        head, language = meant, ' lang="en"'
    return f'<span class="mova-card-skill">{escape(head)}</span><span{language}>{asked}</span>'


def gallery_html(examples: Sequence[Example], say: Words = ENGLISH) -> str:
    """Cards in a strip, one per example: a large button that asks and a small one that takes the picture.

    A click carries the card's position. Tab passes the strip in one step and arrow keys walk it
    (assets/page/gallery.js).
    """
    cards = "".join(_card(position, example, say) for position, example in enumerate(examples))
    back, on = (_step(act, say) for act in ("prev", "next"))
    label = escape(say("gallery.label", count=len(examples)))
    return (
        f'<div class="mova-strip" data-more="after">{back}'
        f'<div class="mova-gallery" role="group" aria-label="{label}">{cards}</div>{on}</div>'
    )


def _step(act: str, say: Words) -> str:
    """A button that scrolls the strip; arrow keys do the same, so Tab need not stop here."""
    sign = "‹" if act == "prev" else "›"
    label = escape(say(f"gallery.{act}"))
    return (
        f'<button type="button" class="mova-step {act}" data-act="gallery-{act}" tabindex="-1"'
        f' aria-label="{label}" title="{label}">{sign}</button>'
    )


def _card(position: int, example: Example, say: Words) -> str:
    badges = "".join(badge(letter, "small") for letter in example.experts)
    use = escape(say("gallery.use"))
    meant, hint = (escape(say.told(text)) for text in (example.question, example.look_at))
    return (
        f'<div class="mova-card"><button type="button" class="mova-card-ask" data-act="example"'
        f' data-index="{position}" tabindex="{-1 if position else 0}" title="{hint}">'
        f'<span class="mova-thumb"><img src="{thumbnail(example.path)}" alt=""><span>{badges}</span></span>'
        f'<span class="mova-card-text">{_texts(example, say)}</span></button>'
        f'<button type="button" class="mova-card-use" data-act="use" data-index="{position}" tabindex="-1"'
        f' aria-label="{use}: {meant}" title="{use}">{use}</button></div>'
    )


@lru_cache(maxsize=64)
def thumbnail(path: Path) -> str:
    """The middle of a picture as a small WEBP, a data URI."""
    with Image.open(path) as picture:
        small = picture.convert("RGB")
    side = min(small.size)
    left, top = (small.width - side) // 2, (small.height - side) // 2
    small = small.crop((left, top, left + side, top + side)).resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return data_uri_of(small, "WEBP", quality=80)
