"""python -m training.examples [FOLDER]: draws the example pictures and writes examples.json beside them.

Charts, papers and signs are those of training/visitor_pictures.py, as people's tools make them; the others
are drawn from a fixed seed of the test split, at twice the size they are looked at.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from training.pictures.drawing import Drawing, draw
from training.visitor_pictures import EXAMPLES as VISITORS
from training.visitor_pictures import Example as Visitor

SOURCE = 'drawn by training/pictures (domain "{domain}", test seed {seed})'
VISITOR_SOURCE = "drawn by training/visitor_pictures.py"
OWN = "Apache-2.0"
WITH_EMOJI = "Apache-2.0; things are Noto Emoji (Google, Apache-2.0)"


@dataclass(frozen=True)
class Example:
    """A question about a drawn picture; `kind` finds the answer and the experts among the drawing's own."""

    image: str
    domain: str
    seed: int
    kind: str
    question: str
    look_at: str


BY_NAME = {example.image: example for example in VISITORS}
# Charts, papers and signs as visitors have them; what else there is, as the first recipe draws it.
EXAMPLES: tuple[Example | Visitor, ...] = (
    Example("farm.png", "scenes", 1023, "animal", "What animal do you see?",
            "A natural scene: the router picks A. Ask for the place, too."),
    BY_NAME["receipt.png"],
    Example("horses.png", "objects", 1003, "count", "How many horses are there?",
            "Counting: C. Ask where the lion is: the box that the answer names is outlined on the picture."),
    BY_NAME["street_sign.png"],
    BY_NAME["chart.png"],
    Example("brain.png", "scans", 1004, "finding exists", "Is there a lesion?",
            "Drawn in the manner of a scan, no medical data: F."),
    Example("shapes.png", "shapes", 1003, "largest", "Which one is the largest?",
            "Shapes and outlines: G. Ask what colour the square is."),
    Example("winter.png", "scenes", 1021, "place", "Where is this?",
            "Place and things are A's; 'How many houses are there?' about the same picture needs C."),
    Example("chart_with_note.png", "mixed", 1003, "note", "What does the note say?",
            "Two kinds of reading in one picture: the note is D's."),
    Example("chart_with_note.png", "mixed", 1003, "long title", "Read the whole title.",
            "The same picture with another question: E and D together."),
    Example("form.png", "mixed", 1064, "field and stamp", "Tell me the name and the stamp.",
            "Two experts at once: B reads the field, D the stamp."),
    BY_NAME["invoice.png"],
    Example("night.png", "mixed", 1008, "place", "Where was it taken?",
            "A scene with a sign: the place is A's, the sign is D's."),
    BY_NAME["visitors.png"],
    BY_NAME["window.png"],
    BY_NAME["hills.png"],
)  # fmt: skip
# Questions at which the router hesitates: (image that is there, question, expert, answer, hint).
DOUBTFUL = (
    ("chart_with_note.png", "What is written on it?", "E", "Water Prices",
     "The router hesitates: the chart's words are E's, the note is D's. Ask it three ways."),
    ("form.png", "What is the red word?", "D", "Draft",
     "The router hesitates: a stamp is D's, a form's words are B's. The scale shows the second choice."),
    ("night.png", "What does it say?", "D", "Exit 30",
     "The router hesitates: the words on the sign are D's, the scene around it is A's."),
)  # fmt: skip
# Another question about a picture that is there: (image, question, expert, answer, hint).
PLACE = (
    "horses.png", "Where is the lion?", "C", "[0.27, 0.71, 0.45, 0.91]",
    "A place: C finds it, and the box that the answer names is outlined on the picture.",
)  # fmt: skip
# A turn that needs no expert at all, on the first picture.
GREETING = {
    "image": EXAMPLES[0].image,
    "question": "Who are you?",
    "experts": [],
    "answer": "I am a small demonstration model. I answer questions about pictures.",
    "look_at": "No expert is needed: the router answers none and every gate stays at zero.",
}


def row(example: Example, drawing: Drawing) -> dict:
    """The example as examples.json has it. Raises LookupError where the drawing has no such question."""
    found = [question for question in drawing.questions if question.kind == example.kind]
    if not found:
        raise LookupError(f"{example.domain} {example.seed} has no question of kind {example.kind!r}.")
    return {
        "image": example.image,
        "question": example.question,
        "experts": list(found[0].experts),
        "answer": found[0].answer,
        "source": SOURCE.format(domain=example.domain, seed=example.seed),
        "licence": WITH_EMOJI if drawing.boxes and example.domain != "shapes" else OWN,
        "look_at": example.look_at,
    }


def visitor_row(example: Visitor) -> dict:
    """A visitor's picture as examples.json has it."""
    return {
        "image": example.image,
        "question": example.question,
        "experts": list(example.experts),
        "answer": example.answer,
        "source": VISITOR_SOURCE,
        "licence": OWN,
        "look_at": example.look_at,
    }


def another_row(given: tuple[str, str, str, str, str]) -> dict:
    """Another question about a picture, without where that comes from."""
    image, question, expert, answer, look_at = given
    own = {"image": image, "question": question, "experts": [expert], "answer": answer}
    return own | {"source": "", "licence": "", "look_at": look_at}


def drawn(example: Example | Visitor) -> tuple[Image.Image, dict]:
    """An example's picture and its row."""
    if isinstance(example, Visitor):
        return example.draw(), visitor_row(example)
    drawing = draw(example.domain, example.seed, "test", scale=2)
    return drawing.image, row(example, drawing)


def write_examples(folder: Path) -> list[dict]:
    """Draw every picture into `folder` and write examples.json; returns its rows."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for example in EXAMPLES:
        image, written = drawn(example)
        image.save(folder / example.image, optimize=True)
        rows.append(written)
    sources = {written["image"]: {key: written[key] for key in ("source", "licence")} for written in rows}
    others = (*map(another_row, DOUBTFUL), GREETING, another_row(PLACE))
    rows += [more | sources[more["image"]] for more in others]
    text = json.dumps(rows, indent=2, ensure_ascii=False)
    (folder / "examples.json").write_text(text + "\n", encoding="utf-8")
    return rows


def main() -> None:
    """Write the examples into the folder given, by default the repository's."""
    parser = argparse.ArgumentParser(description="Draw the example pictures.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(__file__).parents[1] / "examples")
    options = parser.parse_args()
    rows = write_examples(options.folder)
    print(f"{len(rows)} examples written.")


if __name__ == "__main__":
    main()
