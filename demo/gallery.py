"""The example gallery: reads and checks examples.json, and draws the cards."""

import base64
import io
import json
from dataclasses import dataclass
from html import escape
from pathlib import Path

from PIL import Image

from demo.theme import EXPERT_COLOURS, INK_ON_EXPERT
from mova.errors import MovaError
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

    @property
    def skill(self) -> str:
        """The kind of expertise it shows, in words for people."""
        if len(self.experts) > 1:
            return f"{('two', 'three')[len(self.experts) - 2]} experts"
        return BY_LETTER[self.experts[0]].skill if self.experts else "no expert needed"


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


def gallery_html(examples: list[Example]) -> str:
    """Cards as buttons, one per example; a click carries the card's position."""
    cards = "".join(_card(position, example) for position, example in enumerate(examples))
    return f'<div class="mova-gallery" role="group" aria-label="Examples: one click asks">{cards}</div>'


def _card(position: int, example: Example) -> str:
    badges = "".join(
        f'<span class="mova-badge small" style="--c:{EXPERT_COLOURS[letter]};--i:{INK_ON_EXPERT[letter]}">'
        f"{letter}</span>"
        for letter in example.experts
    )
    return (
        f'<button type="button" class="mova-card" data-act="example" data-index="{position}"'
        f' title="{escape(example.look_at)}">'
        f'<span class="mova-thumb"><img src="{_thumbnail(example.path)}" alt=""><span>{badges}</span></span>'
        f'<span class="mova-card-text"><span class="mova-card-skill">{escape(example.skill)}</span>'
        f"<span>{escape(example.question)}</span></span></button>"
    )


def _thumbnail(path: Path) -> str:
    with Image.open(path) as picture:
        thumbnail = picture.convert("RGB")
    side = min(thumbnail.size)
    left, top = (thumbnail.width - side) // 2, (thumbnail.height - side) // 2
    thumbnail = thumbnail.crop((left, top, left + side, top + side)).resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    buffer = io.BytesIO()
    thumbnail.save(buffer, "WEBP", quality=80)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()
