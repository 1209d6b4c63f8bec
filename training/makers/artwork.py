"""Pictures out of the artwork that Debian's games and painting programs carry: grounds, scenery, figures.

As with photographs, the model knows nothing of what is on them and is to say so. Where no package is
installed nothing can be drawn; `make train-needs` installs them. All of some packages is kept for judging.
"""

import random
from functools import lru_cache
from pathlib import Path

from PIL import Image

from training.makers.noise import any_colour
from training.makers.photographs import LARGEST, cut, not_installed, put, put_together
from training.makers.records import Picture
from training.makers.unfamiliar import SIZES

# Debian packages of the artwork, for `make train-needs`.
PACKAGES = (
    "wesnoth-1.16-data gnome-backgrounds krita-data hedgewars-data supertux-data extremetuxracer-data"
    " lincity-ng-data"
).split()
SHARED = Path("/usr/share")
FOLDERS = {
    "train": ("games/wesnoth", "games/hedgewars", "games/supertux2", "krita", "backgrounds/gnome"),
    "test": ("games/etr", "games/lincity-ng"),
}
ENDINGS = (".png", ".jpg", ".webp")
SMALLEST = 110  # px a side; less is a button
LETTERS = ("fonts", "font", "gui", "l10n", "help", "explanations")  # folders of what is read
CLEAR = 0.05  # share of clear pixels from which a picture is a figure
TILED = 0.35  # share of the grounds that are repeated
MANY = 4


@lru_cache
def folders(split: str) -> list[list[Path]]:
    """What is large enough, by folder: a folder holds pictures that are alike."""
    found: dict[Path, list[Path]] = {}
    for part in FOLDERS[split]:
        for path in sorted((SHARED / part).rglob("*")):
            if path.suffix in ENDINGS and not set(path.parts) & set(LETTERS):
                with Image.open(path) as image:
                    if min(image.size) >= SMALLEST:
                        found.setdefault(path.parent, []).append(path)
    return list(found.values())


@lru_cache(200)  # some 200 MB of them
def opened(path: Path) -> Image.Image:
    """A picture with its clear parts, at most LARGEST px a side."""
    with Image.open(path) as image:
        whole = image.convert("RGBA")
    whole.thumbnail((LARGEST, LARGEST))
    return whole


def is_figure(image: Image.Image) -> bool:
    """Whether something stands there without a ground."""
    clear = image.getchannel("A").histogram()[:128]
    return sum(clear) > CLEAR * image.width * image.height


def chosen(rng: random.Random, split: str, figure: bool) -> Path | None:
    """A figure or a ground out of any folder; None where chance finds none."""
    for _ in range(40):
        path = rng.choice(rng.choice(folders(split)))
        if is_figure(opened(path)) == figure:
            return path
    return None


def ground(rng: random.Random, split: str, width: int, height: int) -> Image.Image:
    """A ground cut out of one picture, repeated, or of one colour."""
    path = chosen(rng, split, figure=False)
    if path is None:
        return Image.new("RGB", (width, height), any_colour(rng))
    image = opened(path).convert("RGB")
    if rng.random() > TILED:
        return cut(rng, image, width, height)
    side = rng.randint(width // 6, width // 2)
    tile = image.resize((side, max(8, round(side * image.height / image.width))))
    whole = Image.new("RGB", (width, height))
    for x in range(0, width, tile.width):
        for y in range(0, height, tile.height):
            whole.paste(tile, (x, y))
    return whole


def draw_artwork(rng: random.Random, split: str) -> Picture:
    """One picture; its questions are those about anything unfamiliar.

    Raises FileNotFoundError where no artwork is installed.
    """
    if not folders(split):
        raise not_installed("No artwork is", PACKAGES)
    width, height = rng.choice(SIZES)
    plain = rng.random() < 0.25
    image = (
        Image.new("RGB", (width, height), any_colour(rng, 120, 255))
        if plain
        else ground(rng, split, width, height)
    )
    if plain or rng.random() < 0.5:
        for _ in range(rng.randint(1, MANY)):
            if path := chosen(rng, split, figure=True):
                put(rng, image, opened(path), 0.4 if plain else 0.25)
    return put_together(rng, split, image, "artwork")


if __name__ == "__main__":
    print(" ".join(PACKAGES))
