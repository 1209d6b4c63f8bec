"""Maps laid over the picture as the encoders were fed it: where things lie, and pictures of the maps.

An encoder sees the picture centred on a square (mova/language/boxes.py), cut into `side` x `side` places. A
map has one pixel for each place; the browser enlarges it to the square, so that it lies where the place lies.
"""

import re
from dataclasses import dataclass

import numpy as np
from PIL import Image

from mova.imaging.data_uri import data_uri_of
from mova.language.boxes import padding
from mova.trace import Picture

PICTURE_URI = re.compile(r"data:image/webp;base64,[A-Za-z0-9+/]+={0,2}")
NAMES = (
    ("upper_left", "top", "upper_right"),
    ("left", "middle", "right"),
    ("lower_left", "bottom", "lower_right"),
)


@dataclass(frozen=True)
class Frame:
    """Where a picture lies on its square: left, top, width and height as shares of the square's side."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def of(cls, picture: Picture | None) -> "Frame":
        """Of a picture of this size; without one the whole square."""
        if picture is None:
            return cls(0.0, 0.0, 1.0, 1.0)
        side, left, top = padding(picture.width, picture.height)
        return cls(left / side, top / side, picture.width / side, picture.height / side)

    @property
    def whole(self) -> bool:
        """Whether the picture fills the square."""
        return self.width == 1 and self.height == 1

    def inside(self, side: int) -> np.ndarray:
        """[side, side], whether the middle of each place lies on the picture and not on its border."""
        middles = (np.arange(side) + 0.5) / side
        rows = (middles >= self.top) & (middles < self.top + self.height)
        columns = (middles >= self.left) & (middles < self.left + self.width)
        return rows[:, None] & columns[None, :]

    def name(self, row: int, column: int, side: int) -> str:
        """What to call a place: the key of a third of the picture each way, or of the border's side."""
        x = ((column + 0.5) / side - self.left) / self.width
        y = ((row + 0.5) / side - self.top) / self.height
        if 0 <= x < 1 and 0 <= y < 1:
            return f"place.{NAMES[int(y * 3)][int(x * 3)]}"
        return "place.border_" + ("left" if x < 0 else "right" if x >= 1 else "above" if y < 0 else "below")


def square_html(frame: Frame, over: str, label: str) -> str:
    """The picture on its square, its border hatched, with `over` upon it; `label` is the alt text, escaped.

    The picture itself is the nearest `fed_style` around it, so that it is sent once for many squares.
    """
    style = ";".join(
        f"{side}:{100 * share:.4f}%"
        for side, share in (
            ("left", frame.left), ("top", frame.top), ("width", frame.width), ("height", frame.height),
        )
    )  # fmt: skip
    return (
        f'<div class="mova-square" role="img" aria-label="{label}">'
        f'<span class="mova-fed" style="{style}"></span>{over}</div>'
    )


def fed_style(picture: Picture | None) -> str:
    """The CSS that hands the picture's small copy to the squares inside; empty where there is none."""
    uri = picture.thumbnail if picture else None
    return f"--mova-fed:url({uri})" if uri and PICTURE_URI.fullmatch(uri) else ""


def heat_uri(strengths: np.ndarray, colour: str) -> str:
    """[h, w] from 0 to 1 as a PNG of one colour (`#rrggbb`), clear at 0 and solid at 1."""
    pixels = np.empty((*strengths.shape, 4), np.uint8)
    pixels[..., :3] = _rgb(colour)
    pixels[..., 3] = np.rint(np.clip(strengths, 0, 1) * 255)
    return _png_uri(pixels)


def mixed_uri(owners: np.ndarray, strengths: np.ndarray, colours: list[str]) -> str:
    """[h, w] indices into `colours`, and from 0 to 1 how solid each place has its colour, as a PNG."""
    pixels = np.empty((*owners.shape, 4), np.uint8)
    pixels[..., :3] = np.array([_rgb(colour) for colour in colours], np.uint8)[owners]
    pixels[..., 3] = np.rint(np.clip(strengths, 0, 1) * 255)
    return _png_uri(pixels)


def colours_uri(side: int, colours: bytes) -> str:
    """side x side pixels of three bytes each as a PNG."""
    return _png_uri(np.frombuffer(colours, np.uint8).reshape(side, side, 3))


def _png_uri(pixels: np.ndarray) -> str:
    # Small ones: more compression costs time and gains nothing.
    return data_uri_of(Image.fromarray(pixels), "PNG", compress_level=1)


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue
