"""What benchmarks report beside the mean score, on cases worked out by hand."""

from pathlib import Path

import pytest

from mova.evaluation.rules.choice import choice_report, circular_report
from mova.evaluation.rules.target import Case, Choice
from mova.evaluation.rules.yes_no import mme_report, pope_report
from mova.evaluation.scoring import score


def case(number, reply, target, kind, category=None, picture=None) -> Case:
    """A case with the score that its kind gives it."""
    return Case(number, reply, target, score(kind, reply, target), category, picture)


def test_pope_reports_every_category_and_the_mean_of_their_f1():
    rows = [
        ("random", "yes", "yes"), ("random", "No.", "no"),
        ("popular", "yes", "yes"), ("popular", "yes", "no"), ("popular", "no", "yes"),
        ("popular", None, "no"), ("adversarial", "No", "no"),
    ]  # fmt: skip
    cases = [case(i, reply, (label,), "yes_no", name) for i, (name, reply, label) in enumerate(rows)]
    report = pope_report(cases)
    assert list(report["categories"]) == ["adversarial", "popular", "random"]
    assert report["categories"]["random"] == {
        "questions": 2, "score": 1, "precision": 1, "recall": 1, "f1": 1, "yes": 0.5,
    }  # fmt: skip
    # A question that could not be asked counts as a yes where no was right.
    assert report["categories"]["popular"] == {
        "questions": 4, "score": 0.25,
        "precision": 1 / 3, "recall": 0.5, "f1": pytest.approx(0.4), "yes": 0.75,
    }  # fmt: skip
    assert report["categories"]["adversarial"]["f1"] is None
    assert report["mean_f1"] == pytest.approx(0.7)
    assert report["precision"] == 0.5 and report["recall"] == 2 / 3


def test_pope_without_categories_has_no_mean_of_them():
    report = pope_report([case(1, "yes", ("yes",), "yes_no")])
    assert report["categories"] == {} and "mean_f1" not in report and report["f1"] == 1


def test_mme_adds_accuracy_and_accuracy_plus_and_sums_the_categories():
    a, b = Path("a.png"), Path("b.png")
    rows = [
        ("color", a, "Yes", "yes"), ("color", a, "No", "no"),
        ("color", b, "Yes", "yes"), ("color", b, "other", "no"),
        ("OCR", a, "no", "no"), ("OCR", a, "no", "no"),
        ("code_reasoning", a, "yes", "yes"), ("code_reasoning", a, "yes", "no"),
        ("of one's own", a, "yes", "yes"),
    ]  # fmt: skip
    report = mme_report([case(i, said, (want,), "mme", *at) for i, (*at, said, want) in enumerate(rows)])
    colour = {"questions": 4, "score": 0.75, "accuracy_plus": 0.5, "points": 125}
    assert report["categories"]["color"] == colour
    assert report["categories"]["code_reasoning"]["points"] == 50
    assert (report["perception"], report["cognition"]) == (325, 50)
    assert mme_report([])["perception"] is None


def test_scienceqa_reports_questions_about_a_picture_apart():
    cases = [case(1, "A", ("A",), "choice"), case(2, "B", ("A",), "choice", None, Path("a.png"))]
    assert choice_report(cases) == {"picture_score": 0}
    assert choice_report(cases[:1]) == {"picture_score": None}


def test_mmbench_counts_a_question_once_and_only_with_every_rotation_right():
    cup, tea = Choice("A", ("cup", "tea")), Choice("B", ("tea", "cup"))
    rows = [
        (1, "A", cup, "objects"), (1_000_001, "B.", tea, "objects"),
        (2, "A", cup, "objects"), (1_000_002, "A", tea, "objects"),
        (3, "cup", cup, "colours"),
        (1_000_004, "B", tea, "colours"),  # the question itself is not in the file
    ]  # fmt: skip
    report = circular_report([case(i, said, want, "mmbench", at) for i, said, want, at in rows])
    assert report == {
        "groups": 3,
        "circular": pytest.approx(2 / 3),
        "categories": {
            "colours": {"questions": 1, "circular": 1},
            "objects": {"questions": 2, "circular": 0.5},
        },
    }
