"""The things that can be seen (emoji of the Noto set) and how they are called."""

from functools import lru_cache
from pathlib import Path

from PIL import Image

from training.pictures.words import listed

ANIMALS = listed(
    "dog cat horse cow pig sheep rabbit mouse bear lion tiger elephant monkey chicken duck fish bird snake "
    "turtle bee butterfly camel owl penguin crab snail"
)
OBJECTS = listed(
    "car bus truck train boat plane bike house tree flower ball book cup cake apple banana clock "
    "hat guitar chair balloon rocket robot gift key"
)
THINGS = ANIMALS + OBJECTS
FLYING = frozenset(listed("bird bee butterfly owl plane balloon rocket"))
PLURALS = {"mouse": "mice", "sheep": "sheep", "fish": "fish", "bus": "buses", "butterfly": "butterflies"}


def plural(name: str) -> str:
    """The word for several of a thing."""
    return PLURALS.get(name, name + "s")


@lru_cache(maxsize=len(THINGS))
def emoji(name: str) -> Image.Image:
    """The thing's 64 px RGBA picture."""
    with Image.open(Path(__file__).parent / "emoji" / f"{name}.png") as picture:
        return picture.convert("RGBA")
