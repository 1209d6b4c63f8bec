"""What the evaluation's tests ask, and answers written by hand."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from mova.evaluation.answers import Answer
from mova.evaluation.evaluate import evaluate

ASKED = [
    {
        "question_id": 1,
        "image": "a.png",
        "text": "what?",
        "answer": "x",
        "kind": "exact",
        "experts": ["E", "D"],
    },
    {"question_id": "two", "image": "sub/b.png", "text": "where?", "tags": ["new"], "category": "places"},
    {"question_id": 3, "image": "a.png", "text": "is it?", "answer": "Yes", "kind": "yes_no", "experts": []},
    {"question_id": 4, "image": None, "text": "who?", "category": "talk", "experts": ["A"]},
    {"question_id": 5, "image": "a.png", "text": "why?", "answers": ["1", 2], "kind": "relaxed"},
]


def draw_pictures(folder: Path) -> Path:
    """The folder with two pictures and a third, upright only by its EXIF mark: 40 x 30, shown as 30 x 40."""
    (folder / "sub").mkdir()
    values = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    for name in ("a.png", "sub/b.png"):
        Image.fromarray(values).save(folder / name)
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(values).save(folder / "turned.jpg", exif=turned)
    return folder


def write_lines(file: Path, lines: list) -> Path:
    """A file of these JSON values, one a line; texts are written as they are."""
    file.write_text("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
    return file


def answer(question_id, text="", experts=(), first_word=1.0, error=None, prompt="?") -> Answer:
    """An answer of a run in which every one takes two seconds."""
    return Answer(question_id, prompt, text, "m", tuple(experts), 2.0, first_word, error=error)


def evaluating(asked: Path, images: Path, loaded, monkeypatch, **fixed) -> Callable[..., dict]:
    """What evaluates `asked` with the options `fixed` and others, the checkpoint loaded already.

    Its `loads` are the options of every time that a checkpoint would have been loaded.
    """
    loads = []

    def load(*arguments, **options):
        loads.append(options)
        return loaded

    monkeypatch.setattr("mova.checkpoint.loading.load", load)

    def evaluated(**options) -> dict:
        return evaluate(asked, images, **{**fixed, "device": "cpu", "max_new_tokens": 3, **options})

    evaluated.loads = loads
    return evaluated
