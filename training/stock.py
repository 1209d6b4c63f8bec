"""`python -m training.stock FOLDER`: draws natural pictures ahead into files, so that training only reads.

A file holds some hundred pictures of one maker and one split: a zip without compression, `000.png` and
`000.json` for each. It appears under its name only when it is whole: what is there is not drawn again, and
several processes may draw different files into one folder. Picture k of file n has seed n * PER_FILE + k.
"""

import argparse
import io
import json
import random
import re
import time
import zipfile
from functools import cached_property
from pathlib import Path

from PIL import Image

from training.makers.catalogue import MAKERS, SPLITS, draw
from training.makers.records import Picture, from_plain, to_plain

PER_FILE = 500
NAME = re.compile(r"(?P<maker>[a-z-]+)\.(?P<split>train|test)\.(?P<number>\d{5})\.zip")


def file_of(folder: Path, maker: str, split: str, number: int) -> Path:
    """Where file `number` of a maker's pictures lies."""
    return folder / f"{maker}.{split}.{number:05d}.zip"


def draw_file(folder: Path, maker: str, split: str, number: int, pictures: int = PER_FILE) -> Path:
    """Draw one file unless it is there; returns its path."""
    target = file_of(folder, maker, split, number)
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
        for k in range(pictures):
            picture = draw(maker, number * PER_FILE + k, split)
            pixels = io.BytesIO()
            picture.image.save(pixels, "PNG", compress_level=4)
            archive.writestr(f"{k:03d}.png", pixels.getvalue())
            archive.writestr(f"{k:03d}.json", json.dumps(to_plain(picture), separators=(",", ":")))
    unfinished.rename(target)
    return target


class Stock:
    """The drawn pictures of a folder as a sequence; `stock[i]` reads one and keeps nothing of it.

    `makers` and `split` choose among them; none is read before it is asked for.
    """

    def __init__(self, folder: Path, makers: tuple[str, ...] | None = None, split: str = "train"):
        self.split = split
        found = [(path, NAME.fullmatch(path.name)) for path in sorted(Path(folder).glob("*.zip"))]
        self.files = [
            path
            for path, name in found
            if name and name["split"] == split and (makers is None or name["maker"] in makers)
        ]
        self._open: dict[Path, zipfile.ZipFile] = {}

    @cached_property
    def places(self) -> list[tuple[Path, str]]:
        """(file, name in it without ending) of every picture, in order."""
        return [
            (path, name[:-4])
            for path in self.files
            for name in self._archive(path).namelist()
            if name.endswith(".png")
        ]

    def by_maker(self) -> dict[str, list[int]]:
        """The indices of each maker's pictures."""
        found: dict[str, list[int]] = {}
        for index, (path, _) in enumerate(self.places):
            found.setdefault(path.name.partition(".")[0], []).append(index)
        return found

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, index: int) -> Picture:
        path, name = self.places[index]
        with Image.open(io.BytesIO(self._archive(path).read(f"{name}.png"))) as image:
            return from_plain(self.plain(index), image.convert("RGB"))

    def labelled(self, index: int) -> Picture:
        """A picture of which only the size is read, not its pixels."""
        path, name = self.places[index]
        return from_plain(self.plain(index), Image.open(io.BytesIO(self._archive(path).read(f"{name}.png"))))

    def plain(self, index: int) -> dict:
        """All of a picture but its pixels, as `to_plain` wrote it; much quicker than the picture."""
        path, name = self.places[index]
        return json.loads(self._archive(path).read(f"{name}.json"))

    def key(self, index: int) -> str:
        """A name of a picture that stays when others are drawn."""
        path, name = self.places[index]
        return f"{path.name}/{name}"

    def __getstate__(self) -> dict:
        """Open files stay where they are when a stock is handed to another process."""
        return self.__dict__ | {"_open": {}}

    def _archive(self, path: Path) -> zipfile.ZipFile:
        if path not in self._open:
            self._open[path] = zipfile.ZipFile(path)
        return self._open[path]


class Mixture:
    """Chooses pictures of a stock, each maker's as often as its share; makers it has none of are left out.

    Raises FileNotFoundError where it has none of any.
    """

    def __init__(self, stock: Stock, shares: dict[str, int]):
        found = stock.by_maker()
        self.makers = [maker for maker in shares if maker in found]
        self.shares = [shares[maker] for maker in self.makers]
        self.stock, self.places = stock, found
        if not self.makers:
            raise FileNotFoundError(
                f"None of the {len(stock)} pictures in the stock is of {', '.join(shares)}. Draw some:"
                f" python -m training.stock FOLDER --makers {' '.join(shares)}"
            )

    def place(self, rng: random.Random) -> int:
        """The place of a picture in the stock."""
        return rng.choice(self.places[rng.choices(self.makers, self.shares)[0]])

    def pick(self, rng: random.Random) -> Picture:
        """A picture."""
        return self.stock[self.place(rng)]


def main(arguments: list[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m training.stock", description=__doc__)
    parser.add_argument("folder", type=Path)
    drawn = [name for name, maker in MAKERS.items() if not maker.installed]
    parser.add_argument("--makers", nargs="*", choices=MAKERS, default=drawn, metavar="MAKER")
    parser.add_argument("--pictures", type=int, default=2000, help="pictures of each maker")
    parser.add_argument("--first", type=int, default=0, help="number of the first file")
    parser.add_argument("--split", choices=SPLITS, default="train")
    options = parser.parse_args(arguments)
    files = -(-options.pictures // PER_FILE)
    for number in range(options.first, options.first + files):
        for maker in options.makers:
            started = time.monotonic()
            left = options.pictures - (number - options.first) * PER_FILE
            path = draw_file(options.folder, maker, options.split, number, min(PER_FILE, left))
            print(f"{path.name}  {time.monotonic() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
