"""A Pillow picture that remembers what was written on it."""

import random
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

from training.makers.fonts import Family, cap_height, letter_edges, load_face, size_for_cap
from training.makers.records import Run
from training.pictures.records import Box

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Ink:
    """How text is set: a face's file, its size in px per em, its colour."""

    face: str
    size: float
    colour: Colour

    @property
    def cap(self) -> float:
        """Height of a capital, px."""
        return cap_height(self.face, self.size)

    def scaled(self, factor: float) -> "Ink":
        """The same ink, larger or smaller."""
        return replace(self, size=self.size * factor)


@dataclass(frozen=True)
class Hand:
    """The two inks of a picture's family, at one height of capitals."""

    regular: Ink
    bold: Ink

    @classmethod
    def of(cls, family: Family, cap: float, colour: Colour) -> "Hand":
        """Both faces with capitals `cap` px high."""
        regular, bold = (str(path) for path in family.faces)
        return cls(
            Ink(regular, size_for_cap(regular, cap), colour), Ink(bold, size_for_cap(bold, cap), colour)
        )

    def scaled(self, factor: float) -> "Hand":
        """The same hand, larger or smaller."""
        return Hand(self.regular.scaled(factor), self.bold.scaled(factor))

    def coloured(self, colour: Colour) -> "Hand":
        """The same hand in another colour."""
        return Hand(replace(self.regular, colour=colour), replace(self.bold, colour=colour))


class Surface:
    """An RGB picture with its runs of text; coordinates are px of the picture."""

    def __init__(self, size: tuple[int, int], background: Colour):
        self.image = Image.new("RGB", size, background)
        self.draw = ImageDraw.Draw(self.image)
        self.background = background
        self.runs: list[Run] = []
        self._lines = 0

    @property
    def width(self) -> int:
        return self.image.width

    @property
    def height(self) -> int:
        return self.image.height

    def new_line(self) -> int:
        """A number that no other line of text has."""
        self._lines += 1
        return self._lines

    def measure(self, text: str, ink: Ink) -> float:
        """Width of a text, px."""
        return letter_edges(ink.face, ink.size, text)[-1]

    def write(
        self, text: str, x: float, baseline: float, ink: Ink, role: str, *, line: int | None = None,
        anchor: str = "l", tracking: float = 0.0,
    ) -> Run:  # fmt: skip
        """Write a run of text; `x` is its left edge, or with `anchor` m or r its middle or right one.

        `line` is that of the runs beside it, a new one unless given; `tracking` px are put between letters.
        """
        font = load_face(ink.face, ink.size)
        edges = [edge + k * tracking for k, edge in enumerate(letter_edges(ink.face, ink.size, text))]
        x -= {"l": 0.0, "m": 0.5, "r": 1.0}[anchor] * (edges[-1] - tracking)
        if tracking:
            for letter, edge in zip(text, edges, strict=False):
                self.draw.text((x + edge, baseline), letter, ink.colour, font, anchor="ls")
        else:
            self.draw.text((x, baseline), text, ink.colour, font, anchor="ls")
        left, top, right, bottom = font.getbbox(text, anchor="ls")
        box = (x + left, baseline + top, x + right + tracking * (len(text) - 1), baseline + bottom)
        middle = baseline - ink.cap / 2
        pairs = zip(edges, edges[1:], strict=False)
        points = tuple((x + (a + b - tracking) / 2, middle) for a, b in pairs)
        run = Run(text, box, points, ink.cap, role, self.new_line() if line is None else line)
        self.runs.append(run)
        return run

    def rule(self, x0: float, x1: float, y: float, colour: Colour, width: int = 1) -> None:
        """A horizontal line."""
        self.draw.line((x0, y, x1, y), fill=colour, width=width)

    def rectangle(self, box: Box, fill=None, outline=None, width: int = 1, radius: float = 0) -> None:
        """A box, with rounded corners where `radius` (px) is not 0."""
        self.draw.rounded_rectangle(box, radius, fill=fill, outline=outline, width=width)


def shade(rng: random.Random, colour: Colour, reach: int = 12) -> Colour:
    """A colour near another."""
    return tuple(min(255, max(0, part + rng.randint(-reach, reach))) for part in colour)


def blend(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour in the first."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


def is_dark(colour: Colour) -> bool:
    """Whether white is read better on it than black."""
    return 0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2] < 128
