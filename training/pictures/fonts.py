"""Fonts that come with the app's own requirements: matplotlib's files and Pillow's built-in face."""

import importlib.util
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

TRAIN_FONTS = (
    "DejaVuSans",
    "DejaVuSans-Bold",
    "DejaVuSans-Oblique",
    "DejaVuSerif",
    "DejaVuSerif-Bold",
    "DejaVuSansMono",
    "STIXGeneral",
    "STIXGeneralBol",
    "Pillow",
)
BOLD_FONTS = ("DejaVuSans-Bold", "DejaVuSerif-Bold", "STIXGeneralBol")
HELD_OUT_FONTS = ("DejaVuSerif-Italic", "DejaVuSansMono-Bold")


@lru_cache(maxsize=1)
def font_folder() -> Path:
    """Folder of matplotlib's font files, found without importing matplotlib.

    Raises FileNotFoundError where matplotlib is not installed: it is one of the app's requirements.
    """
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("matplotlib's fonts were not found: install requirements.txt first.")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"


@lru_cache(maxsize=256)
def load_font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """The face at `size` px per em, in Pillow's basic layout (the same on every machine)."""
    if name == "Pillow":
        return ImageFont.load_default(size)
    path = str(font_folder() / f"{name}.ttf")
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=65536)
def measure(name: str, size: int, text: str) -> float:
    """Width of a text in px."""
    return load_font(name, size).getlength(text)
