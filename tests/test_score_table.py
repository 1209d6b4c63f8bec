"""Scores of answers written by hand, and their tables."""

from dataclasses import replace

import pytest

from mova.evaluation.questions import Question
from mova.evaluation.score_table import as_markdown, score_run
from mova.evaluation.targets import NOWHERE
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
    answers = [
        answer(1, "Tea.", "D"),
        answer(2, "soup", "DB", first_word=3.0),
        answer(3, "yes", "", first_word=None),
        answer(4, "whatever", "ABC", first_word=2.0),
        None,
        answer(6, error="too long", first_word=None),
    ]
    report = score_run(questions, answers, {"name": "m", "precision": "fp32"}, "router")
    assert (report["questions"], report["answered"], report["refused"]) == (6, 5, 1)
    assert report["not_asked"] == [{"question_id": 6, "error": "too long"}]
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
    report = score_run(questions, [answer(1)], {"name": "m", "precision": "fp32"}, "none")
    assert "| a\\|b c | 1 | 0 | – | – |" in as_markdown(report)


def test_a_box_that_cannot_be_placed_scores_no_reply_and_counts_a_question_not_asked():
    question = Question(1, "?", kind="box", target=NOWHERE)
    for said, kinds in ((answer(1, "[0, 0, 1, 1]"), {}), (answer(1, error="no picture"), {"box"})):
        report = score_run([question], [said], {"name": "m", "precision": "fp32"}, "none")
        assert set(report["kinds"]) == set(kinds)


def test_tables_show_a_benchmarks_categories_and_what_was_not_asked():
    questions = [
        Question(1, "?", kind="yes_no", target=("yes",), category="random"),
        Question(2, "?", kind="yes_no", target=("no",), category="popular"),
    ]
    answers = [answer(1, "Yes"), answer(2, error="There is no picture 'a.png' in p.")]
    report = score_run(questions, answers, {"name": "m", "precision": "fp32"}, "none")
    printed = as_markdown(report)
    assert (
        "| yes_no | 2 | 0.500 | precision 0.500, recall 1.000, f1 0.667, yes 1.000, mean f1 0.500 |"
        in printed
    )
    assert "| yes_no: category | questions | score | precision | recall | f1 | yes |" in printed
    assert "| popular | 1 | 0.000 | 0.000 | – | 0.000 | 1.000 |" in printed
    assert "| not asked (1) | why |" in printed and "| 2 | There is no picture 'a.png' in p. |" in printed
