"""Scores of answers written by hand, and their tables."""

from dataclasses import replace

import pytest

from mova.evaluation.questions import Question
from mova.evaluation.score_table import as_markdown, score_run
from tests.evaluating import answer


def test_scores_of_answers_written_by_hand(tmp_path):
    image = tmp_path / "a.png"
    routed = Question(1, "?", image, "exact", ("tea",), "signs", ("D",), ("new",))
    questions = [
        routed,
        replace(routed, id=2, experts=("D", "E"), tags=()),
        replace(routed, id=3, experts=(), category="other", kind="yes_no", target=("yes",)),
        replace(routed, id=4, experts=None, category=None, kind=None, target=None),
        replace(routed, id=5),
        replace(routed, id=6, image=None),
    ]
    answers = {
        1: answer(1, "Tea.", "D"),
        2: answer(2, "soup", "DB", first_word=3.0),
        3: answer(3, "yes", "", first_word=None),
        4: answer(4, "whatever", "ABC", first_word=2.0),
        6: answer(6, error="too long", first_word=None),
    }
    report = score_run(questions, answers, {"name": "m", "precision": "fp32"}, "router")
    assert (report["questions"], report["answered"], report["refused"]) == (6, 5, 1)
    assert report["kinds"]["exact"] == {"questions": 3, "score": pytest.approx(1 / 3)}
    assert report["kinds"]["yes_no"]["score"] == report["kinds"]["yes_no"]["f1"] == 1
    signs = {"questions": 3, "scored": 3, "score": pytest.approx(1 / 3), "routing_exact": 0.5}
    other = {"questions": 1, "scored": 1, "score": 1, "routing_exact": 1}
    assert report["categories"] == {"other": other, "signs": signs}
    assert report["tags"]["new"] == {
        "questions": 4, "scored": 3, "score": pytest.approx(2 / 3), "routing_exact": 1,
    }  # fmt: skip
    assert report["routing"]["questions"] == 3 and report["routing"]["exact"] == pytest.approx(2 / 3)
    experts = report["routing"]["experts"]
    assert experts["D"] == {"expected": 2, "chosen": 2, "precision": 1, "recall": 1}
    assert experts["E"] == {"expected": 1, "chosen": 0, "precision": None, "recall": 0}
    assert experts["B"] == {"expected": 0, "chosen": 1, "precision": 0, "recall": None}
    assert report["first_word"] == {"median": 2.0, "p90": 3.0}


def test_a_name_stays_in_its_table_cell(tmp_path):
    questions = [Question(1, "?", category="a|b\nc")]
    report = score_run(questions, {1: answer(1)}, {"name": "m", "precision": "fp32"}, "none")
    assert "| a\\|b c | 1 | 0 | – | – |" in as_markdown(report)
