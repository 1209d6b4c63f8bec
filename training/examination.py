"""`python -m training.examination FOLDER`: the small model's examination, pictures it was never trained on.

Writes PNGs and `questions.jsonl` for `python -m mova evaluate`. Seeds, word pairs, fonts and every second
phrasing are kept apart from training; tags say which of them a question is asked in or its answer holds.
"""

import argparse
import json
import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from training.pictures.drawing import DOMAINS, Drawing, Question, draw
from training.pictures.words import is_kept_apart

FIRST_SEED = 100_000  # the examples and the tests of the pictures use lower ones
UNSCORED = ("describe",)  # many descriptions are right


def held_out(
    domain: str, pictures: int, per_picture: int, first: int = FIRST_SEED
) -> Iterator[tuple[int, Drawing, list[Question]]]:
    """(seed, picture, its questions to ask) of a domain's test split, seeds from `first` on."""
    for seed in range(first, first + pictures):
        drawing = draw(domain, seed, "test")
        questions = list(drawing.questions)
        random.Random(seed).shuffle(questions)
        yield seed, drawing, questions[:per_picture]


def rule_and_answer(question: Question) -> tuple[str | None, object]:
    """How `python -m mova evaluate` scores an answer, and the answer; neither where none is the right one."""
    if question.kind in UNSCORED:
        return None, None
    if question.kind == "box":
        return "box", [float(part) for part in question.answer.strip("[]").split(",")]
    return "relaxed" if question.kind == "value" else "exact", question.answer


def tags_of(domain: str, drawing: Drawing, question: Question) -> list[str]:
    """What a question tests."""
    words = question.answer.split()
    tags = [f"{domain}: {question.kind}", "held-out phrasing" if question.held_out else "seen phrasing"]
    tags += [f"held-out {part}" for part in sorted(drawing.held_out)]
    if any(is_kept_apart(a, b) for a, b in pairwise(words)):
        tags.append("held-out words")
    return tags


def rows_of(domain: str, seed: int, drawing: Drawing, questions: list[Question]) -> Iterator[dict]:
    """The lines of the question file about one picture."""
    for number, question in enumerate(questions):
        kind, answer = rule_and_answer(question)
        yield {
            "question_id": f"{domain}-{seed}-{number}",
            "image": f"{domain}-{seed}.png",
            "text": question.text,
            "kind": kind,
            "category": domain,
            "experts": list(question.experts),
            "tags": tags_of(domain, drawing, question),
        } | ({} if answer is None else {"answer": answer})


def write_questions(folder: Path, domains: tuple[str, ...], pictures: int, per_picture: int) -> Path:
    """Draws the pictures into `folder` and writes `questions.jsonl` beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "questions.jsonl"
    with target.open("w", encoding="utf-8") as file:
        for domain in domains:
            for seed, drawing, questions in held_out(domain, pictures, per_picture):
                drawing.image.save(folder / f"{domain}-{seed}.png")
                for row in rows_of(domain, seed, drawing, questions):
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return target


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.examination", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pictures", type=int, default=150, help="pictures per domain")
    parser.add_argument("--questions", type=int, default=2, help="questions per picture")
    parser.add_argument("--domains", nargs="*", choices=DOMAINS, default=DOMAINS, metavar="DOMAIN")
    options = parser.parse_args(arguments)
    print(write_questions(options.folder, tuple(options.domains), options.pictures, options.questions))


if __name__ == "__main__":
    main()
