"""`python -m training.kept_apart.choice EXAMINATION TARGET`: a part of an examination, kept as files.

Takes so many pictures of each domain, one question about each, so that the rows of the results are covered
evenly; pictures become WebP. The suite of tests asks the embedded checkpoint these.
"""

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path

from PIL import Image

# Pictures of 200 by domain; part (a), whose makers training never sees, counts most.
SHARES = {
    "a charts": 62, "a documents": 40, "a signs": 24, "a shapes": 18, "a unfamiliar": 16, "b charts": 16,
    "b documents": 14, "b signs": 5, "b windows": 5,
}  # fmt: skip
WEBP = {"quality": 80, "method": 6}


def choose(lines: list[dict]) -> list[dict]:
    """One question for each chosen picture: of the domain's rows the one asked least so far."""
    pictures: dict[str, dict[str, list[dict]]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        pictures[line["category"]][line["image"]].append(line)
    chosen = []
    for category, count in SHARES.items():
        asked: Counter = Counter()
        for image in _spread(list(pictures[category]), count):
            line = min(pictures[category][image], key=lambda one: (asked[one["tags"][0]], one["question_id"]))
            asked[line["tags"][0]] += 1
            chosen.append(line)
    return chosen


def _spread(items: list, count: int) -> list:
    """So many items at even distances."""
    count = min(count, len(items))
    return [items[k * len(items) // count] for k in range(count)]


def write(source: Path, target: Path) -> Path:
    """The chosen pictures and `questions.jsonl` in `target`; returns the question file."""
    lines = [
        json.loads(line) for line in (source / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for line in choose(lines):
        name = Path(line["image"]).with_suffix(".webp").name
        with Image.open(source / line["image"]) as picture:
            picture.save(target / name, "WEBP", **WEBP)
        written.append(json.dumps(line | {"image": name}))
    file = target / "questions.jsonl"
    file.write_text("\n".join(written) + "\n", encoding="utf-8")
    return file


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.kept_apart.choice", description=__doc__)
    parser.add_argument("examination", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args(arguments)
    print(write(options.examination, options.target))


if __name__ == "__main__":
    main()
