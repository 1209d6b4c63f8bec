"""`python -m training.card router.json none.json all.json random.json`: the card's tables.

The reports are what `python -m mova evaluate --json` printed over the questions that
`python -m training.examination` wrote, one for each choice of experts; the router's comes first.
"""

import argparse
import json
from pathlib import Path

from mova.evaluation.score_table import Numbers, table

HELD_OUT = ("seen phrasing", "held-out phrasing", "held-out words", "held-out font")
DECIMALS = 2


def domains(router: Numbers, others: list[Numbers]) -> str:
    """Per domain: exact routing, and right answers with the router and with each other choice of experts."""
    titles = ["domain", "questions", "routing exact", "scored", "answers"]
    rows = [[domain, *_numbers(group)] for domain, group in router["categories"].items()]
    for report in others:
        titles += [f"scored, {report['experts']}", report["experts"]]
        for row in rows:
            group = report["categories"].get(row[0], {})
            row += [group.get("scored"), group.get("score")]
    return table(titles, rows, DECIMALS)


def _numbers(group: Numbers) -> list:
    return [group["questions"], group["routing_exact"], group["scored"], group["score"]]


def experts(router: Numbers) -> str:
    """Per expert: how often it was needed and chosen, precision and recall."""
    rows = [[letter, *numbers.values()] for letter, numbers in router["routing"]["experts"].items()]
    return table(["expert", "needed", "chosen", "precision", "recall"], rows, DECIMALS)


def held_out(router: Numbers) -> str:
    """What was kept apart from training: routing and answers."""
    rows = [[tag, *_numbers(router["tags"][tag])] for tag in HELD_OUT if tag in router["tags"]]
    return table(["", "questions", "routing exact", "scored", "answers"], rows, DECIMALS)


def kinds(router: Numbers, least: int = 1) -> str:
    """Right answers per domain and kind of question, of the kinds with at least so many scored answers."""
    rows = [
        [*tag.split(": "), numbers["scored"], numbers["score"]]
        for tag, numbers in router["tags"].items()
        if ": " in tag and numbers["scored"] >= least
    ]
    return table(["domain", "kind of question", "scored", "answers"], rows, DECIMALS)


def main(arguments: list[str] | None = None) -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(prog="python -m training.card", description=__doc__)
    parser.add_argument("reports", nargs="+", type=Path)
    parser.add_argument("--least", type=int, default=1, help="leave out kinds with fewer scored answers")
    options = parser.parse_args(arguments)
    router, *others = [json.loads(path.read_text()) for path in options.reports]
    if router["routing"] is None:
        parser.error(f"the first report is of experts {router['experts']!r}; the router's has to come first.")
    tables = (domains(router, others), experts(router), held_out(router), kinds(router, options.least))
    print("\n\n".join(tables))


if __name__ == "__main__":
    main()
