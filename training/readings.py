"""`python -m training.readings CHECKPOINT`: what the readers of a checkpoint read on training's pictures.

Reading a page costs a second, and the answering LoRA meets it more than once. A line of JSON a picture, in
one file for each expert that reads; what is there is not read again.
"""

import argparse
import itertools
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from training.alignment import views_for
from training.fitting import READS
from training.loop import mixed_precision
from training.pictures.drawing import Drawing, draw
from training.stock import Stock
from training.widening import as_drawing, shipped_side

DRAWN = ("documents", "signs", "mixed", "charts")
NATURAL = {
    "documents": "B",
    "pages": "B",
    "windows": "D",
    "signs": "D",
    "web-signs": "D",
    "charts": "E",
    "web-charts": "E",
}  # whose they are


def drawn_key(domain: str, seed: int) -> str:
    """The key of a drawing of the first recipe."""
    return f"{domain} {seed}"


class Readings:
    """The cells (144 places in the pieces) that each expert wrote on each picture."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.load()

    def load(self) -> None:
        """Reads the files again: they may have grown."""
        self.found: dict[str, dict[str, list[int]]] = {}
        for letter in READS:
            path = self.folder / f"{letter}.jsonl"
            for line in path.read_text().splitlines() if path.exists() else ():
                row = json.loads(line)
                self.found.setdefault(row["key"], {})[letter] = row["cells"]
        self._seeds = {
            domain: [int(k.split()[1]) for k in self.found if k.startswith(f"{domain} ")] for domain in DRAWN
        }

    def __contains__(self, key: str) -> bool:
        return key in self.found

    def of(self, key: str, letter: str) -> list[int] | None:
        """What an expert read, where it looked."""
        return self.found.get(key, {}).get(letter)

    def seeds(self, domain: str) -> list[int]:
        """Of the drawings of a domain that were read."""
        return self._seeds.get(domain, [])


def natural(stock: Stock) -> Iterator[tuple[str, Drawing, str]]:
    """(key, picture, letters) of the stock, a picture of each maker in turn, in no order."""
    rng = random.Random(0)
    makers = {maker: places for maker, places in stock.by_maker().items() if maker in NATURAL}
    for places in makers.values():
        rng.shuffle(places)
    for turn in itertools.zip_longest(*makers.values()):
        for maker, place in zip(makers, turn, strict=True):
            if place is not None:
                yield stock.key(place), as_drawing(stock[place]), NATURAL[maker]


def drawings() -> Iterator[tuple[str, Drawing, str]]:
    """The same of the first recipe's."""
    for seed in itertools.count():
        for domain in DRAWN:
            drawing = draw(domain, seed, "train")
            letters = {letter for q in drawing.questions for letter in q.experts if letter in READS}
            yield drawn_key(domain, seed), drawing, "".join(sorted(letters))


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.readings", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--stock", type=Path, default=Path("runs/stock"), help="drawn by training.stock")
    parser.add_argument("--target", type=Path, default=Path("runs/readings"))
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--letters", default="".join(READS), help="of the experts that read")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    side, known = shipped_side(options.checkpoint), Readings(options.target)
    options.target.mkdir(parents=True, exist_ok=True)
    ends = time.monotonic() + 60 * options.minutes
    pairs = zip(natural(Stock(options.stock)), drawings(), strict=False)
    for key, drawing, letters in itertools.chain.from_iterable(pairs):
        if time.monotonic() > ends:
            break
        for letter in letters:
            if letter in options.letters and known.of(key, letter) is None:
                expert = side.vision_tower.expert(letter)
                with torch.no_grad(), mixed_precision("cpu"):
                    cells = expert.read(views_for(drawing, (letter,), side.config).reading[0])
                with (options.target / f"{letter}.jsonl").open("a") as file:
                    file.write(json.dumps({"key": key, "cells": cells}) + "\n")


if __name__ == "__main__":
    main()
