"""`python -m training.kept_apart.examination FOLDER --modules node_modules`: pictures of other makers.

Writes pictures and `questions.jsonl` for `python -m mova evaluate`. Part (a) is drawn by makers that training
never imports: charts by ECharts and Vega-Lite (`npm install echarts@5 vega@5 vega-lite@5` makes the folder
node_modules), papers by LibreOffice (Debian: libreoffice-writer-nogui, poppler-utils), signs and shapes as
SVG, and seventeen unfamiliar kinds. Part (b) is drawn by training's own makers in the styles, fonts, words
and phrasings that are kept for judging. `python -m training.kept_apart.rows` then prints the table.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from training.kept_apart import oddities, office, plates
from training.kept_apart.plots import SCRIPTS, Plotter
from training.makers.browser import studio
from training.makers.catalogue import draw
from training.makers.chart_questions import MORE_HIGHEST, MORE_LOWEST, MORE_TITLE, MORE_VALUE, PART_NAMES
from training.makers.records import Picture
from training.pictures.asking import ask
from training.pictures.charts import HIGHEST, KIND, LOWEST, TITLE, VALUE
from training.pictures.documents import ABSENT_ANSWER
from training.pictures.records import Question
from training.pictures.unfamiliar import SMALL_ANSWER, UNKNOWN_ANSWER, UNREAD_ANSWER

PARTS = ("a", "b")
FIRST_SEED = 900_000  # training's stock has lower ones
CANNOT = (
    UNKNOWN_ANSWER, SMALL_ANSWER, UNREAD_ANSWER, ABSENT_ANSWER, "I cannot tell that from this picture.",
)  # fmt: skip
# Pictures of each maker of part (a) for --pictures 100, and of those of part (b).
APART = {"echarts": 1.25, "vega": 1.25, "office": 1.0, "plates": 1.0, "figures": 1.8, "oddities": 0.7}
HELD_OUT = {"charts": 1.5, "documents": 0.5, "pages": 0.5, "signs": 0.6, "windows": 0.5}
NEEDS_NPM = tuple(SCRIPTS)


def drawn_apart(maker: str, numbers: range, modules: Path | None, folder: Path) -> Iterator[Picture]:
    """The pictures of these numbers by a maker of part (a)."""
    if maker in SCRIPTS:
        plotter = Plotter(studio(), modules, maker)
        for k in numbers:
            yield plotter.draw(random.Random(f"{maker} {k}"))
    elif maker == "office":
        yield from office.draw_papers(maker, numbers, folder)
    else:
        draw_one = {"plates": plates.draw_sign, "figures": plates.draw_shapes}.get(maker)
        for k in numbers:
            rng = random.Random(f"{maker} {k}")
            if draw_one:
                yield draw_one(rng, studio())
            else:
                yield oddities.draw_oddity(rng, list(oddities.KINDS)[k % len(oddities.KINDS)])


def asked(rng: random.Random, picture: Picture) -> list[tuple[str, Question]]:
    """(row, question): what the table of results has a row for."""
    if picture.domain == "charts":
        return list(asked_of_chart(rng, picture))
    rows = {
        "documents": lambda q: {"title": "title", "document kind": "kind", "absent": "absent"}.get(
            q.kind, "field"
        ),
        "signs": lambda q: "read",
        "windows": lambda q: "what it shows",
        "shapes": lambda q: q.kind if q.kind in ("colour", "largest") else "others",
        "unfamiliar": lambda q: "cannot tell",
    }
    most = {"documents": 4, "signs": 2, "windows": 3, "shapes": 4, "unfamiliar": 2}[picture.domain]
    chosen = [q for q in picture.questions if q.experts or q.kind == "unknown"]
    chosen = [q for q in chosen if q.kind not in ("describe", "what", "sort")]
    if picture.domain == "shapes":
        chosen.sort(key=lambda q: q.kind not in ("colour", "largest"))
        chosen = [q for k, q in enumerate(chosen) if q.kind != "colour" or k == 0]
    else:
        rng.shuffle(chosen)
        chosen.sort(key=lambda q: q.kind in ("absent", "document kind"))
    return [(f"{picture.domain}: {rows[picture.domain](q)}", q) for q in chosen[:most]]


def asked_of_chart(rng: random.Random, picture: Picture) -> Iterator[tuple[str, Question]]:
    """Title, kind, highest, lowest and two values."""
    table = picture.table
    part = PART_NAMES[table.kind]

    def one(row: str, ways, answer: str, kind: str, **filled: str) -> tuple[str, Question]:
        return f"charts: {row}", ask(rng, "test", rng.choice(ways), answer, "E", kind, p=part, **filled)

    if table.title:
        yield one("title", (TITLE, MORE_TITLE), table.title, "title")
    yield one("kind", (KIND,), table.spoken, "chart kind")
    if len(table.series) > 1:
        return
    values, names = table.values[0], table.categories
    yield one("highest", (HIGHEST, MORE_HIGHEST), names[values.index(max(values))], "highest")
    yield one("lowest", (LOWEST, MORE_LOWEST), names[values.index(min(values))], "lowest")
    if table.kind != "pie" or table.labelled:
        row = "values, labelled" if table.labelled else "values, unlabelled"
        for k in rng.sample(range(len(names)), 2):
            yield one(row, (VALUE, MORE_VALUE), table.written[0][k], "value", x=names[k])


def accepted(question: Question, picture: Picture) -> list[str]:
    """All answers that are right."""
    answer = question.answer
    if question.kind == "unknown":
        return list(CANNOT)
    if question.kind == "chart kind" and picture.table.kind.endswith(" bar"):
        return [answer, "a bar chart"]
    if question.kind == "value":
        plain = answer.strip("$%kM").replace(",", "")
        return list(dict.fromkeys((answer, answer.strip("$%"), answer.replace(",", ""), plain)))
    return [answer]


def rows_of(part: str, name: str, picture: Picture, questions: list[tuple[str, Question]]) -> Iterator[dict]:
    """The lines of the question file about one picture."""
    for number, (row, question) in enumerate(questions):
        tags = [f"{part} {row}", f"{part} maker: {picture.maker}"]
        tags.append("held-out phrasing" if question.held_out else "seen phrasing")
        tags += [f"held-out {what}" for what in sorted(picture.held_out)]
        if row == "documents: field" and sum(letter.isdigit() for letter in question.answer) >= 2:
            tags.append(f"{part} documents: exact number")
        yield {
            "question_id": f"{name.rpartition('.')[0]}-{number}",
            "image": name,
            "text": question.text,
            "kind": "relaxed" if question.kind == "value" else "exact",
            "answers": accepted(question, picture),
            "category": f"{part} {picture.domain}",
            "experts": list(question.experts),
            "tags": tags,
        }


def pictures(part: str, size: int, modules: Path | None, folder: Path, first: int = 0) -> Iterator[Picture]:
    """All pictures of a part; from number `first` on of each maker."""
    if part == "a":
        for maker, share in APART.items():
            if modules or maker not in NEEDS_NPM:
                numbers = range(first, first + round(size * share))
                yield from drawn_apart(maker, numbers, modules, folder / "papers")
    else:
        for maker, share in HELD_OUT.items():
            for k in range(round(size * share)):
                yield draw(maker, FIRST_SEED + first + k, "test")


def write_examination(
    folder: Path,
    size: int,
    modules: Path | None,
    form: str = "png",
    first: int = 0,
    parts: Sequence[str] = PARTS,
) -> Path:
    """Draws the parts into `folder`; returns the question file."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "questions.jsonl"
    with target.open("w", encoding="utf-8") as file:
        for part in parts:
            for number, picture in enumerate(pictures(part, size, modules, folder, first), first):
                name = f"{part}-{picture.maker.replace(' ', '-')}-{number:04d}.{form}"
                save(picture.image, folder / name)
                rng = random.Random(name)
                for row in rows_of(part, name, picture, asked(rng, picture)):
                    file.write(json.dumps(row) + "\n")
    return target


def save(image: Image.Image, target: Path) -> None:
    """PNG as it is, or WebP nearly so."""
    image.save(target, **({"quality": 85, "method": 4} if target.suffix == ".webp" else {}))


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.kept_apart.examination", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--modules", type=Path, help="npm's node_modules with echarts, vega and vega-lite")
    parser.add_argument("--pictures", type=int, default=100, help="about so many of each maker")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument(
        "--first",
        type=int,
        default=0,
        help="number of each maker's first picture (other ones: from twice --pictures on)",
    )
    parser.add_argument("--form", choices=("png", "webp"), default="png")
    options = parser.parse_args(arguments)
    print(
        write_examination(
            options.folder, options.pictures, options.modules, options.form, options.first, options.parts
        )
    )


if __name__ == "__main__":
    main()
