"""The benchmarks' rules: a reply and what was expected -> a score from 0 to 1. Pure text and numbers.

`RULES` is the one table: the kinds a question file may name. `REPORTS` are the numbers that some
benchmarks report beside the mean score, over all replies of the kind. A reply is None for a question that
could not be asked: it counts as wrong. The rules stand in `rules/`, each with the published code it follows.
"""

from collections.abc import Callable, Sequence
from typing import Any

from mova.evaluation.rules.box import box, box_report
from mova.evaluation.rules.choice import choice, choice_report, circular_report, inferred_choice
from mova.evaluation.rules.target import Case, Target
from mova.evaluation.rules.text import anls, exact, gqa, relaxed
from mova.evaluation.rules.vqa import textvqa, vqa
from mova.evaluation.rules.yes_no import mme, mme_report, pope_report, yes_no

RULES: dict[str, Callable[[str, Any], float]] = {  # of a reply and the rule's own kind of target
    "exact": exact,
    "vqa": vqa,
    "textvqa": textvqa,
    "gqa": gqa,
    "anls": anls,
    "relaxed": relaxed,
    "yes_no": yes_no,
    "mme": mme,
    "choice": choice,
    "mmbench": inferred_choice,
    "ai2d": inferred_choice,
    "box": box,
}
REPORTS: dict[str, Callable[[Sequence[Case]], dict[str, Any]]] = {
    "yes_no": pope_report,
    "mme": mme_report,
    "choice": choice_report,
    "mmbench": circular_report,
    "box": box_report,
}
PEOPLES = ("vqa", "textvqa")  # kinds whose answers are people's, ten for a question
WORDS = ("yes_no", "mme")  # kinds whose answer is yes or no
OPTIONS = ("mmbench", "ai2d")  # kinds that look at the options' texts


def score(kind: str, reply: str | None, target: Target) -> float:
    """The score of one reply under the rule `kind`, from 0 to 1."""
    return 0.0 if reply is None else RULES[kind](reply, target)
