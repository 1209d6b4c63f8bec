"""`python -m mova.tiny.evaluation`: the embedded checkpoint on pictures it has never seen, per domain.

Test-split pictures (held-out seeds, word pairs and phrasings) go through the real engine; an answer is
right when it equals the expected one but for case and a final mark. Prints a Markdown table or JSON.
"""

import argparse
import io
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tqdm import tqdm

from mova.decoding import Decoding
from mova.engine import Engine, drain
from mova.images import CheckedImage, read_image
from mova.loading import embedded_checkpoint, load
from mova.tiny.pictures.drawing import DOMAINS, Drawing, Question, draw

MODES = {"router": None, "none": ()}
SHORT = Decoding(max_new_tokens=32)


@dataclass
class Score:
    """Counts of one domain: questions, exact routing sets, right answers; the same for held-out phrasings."""

    questions: int = 0
    routed: int = 0
    answered: int = 0
    unseen: int = 0
    unseen_routed: int = 0


def checked(drawing: Drawing) -> CheckedImage:
    """The drawn picture as a visitor's PNG."""
    buffer = io.BytesIO()
    drawing.image.save(buffer, "PNG")
    return read_image(buffer.getvalue())


def plain(text: str) -> str:
    """What two answers are compared by."""
    return text.strip().rstrip(".").lower()


def held_out(domain: str, count: int, per_picture: int) -> Iterator[tuple[Drawing, list[Question]]]:
    """Test pictures of a domain with some of their questions that have one right answer."""
    for seed in range(count):
        drawing = draw(domain, seed, "test")
        questions = [question for question in drawing.questions if question.kind != "describe"]
        random.Random(seed).shuffle(questions)
        yield drawing, questions[:per_picture]


def evaluate(engine: Engine, domain: str, pictures: int, per_picture: int, mode: str) -> Score:
    """Scores one domain with the router choosing (`router`) or the base encoder alone (`none`)."""
    score = Score()
    for drawing, questions in tqdm(held_out(domain, pictures, per_picture), domain, pictures, leave=False):
        image = checked(drawing)
        for question in questions:
            trace = drain(engine.answer(question.text, image, experts=MODES[mode], decoding=SHORT))
            routed = set(trace.routing.experts) == set(question.experts)
            score.questions += 1
            score.routed += routed
            score.answered += plain(trace.answer) == plain(question.answer)
            score.unseen += question.held_out
            score.unseen_routed += question.held_out and routed
    return score


def table(scores: dict[str, Score]) -> str:
    """The scores as a Markdown table."""
    lines = ["| domain | questions | routing exact | answers right |", "|---|---|---|---|"]
    for domain, score in scores.items():
        n = max(1, score.questions)
        routed, answered = f"{score.routed / n:.2f}", f"{score.answered / n:.2f}"
        lines.append(f"| {domain} | {score.questions} | {routed} | {answered} |")
    return "\n".join(lines)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m mova.tiny.evaluation", description=__doc__)
    parser.add_argument("--model", type=Path, default=embedded_checkpoint())
    parser.add_argument("--pictures", type=int, default=25, help="pictures per domain")
    parser.add_argument("--questions", type=int, default=2, help="questions per picture")
    parser.add_argument("--experts", choices=MODES, default="router")
    parser.add_argument("--domains", nargs="*", default=DOMAINS)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    engine = Engine(load(options.model))
    scores = {
        domain: evaluate(engine, domain, options.pictures, options.questions, options.experts)
        for domain in options.domains
    }
    print(json.dumps({d: asdict(s) for d, s in scores.items()}) if options.json else table(scores))


if __name__ == "__main__":
    main()
