"""Questions and their answers -> the scores of a run: one JSON object, and that object as Markdown tables."""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mova.evaluation.answers import Answer
from mova.evaluation.questions import Question
from mova.evaluation.rules.target import Case
from mova.evaluation.scoring import REPORTS, RULES, score
from mova.evaluation.targets import NOWHERE
from mova.vision.experts.pool import LETTERS

Numbers = dict[str, Any]
_LISTED = 10  # questions that were not asked, of those the tables show


@dataclass(frozen=True)
class Scored:
    """An answered question. `score` is None where nothing was expected, `routed` where no routing was."""

    question: Question
    answer: Answer
    score: float | None
    routed: bool | None

    @property
    def reply(self) -> str | None:
        """The answer's text; None for a question that was refused."""
        return None if self.answer.error is not None else self.answer.text

    @property
    def case(self) -> Case:
        """What a benchmark's own numbers are made of."""
        asked = self.question
        assert self.score is not None, "only what was scored is a case"
        return Case(asked.id, self.reply, asked.target, self.score, asked.category, asked.image)


def score_run(
    questions: Sequence[Question], answers: Sequence[Answer | None], model: Numbers, experts: str
) -> Numbers:
    """All scores over the questions that have an answer; `answers` has one, or None, for each question, and
    `experts` is the name of the choice of experts.

    Scores are means from 0 to 1, None where there is nothing to take a mean of; seconds are seconds. The
    routing is scored only where the router was asked.
    """
    scored = [
        _scored(question, answer, experts == "router")
        for question, answer in zip(questions, answers, strict=True)
        if answer is not None
    ]
    return {
        "model": model,
        "experts": experts,
        "questions": len(questions),
        "answered": len(scored),
        "refused": sum(one.reply is None for one in scored),
        "not_asked": [
            {"question_id": one.question.id, "error": one.answer.error} for one in scored if one.reply is None
        ],
        "converted": _converted(scored),
        "kinds": _kinds(scored),
        "categories": _groups(scored, lambda question: [question.category or ""]),
        "tags": _groups(scored, lambda question: question.tags),
        "routing": _routing(scored),
        "first_word": _spread(one.answer.first_word for one in scored),
        "seconds": _spread(one.answer.seconds for one in scored),
    }


def _scored(question: Question, answer: Answer, routed: bool) -> Scored:
    reply = None if answer.error is not None else answer.text
    kind, target = question.kind, question.target
    unknown = kind is None or target is None or (reply is not None and target == NOWHERE)
    result = None if unknown else score(kind or "", reply, target or ())
    exact = None
    if routed and question.experts is not None and question.image is not None:
        exact = reply is not None and set(answer.experts) == set(question.experts)
    return Scored(question, answer, result, exact)


def _converted(scored: Sequence[Scored]) -> Numbers:
    """Pictures that were in another colour space than sRGB: how many, and out of which."""
    spaces = {
        one.answer.picture or one.answer.image: one.answer.converted_from
        for one in scored
        if one.answer.converted_from is not None
    }
    return {"pictures": len(spaces), "from": dict(sorted(Counter(spaces.values()).items()))}


def _kinds(scored: Sequence[Scored]) -> dict[str, Numbers]:
    """Per rule: questions, mean score, and what its benchmark reports beside it."""
    kinds = {}
    for kind in RULES:
        cases = [one.case for one in scored if one.question.kind == kind and one.score is not None]
        if cases:
            report = REPORTS[kind](cases) if kind in REPORTS else {}
            kinds[kind] = {"questions": len(cases), "score": _mean(case.score for case in cases), **report}
    return kinds


def _groups(scored: Sequence[Scored], names: Callable[[Question], Iterable[str]]) -> dict[str, Numbers]:
    """Per name that a question goes by ("" is none): questions, how many are scored, means."""
    members: dict[str, list[Scored]] = {}
    for one in scored:
        for name in filter(None, names(one.question)):
            members.setdefault(name, []).append(one)
    return {
        name: {
            "questions": len(group),
            "scored": sum(one.score is not None for one in group),
            "score": _mean(one.score for one in group),
            "routing_exact": _mean(one.routed for one in group),
        }
        for name, group in sorted(members.items())
    }


