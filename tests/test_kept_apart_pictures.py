"""The stored pictures of makers kept apart: few enough to keep, and something for every row."""

import json
from collections import Counter
from pathlib import Path

from mova.evaluation.questions import read_questions
from mova.images import read_image
from training.kept_apart.choice import SHARES, choose
from training.kept_apart.rows import BARS

FOLDER = Path(__file__).parent / "kept_apart"
MOST_BYTES = 4_000_000


def lines():
    return [
        json.loads(line) for line in (FOLDER / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def test_two_hundred_pictures_lie_in_less_than_four_megabytes():
    files = list(FOLDER.iterdir())
    assert (
        len([file for file in files if file.suffix == ".webp"]) == len(lines()) == sum(SHARES.values()) == 200
    )
    assert sum(file.stat().st_size for file in files) < MOST_BYTES


def test_each_has_a_question_with_an_answer_and_its_experts():
    questions = read_questions(FOLDER / "questions.jsonl", FOLDER)
    assert Counter(question.category for question in questions) == SHARES
    assert len({question.image for question in questions}) == len(questions)
    for question in questions:
        assert question.target and question.experts is not None
        assert min(read_image(question.image).pixels.size) >= 100


def test_every_row_with_a_bar_is_asked():
    asked = Counter(tag[2:] for line in lines() for tag in line["tags"] if tag.startswith("a "))
    assert set(BARS) <= set(asked)
    assert min(asked[row] for row in BARS) >= 5


def test_a_choice_covers_rows_evenly():
    given = [
        {
            "category": "a charts",
            "image": f"{k}.png",
            "question_id": f"{k}-{row}",
            "tags": [f"a charts: {row}"],
        }
        for k in range(100)
        for row in ("title", "highest", "lowest")
    ]
    counts = Counter(line["tags"][0] for line in choose(given))
    assert sum(counts.values()) == SHARES["a charts"]
    assert max(counts.values()) - min(counts.values()) <= 1
