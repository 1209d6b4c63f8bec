"""Questions to be answered with yes or no: POPE's and MME's rules and what they report."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from mova.evaluation.rules.target import Answers, Case, Numbers, by_category

MME_PERCEPTION = (
    "existence", "count", "position", "color", "posters", "celebrity", "scene", "landmark", "artwork", "OCR",
)  # fmt: skip
MME_COGNITION = ("commonsense_reasoning", "numerical_calculation", "text_translation", "code_reasoning")


def yes_no(reply: str, answers: Answers) -> float:
    """POPE's accuracy: the reply's first sentence says no where it has the word No, no or not, else yes.

    Source: AoiDragon/POPE, evaluate.py, and LLaVA's llava/eval/eval_pope.py, which read alike.
    """
    return float(says_yes(reply) == (answers[0] == "yes"))


def says_yes(reply: str) -> bool:
    """Whether POPE reads the reply as a yes; commas are dropped and words parted at blanks, as published."""
    words = reply.strip().partition(".")[0].replace(",", "").split(" ")
    return not {"No", "no", "not"} & set(words)


def yes_no_numbers(replies: Sequence[str | None], targets: Sequence[Answers]) -> Numbers:
    """POPE's precision, recall and F1 (yes is positive) and the share of yes; None where undefined."""
    wanted = [answers[0] == "yes" for answers in targets]
    pairs = list(zip(replies, wanted, strict=True))
    said = [not yes if reply is None else says_yes(reply) for reply, yes in pairs]
    right = sum(a and b for a, b in zip(said, wanted, strict=True))
    return {
        "precision": right / sum(said) if any(said) else None,
        "recall": right / sum(wanted) if any(wanted) else None,
        "f1": 2 * right / (sum(said) + sum(wanted)) if any(said + wanted) else None,
        "yes": sum(said) / len(said) if said else None,
    }


def pope_report(cases: Sequence[Case]) -> dict[str, Any]:
    """POPE's numbers over all questions and in each category, and the mean of the categories' F1."""
    categories = {
        name: {"questions": len(group), "score": fmean(case.score for case in group), **_pope(group)}
        for name, group in by_category(cases).items()
    }
    means = [numbers["f1"] for numbers in categories.values() if numbers["f1"] is not None]
    mean = {"mean_f1": fmean(means)} if means else {}
    return {**_pope(cases), **mean, "categories": categories}


def _pope(cases: Sequence[Case]) -> Numbers:
    return yes_no_numbers([case.reply for case in cases], [case.target for case in cases])


def mme(reply: str, answers: Answers) -> float:
    """MME's accuracy: 1 where the reply is read as the expected yes or no.

    Source: MME's eval_tool/calculation.py, `parse_pred_ans`.
    """
    return float(mme_word(reply) == answers[0])


def mme_word(reply: str) -> str | None:
    """`yes` or `no`, whichever the reply's first four characters hold, yes first; None for neither."""
    beginning = reply.strip().lower()[:4]
    return next((word for word in ("yes", "no") if word in beginning), None)


def mme_report(cases: Sequence[Case]) -> dict[str, Any]:
    """MME's accuracy and accuracy+ of each category, and the sums over perception's and cognition's.

    Accuracy+ is the share of pictures whose questions are all answered right; a category's `points` are
    both in percent, added. Source: MME's eval_tool/calculation.py, `process_result`.
    """
    categories = {name: _mme_category(group) for name, group in by_category(cases).items()}
    return {
        "perception": _points(categories, MME_PERCEPTION),
        "cognition": _points(categories, MME_COGNITION),
        "categories": categories,
    }


def _mme_category(cases: Sequence[Case]) -> Numbers:
    pictures: dict[Any, list[float]] = {}
    for case in cases:
        pictures.setdefault(case.id if case.picture is None else case.picture, []).append(case.score)
    accuracy = fmean(case.score for case in cases)
    plus = fmean(float(all(scores)) for scores in pictures.values())
    return {
        "questions": len(cases),
        "score": accuracy,
        "accuracy_plus": plus,
        "points": 100 * (accuracy + plus),
    }


def _points(categories: dict[str, Numbers], names: Sequence[str]) -> float | None:
    points = [categories[name]["points"] or 0.0 for name in names if name in categories]
    return sum(points) if points else None
