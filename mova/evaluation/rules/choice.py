"""Multiple choice: LLaVA's rule for ScienceQA, VLMEvalKit's for MMBench and AI2D."""

import re
from collections.abc import Sequence
from statistics import fmean
from string import ascii_uppercase
from typing import Any

from mova.evaluation.rules.target import Answers, Case, Choice, Numbers, by_category

_LETTER = re.compile(r"([A-Z])|([A-Z])\. .*", re.DOTALL)
_ANSWER_IS = re.compile(r"The answer is ([A-Z]).")  # as published: any character may follow, and one has to
_OPTION_LINE = re.compile(r"^([A-Z])[.)][^\S\n]*(.*)$", re.MULTILINE)

REJECTIONS = (
    "Sorry, I can't help with images of people yet.",
    "I can't process this file.",
    "I'm sorry, but without the image provided",
    "Cannot determine the answer",
)
_BLANKED = str.maketrans(dict.fromkeys(".()[],:;!*#{}", " "))
_LAST_WORDS = 5  # a letter further from the end than this is not what the reply comes to
ROTATION = 1_000_000  # MMBench gives the rotated copies of question 7 the indices 1000007, 2000007, ...


def choice(reply: str, answers: Answers) -> float:
    """Multiple choice by letter, for ScienceQA: 1 where the reply names the right letter.

    A reply that names none is wrong. Source: LLaVA's llava/eval/eval_science_qa.py; its `get_pred_idx` has
    a line that would draw a letter at random, which is never reached (early versions did draw).
    """
    return float(named_letter(reply) == answers[0])


def named_letter(reply: str) -> str | None:
    """The capital letter that is the whole reply, or begins it (`B. `), or that it once calls the answer."""
    text = reply.strip()
    if found := _LETTER.fullmatch(text):
        return found[1] or found[2]
    said = _ANSWER_IS.findall(text)
    return said[0] if len(said) == 1 else None


def choice_report(cases: Sequence[Case]) -> Numbers:
    """ScienceQA's accuracy over the questions about a picture alone (`IMG-Accuracy`)."""
    pictured = [case.score for case in cases if case.picture is not None]
    return {"picture_score": fmean(pictured) if pictured else None}


def inferred_choice(reply: str, target: Choice) -> float:
    """Multiple choice by letter or by the option's words, for MMBench and AI2D.

    A reply of which no option can be inferred is wrong, as under VLMEvalKit's `exact_matching`. Source:
    open-compass/VLMEvalKit, vlmeval/utils/matching_util.py, `can_infer`.
    """
    return float(inferred_letter(reply, target.options) == target.letter)


def inferred_letter(reply: str, options: Sequence[str]) -> str | None:
    """The one letter among the reply's words, else the one option whose words the reply holds.

    `options` stand for A, B, ... A letter counts only near the reply's end, and options only while the
    reply is not much longer than all of them. A refusal, and the letter Z, are no option.
    """
    if any(rejection in reply for rejection in REJECTIONS):
        return None
    letters = ascii_uppercase[: len(options)]
    words = reply.translate(_BLANKED).split()
    named = [letter for letter in letters if letter in words]
    if len(named) == 1 and words.index(named[0]) > len(words) - _LAST_WORDS:
        return named[0]
    if not named and "Z" in words:
        return None
    said, texts = reply.lower(), [option.lower() for option in options]
    if len(said) > 2 * sum(map(len, texts)):
        return None
    held = [letter for letter, text in zip(letters, texts, strict=True) if text in said]
    return held[0] if len(held) == 1 else None


def options_in(text: str) -> tuple[str, ...]:
    """The options that a question's text lists, one a line from `A. ` on; () where it lists none."""
    lines = _OPTION_LINE.findall(text)
    letters = "".join(letter for letter, _ in lines)
    options: list[str] = []
    for letter, option in lines[letters.rfind("A") :] if "A" in letters else ():
        if letter in ascii_uppercase[len(options) : len(options) + 1]:
            options.append(option.strip())
    return tuple(options)


def circular_report(cases: Sequence[Case]) -> dict[str, Any]:
    """MMBench's circular accuracy, over all questions and in each category: every rotation has to be right.

    A question's rotations have its index plus multiples of a million; they count once, for the category of
    the question itself. Source: open-compass/VLMEvalKit, vlmeval/dataset/utils/multiple_choice.py,
    `mcq_circular_eval`.
    """
    rotations: dict[int | str, list[float]] = {}
    for case in cases:
        rotations.setdefault(_origin(case.id), []).append(case.score)
    hits = [(case, float(all(rotations[case.id]))) for case in cases if case.id == _origin(case.id)]
    groups = by_category([case for case, _ in hits])
    by_id = {case.id: hit for case, hit in hits}
    categories = {
        name: {"questions": len(group), "circular": fmean(by_id[case.id] for case in group)}
        for name, group in groups.items()
    }
    circular = fmean(hit for _, hit in hits) if hits else None
    return {"groups": len(hits), "circular": circular, "categories": categories}


def _origin(index: int | str) -> int | str:
    return index % ROTATION if isinstance(index, int) else index