def _routing(scored: Sequence[Scored]) -> Numbers | None:
    """Exact sets, and each expert's precision and recall; None where no routing was asked for."""
    routed = [one for one in scored if one.routed is not None]
    if not routed:
        return None
    experts = {}
    for letter in LETTERS:
        expected = [letter in (one.question.experts or ()) for one in routed]
        chosen = [letter in one.answer.experts for one in routed]
        right = sum(a and b for a, b in zip(expected, chosen, strict=True))
        experts[letter] = {
            "expected": sum(expected),
            "chosen": sum(chosen),
            "precision": right / sum(chosen) if any(chosen) else None,
            "recall": right / sum(expected) if any(expected) else None,
        }
    return {"questions": len(routed), "exact": _mean(one.routed for one in routed), "experts": experts}


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.fmean(known) if known else None


def _spread(values: Iterable[float | None]) -> Numbers | None:
    """Median, and what nine of ten stay below, in seconds."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return None
    return {"median": statistics.median(known), "p90": known[(9 * len(known) - 1) // 10]}


def as_markdown(report: Numbers) -> str:
    """The report as a paragraph and tables."""
    parts = [_heading(report)]
    if report["kinds"]:
        rows = [
            [kind, numbers["questions"], numbers["score"], _extras(numbers)]
            for kind, numbers in report["kinds"].items()
        ]
        parts.append(table(["kind", "questions", "score", "more"], rows))
    parts += [
        _category_table(kind, numbers["categories"])
        for kind, numbers in report["kinds"].items()
        if numbers.get("categories")
    ]
    for title, key in (("category", "categories"), ("tag", "tags")):
        if report[key]:
            rows = [[name, *group.values()] for name, group in report[key].items()]
            parts.append(table([title, "questions", "scored", "score", "routing exact"], rows))
    if report["routing"]:
        experts = report["routing"]["experts"]
        rows = [[letter, *numbers.values()] for letter, numbers in experts.items()]
        parts.append(table(["expert", "expected", "chosen", "precision", "recall"], rows))
    if report["not_asked"]:
        rows = [list(one.values()) for one in report["not_asked"][:_LISTED]]
        parts.append(table([f"not asked ({report['refused']})", "why"], rows))
    return "\n\n".join(parts)


def _category_table(kind: str, categories: dict[str, Numbers]) -> str:
    """A benchmark's own numbers in each category."""
    titles = [title.replace("_", " ") for title in next(iter(categories.values()))]
    rows = [[name, *numbers.values()] for name, numbers in categories.items()]
    return table([f"{kind}: category", *titles], rows)


def _heading(report: Numbers) -> str:
    model = report["model"]
    lines = [
        f"{model['name']} in {model['precision']}, experts: {report['experts']}."
        f" {report['answered']} of {report['questions']} questions answered"
        f"{', ' + str(report['refused']) + ' refused and counted as wrong' if report['refused'] else ''}."
    ]
    if routing := report["routing"]:
        lines.append(f"Routing exact: {_cell(routing['exact'])} of {routing['questions']} questions.")
    if pictures := report["converted"]["pictures"]:
        spaces = ", ".join(report["converted"]["from"])
        lines.append(f"Pictures converted to sRGB: {pictures} (from {spaces}).")
    if report["first_word"]:
        lines.append(f"First word after {report['first_word']['median']:.2f} s (median).")
    return " ".join(lines)


def _extras(numbers: Numbers) -> str:
    others = {n: value for n, value in numbers.items() if n not in ("questions", "score", "categories")}
    return ", ".join(f"{name.replace('_', ' ')} {_cell(value)}" for name, value in others.items())


def table(titles: Sequence[str], rows: Iterable[Sequence[Any]], decimals: int = 3) -> str:
    """A Markdown table: shares with some decimals, counts as they are, nothing as a dash."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(_cell(value, decimals) for value in line)} |" for line in lines)


def _cell(value: Any, decimals: int = 3) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.{decimals}f}"
    return " ".join(str(value).split()).replace("|", "\\|")
