"""`python -m training.kept_apart.rows QUESTIONS [ANSWERS]`: the examination's table, a row for each bar.

Beside what the model answered (the file `answers-router.jsonl` of `python -m mova evaluate`) stand two
baselines from the question file alone: the answer that most questions of the row have, whatever is asked, and
"I cannot tell" to everything. Without answers only the baselines are printed.
"""

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mova.evaluation.score_table import table
from mova.evaluation.scoring import RULES
from training.kept_apart.examination import CANNOT

# At least so much on part (a); rows without a bar are printed for what they show.
BARS = {
    "charts: title": 0.75, "charts: highest": 0.65, "charts: lowest": 0.60, "charts: kind": 0.85,
    "charts: values, labelled": 0.65, "charts: values, unlabelled": 0.25, "documents: field": 0.75,
    "documents: exact number": 0.65, "signs: read": 0.70, "shapes: colour": 0.85, "shapes: largest": 0.85,
    "unfamiliar: cannot tell": 0.90,
}  # fmt: skip
DECIMALS = 2


@dataclass(frozen=True)
class Asked:
    """A question with what was answered: the reply and the experts, None where there is none."""

    fields: dict
    reply: str | None = None
    experts: tuple[str, ...] | None = None

    def score(self, reply: str | None) -> float:
        """1 where a reply is right by the question's rule."""
        return 0.0 if reply is None else RULES[self.fields["kind"]](reply, tuple(self.fields["answers"]))


def read(questions: Path, answers: Path | None) -> list[Asked]:
    """The questions with their answers."""
    given = {}
    for line in answers.read_text(encoding="utf-8").splitlines() if answers else ():
        answer = json.loads(line)
        given[answer["question_id"]] = answer
    found = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    return [
        Asked(fields, answer.get("text"), tuple(answer["experts"]))
        if (answer := given.get(fields["question_id"]))
        else Asked(fields)
        for fields in found
    ]


def majority(asked: list[Asked]) -> float:
    """Score of the answer that suits most questions, given to all."""
    counts = Counter(answer for one in asked for answer in one.fields["answers"])
    best = max(counts, key=lambda answer: sum(one.score(answer) for one in asked)) if counts else ""
    return _mean([one.score(best) for one in asked])


def results(asked: list[Asked]) -> list[list]:
    """Rows: name, number, right, bar, majority answer, constant answer."""
    names = dict.fromkeys(tag for one in asked for tag in one.fields["tags"] if ": " in tag)
    rows = []
    for name in names:
        those = [one for one in asked if name in one.fields["tags"]]
        bar = BARS.get(name[2:]) if name.startswith("a ") else None
        right = _mean([one.score(one.reply) for one in those]) if _answered(those) else None
        constant = _mean([one.score(CANNOT[0]) for one in those])
        rows.append([name, len(those), right, bar, majority(those), constant])
    return sorted(rows, key=lambda row: (row[0][0], "maker" in row[0], row[0]))


def routing(asked: list[Asked]) -> list[list]:
    """Rows: category, number, exact sets of experts, and the same for each part as a whole."""
    rows = []
    categories = sorted({one.fields["category"] for one in asked})
    for name in (*(f"{part} all" for part in ("a", "b")), *categories):
        those = [
            one
            for one in asked
            if one.fields["category"] == name or name == f"{one.fields['category'][0]} all"
        ]
        exact = [
            float(set(one.experts) == set(one.fields["experts"])) for one in those if one.experts is not None
        ]
        rows.append([name, len(those), _mean(exact) if exact else None])
    return rows


def refusals(asked: list[Asked]) -> list[list]:
    """Rows: part, share of invented answers on unfamiliar pictures, of "cannot tell" on readable ones."""
    rows = []
    for part in ("a", "b"):
        those = [one for one in asked if one.fields["category"][0] == part and one.reply is not None]
        cannot = [
            (one.reply.strip() in CANNOT, one.fields["category"].endswith("unfamiliar"), one) for one in those
        ]
        unfamiliar = [not said for said, strange, _ in cannot if strange]
        readable = [
            said for said, strange, one in cannot if not strange and one.fields["answers"][0] not in CANNOT
        ]
        rows.append([part, _mean(unfamiliar) if unfamiliar else None, _mean(readable) if readable else None])
    return rows


def _answered(asked: list[Asked]) -> bool:
    return any(one.reply is not None for one in asked)


def _mean(numbers) -> float:
    numbers = list(numbers)
    return sum(numbers) / len(numbers) if numbers else 0.0


def main(arguments: list[str] | None = None) -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m training.kept_apart.rows", description=__doc__)
    parser.add_argument("questions", type=Path)
    parser.add_argument("answers", type=Path, nargs="?")
    options = parser.parse_args(arguments)
    asked = read(options.questions, options.answers)
    titles = ["row", "questions", "right", "at least", "majority answer", "constant answer"]
    print(table(titles, results(asked), DECIMALS))
    if options.answers:
        print("\n" + table(["domain", "questions", "routing exact"], routing(asked), DECIMALS))
        titles = ["part", "invented on unfamiliar", "cannot tell on readable"]
        print("\n" + table(titles, refusals(asked), DECIMALS))


if __name__ == "__main__":
    main()
