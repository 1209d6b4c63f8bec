"""Pictures cut and put together from photographs that Debian packages carry: wallpapers, and things cut out.

The model knows nothing of what is on them and is to say so. Where no package is installed nothing can be
drawn; `make train-needs` installs them. Some files are kept for judging.
"""

import random
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

from training.makers.noise import any_colour
from training.makers.records import Picture
from training.makers.unfamiliar import SIZES, grain, questions_about
from training.makers.words import is_kept

# Debian packages of the photographs, for `make train-needs`.
PACKAGES = (
    "plasma-workspace-wallpapers mate-backgrounds ukui-wallpapers lomiri-wallpapers-16.04 "
    "lomiri-wallpapers-20.04 tuxpaint-stamps-default"
).split()
WALLPAPERS = (
    "wallpapers/*/contents/images/*.*", "backgrounds/*.*", "backgrounds/mate/nature/*.*",
    "backgrounds/mate/abstract/*.*",
)  # fmt: skip
THINGS = (
    "animals/*", "food/*", "plants/*", "household", "household/*", "vehicles", "vehicles/*", "military/*",
    "clothes/*", "hobbies", "town/monuments", "town/houses", "people/toys",
)  # fmt: skip
SHARED = Path("/usr/share")
LARGEST = 1400  # px a side kept of a photograph
ALONE, WITH_THINGS = 0.2, 0.5  # share of pictures that are things on a plain ground, and on a wallpaper
MANY = 3


@lru_cache
def wallpapers(split: str) -> list[Path]:
    """Photographs that fill a picture, one file of each motif."""
    motifs: dict[str, Path] = {}
    for pattern in WALLPAPERS:
        for path in sorted(SHARED.glob(pattern)):
            if path.suffix in (".jpg", ".png"):
                motifs.setdefault(path.parts[-4] if "contents" in path.parts else path.stem, path)
    return of_split(motifs, split)


@lru_cache
def things(split: str) -> list[Path]:
    """Photographs of one thing without its background."""
    found = [path for part in THINGS for path in sorted(SHARED.glob(f"tuxpaint/stamps/{part}/*.png"))]
    motifs: dict[str, Path] = {}
    for path in found:
        if "cartoon" not in path.parts:
            motifs.setdefault(f"{path.parent.name}/{path.stem.removesuffix('_mirror')}", path)
    return of_split(motifs, split)


def of_split(motifs: dict[str, Path], split: str) -> list[Path]:
    """The files of one split."""
    return [path for name, path in motifs.items() if is_kept(name) == (split == "test")]


@lru_cache(60)  # some 250 MB of them
def opened(path: Path) -> Image.Image:
    """A photograph, at most LARGEST px a side."""
    with Image.open(path) as image:
        image.draft("RGB", (LARGEST, LARGEST))
        whole = image.convert("RGBA" if "tuxpaint" in path.parts else "RGB")
    whole.thumbnail((LARGEST, LARGEST))
    return whole


def cut(rng: random.Random, image: Image.Image, width: int, height: int) -> Image.Image:
    """A part of a photograph, or all that has the shape, as `width` x `height`."""
    scale = rng.uniform(0.3, 1.0) * min(image.width / width, image.height / height)
    wide, high = width * scale, height * scale
    x, y = rng.uniform(0, image.width - wide), rng.uniform(0, image.height - high)
    return image.resize((width, height), Image.Resampling.BICUBIC, (x, y, x + wide, y + high))


def developed(rng: random.Random, image: Image.Image) -> Image.Image:
    """As another camera, film or light would have it."""
    if rng.random() < 0.5:
        image = ImageOps.mirror(image)
    if rng.random() < 0.1:
        image = ImageOps.grayscale(image).convert("RGB")
    elif rng.random() < 0.15:
        bands = list(image.split())
        rng.shuffle(bands)
        image = Image.merge("RGB", bands)
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        image = change(image).enhance(rng.uniform(0.7, 1.3))
    return grain(rng, image, rng.uniform(2, 10)) if rng.random() < 0.3 else image


def put(rng: random.Random, image: Image.Image, thing: Image.Image, least: float) -> None:
    """Places a thing so that it is well seen."""
    scale = rng.uniform(least, 0.95) * min(image.width / thing.width, image.height / thing.height)
    thing = thing.resize((max(1, round(thing.width * scale)), max(1, round(thing.height * scale))))
    if rng.random() < 0.5:
        thing = ImageOps.mirror(thing)
    place = rng.randint(0, image.width - thing.width), rng.randint(0, image.height - thing.height)
    image.paste(thing, place, thing)


def put_together(rng: random.Random, split: str, image: Image.Image, maker: str) -> Picture:
    """What was put together from installed pictures, developed; its questions are those about anything
    unfamiliar."""
    return Picture(
        developed(rng, image), maker, "unfamiliar", (), questions_about(rng, split),
        held_out=frozenset({"motif"} if split == "test" else ()),
    )  # fmt: skip


def not_installed(what: str, packages: Sequence[str]) -> FileNotFoundError:
    """What is said where Debian's packages are missing."""
    return FileNotFoundError(
        f"{what} installed here. Install these Debian packages (make train-needs does): {' '.join(packages)}"
    )


def draw_photograph(rng: random.Random, split: str) -> Picture:
    """One picture; its questions are those about anything unfamiliar.

    Raises FileNotFoundError where no photographs are installed.
    """
    if not wallpapers(split) or not things(split):
        raise not_installed("No photographs are", PACKAGES)
    width, height = rng.choice(SIZES)
    sort = rng.random()
    if sort < ALONE:
        image = Image.new("RGB", (width, height), any_colour(rng, 150, 255))
        put(rng, image, opened(rng.choice(things(split))), 0.6)
    else:
        image = cut(rng, opened(rng.choice(wallpapers(split))), width, height)
        if sort < ALONE + WITH_THINGS:
            for _ in range(rng.randint(1, MANY)):
                put(rng, image, opened(rng.choice(things(split))), 0.3)
    return put_together(rng, split, image, "photographs")


if __name__ == "__main__":
    print(" ".join(PACKAGES))
