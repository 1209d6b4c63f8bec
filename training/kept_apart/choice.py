"""`python -m training.kept_apart.choice EXAMINATION TARGET`: a part of an examination, kept as files.

Takes so many pictures of each domain, one question about each, so that the rows of the results are covered
evenly; pictures become WebP. The suite of tests asks the embedded checkpoint these. With `--rows 100` it
takes so many questions and more of each row of a part that has a bar instead, the pictures as they are.
"""

import argparse
import json
import random
from collections import Counter, defaultdict
from pathlib import Path
from shutil import copyfile

from PIL import Image

from training.kept_apart.examination import PARTS
from training.kept_apart.rows import BARS

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


def choose_rows(lines: list[dict], count: int, part: str = "a") -> list[dict]:
    """So many questions and more of each row of one part, those of one picture together, pictures in no
    order: one question may count in two rows."""
    rng, asked = random.Random("rows"), Counter()
    pictures: dict[str, list[dict]] = defaultdict(list)
    for line in lines:
        pictures[line["image"]].append(line)
    names = sorted(pictures)
    rng.shuffle(names)
    chosen = []
    for line in (line for name in names for line in pictures[name]):
        rows = [tag for tag in line["tags"] if tag.startswith(f"{part} ") and tag[2:] in BARS]
        if any(asked[row] < count for row in rows):
            asked.update(rows)
            chosen.append(line)
    return chosen


def _spread(items: list, count: int) -> list:
    """So many items at even distances."""
    count = min(count, len(items))
    return [items[k * len(items) // count] for k in range(count)]


def read(source: Path) -> list[dict]:
    """The questions of an examination."""
    return [
        json.loads(line) for line in (source / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def write_rows(source: Path, target: Path, count: int, part: str = "a") -> Path:
    """So many questions of each of a part's rows, with their pictures; returns the question file."""
    chosen = choose_rows(read(source), count, part)
    target.mkdir(parents=True, exist_ok=True)
    for name in {line["image"] for line in chosen}:
        copyfile(source / name, target / name)
    return written_lines(target, chosen)


def written_lines(target: Path, lines: list[dict]) -> Path:
    """The question file of these lines."""
    file = target / "questions.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return file


def write(source: Path, target: Path) -> Path:
    """The chosen pictures and `questions.jsonl` in `target`; returns the question file."""
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for line in choose(read(source)):
        name = Path(line["image"]).with_suffix(".webp").name
        with Image.open(source / line["image"]) as picture:
            picture.save(target / name, "WEBP", **WEBP)
        written.append(line | {"image": name})
    return written_lines(target, written)


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.kept_apart.choice", description=__doc__)
    parser.add_argument("examination", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--rows", type=int, help="so many questions of each row of a part")
    parser.add_argument("--part", choices=PARTS, default="a", help="the part whose rows these are")
    options = parser.parse_args(arguments)
    if options.part != "a" and not options.rows:
        parser.error("--part chooses whose rows are taken: say how many questions of each with --rows.")
    if options.rows:
        print(write_rows(options.examination, options.target, options.rows, options.part))
    else:
        print(write(options.examination, options.target))


if __name__ == "__main__":
    main()
